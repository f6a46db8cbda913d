"""kill -9 of ranks, of mpirun and of all; going on with other numbers of ranks."""

import itertools
import json
import os
import shutil
import signal
import time
from collections import Counter

import lasting
from arena import RANKS, Row, remove
from lasting import KILLED, Job
from support import TIMED_OUT

MODELS = "gmm", "kmeans", "bayes-gmm", "lda", "advi"
PROTOCOL = ("lock", "create", "open", "write-begin", "write-middle", "write-end", "close", "sync", "read-back")
PROTOCOL += ("checkpoint", "image", "rename", "renamed", "sync-directory", "synced", "prune", "pruned")
ELSEWHERE = "read", "start", "local-step", "reduction", "global-step", "result", "remove"
LAUNCHES_OF_A_CHAIN = 9


def strike(job, victims, draw):
    """Kills without a word once the run has begun, at an instant that is drawn."""
    directory = job.log.parent / "model.h5.ckpt"
    while draw.random() > 0.02 and not (directory / "lock").exists() and job.process.poll() is None:
        time.sleep(0.002)
    time.sleep(draw.uniform(0, 0.6))
    pids = job.pids()
    chosen = [draw.choice(pids)] if victims == "rank" and pids else pids if victims == "all" else []
    if victims != "rank":
        job.process.kill()
    for pid in chosen:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it was faster


def chain(arena, number):
    """One fit that is killed again and again on changing ranks until it is done: (kills by kind, most
    iterations lost, what went wrong)."""
    draw = arena.random("kills", number)
    fit = arena.fit(MODELS[number % len(MODELS)])
    every = draw.choice((1, 1, 3))
    folder = arena.new_folder()
    directory = folder / "model.h5.ckpt"
    kills, most_lost, reached = {}, 0, -1
    for _ in range(LAUNCHES_OF_A_CHAIN):
        ranks = draw.choice(RANKS)
        how = "point" if draw.random() < 0.5 else draw.choice(("rank", "rank", "mpirun", "all"))
        settings = {}
        if how == "point":
            points = PROTOCOL if draw.random() < 0.9 else ELSEWHERE
            point = draw.choice(points)
            rank = draw.randrange(ranks) if point in ELSEWHERE else 0
            settings["JENSEN_FAIL"] = f"{rank}:{point}:{draw.randint(1, 12)}:kill"
        with Job(fit.command(every=f"{every}it"), ranks, folder, environment=settings) as job:
            if how != "point":
                strike(job, how, draw)
            ended = job.end()
            if ended.code == TIMED_OUT and not job.pids():
                how = "alone"
                job.process.kill()
                ended = job.end()
            lines = [line for line in job.lines() if line["event"] == "iteration"]
        where = f"chain {number}, {fit.name} on {ranks} ranks, {settings or how}"
        if ended.code == 0 or (folder / "model.h5").exists():
            break
        if ended.code == -signal.SIGSEGV:
            how = "crash"
        elif ended.code not in (KILLED, -signal.SIGKILL):
            return kills, most_lost, f"{where}: exit code {ended.code}, {ended.sentences()[-1:]}"
        kills[how] = kills.get(how, 0) + 1
        try:
            found = fit.index_of(arena.newest(directory))
        except AssertionError as error:
            return kills, most_lost, f"{where}: {error}"
        if lines:
            last = lines[-1]
            reached = max(reached, fit.index[last["stage"], last["restart"], last["iteration"]])
        if reached >= 0 and found < 0:
            return kills, most_lost, f"{where}: no checkpoint, after iteration {reached}"
        most_lost = max(most_lost, reached - found)
        if reached - found > every:
            return kills, most_lost, f"{where}: {reached - found} iterations lost (must be at most {every})"
    else:
        wrong = arena.finish(fit, folder, draw.choice(RANKS))
        if wrong:
            return kills, most_lost, f"chain {number}: {wrong}"
    if lasting.content(folder / "model.h5") != fit.content:
        return kills, most_lost, f"chain {number}: {fit.name} ended with other bits"
    remove(folder)
    return kills, most_lost, None


def mpi_kills(arena):
    wanted = arena.size(40, arena.kills)
    kills, most, failed, chains = {}, 0, [], 0
    for name in MODELS:
        arena.fit(name)
    while sum(kills.values()) < wanted and len(failed) < 20:
        numbers = range(chains, chains + 6)
        chains = numbers.stop
        for found in arena.in_parallel(lambda number: chain(arena, number), numbers):
            if isinstance(found, str):
                failed.append(found)
                continue
            for how, count in found[0].items():
                kills[how] = kills.get(how, 0) + count
            most = max(most, found[1])
            failed += [found[2]] if found[2] else []
    names = {"point": "at a fail point", "rank": "of a rank", "mpirun": "of mpirun", "all": "of all"}
    # What a killed rank may do to the mpirun of Open MPI 4.1; the fit goes on all the same.
    own = {"alone": "of a rank after which mpirun waited for ever", "crash": "of a rank after which mpirun crashed"}
    names |= {how: name for how, name in own.items() if how in kills}
    parts = ", ".join(f"{kills.get(how, 0)} {name}" for how, name in names.items())
    figures = f"{parts}; {chains} fits of {len(MODELS)} models on 1 to 8 ranks; most iterations lost: {most}"
    yield Row("kills", "kill -9 under mpirun", sum(kills.values()), failed, figures)


def pairs(arena):
    ranks = arena.size((1, 3, 8), RANKS)
    fit = arena.fit()
    stopped = {}

    def stop(count):
        folder = arena.new_folder()
        found = arena.run(fit.command(), count, folder, fail="0:renamed:9:kill")
        assert found.code == KILLED, found.stderr
        stopped[count] = folder

    def go_on(pair):
        folder = arena.new_folder()
        shutil.copytree(stopped[pair[0]] / "model.h5.ckpt", folder / "model.h5.ckpt")
        return arena.finish(fit, folder, pair[1])

    wrong = [failure for failure in arena.in_parallel(stop, ranks) if failure]
    cases = [pair for pair in itertools.product(ranks, ranks) if pair[0] in stopped]
    wrong += [failure for failure in arena.in_parallel(go_on, cases) if failure]
    yield Row("resume", "killed on P ranks, gone on with on P'", len(ranks) ** 2, wrong, f"P, P' in {ranks}")


def in_process(arena):
    wanted = arena.size(1000, arena.protocol_kills)
    totals, failed, batches = Counter(), [], itertools.count()
    while totals["killed"] < wanted and len(failed) < 20:
        draw = arena.random("protocol", next(batches)).randrange(2**32)
        found = json.loads(arena.call_protocol("kills", arena.folder / "protocol", 500, draw))
        failed += found.pop("unrecoverable")
        most = max(totals["most lost"], found.pop("most lost"))
        totals.update(found)
        totals["most lost"] = most
    figures = f"{totals['trials']} writers, {totals['aimed']} aimed at a point, {totals['failed calls']} failed calls, "
    figures += f"{totals['left over']} temporary files left; most checkpoints lost: {totals['most lost']}, the one "
    figures += "being written"
    yield Row("protocol", "kill -9 of a writer, without MPI", totals["killed"], failed, figures)

    careless = arena.build / "tests/campaign/careless_protocol"
    found = json.loads(arena.call_protocol("kills", arena.folder / "careless", 200, 1, program=careless))
    unnoticed = [] if found["unrecoverable"] else ["files that are named before they are written are not noticed"]
    figures = f"red {len(found['unrecoverable'])} times"
    yield Row("protocol", "the same check on a careless writer", 1, unnoticed, figures)
