"""Every fail point, every action: no rank waits for ever, the exit code says what happened, no fit is lost."""

import itertools
import re
import signal
import statistics
import subprocess
import time

import lasting
from arena import RANKS, Row
from kills import PROTOCOL
from lasting import KILLED, Job
from support import INPUT, NUMERICAL, OUTPUT, TIMED_OUT

EXITED, UNEXPECTED = 9, 70
USUAL, BUSY = 10, 30  # seconds, from the launch on: of most ends, and of each where other tests run beside
ON_EVERY_RANK = "read", "start", "local-step", "reduction", "global-step", "result"
BLOCK_OF_A_DOCUMENT = 500  # in the middle of the fit; the first are passed when documents are summarised
WARNED = "no checkpoint"
UNWATCHED = "lock", "result", "remove"  # before and after what the watchdog looks at


def listed(arena):
    """(point, action) of the program."""
    program = arena.build / "tests/campaign/jensen_failing"
    text = subprocess.run([program], env={"JENSEN_FAIL": "list"}, capture_output=True, text=True, check=True).stdout
    return [(line.split()[0], action) for line in text.splitlines() for action in line.split()[1:]]


def latest_pass(point):
    """A pass in the middle of the fit, where a point has more than one."""
    return 1 if point in ("lock", "read", "result", "remove") else 2 if point == "start" else 9


def expected(point, action, nth):
    """Exit codes that are right."""
    if action in ("enospc", "eio"):
        return (OUTPUT,) if nth == 1 else (0,)
    return {"kill": (KILLED,), "exit": (EXITED,), "throw": (UNEXPECTED,), "short-write": (0,)}.get(action) or (
        INPUT,
        NUMERICAL,
    )


def limit(arena):
    """Seconds within which each run must end: a long campaign has the machine to itself."""
    return arena.size(BUSY, USUAL)


def trial(arena, name, point, action, rank, nth, times):
    """What is wrong, or None."""
    fit = arena.fit(name)
    folder = arena.new_folder()
    plan = f"{rank}:{point}:{nth}:{action}"
    began = time.monotonic()
    found = arena.run(fit.command(), 3, folder, fail=plan, limit=limit(arena))
    times.append(time.monotonic() - began)
    if found.code not in expected(point, action, nth):
        return f"{plan}: exit code {found.code}, not {expected(point, action, nth)}: {found.sentences()[-1:]}"
    said = "\n".join(found.sentences())
    if action in ("enospc", "eio") and (WARNED if nth > 1 else "jensen: error: ") not in said:
        return f"{plan}: nothing was said: {said}"
    if found.code == 0:
        return None if lasting.content(folder / "model.h5") == fit.content else f"{plan}: other bits"
    if action in ("throw", "nan") and said.count("jensen: error: ") != 1:
        return f"{plan}: not one sentence: {said}"
    arena.newest(folder / "model.h5.ckpt")
    wrong = arena.finish(fit, folder, 2)
    return f"{plan}: {wrong}" if wrong else None


def names_alone(rank, said):
    """Whether the watchdog says of all ranks but this one that they wait for others."""
    found = re.search(r"nothing has moved for [^:]*: (.*)", said)
    busy = [part for part in found[1].split("; ") if not part.endswith(", waiting for other ranks")] if found else []
    return len(busy) == 1 and re.match(rf"rank {rank} is ", busy[0]) is not None


