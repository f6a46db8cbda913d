"""Runs the fuzz targets one after the other and prints a table; it builds nothing.

usage: run.py BUILD [--seconds S] [--targets NAME...] [--keep]
       BUILD        folder that `cmake --preset fuzz` and `cmake --build --preset fuzz` made
       --seconds S  in all, shared alike by the targets (60)
       --targets    some of them
       --keep       writes corpus/, with what was found to reach more of the code

Each begins with its seeds, corpus/TARGET.zip, and findings/TARGET-*: inputs of faults that are corrected. What a
target does not survive is saved in BUILD/findings and ends the run with exit code 1; unless it died inside
libhdf5, whose known faults README.md names.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import seeds

HERE = Path(__file__).resolve().parent
LIMITS = ["-timeout=10", "-rss_limit_mb=2048"]  # seconds and MiB of one input
LONGEST = 8192  # bytes of an input
# HDF5 asks for what a file claims to need, and goes on without it; a C++ allocation that fails is a finding.
SANITIZERS = {"ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1:max_allocation_size_mb=1024"}
PROGRESS = re.compile(r"^#(\d+): cov: (\d+) .* time: (\d+)s", re.MULTILINE)
COLUMNS = "{:<10} {:>8} {:>11} {:>7} {:>9} {:>7} {:>9} {:>11}"


def call(*command):
    """What a target prints, and its exit code. Its files are in memory, and gone with those of one that died."""
    with tempfile.TemporaryDirectory(prefix="jensen-fuzz-", dir="/dev/shm") as files:
        environment = os.environ | SANITIZERS | {"TMPDIR": files}
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout.decode(errors="replace"), done.returncode


def gather(target, folder):
    """The inputs that are kept for a target."""
    archive = HERE / "corpus" / f"{target}.zip"
    if archive.exists():
        with zipfile.ZipFile(archive) as kept:
            kept.extractall(folder)
    for name, content in seeds.SEEDS[target]():
        (folder / name).write_bytes(content)
    for finding in (HERE / "findings").glob(f"{target}-*"):
        (folder / finding.name).write_bytes(finding.read_bytes())


def keep(target, folder):
    """The same bytes for the same inputs."""
    archive = HERE / "corpus" / f"{target}.zip"
    archive.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as kept:
        for file in sorted(folder.iterdir()):
            kept.writestr(zipfile.ZipInfo(file.name), file.read_bytes(), zipfile.ZIP_DEFLATED)


def died_in_libhdf5(program, artifact):
    """Whether the innermost function is the library's, leaving aside those of the C library and sanitizers."""
    text, code = call(program, *LIMITS, artifact)
    frames = [line for line in text.splitlines() if re.match(r"\s+#\d+ 0x", line)]
    other = re.compile(r"sanitizer|interceptor|fuzzer::|/libc\.|sysdeps|libio|debug/|stdlib/|nptl| in (free|malloc|calloc|realloc|strdup)")
    innermost = next((line for line in frames if not other.search(line)), "")
    return code != 0 and "libhdf5" in innermost


def fuzz(build, target, seconds, kept):
    """Returns a row of the table and the number of findings."""
    program = build / "tests" / "fuzz" / f"fuzz_{target}"
    artifacts = build / "findings" / target
    artifacts.mkdir(parents=True, exist_ok=True)
    before = set(artifacts.iterdir())
    with tempfile.TemporaryDirectory(prefix=f"fuzz-{target}-") as work:
        begun, grown, least = (Path(work) / name for name in ("begun", "grown", "least"))
        for folder in begun, grown, least:
            folder.mkdir()
        gather(target, begun)
        forked = ["-fork=1", "-ignore_crashes=1", "-ignore_timeouts=1", "-ignore_ooms=1"]
        span = [f"-max_total_time={max(seconds, 1)}", f"-max_len={LONGEST}", f"-artifact_prefix={artifacts}/"]
        text, _ = call(program, *forked, *LIMITS, *span, grown, begun)
        progress = PROGRESS.findall(text)
        if not progress:
            sys.exit(f"{program} did not run:\n{text}")
        executions, coverage, took = map(int, progress[-1])
        call(program, "-merge=1", *LIMITS, least, begun, grown)
        inputs = len(list(least.iterdir()))
        if kept:
            keep(target, least)
    found = sorted(set(artifacts.iterdir()) - before)
    known = [artifact for artifact in found if died_in_libhdf5(program, artifact)]
    for artifact in found:
        if artifact not in known:
            print(f"finding: {program} {artifact}", file=sys.stderr)
    own = len(found) - len(known)
    rate = executions // max(took, 1)
    return COLUMNS.format(target, took, executions, rate, coverage, inputs, own, len(known)), own


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("build", type=Path)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--targets", nargs="+", default=list(seeds.SEEDS), choices=list(seeds.SEEDS))
    parser.add_argument("--keep", action="store_true")
    given = parser.parse_args()
    print(COLUMNS.format("target", "seconds", "executions", "a s", "coverage", "inputs", "findings", "in libhdf5"))
    findings = 0
    for target in given.targets:
        row, own = fuzz(given.build.resolve(), target, given.seconds // len(given.targets), given.keep)
        print(row, flush=True)
        findings += own
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
