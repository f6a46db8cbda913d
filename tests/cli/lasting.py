"""Runs of the program that are watched through their log, killed or asked to stop, and gone on from."""

import contextlib
import hashlib
import json
import os
import shutil
import signal
import struct
import subprocess
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np

import support
from support import ALONE

CHECKPOINT, STOPPED, KILLED = 5, 75, 137

# Of a run, not of its result:
CLOCKS = {"elapsed_seconds", "checkpoint_seconds", "communication_seconds", "compute_seconds", "io_seconds"}
CLOCKS |= {"total_seconds", "ranks", "resumes"}
RUN_CONTROL = {"absolute-tolerance", "checkpoint", "checkpoint-interval", "config", "deadline", "json", "log"}
RUN_CONTROL |= {"max-iterations", "output", "parameter-tolerance", "progress", "relative-tolerance"}
RUN_CONTROL |= {"require-convergence", "resume", "strict", "tolerance", "watchdog"}


def content(file):
    """Every bit of a model file's arrays and attributes, but for clocks, rank counts and run control."""
    found = {}

    def visit(path, item):
        for name, value in item.attrs.items():
            if name not in CLOCKS and not (path == "config" and name in RUN_CONTROL):
                found[f"{path}@{name}"] = value if isinstance(value, str) else np.asarray(value).tobytes()
        if isinstance(item, h5py.Dataset) and path.split("/")[-1] not in CLOCKS:
            values = item[()]
            found[path] = (item.shape, str(item.dtype), values.tolist() if values.dtype == object else values.tobytes())

    with h5py.File(file) as model:
        visit("", model)
        model.visititems(visit)
    return found


def edit(file, change):
    """Changes a model file and repairs the hash in its header; `change` gets it opened by h5py."""
    file = Path(file)
    with h5py.File(file, "r+") as opened:
        change(opened)
    bits = bytearray(file.read_bytes())
    bits[24:64] = struct.pack("<Q", len(bits) - 512) + hashlib.sha256(bits[512:]).digest()
    file.write_bytes(bits)


def checkpoints(directory):
    """The checkpoints in a directory, the newest first."""
    files = Path(directory).glob("checkpoint-*.h5")
    return sorted(files, key=lambda file: int(file.stem.split("-")[1]), reverse=True)


def place(checkpoint):
    """Stage, restart and iteration at which a checkpoint stands."""
    with h5py.File(checkpoint) as file:
        run = file["state/run"].attrs
        return str(run["stage"]), int(run["restart"]), int(file["state/progress"].attrs["t"])


def read_log(file):
    """The whole lines of a log."""
    with contextlib.suppress(OSError):
        return [json.loads(line) for line in Path(file).read_text().splitlines(keepends=True) if line.endswith("\n")]
    return []


class Job:
    """A running program, or mpirun with its ranks; ends with the `with` block whatever happens. Raises
    AssertionError where the launcher has ended and its processes do not."""

    def __init__(self, args, ranks=ALONE, cwd=None, log="log.json", before=None, environment=None, **streams):
        self.ranks, self.log = ranks, Path(cwd) / (log or "none")
        self.own = tempfile.mkdtemp(prefix="mpi-")
        self.command = support.command_of([*args, "--log", log] if log else args, ranks)
        self.log.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            self.command,
            cwd=cwd,
            env=os.environ | {"TMPDIR": self.own} | (environment or {}),
            text=True,
            preexec_fn=before,
            **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams,
        )
        self.began = time.monotonic()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        ended = self.process.poll() is not None
        outlived = ended and kind is None and not wait_until_gone(self.processes())
        pids = self.processes()
        if self.process.poll() is None:
            self.process.kill()
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.communicate()
        shutil.rmtree(self.own, ignore_errors=True)
        if outlived:
            raise AssertionError(f"processes outlive their launcher: {' '.join(map(str, self.command))}")

    def pids(self):
        """Process numbers of the ranks, in their order."""
        if not self.ranks:
            return [self.process.pid]
        found = {}
        with contextlib.suppress(OSError):
            children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
            for child in children:
                settings = Path(f"/proc/{child}/environ").read_bytes().split(b"\0")
                for setting in settings:
                    if setting.startswith(b"OMPI_COMM_WORLD_RANK="):
                        found[int(setting.split(b"=")[1])] = int(child)
        return [found[rank] for rank in sorted(found)]

    def processes(self):
        """Numbers of all processes of the job, of those too whose mpirun has gone."""
        own, found = f"TMPDIR={self.own}".encode(), []
        for directory in Path("/proc").iterdir():
            if directory.name.isdigit():
                with contextlib.suppress(OSError):
                    if own in (directory / "environ").read_bytes().split(b"\0"):
                        found.append(int(directory.name))
        return found

    def _standing(self):
        """What its processes are at, for who has to find out why it does not end."""
        texts = {}
        for pid in dict.fromkeys([self.process.pid, *self.pids()]):
            with contextlib.suppress(OSError):
                state, *times = (Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[i] for i in (0, 11, 12))
                waits = Path(f"/proc/{pid}/wchan").read_text()
                texts[pid] = f"{pid} {state} {sum(map(int, times))} ticks {waits}"
        return f"load {os.getloadavg()[0]:.1f}; " + "; ".join(texts.values())

    def lines(self):
        return read_log(self.log)

    def wait_for(self, stage, restart, iteration):
        """Returns when the log has come so far; the run must not end before."""
        while time.monotonic() - self.began < support.LIMIT:
            for line in self.lines():
                if line["event"] != "iteration":
                    continue
                if (line["stage"], line["restart"]) == (stage, restart) and line["iteration"] >= iteration:
                    return
            if self.process.poll() is not None:
                raise AssertionError(f"it ended before it came to {stage} {restart} {iteration}: {self.end()}")
            time.sleep(0.002)
        raise AssertionError(f"it did not come to {stage} {restart} {iteration} in time")

    def end(self, limit=support.LIMIT):
        """How it ended; a run that has to be ended here has code TIMED_OUT."""
        try:
            stdout, stderr = self.process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            return support.Run(support.TIMED_OUT, "", f"no end after {limit} s: {self._standing()}")
        return support.Run(self.process.returncode, stdout, stderr)


def wait_until_gone(pids, limit=20):
    """Whether the processes end by themselves in time."""
    began = time.monotonic()
    while time.monotonic() - began < limit:
        if not any(Path(f"/proc/{pid}").exists() and " Z " not in _status(pid) for pid in pids):
            return True
        time.sleep(0.02)
    return False


def _status(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return " Z "