def hang(arena, point, rank):
    """A rank that hangs holds up the others, which is said, and nothing else is lost when the job is ended."""
    fit = arena.fit()
    folder = arena.new_folder()
    plan = f"{rank}:{point}:{latest_pass(point)}:hang"
    watched = fit.command("--watchdog", "0.5s")
    with Job(watched, 3, folder, environment={"JENSEN_FAIL": plan}) as job:
        began = time.monotonic()
        while not list(folder.glob("*.ckpt/*.stalled")) and time.monotonic() - began < (3 if point in UNWATCHED else 15):
            time.sleep(0.05)
        if job.end(2).code != TIMED_OUT:
            return f"{plan}: it did not hang"
        pids = job.pids()
        began = time.monotonic()
        job.process.send_signal(signal.SIGTERM)
        ended = job.end(limit(arena))
        if ended.code in (0, TIMED_OUT) or not lasting.wait_until_gone(pids, limit(arena)):
            return f"{plan}: exit code {ended.code} of a job that was ended"
        if time.monotonic() - began > limit(arena):
            return f"{plan}: {time.monotonic() - began:.1f} s to its end"
        if point not in UNWATCHED and not names_alone(rank, ended.stderr):
            return f"{plan}: nobody says that rank {rank} alone hangs: {ended.sentences()}"
    arena.newest(folder / "model.h5.ckpt")
    wrong = arena.finish(fit, folder, 2)
    return f"{plan}: {wrong}" if wrong else None


# Passes of a step that come before the first checkpoint: the directories are tried.
PROBED = {"create": 2, "open": 2, "write-begin": 2, "write-middle": 2, "write-end": 2, "close": 2, "sync": 2}
PROBED |= {"read-back": 4, "sync-directory": 2}


def step(arena, point, ranks, generation):
    """A kill while the checkpoint of this generation, from 0 on, is written."""
    fit = arena.fit()
    folder = arena.new_folder()
    nth = PROBED.get(point, 0) + (2 * generation if point == "read-back" else generation) + 1
    found = arena.run(fit.command(), ranks, folder, fail=f"0:{point}:{nth}:kill")
    where = f"{point} of generation {generation} on {ranks} ranks"
    if found.code != KILLED:
        return f"{where}: exit code {found.code}: {found.sentences()[-1:]}"
    newest = arena.newest(folder / "model.h5.ckpt")
    if newest is None and generation > 0:
        return f"{where}: no checkpoint is there"
    wrong = arena.finish(fit, folder, arena.random(where).choice(RANKS))
    return f"{where}: {wrong}" if wrong else None


def steps(arena):
    protocol = [point for point in PROTOCOL if point != "lock"]
    cases = list(itertools.product(protocol, (1, 2, 3, 4, 7), (0, 1, 2)))
    cases = cases if arena.is_long else arena.random("steps").sample(cases, 12)
    arena.fit()
    failed = [wrong for wrong in arena.in_parallel(lambda case: step(arena, *case), cases) if wrong]
    figures = f"{len(protocol)} steps, 1 to 7 ranks, with 0, 1 and 2 checkpoints there"
    yield Row("steps", "kill -9 at each step of a checkpoint", len(cases), failed, figures)


def points(arena):
    cases, hangs = [], []
    for point, action in listed(arena):
        for rank in (0, 1, 2) if point in ON_EVERY_RANK else (0,):
            if action == "hang":
                hangs.append((point, rank))
                continue
            for nth in {1, latest_pass(point)}:
                cases.append(("gmm", point, action, rank, nth))
            if point == "local-step":
                cases.append(("lda", point, action, rank, BLOCK_OF_A_DOCUMENT))
    draw = arena.random("points")
    cases = cases if arena.is_long else draw.sample(cases, 30)
    hangs = hangs if arena.is_long else draw.sample(hangs, 3)
    times = []
    failed = [wrong for wrong in arena.in_parallel(lambda case: trial(arena, *case, times), cases) if wrong]
    usual = statistics.median(times)
    failed += [f"the median run takes {usual:.1f} s (must be at most {USUAL})"] if usual > USUAL else []
    figures = f"exit code, one sentence, the same bits after it; 3 ranks end after {usual:.1f} s (median), {max(times):.1f} s"
    yield Row("points", "each fail point and action", len(cases), failed, figures)
    failed = [wrong for wrong in arena.in_parallel(lambda case: hang(arena, *case), hangs) if wrong]
    figures = "the watchdog names the rank; ended by SIGTERM, the same bits after it"
    yield Row("points", "hang at each fail point", len(hangs), failed, figures)
