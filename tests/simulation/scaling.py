"""Simulated scaling of a Gaussian mixture on SimGrid's SMPI: weak scaling, and where owners of components pay.

usage: scaling.py STEP_COSTS JSON

Steps take as long as STEP_COSTS measures them to take here; messages are those that jensen sends, at their true
sizes, on the cluster of cluster.py. Writes what it finds to JSON too.
"""

import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cluster

RANKS = (64, 256, 1024, 4096)
# Components, features, records of each rank, rows to measure with.
CASES = ((32, 8, 100_000, 32_768), (100, 32, 10_000, 16_384), (100, 32, 100_000, 16_384), (1000, 128, 100_000, 2048))
CROSSING = (8, 32)  # features: from how many components on do owners pay?
HEAD = 8  # entries of the statistics that belong to no component
ELEMENT = 4  # doubles that travel of an entry
WHAT_IT_IS_NOT = (
    "Simulated: counts, sizes and order of messages, and waiting for each other, are what they would be; not shown are "
    "cores of a node that share its memory's bandwidth, noise of the operating system, and network cards that reduce."
)


def compute(seconds):
    return f"compute {seconds * cluster.FLOPS:.0f}"


def levels_of(rank, ranks):
    """Partner, own and other half of slices, from all ranks to this one alone; as src/comm/slices.cpp, for powers of
    two."""
    levels, stride, first = [], 1, 0
    while ranks > 1:
        ranks //= 2
        odd = rank // stride % 2
        halves = [(first, first + ranks), (first + ranks, first + 2 * ranks)]
        levels.append((rank - stride if odd else rank + stride, halves[odd], halves[1 - odd]))
        first = halves[odd][0]
        stride *= 2
    return levels


class Iteration:
    """What ranks do in an iteration; with `local` seconds for the local step."""

    def __init__(self, cost, ranks, local):
        self.cost, self.ranks, self.local = cost, ranks, local
        self.parts = cost["components"]
        self.entries = cost["entries"]

    def first_part(self, slice_):
        return self.parts * slice_ // self.ranks

    def count(self, slices):
        return self.first_part(slices[1]) - self.first_part(slices[0])

    def by_every_rank(self, computing=True):
        c = self.cost
        yield compute(self.local + c["entry_store"] * self.entries if computing else 0)
        yield f"allreduce {8 * ELEMENT * (self.entries + 2)} 0"
        if computing:
            merged = self.entries * (self.ranks - 1) / self.ranks
            every = self.parts * (c["update_part"] + c["prepare_part"])
            yield compute(c["entry_merge"] * merged + c["entry_round"] * self.entries + every)

    def by_owners(self, rank, computing=True):
        c = self.cost
        part_entries = (self.entries - HEAD) // self.parts
        levels = levels_of(rank, self.ranks)
        own = self.count(levels[-1][1])
        yield compute(self.local + c["entry_store"] * self.entries if computing else 0)
        yield f"allreduce {8 * ELEMENT * (HEAD + 2)} 0"
        for partner, mine, theirs in levels:
            sent, received = (ELEMENT * part_entries * self.count(half) for half in (theirs, mine))
            if sent + received > 0:
                yield f"sendRecv {sent} {partner} {received} {partner} 0 0"
                if computing:
                    yield compute(c["entry_merge"] * received / ELEMENT)
        if computing:
            part = c["entry_round"] * part_entries + c["update_part"] + c["prepare_part"] + c["part_out"]
            yield compute(own * part)
        for partner, mine, theirs in reversed(levels):
            sent, received = (c["part_numbers"] * self.count(half) + half[1] - half[0] for half in (mine, theirs))
            yield f"sendRecv {sent} {partner} {received} {partner} 0 0"
        if computing:
            yield compute(c["part_in"] * (self.parts - own))

    def seconds(self, owners, computing=True):
        alike = None if owners else list(self.by_every_rank(computing))
        traces = [alike or list(self.by_owners(rank, computing)) for rank in range(self.ranks)]
        with tempfile.TemporaryDirectory() as folder:
            return cluster.replay(traces, folder)

    def seconds_alone(self):
        c = self.cost
        parts = self.parts * (c["update_part"] + c["prepare_part"])
        return self.local + c["entry_round"] * self.entries + parts


