"""What a loss of power leaves of a directory."""

import itertools

FATES = (
    lambda content: content,
    lambda content: content[: len(content) // 2],
    lambda content: b"",
    lambda content: bytes(len(content)),
)


def sequence(name):
    return int(name.split("-")[1].split(".")[0])


class Disk:
    """What may be on the medium after a loss of power: of content not yet forced to disk, all, half, none or
    zeros; of names not yet forced to disk, any subset."""

    def __init__(self):
        self.content, self.durable = {}, {}  # by inode, as a running system sees it and on the medium
        self.inodes, self.names = {}, {}  # by name, likewise
        self.pending = []  # changes of names that are not on the medium
        self.next = 0
        self.owed = None  # the newest checkpoint whose name is

    def do(self, verb, name, *more):
        if verb == "create" and name not in self.inodes:
            self.next += 1
            self.inodes[name] = self.next
            self.content[self.next] = self.durable[self.next] = b""
            self.pending.append(("link", name, self.next))
        elif verb == "write":
            inode = self.inodes[name]
            at, data = int(more[0]), bytes.fromhex(more[1])
            before = self.content[inode]
            self.content[inode] = before[:at].ljust(at, b"\0") + data + before[at + len(data) :]
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
            for fates in itertools.product(FATES, repeat=len(exposed)):
                lost = dict(zip(exposed, fates))
                yield {
                    name: lost[inode](self.content[inode]) if inode in lost else self.durable[inode]
                    for name, inode in names.items()
                }
