"""Runs the program of the environment variable JENSEN, on ranks started by MPIEXEC, never longer than a limit."""

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

JENSEN = os.environ["JENSEN"]
MPIEXEC = os.environ.get("MPIEXEC", "mpirun")
SOURCE = Path(__file__).resolve().parents[2]
DATA = SOURCE / "tests" / "data"
CONFIGS = SOURCE / "configs"
LIMIT = 60  # seconds for one run
LAUNCHES = 8  # at a time: mpirun mostly waits
TIMED_OUT = 110

ALONE = 0  # ranks: without a launcher
USAGE, INPUT, NUMERICAL, OUTPUT, NOT_CONVERGED = 2, 3, 4, 6, 7


@dataclass
class Run:
    code: int
    stdout: str
    stderr: str

    def sentences(self):
        """What jensen itself says on standard error: without the frames that mpirun prints after a failure, and
        without what it says of its own end ("[host:pid] ...", "[warn] Epoll ...")."""
        lines, framed = [], False
        for line in self.stderr.splitlines():
            if re.fullmatch("-{50,}", line):
                framed = not framed
            elif not framed and line and not re.match(r"\[(warn\] Epoll|[\w.-]+:\d+\])", line):
                lines.append(line)
        return lines


def command_of(args, ranks):
    launcher = [MPIEXEC, "--oversubscribe", "-n", str(ranks)] if ranks else []
    return [*launcher, JENSEN, *map(str, args)]


def run(args, ranks=ALONE, cwd=None, limit=LIMIT):
    command = command_of(args, ranks)
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with (
        tempfile.TemporaryDirectory(prefix="mpi-") as own,  # jobs at the same time quarrel over a shared one
        subprocess.Popen(command, cwd=cwd, env=os.environ | {"TMPDIR": own}, text=True, **pipes) as process,
    ):
        try:
            stdout, stderr = process.communicate(timeout=limit)
            return Run(process.returncode, stdout, stderr)
        except subprocess.TimeoutExpired:
            process.terminate()  # mpirun ends its ranks
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=5)
            process.kill()
            return Run(TIMED_OUT, "", f"no end after {limit} s: {' '.join(command)}")


def write(file, **datasets):
    """An HDF5 file with these data sets; returns its path as a text."""
    with h5py.File(file, "w") as out:
        for name, values in datasets.items():
            out[name] = values
    return str(file)


def clusters(records=120, features=3, groups=3, seed=7):
    """Records in well separated groups, and their groups."""
    random = np.random.default_rng(seed)
    group = np.arange(records) % groups
    centres = 8 * random.normal(size=(groups, features))
    spread = random.normal(size=(groups, features, features))
    noise = random.normal(size=(records, features))
    return centres[group] + np.einsum("ndf,nf->nd", spread[group], noise), group


class Case(unittest.TestCase):
    """A test with a folder of its own, `self.folder`, and inputs shared by the class in `cls.inputs`."""

    @classmethod
    def setUpClass(cls):
        cls.inputs = Path(tempfile.mkdtemp(prefix="jensen-cli-"))
        cls.addClassCleanup(shutil.rmtree, cls.inputs)

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="jensen-cli-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def done(self, args, ranks=ALONE, code=0, cwd=None):
        """Runs and requires the exit code."""
        found = run(args, ranks, cwd or self.folder)
        self.assertEqual(found.code, code, f"{args} on {ranks} ranks:\n{found.stdout}{found.stderr}")
        return found

    def refused(self, cases, ranks=None):
        """Each of `cases`, (arguments, exit code, parts of the sentence), is refused on any number of ranks by
        one and the same sentence, and leaves no file behind. `ranks`: alone and 3, the first case also 2 and 4."""
        counts = [ranks or (ALONE, 3, 2, 4), *[ranks or (ALONE, 3)] * (len(cases) - 1)]
        jobs = [(case, count) for case, own in zip(cases, counts) for count in own]
        folders = [tempfile.mkdtemp(dir=self.folder) for _ in jobs]
        with ThreadPoolExecutor(LAUNCHES) as pool:
            runs = list(pool.map(lambda job, folder: run(job[0][0], job[1], folder), jobs, folders))
        first = {}
        for ((args, code, *parts), count), folder, found in zip(jobs, folders, runs):
            with self.subTest(arguments=" ".join(map(str, args)), ranks=count):
                everything = found.stdout + found.stderr
                self.assertEqual(found.code, code, everything)
                sentences = [line for line in found.sentences() if "jensen: warning:" not in line]
                varying = re.compile(r"[\d.]+ \w+ (?=are free)|(?<=it is )\S+ here, @\d+")  # others write; time goes by
                sentences = [varying.sub("... ", line) for line in sentences]
                self.assertEqual(len(sentences), 1, everything)
                self.assertRegex(sentences[0], r"^jensen: error: .*[^.]$")
                for part in parts:
                    self.assertIn(part, sentences[0])
                self.assertEqual(first.setdefault(tuple(map(str, args)), sentences[0]), sentences[0])
                self.assertEqual(os.listdir(folder), [])
        if os.environ.get("JENSEN_SHOW_SENTENCES"):
            for args, sentence in first.items():
                print("  " + " ".join(args), "\n    " + sentence)