def measure(program, shapes):
    arguments = [str(number) for shape in shapes for number in shape]
    return json.loads(subprocess.run([program, *arguments], capture_output=True, text=True, check=True).stdout)


def time(seconds):
    for factor, unit in ((1, "s"), (1e3, "ms"), (1e6, "us")):
        if seconds * factor >= 1:
            break
    return f"{seconds * factor:.3g} {unit}"


def weak_scaling(program, simulate, found):
    shapes = sorted({(k, d, rows) for k, d, _, rows in CASES})
    costs = {(cost["components"], cost["features"]): cost for cost in measure(program, shapes)}
    found["costs"] = list(costs.values())
    print("Weak scaling of 'gmm', full covariance: efficiency, and time of an iteration's messages alone\n")
    print(f"{'components, features, records a rank':38}{'one rank':>10}  {'global step':14}{columns(RANKS)}")
    rows, messages_of = [], {}  # messages are the same for any number of records
    for k, d, records, _ in CASES:
        cost = costs[k, d]
        local = cost["row"] * records + cost["pass"]
        for owners in (False, True):
            iterations = [Iteration(cost, ranks, local) for ranks in RANKS]
            for each in iterations:
                key = (k, d, owners, each.ranks)
                messages_of[key] = messages_of.get(key) or simulate(each.seconds, owners, False)
            rows.append((k, d, records, owners, [(each, simulate(each.seconds, owners)) for each in iterations]))
    for k, d, records, owners, iterations in rows:
        cells, alone = [], iterations[0][0].seconds_alone()
        for iteration, whole in iterations:
            seconds, messages = whole.result(), messages_of[k, d, owners, iteration.ranks].result()
            cells.append(f"{alone / seconds:.4f} {time(messages)}")
            case = {"components": k, "features": d, "records": records, "owners": owners, "ranks": iteration.ranks}
            found["weak"].append(case | {"seconds": seconds, "one_rank": alone, "messages": messages})
        name, one = (f"{k}, {d}, {records}", time(alone)) if not owners else ("", "")
        print(f"{name:38}{one:>10}  {'by owners' if owners else 'by every rank':14}{columns(cells)}", flush=True)


def least_components(cost, ranks):
    """From which on owners are faster, to a quarter."""
    entries = (cost["entries"] - HEAD) // cost["components"]

    def owners_win(k):
        iteration = Iteration(cost | {"components": k, "entries": HEAD + k * entries}, ranks, 0)
        return iteration.seconds(True) < iteration.seconds(False)

    low, high = 1, 2  # not faster, faster
    while not owners_win(high):
        low, high = high, 2 * high
    while high - low > max(1, low // 4):
        middle = (low + high) // 2
        low, high = (low, middle) if owners_win(middle) else (middle, high)
    return high


def crossing(program, simulate, found):
    print("\nComponents from which on owners are faster, and their K D^3\n")
    print(f"{'features':>8}  {'update and preparation of one':40}  {'':14}{columns(RANKS)}")
    costs = measure(program, [(64, d, 4096) for d in CROSSING])
    rows = [[simulate(least_components, cost, ranks) for ranks in RANKS] for cost in costs]
    for cost, row in zip(costs, rows):
        d, cells = cost["features"], []
        for ranks, least in zip(RANKS, row):
            cells.append(f"{least.result()}, {least.result() * d**3:.1e}")
            found["crossing"].append({"features": d, "ranks": ranks, "components": least.result()})
        each = cost["update_part"] + cost["prepare_part"]
        print(f"{d:8}  {time(each):40}  {'':14}{columns(cells)}", flush=True)


def columns(cells):
    return "".join(f"{cell:>18}" for cell in cells)


def main(program, file):
    found = {"what_it_is_not": WHAT_IT_IS_NOT, "weak": [], "crossing": []}
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        weak_scaling(program, workers.submit, found)
        crossing(program, workers.submit, found)
    print(f"\n{WHAT_IT_IS_NOT}\n\nwritten to {file}")
    Path(file).write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
