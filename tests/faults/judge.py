"""Runs a program with a planted fault and passes if its tests turn red for the right reason.

usage: judge.py NAME PROGRAM CAUGHT MPIEXEC
       judge.py table CAUGHT

Red is: assertions failed, in tests that were named, and the exit code says so. A crash, a hang, an unforeseen
exception, a program that is absent or finds no such test is no red. What caught the fault is kept in the folder
CAUGHT; `table` prints it.
"""

import html
import json
import os
import re
import subprocess
import sys
from pathlib import Path

from faults import all_faults, find

LIMIT = 100  # seconds
MARKS = re.compile(
    r'<TestCase name="(?P<case>[^"]*)"|(?P<failed><Expression success="false")|(?P<crash><FatalErrorCondition)'
    r'|<OverallResults successes="\d+" failures="(?P<failures>\d+)"'
)
ONE_RANK_FAILED = "failed where others did not; the job ends here"


def verdict(code, output, ranks):
    """The test cases in which assertions failed; raises ValueError where that is no proper red."""
    case, cases, failures = "", [], None
    for mark in MARKS.finditer(re.sub(r"^\[rank \d+\] ", "", output, flags=re.MULTILINE)):
        if mark["crash"]:
            raise ValueError(f"the program crashed in '{case}'")
        if mark["case"] is not None:
            case = html.unescape(mark["case"])
        elif mark["failed"] and case not in cases:
            cases.append(case)
        elif mark["failures"] is not None:  # per group, then in all
            failures = int(mark["failures"])
    if not case:
        raise ValueError("no such test ran")
    if code == 0:
        raise ValueError("no test turned red")
    if not cases:
        raise ValueError("no assertion failed, though the program did")
    ended_by_tests = ranks > 0 and ONE_RANK_FAILED in output
    if not ended_by_tests and failures is None:
        raise ValueError("the program did not come to its end")
    if not ended_by_tests and ranks == 0 and code != min(failures, 255):
        raise ValueError(f"exit code {code} for {failures} failed assertions")
    return cases


def judge(fault, program, mpiexec):
    if not os.access(program, os.X_OK):
        raise ValueError(f"no program '{program}'; build the target planted_faults")
    launcher = [mpiexec, "--oversubscribe", "-n", str(fault.ranks)] if fault.ranks else []
    command = [*launcher, program, fault.tests, "--reporter", "xml"]
    environment = os.environ | ({"JENSEN_LEFT_OUT": fault.field} if fault.field else {})
    try:
        done = subprocess.run(command, env=environment, timeout=LIMIT, text=True, capture_output=True)
    except subprocess.TimeoutExpired as late:
        raise ValueError(f"no end after {LIMIT} s") from late
    output = done.stdout + done.stderr
    try:
        return verdict(done.returncode, output, fault.ranks)
    except ValueError:
        print(output[-5000:])
        raise


def print_table(caught):
    rows = [("fault", "promise", "caught by")]
    for fault in all_faults():
        kept = caught / f"{fault.name}.json"
        cases = json.loads(kept.read_text()) if kept.exists() else []
        more = f" and {len(cases) - 1} more" if len(cases) > 1 else ""
        ranks = f", {fault.ranks} ranks" if fault.ranks else ""
        by = f"{fault.program}{ranks}: {cases[0]}{more}" if cases else "NOTHING"
        rows.append((fault.name, fault.promise, by))
    widths = [max(len(row[i]) for row in rows) for i in range(2)]
    for row in rows:
        print(f"{row[0]:{widths[0]}} | {row[1]:{widths[1]}} | {row[2]}")


def main(name, *arguments):
    if name == "table":
        print_table(Path(arguments[0]))
        return
    program, caught, mpiexec = arguments
    kept = Path(caught) / f"{name}.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.unlink(missing_ok=True)
    fault = find(name)
    try:
        cases = judge(fault, program, mpiexec)
    except ValueError as reason:
        sys.exit(f"the fault '{name}' ({fault.source}) was not caught by {fault.program} \"{fault.tests}\": {reason}")
    kept.write_text(json.dumps(cases))
    print(f"'{name}' was caught by", *cases, sep="\n  ")


if __name__ == "__main__":
    main(*sys.argv[1:])
