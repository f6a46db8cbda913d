"""Runs the fault campaign and prints its table.

usage: campaign.py [--size short|long] [--seed N] [--build FOLDER] [--output FOLDER] [--directory FOLDER]
                   [--kills N] [--protocol-kills N] [TOPIC...]
"""

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]


def parse():
    parser = argparse.ArgumentParser(description="faults that jensen must survive, at a chosen size")
    parser.add_argument("topics", nargs="*", metavar="TOPIC", help="of the table's first column; by default all")
    parser.add_argument("--size", choices=("short", "long"), default="short")
    parser.add_argument("--seed", type=int, default=1, help="of every draw")
    parser.add_argument("--build", default=SOURCE / "build/ci", help="folder of a build with tests")
    parser.add_argument("--output", default=None, help="folder for table.txt and table.json")
    parser.add_argument("--directory", default=None, help="folder for the runs; in memory by default")
    parser.add_argument("--kills", type=int, default=2000, help="under mpirun, in a long run")
    parser.add_argument("--protocol-kills", type=int, default=50_000, help="without MPI, in a long run")
    return parser.parse_args()


def set_environment(build):
    """What the modules of tests/cli read when they are imported, and transports of one host for Open MPI."""
    os.environ["JENSEN"] = str(build / "tests/campaign/jensen_failing")
    for name in ("OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"):
        os.environ[name] = "1"
    os.environ.setdefault("OMPI_MCA_pml", "ob1")
    os.environ.setdefault("OMPI_MCA_btl", "self,vader")
    sys.path.insert(0, str(SOURCE / "tests/cli"))


def memory():
    """A file system in memory, if there is one with room."""
    shared = "/dev/shm"
    return shared if os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > 1 << 29 else None


def print_table(rows, options, seconds, into):
    head = ("topic", "fault", "trials", "failed", "bound", "seconds", "what was done and seen")
    cells = [head]
    for row in rows:
        counts = str(row.trials), str(len(row.failed)), row.bound, f"{row.seconds:.0f}"
        cells.append((row.topic, row.fault, *counts, row.figures))
    widths = [max(len(row[i]) for row in cells) for i in range(len(head) - 1)]
    what = f"size {options.size}, seed {options.seed}, {seconds:.0f} s"
    print(f"{what}; bound: 3 / trials, of the rate of failures at 95 %\n", file=into)
    for row in cells:
        texts = [f"{text:{'<' if i < 2 else '>'}{width}}" for i, (text, width) in enumerate(zip(row, widths))]
        print(" | ".join([*texts, row[-1]]), file=into)
    for row in rows:
        for sentence in row.failed:
            print(f"FAILED {row.topic}, {row.fault}: {sentence}", file=into)


def main():
    options = parse()
    build = Path(options.build).resolve()
    set_environment(build)
    import topics
    from arena import Arena, Row, Skipped

    unknown = set(options.topics) - set(topics.ALL)
    if unknown:
        sys.exit(f"no topic {sorted(unknown)} (there are {', '.join(topics.ALL)})")
    folder = tempfile.mkdtemp(prefix="jensen-campaign-", dir=options.directory or memory())
    tempfile.tempdir = folder  # of jobs too
    os.environ["OMPI_MCA_btl_vader_backing_directory"] = folder
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # by way of what tidies up
    began = time.monotonic()
    rows = []
    output = Path(options.output or build / "campaign")
    output.mkdir(parents=True, exist_ok=True)

    def write_tables():
        with open(output / "table.txt", "w") as file:
            print_table(rows, options, time.monotonic() - began, file)
        (output / "table.json").write_text(json.dumps([vars(row) | {"bound": row.bound} for row in rows], indent=1))

    try:
        arena = Arena(build, options.seed, options.size == "long", folder)
        arena.kills, arena.protocol_kills = options.kills, options.protocol_kills
        for name, run in topics.ALL.items():
            if options.topics and name not in options.topics:
                continue
            start = time.monotonic()
            try:
                for row in run(arena):
                    row.seconds = time.monotonic() - start
                    arena.tidy_up()
                    start = time.monotonic()
                    rows.append(row)
                    print(f"{row.topic}: {row.fault}: {row.trials} trials, {len(row.failed)} failed", flush=True)
            except Skipped as reason:
                rows.append(Row(name, "skipped", 0, [], str(reason)))
            write_tables()
        arena.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"\n{(output / 'table.txt').read_text()}")
    sys.exit(1 if any(row.failed for row in rows) else 0)


if __name__ == "__main__":
    main()
