"""Power loss: the order of what is asked of the disk, and what any part of it would leave."""

import itertools

import lasting
from arena import Row
from support import ALONE


def record(arena, fit):
    """What a run did to its checkpoint directory, one (verb, name, ...) after another."""
    folder = arena.new_folder()
    directory, log = folder / "kept", folder / "record"
    environment = {"LD_PRELOAD": str(arena.shim), "JENSEN_RECORD": str(log), "JENSEN_RECORD_IN": str(directory)}
    found = arena.run(fit.command("--checkpoint", directory), ALONE, folder, environment=environment)
    assert found.code == 0 and lasting.content(folder / "model.h5") == fit.content, found.stderr
    return [tuple(line.split(" ")) for line in log.read_text().splitlines()]


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
            published += 1
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


class Disk:
    """What may be on the medium after a loss of power: of content not yet forced to disk, all, half, none or
    zeros; of names not yet forced to disk, any subset."""

    def __init__(self):
        self.content, self.durable, self.names, self.pending, self.owed = {}, {}, {}, [], None
        self.inodes, self.next = {}, 0  # by name, as a running system sees it

    def do(self, verb, name, *more):
        if verb == "create" and name not in self.inodes:
            self.next += 1
            self.inodes[name] = self.next
            self.content[self.next] = self.durable[self.next] = b""
            self.pending.append(("link", name, self.next))
        elif verb == "write":
            inode = self.inodes[name]
            at, data = int(more[0]), bytes.fromhex(more[1])
            self.content[inode] = self.content[inode][:at].ljust(at, b"\0") + data + self.content[inode][at + len(data) :]
        elif verb == "sync" and name != ".":
            self.durable[self.inodes[name]] = self.content[self.inodes[name]]
        elif verb == "sync":
            self.names = self.after(self.pending)
            self.pending = []
            self.owed = max((n for n in self.names if n.endswith(".h5")), key=sequence, default=None)
        elif verb == "rename":
            self.inodes[more[0]] = self.inodes.pop(name)
            self.pending.append(("rename", name, more[0], self.inodes[more[0]]))
        elif verb == "remove":
            self.inodes.pop(name)
            self.pending.append(("remove", name))

    def after(self, changes):
        names = dict(self.names)
        for verb, name, *more in changes:
            if verb == "link":
                names[name] = more[0]
            elif verb == "rename":
                names.pop(name, None)
                names[more[0]] = more[1]
            else:
                names.pop(name, None)
        return names

    def states(self):
        """{name: content} of all that may be found."""
        loose = [inode for inode in self.content if self.content[inode] != self.durable[inode]]
        subsets = itertools.chain.from_iterable(
            itertools.combinations(self.pending, count) for count in range(len(self.pending) + 1)
        )
        for subset in subsets:
            names = {name: inode for name, inode in self.after(subset).items() if name.endswith(".h5")}
            exposed = [inode for inode in loose if inode in names.values()]
            for lost in itertools.product((lambda b: b, lambda b: b[: len(b) // 2], lambda b: b"", lambda b: bytes(len(b))), repeat=len(exposed)):
                how = dict(zip(exposed, lost))
                yield {
                    name: how[inode](self.content[inode]) if inode in how else self.durable[inode] for name, inode in names.items()
                }


def sequence(name):
    return int(name.split("-")[1].split(".")[0])


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
    yield Row("order", "write, fsync, rename, fsync of the directory", checkpoints, faults, f"of every checkpoint of {', '.join(names)}")
    yield Row("order", "loss of power after any operation", states, wrong, "states that may be found: content and names not yet on disk kept, lost or torn")

    # The checks themselves: on records of a careless program they must turn red.
    careless = {
        "no fsync of files": without(operations, "sync", False),
        "no fsync of directories": without(operations, "sync", True),
        "removed first": swap_removals(operations),
    }
    unnoticed = [f"{name}: the order is not complained of" for name, record in careless.items() if not faults_of(record)[0]]
    if not replay(arena, careless["no fsync of files"][:60])[1]:
        unnoticed.append("no fsync of files: the replay finds nothing")
    yield Row("order", "the same checks on careless orders", len(careless) + 1, unnoticed, "; ".join(careless))


def swap_removals(operations):
    """Every removal of an old checkpoint comes before the directory is forced to disk."""
    swapped = list(operations)
    for i in range(1, len(swapped)):
        if swapped[i][0] == "remove" and swapped[i - 1] == ("sync", "."):
            swapped[i - 1], swapped[i] = swapped[i], swapped[i - 1]
    return swapped
