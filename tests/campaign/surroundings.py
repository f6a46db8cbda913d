"""Memory that runs out, ranks that are halted for a while, clocks that jump."""

import os
import re
import resource
import signal
import time
from collections import Counter
from pathlib import Path

import lasting
from arena import Row
from lasting import Job
from points import UNEXPECTED
from support import ALONE, INPUT, OUTPUT, USAGE

LIMIT = 10  # seconds
OF_OPEN_MPI = "out of dynamic memory in opal_show_help_yylex()"  # which ends the process with exit code 2


def address_space(pid):
    """Bytes of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def wrong_end(ended, began):
    """A run without memory goes on, or says why it ends; it does not crash, and does not wait."""
    if time.monotonic() - began > LIMIT:
        return f"no end in {LIMIT} s"
    if ended.code == USAGE and OF_OPEN_MPI in ended.stderr:
        return None
    if ended.code not in (0, INPUT, OUTPUT, UNEXPECTED) or (ended.code != 0 and "jensen: error: " not in ended.stderr):
        return f"exit code {ended.code}: {ended.sentences()[-1:]}"
    return None


def least_to_load(arena):
    """Bytes of address space, to 64 KiB, with which the program begins at all."""

    def begins(room):
        limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (room, room))  # noqa: E731
        return arena.run(["--version"], ALONE, arena.folder, before=limit).code == 0

    low, high = 0, 1 << 30
    while high - low > 64 << 10:
        middle = (low + high) // 2
        low, high = (low, middle) if begins(middle) else (middle, high)
    return high


def counted(codes):
    return "exit codes: " + ", ".join(f"{code} {count} times" for code, count in sorted(codes.items()))


def memory(arena):
    """A limit from the start on, of all that a program without MPI may take; and one in the middle of a job."""
    fit = arena.fit()
    codes = Counter()
    least, count = least_to_load(arena), arena.size(6, 80)
    most = least + (24 << 20)

    def from_the_start(number):
        folder = arena.new_folder()
        room = least + (most - least) * number // count
        began = time.monotonic()
        limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (room, room))  # noqa: E731
        found = arena.run(fit.command(), ALONE, folder, before=limit)
        codes[found.code] += 1
        if wrong := wrong_end(found, began):
            return f"{room} bytes: {wrong}"
        if found.code == 0:
            return None if lasting.content(folder / "model.h5") == fit.content else f"{room} bytes: other bits"
        arena.newest(folder / "model.h5.ckpt")
        wrong = arena.finish(fit, folder)
        return f"{room} bytes: {wrong}" if wrong else None

    def in_the_middle(number):
        folder = arena.new_folder()
        draw = arena.random("memory", number)
        with Job(fit.command(), 3, folder) as job:
            job.wait_for("k-means", 0, 0)
            pids = job.pids()
            room = draw.randrange(0, 256 << 10)
            rank = draw.randrange(len(pids)) if pids else 0
            try:
                size = address_space(pids[rank]) + room
                resource.prlimit(pids[rank], resource.RLIMIT_AS, (size, size))
            except (OSError, IndexError):
                pass  # it has ended
            began = time.monotonic()
            ended = job.end()
            codes[ended.code] += 1
            if wrong := wrong_end(ended, began):
                return f"{room} more bytes for rank {rank}: {wrong}"
        arena.newest(folder / "model.h5.ckpt")
        if ended.code == 0:
            return None if lasting.content(folder / "model.h5") == fit.content else f"{room} more bytes: other bits"
        wrong = arena.finish(fit, folder, 2)
        return f"{room} more bytes: {wrong}" if wrong else None

    failed = [wrong for wrong in arena.in_parallel(from_the_start, range(count)) if wrong]
    figures = f"0 to {(most - least) >> 20} MiB more than it needs to begin; {counted(codes)}"
    codes.clear()
    yield Row("memory", "limit from the start on", count, failed, figures)
    failed = [wrong for wrong in arena.in_parallel(in_the_middle, range(count)) if wrong]
    figures = f"0 to 256 KiB more than it has; {counted(codes)}"
    yield Row("memory", "limit for one rank of three, at work", count, failed, figures)


def halts(arena):
    """SIGSTOP of one rank, SIGCONT later; the watchdog says of a long halt which rank it is."""
    fit = arena.fit()

    def trial(number):
        draw = arena.random("halt", number)
        folder = arena.new_folder()
        ranks = draw.choice((2, 3, 5))
        seconds = draw.choice((0.2, 1, 3))
        rank = draw.randrange(ranks)
        with Job(fit.command("--watchdog", "0.5s"), ranks, folder) as job:
            job.wait_for("k-means", 0, 0)
            time.sleep(draw.uniform(0, 0.2))
            pids = job.pids()
            halted = len(pids) == ranks
            if halted:
                os.kill(pids[rank], signal.SIGSTOP)
                time.sleep(seconds)
                halted = job.process.poll() is None
                os.kill(pids[rank], signal.SIGCONT)
            ended = job.end()
        if ended.code != 0:
            return f"trial {number}: exit code {ended.code}: {ended.sentences()}"
        named = re.search(rf"\branks? [\d, and]*\b{rank}\b.* nothing \(stopped", ended.stderr)
        if halted and seconds == 3 and not named:
            return f"trial {number}: nobody says that rank {rank} is stopped: {ended.sentences()}"
        return None if lasting.content(folder / "model.h5") == fit.content else f"trial {number}: other bits"

    count = arena.size(4, 100)
    figures = "2 to 5 ranks, the same bits; the watchdog names the rank"
    failed = [wrong for wrong in arena.in_parallel(trial, range(count)) if wrong]
    yield Row("halts", "SIGSTOP of a rank, SIGCONT after 0.2 to 3 s", count, failed, figures)


def clocks(arena):
    """The clock of the day jumps to and fro by a day, on every rank."""

    def trial(case):
        name, ranks, options = case
        fit = arena.fit(name)
        folder = arena.new_folder()
        environment = {"LD_PRELOAD": str(arena.shim), "JENSEN_CLOCK_JUMP": "86400"}
        found = arena.run(fit.command(*options), ranks, folder, environment=environment)
        if found.code != 0:
            return f"{case}: exit code {found.code}: {found.sentences()}"
        return None if lasting.content(folder / "model.h5") == fit.content else f"{case}: other bits"

    names = arena.size(("gmm", "lda"), ("gmm", "kmeans", "bayes-gmm", "lda", "advi"))
    cases = [(name, ranks, options) for name in names for ranks in (ALONE, 3) for options in ((), ("--deadline", "1h"))]
    for name in names:
        arena.fit(name)
    failed = [wrong for wrong in arena.in_parallel(trial, cases) if wrong]
    yield Row("clocks", "jumps of a day, to and fro", len(cases), failed, "with and without a deadline, the same bits")
