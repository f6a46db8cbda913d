"""Checkpoints that are damaged, exchanged or another run's: refused by name, or the one before is used."""

import json
import shutil

import lasting
import support
from arena import Row
from lasting import CHECKPOINT


def bits(arena):
    """In process: the reader alone, which looks at every byte before HDF5 sees one."""
    random_bits = 10_000
    figures, failed, trials = [], [], 0
    for name in arena.size(("kmeans",), ("kmeans", "gmm", "bayes-gmm", "lda", "advi")):
        for kept in arena.fit(name).kept[:1]:
            draw = arena.random("bits", name).randrange(2**32)
            found = json.loads(arena.call_protocol("damage", kept, arena.folder / "damaged.h5", random_bits, draw))
            trials += sum(found[part] for part in ("header bits", "random bits", "lengths", "zero tails"))
            failed += [f"{name}: {silent} is not noticed" for silent in found["silent"]]
            figures.append(f"{name} {found['bytes']} bytes")
    every = "every bit of the header, 10 000 other bits, every length, zeros from every 512th byte on"
    yield Row("damage", "bits, truncations, zero tails", trials, failed, f"{every}: {', '.join(figures)}")


def flipped(content, at):
    changed = bytearray(content)
    changed[at] ^= 1
    return bytes(changed)


def files(arena):
    fit, other = arena.fit(), arena.fit("kmeans")
    newest, older = (file.read_bytes() for file in fit.kept)
    foreign = other.kept[0].read_bytes()
    middle = len(newest) // 2
    # name: newest, older, exit code, what is said
    cases = {
        "newest truncated": (newest[:middle], older, 0, "is truncated"),
        "newest empty": (b"", older, 0, "is not a jensen model file"),
        "newest with a flipped bit": (flipped(newest, middle), older, 0, "SHA-256"),
        "newest with a tail of zeros": (newest[:middle] + bytes(len(newest) - middle), older, 0, "SHA-256"),
        "newest of zeros": (bytes(len(newest)), older, 0, "is not a jensen model file"),
        "newest of a newer schema": (newest[:16] + b"\2" + newest[17:], older, 0, "use a newer jensen"),
        "newest of an older schema": (newest[:16] + b"\0" + newest[17:], older, 0, "use an older jensen"),
        "generations exchanged": (older, newest, 0, "going on from"),
        "older one damaged": (newest, flipped(older, 600), 0, "writing the result"),
        "both damaged": (flipped(newest, 600), older[:-1], CHECKPOINT, "none of the 2 checkpoints"),
        "another run's": (foreign, foreign, CHECKPOINT, "model = "),
        "another run's, and an own older one": (foreign, older, CHECKPOINT, "model = "),
    }

    def trial(name):
        first, second, code, said = cases[name]
        folder = arena.new_folder()
        shutil.copytree(fit.kept[0].parent, folder / "model.h5.ckpt")
        directory = folder / "model.h5.ckpt"
        (directory / fit.kept[0].name).write_bytes(first)
        (directory / fit.kept[1].name).write_bytes(second)
        before = {file.name: file.read_bytes() for file in lasting.checkpoints(directory)}
        found = arena.run(fit.command(), arena.random(name).choice((0, 2)), folder)
        if found.code != code or said not in found.stderr:
            return f"{name}: exit code {found.code}: {found.sentences()}"
        if code == 0:
            return None if lasting.content(folder / "model.h5") == fit.content else f"{name}: other bits"
        if {file.name: file.read_bytes() for file in lasting.checkpoints(directory)} != before:
            return f"{name}: the checkpoints were touched"
        return f"{name}: there is a result" if (folder / "model.h5").exists() else None

    failed = [wrong for wrong in arena.in_parallel(trial, cases) if wrong]
    yield Row("damage", "files by the program", len(cases), failed, "; ".join(cases))


def other_runs(arena):
    """Checkpoints of the same command with other data, another seed, another number of components."""
    fit = arena.fit()
    changed = arena.records.copy()
    changed[1234, 1] += 1e-9
    other = support.write(arena.new_folder() / "other.h5", data=changed)
    cases = {
        "other data": lambda args: [other if str(word) == arena.data else word for word in args],
        "another seed": lambda args: [*args, "--seed", 2],
        "weights": lambda args: [*args, "--weights", "/w"],
        "another covariance": lambda args: [*args, "--covariance", "diag"],
    }

    def trial(name):
        folder = arena.new_folder()
        shutil.copytree(fit.kept[0].parent, folder / "model.h5.ckpt")
        found = arena.run(cases[name](fit.command()), 2, folder)
        wrong = found.code != CHECKPOINT or (folder / "model.h5").exists()
        return f"{name}: exit code {found.code}: {found.sentences()}" if wrong else None

    failed = [wrong for wrong in arena.in_parallel(trial, cases) if wrong]
    yield Row("damage", "checkpoints of another run", len(cases), failed, "; ".join(cases))


def damage(arena):
    yield from bits(arena)
    yield from files(arena)
    yield from other_runs(arena)
