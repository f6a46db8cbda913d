"""Power loss: the order of what is asked of the disk, and what any part of it would leave."""

import lasting
from arena import Row
from power_loss import Disk, sequence
from support import ALONE


def record(arena, fit):
    """What a run did to the checkpoints in its directory, one (verb, name, ...) after another."""
    folder = arena.new_folder()
    directory, log = folder / "kept", folder / "record"
    environment = {"LD_PRELOAD": str(arena.shim), "JENSEN_RECORD": str(log), "JENSEN_RECORD_IN": str(directory)}
    found = arena.run(fit.command("--checkpoint", directory), ALONE, folder, environment=environment)
    assert found.code == 0 and lasting.content(folder / "model.h5") == fit.content, found.stderr
    operations = [tuple(line.split(" ")) for line in log.read_text().splitlines()]
    return [op for op in operations if op[1] == "." or op[1].startswith("checkpoint-")]


def faults_of(operations):
    """Checkpoints that were not written, forced to disk, renamed and their directory forced to disk, in this
    order, and files removed before that; and how many checkpoints there are."""
    faults, published = [], 0
    state, pending = {}, None
    for verb, name, *more in operations:
        if verb == "write":
            state[name] = "written"
        elif verb == "sync" and name != ".":
            state[name] = "synced"
        elif verb == "rename":
            published += more[0].endswith(".h5")
            if state.get(name) != "synced":
                faults.append(f"'{more[0]}' gets its name before its content is forced to disk")
            if pending:
                faults.append(f"'{more[0]}' gets its name before that of '{pending}' is forced to disk")
            pending = more[0]
        elif verb == "sync":
            pending = None
        elif verb == "remove" and name.endswith(".h5") and pending:
            faults.append(f"'{name}' is removed before the name of '{pending}' is forced to disk")
    return faults + ([f"the name of '{pending}' is not forced to disk"] if pending else []), published


def replay(arena, operations):
    """(states looked at, what is wrong) over every prefix of the operations."""
    disk, seen, wrong = Disk(), set(), []
    folder = arena.new_folder()
    for operation in operations:
        disk.do(*operation)
        for state in disk.states():
            key = hash((disk.owed, *sorted(state.items())))
            if key in seen:
                continue
            seen.add(key)
            for file in folder.iterdir():
                file.unlink()
            for name, content in state.items():
                (folder / name).write_bytes(content)
            try:
                found = arena.newest(folder)
            except AssertionError as error:
                if disk.owed:
                    wrong.append(f"after {operation[:2]}: {error}")
                continue
            if disk.owed and (found is None or sequence(found.name) < sequence(disk.owed)):
                wrong.append(f"after {operation[:2]}: '{disk.owed}' was on disk, {found} is found")
    return len(seen), wrong


def without(operations, verb, of_directory):
    return [op for op in operations if not (op[0] == verb and (op[1] == ".") == of_directory)]


def swap_removals(operations):
    """Every removal of an old checkpoint comes before the directory is forced to disk."""
    swapped = list(operations)
    for i in range(1, len(swapped)):
        if swapped[i][0] == "remove" and swapped[i - 1] == ("sync", "."):
            swapped[i - 1], swapped[i] = swapped[i], swapped[i - 1]
    return swapped


def order(arena):
    names = arena.size(("kmeans",), ("kmeans", "gmm", "bayes-gmm", "lda", "advi"))
    checkpoints, states, faults, wrong = 0, 0, [], []
    for name in names:
        operations = record(arena, arena.fit(name))
        found, published = faults_of(operations)
        faults += found
        checkpoints += published
        shown = operations if arena.is_long else operations[:100]
        looked_at, unsafe = replay(arena, shown)
        states += looked_at
        wrong += unsafe
    figures = f"every checkpoint of a run of {', '.join(names)}"
    yield Row("order", "write, fsync, rename, fsync of the directory", checkpoints, faults, figures)
    figures = "states that may be found: content not yet on disk kept, torn, lost or zeros, any names not yet there"
    yield Row("order", "loss of power after any operation", states, wrong, figures)

    # The checks themselves: on records of a careless program they must turn red.
    careless = {
        "no fsync of files": without(operations, "sync", False),
        "no fsync of directories": without(operations, "sync", True),
        "removed first": swap_removals(operations),
    }
    quiet = [name for name, operations in careless.items() if not faults_of(operations)[0]]
    unnoticed = [f"{name}: the order is not complained of" for name in quiet]
    if not replay(arena, careless["no fsync of files"][:60])[1]:
        unnoticed.append("no fsync of files: the replay finds nothing")
    yield Row("order", "the same checks on careless orders", len(careless) + 1, unnoticed, "; ".join(careless))
