"""Plants faults into copies of jensen's sources.

usage: plant.py list              one line for each fault: name, build, source, program, ranks
       plant.py write BUILD FILE  writes the altered source of this build
"""

import sys
from pathlib import Path

from faults import SOURCE, Rotten, all_faults, describe_of

LEFT_OUT = """
namespace {
bool left_out(std::string_view field) {
  const char* name = std::getenv("JENSEN_LEFT_OUT");
  return name != nullptr && field == name;
}
}  // namespace

"""


def altered(fault):
    """The source with the fault's edits."""
    text = (SOURCE / fault.source).read_text()
    for old, new in fault.edits:
        if text.count(old) != 1:
            raise Rotten(
                f"the planted fault '{fault.name}' does not fit '{fault.source}' any more: its old text occurs "
                f"{text.count(old)} times (must be 1); adapt tests/faults/faults.py. The text is\n{old}"
            )
        text = text.replace(old, new)
    return text


def with_fields_to_leave_out(source):
    """The source with a `describe` that skips the field named by the environment variable JENSEN_LEFT_OUT."""
    text = (SOURCE / source).read_text()
    body, fields = describe_of(source)
    skipping = body
    for field in fields:
        skipping = skipping.replace(f'  archive("{field}"', f'  if (!left_out("{field}")) archive("{field}"')
    before, after = text.split(body)
    start = before.rindex("\nvoid ")
    headers = "#include <cstdlib>\n#include <string_view>\n"
    return headers + before[:start] + LEFT_OUT + before[start:] + skipping + after


def main(command, *arguments):
    if command == "list":
        for fault in all_faults():
            print(fault.name, fault.build, fault.source, fault.program, fault.ranks)
        return
    build, file = arguments
    fault = next(fault for fault in all_faults() if fault.build == build)
    Path(file).write_text(with_fields_to_leave_out(fault.source) if fault.field else altered(fault))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Rotten as rotten:
        sys.exit(str(rotten))
