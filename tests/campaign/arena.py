"""Where the campaign's fits run: their data, the uninterrupted runs that they are compared with, the programs."""

import os
import random
import shutil
import subprocess
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import h5py
import lasting
import numpy as np
import support
from lasting import Job
from support import ALONE, DATA

LAUNCHES = 3  # at a time: mpirun mostly waits
RANKS = 1, 2, 3, 4, 5, 7, 8


@dataclass
class Row:
    """What came of one kind of fault; `failed` has a sentence for each trial that went wrong."""

    topic: str
    fault: str
    trials: int
    failed: list = field(default_factory=list)
    figures: str = ""
    seconds: float = 0

    @property
    def bound(self):
        """Of the rate of failures, at 95 %, where none was seen."""
        return f"{3 / self.trials:.2g}" if self.trials > 3 and not self.failed else "-"


class Skipped(Exception):
    """Why a topic cannot be run here."""


class Fit:
    """A command and what it comes to when nothing disturbs it."""

    def __init__(self, arena, name, *args):
        self.name = name
        self.args = ["fit", *map(str, args), "--progress", "none"]
        folder = arena.new_folder("fit-")
        log = folder / "log.json"
        whole = [*self.args, "-o", "model.h5", "--checkpoint", "kept", "--checkpoint-interval", "1it", "--log", log]
        began = time.monotonic()
        done = subprocess.run([arena.jensen, *map(str, whole)], cwd=folder, capture_output=True, text=True)
        self.seconds = time.monotonic() - began
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        self.content = lasting.content(folder / "model.h5")
        lines = [line for line in lasting.read_log(log) if line["event"] == "iteration"]
        places = [(line["stage"], line["restart"], line["iteration"]) for line in lines]
        self.index = {place: i for i, place in enumerate(places)}
        self.kept = lasting.checkpoints(folder / "kept")
        if len(self.kept) != 2 or len(self.index) != len(places):
            raise AssertionError(f"{name}: {self.kept}, {len(places)} iterations")

    def command(self, *options, every="1it", output="model.h5"):
        return [*self.args, "-o", output, "--checkpoint-interval", every, *options]

    def index_of(self, checkpoint):
        """How many evaluations a checkpoint comes after; -1 where there is none."""
        if checkpoint is None:
            return -1
        with h5py.File(checkpoint) as file:
            if file["state/run"].attrs["ended"]:
                return len(self.index)
        return self.index[lasting.place(checkpoint)]


class Arena:
    """`seed` decides every draw: `arena.random(...)` gives the same ones for the same words."""

    def __init__(self, build, seed, is_long, folder):
        self.build, self.seed, self.is_long = Path(build), seed, is_long
        self.jensen = self.build / "jensen"
        self.protocol = self.build / "tests/campaign/protocol"
        self.shim = self.build / "tests/campaign/libcampaign_shim.so"
        self.folder = Path(folder)
        self._lock = threading.Lock()
        self._fits = {}
        generator = np.random.default_rng(1)
        self.records = generator.normal(size=(3000, 3)) + 4 * (np.arange(3000) % 4)[:, None]
        self.data = support.write(self.folder / "data.h5", data=self.records, w=np.ones(3000))
        self.topics = self.folder / "topics.h5"
        words = [self.jensen, "import", DATA / "four_topics.txt", "--format", "text", "-o", self.topics]
        subprocess.run(words, check=True, capture_output=True)
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._newest = subprocess.Popen([self.protocol, "newest"], text=True, **pipes)

    def close(self):
        self._newest.stdin.close()
        self._newest.wait()

    def size(self, short, long):
        return long if self.is_long else short

    def random(self, *words):
        return random.Random("/".join(map(str, (self.seed, *words))))

    def new_folder(self, prefix="run-"):
        return Path(tempfile.mkdtemp(prefix=prefix, dir=self.folder))

    def tidy_up(self):
        """After a row: the folders of its runs go."""
        for folder in self.folder.glob("run-*"):
            remove(folder)

    def fit(self, name="gmm"):
        few = "--max-iterations", 12, "--tolerance", 0
        commands = {
            "gmm": ("gmm", self.data, "--components", 4, "--restarts", 2, *few),
            "kmeans": ("kmeans", self.data, "--components", 7, "--restarts", 3, *few),
            "bayes-gmm": ("bayes-gmm", self.data, "--components", 4, "--restarts", 2, *few),
            "lda": ("lda", self.topics, "--components", 4, "--restarts", 2, *few),
            "advi": ("advi", self.data, "--response", "x0", "--max-iterations", 40),
        }
        with self._lock:
            if name not in self._fits:
                self._fits[name] = Fit(self, name, *commands[name])
            return self._fits[name]

    def newest(self, directory):
        """The newest checkpoint that jensen itself would go on from, None where there is none at all; raises
        AssertionError where there are some and none is whole."""
        if not Path(directory).is_dir():
            return None
        answer = self._ask(directory)
        began = time.monotonic()
        while "another run is using" in answer and time.monotonic() - began < 10:
            time.sleep(0.05)  # mpirun may end before its ranks
            answer = self._ask(directory)
        if answer.startswith("error"):
            raise AssertionError(answer)
        return None if answer == "none" else Path(directory) / answer

    def run(self, args, ranks=ALONE, cwd=None, fail=None, environment=None, before=None, limit=60):
        """A run from its beginning to its end."""
        settings = dict(environment or {}) | ({"JENSEN_FAIL": fail} if fail else {})
        with Job(args, ranks, cwd, before=before, environment=settings) as job:
            return job.end(limit)

    def _ask(self, directory):
        with self._lock:
            self._newest.stdin.write(f"{directory}\n")
            self._newest.stdin.flush()
            return self._newest.stdout.readline().strip()

    def call_protocol(self, *args, program=None):
        """What the program without MPI found."""
        done = subprocess.run([program or self.protocol, *map(str, args)], capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(f"protocol {args}: exit code {done.returncode}, {done.stderr}")
        return done.stdout

    def finish(self, fit, folder, ranks=ALONE, options=()):
        """Goes on to the end and compares: what is wrong, or None."""
        found = self.run(fit.command(*options), ranks, folder)
        if found.code != 0:
            return f"{fit.name} on {ranks} ranks did not go on: {found.code}, {found.sentences()[-1:]}"
        if lasting.content(folder / "model.h5") != fit.content:
            return f"{fit.name} on {ranks} ranks went on to other bits"
        return None

    def in_parallel(self, trial, cases):
        """[trial(case) for case in cases], several at a time; a trial that raises AssertionError is told by it."""

        def guarded(case):
            try:
                return trial(case)
            except AssertionError as error:
                return f"{case}: {error}"

        with ThreadPoolExecutor(LAUNCHES) as pool:
            return list(pool.map(guarded, cases))


def remove(folder):
    shutil.rmtree(folder, ignore_errors=True)


def is_root():
    return os.geteuid() == 0
