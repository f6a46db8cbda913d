"""The include path tells what a file may depend on.

usage: layers_test.py [ROOT]     checks ROOT/include/jensen and ROOT/src, after a self-test
"""

import re
import sys
import tempfile
from pathlib import Path

ALLOWED = {
    "core": {"core"},
    "comm": {"core", "comm"},
    "data": {"core", "data"},
    "fit": {"core", "comm", "data", "fit"},
    "init": {"core", "comm", "data", "fit", "init"},
    "io": {"core", "comm", "data", "fit", "io"},
    "models": {"core", "data", "fit"},
    "app": {"core", "comm", "data", "fit", "init", "io", "models", "app"},
}
START_ALSO = {"comm", "init"}  # what start.hpp and start.cpp of a model may include beside
SHARED_MODELS = {"mixture"}
START_MODELS = {"mixture", "kmeans"}

# external header -> layers that may include it
EXTERNAL = [
    (re.compile(r"mpi\.h$"), {"comm"}),
    (re.compile(r"(hdf5|hdf5_hl|H5\w+)\.h$"), {"io"}),
    (re.compile(r"openssl/"), {"io"}),
    (re.compile(r"boost/program_options"), {"app"}),
    (re.compile(r"nlohmann/"), {"io", "app"}),
]

INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def project_path(file, quoted, target, roots):
    """Path of an included header below include/jensen or src, as parts; None for an external one."""
    if target.startswith("jensen/"):
        return Path(target).parts[1:]
    if quoted:
        for folder in (file.parent, *roots):
            found = (folder / target).resolve()
            for root in roots:
                if found.is_file() and found.is_relative_to(root):
                    return found.relative_to(root).parts
    return None


def fault_of(own, target, inner):
    """Why a file, of parts `own` below its root, may not include this; None if it may."""
    layer = own[0]
    if inner is None:
        for pattern, layers in EXTERNAL:
            if pattern.match(target) and layer not in layers:
                return f"'{target}' belongs to {' and '.join(sorted(layers))}"
        return None
    is_start = layer == "models" and own[-1] in ("start.hpp", "start.cpp")
    if layer == "models" and inner[0] == "models":
        shared = START_MODELS if is_start else SHARED_MODELS
        if len(inner) > 2 and inner[1] in {own[1], *shared}:
            return None
        return f"models/{own[1]} may not include another model ('{'/'.join(inner)}')"
    if inner[0] in ALLOWED[layer] | (START_ALSO if is_start else set()):
        return None
    return f"{layer} may not include {inner[0]} ('{'/'.join(inner)}')"


def violations(root):
    roots = [(root / "include" / "jensen").resolve(), (root / "src").resolve()]
    for folder in roots:
        for file in sorted(folder.rglob("*.[hc]pp")):
            own = file.relative_to(folder).parts
            if len(own) < 2 or own[0] not in ALLOWED:
                yield f"{file}:1: not in the folder of a layer ({', '.join(ALLOWED)})"
                continue
            for number, line in enumerate(file.read_text().splitlines(), 1):
                include = INCLUDE.match(line)
                if include is None:
                    continue
                target = include[2]
                fault = fault_of(own, target, project_path(file, include[1] == '"', target, roots))
                if fault:
                    yield f"{file}:{number}: {fault}"


PLANTED = {  # file: [(include line, is it allowed)]
    "include/jensen/core/types.hpp": [("<vector>", True), ('"jensen/comm/communicator.hpp"', False)],
    "include/jensen/data/shard.hpp": [('"jensen/core/types.hpp"', True), ('"jensen/comm/communicator.hpp"', False)],
    "include/jensen/comm/communicator.hpp": [('"jensen/data/shard.hpp"', False), ("<mpi.h>", True)],
    "include/jensen/fit/fit.hpp": [
        ('"jensen/comm/communicator.hpp"', True),
        ('"jensen/io/checkpoint.hpp"', False),
        ("<mpi.h>", False),
    ],
    "include/jensen/init/seeding.hpp": [('"jensen/fit/fit.hpp"', True), ('"jensen/models/gmm/gmm.hpp"', False)],
    "src/io/checkpoint.cpp": [
        ("<hdf5.h>", True),
        ("<openssl/evp.h>", True),
        ("<nlohmann/json.hpp>", True),
        ('"jensen/init/seeding.hpp"', False),
        ("<boost/program_options.hpp>", False),
    ],
    "include/jensen/models/mixture/kernels.hpp": [('"jensen/core/types.hpp"', True)],
    "include/jensen/models/kmeans/kmeans.hpp": [('"jensen/fit/fit.hpp"', True), ("<nlohmann/json.hpp>", False)],
    "include/jensen/models/gmm/gmm.hpp": [
        ('"jensen/models/mixture/kernels.hpp"', True),
        ('"jensen/models/gmm/start.hpp"', True),
        ('"jensen/models/kmeans/kmeans.hpp"', False),
        ('"jensen/comm/communicator.hpp"', False),
        ('"jensen/init/seeding.hpp"', False),
    ],
    "include/jensen/models/gmm/start.hpp": [
        ('"jensen/comm/communicator.hpp"', True),
        ('"jensen/init/seeding.hpp"', True),
        ('"jensen/models/kmeans/kmeans.hpp"', True),
        ('"jensen/models/lda/lda.hpp"', False),
        ('"jensen/io/checkpoint.hpp"', False),
    ],
    "include/jensen/models/lda/lda.hpp": [("<hdf5.h>", False), ("  <openssl/sha.h>", False)],
    "src/models/lda/tables.hpp": [],
    "src/models/lda/lda.cpp": [('"tables.hpp"', True), ('"../gmm/inner.hpp"', False)],
    "src/models/gmm/inner.hpp": [],
    "src/app/main.cpp": [
        ('"app/run.hpp"', True),
        ('"jensen/io/checkpoint.hpp"', True),
        ("<boost/program_options.hpp>", True),
        ("<mpi.h>", False),
        ("<hdf5.h>", False),
    ],
    "src/app/run.hpp": [],
    "src/core/helper.cpp": [('"app/run.hpp"', False), ("<fmt/format.h>", True)],
    "src/stray/stray.cpp": [],
}


def self_test():
    with tempfile.TemporaryDirectory() as name:
        root = Path(name).resolve()
        expected = {f"{root}/src/stray/stray.cpp:1"}
        for path, includes in PLANTED.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("".join(f"#include {what}\n" for what, _ in includes))
            expected |= {f"{file}:{i}" for i, (_, allowed) in enumerate(includes, 1) if not allowed}
        found = {":".join(text.split(":")[:2]) for text in violations(root)}
    return [f"self-test: missed {text}" for text in sorted(expected - found)] + [
        f"self-test: wrongly reported {text}" for text in sorted(found - expected)
    ]


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2]
    faults = self_test() or list(violations(root))
    if not list((root / "src").glob("*/*.cpp")):
        faults.append(f"no sources found in {root}/src")
    print("\n".join(faults) or "the layers are kept")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
