"""How tests in Python run the program."""

import os
import subprocess

RANKS = (1, 2, 3, 4, 7, 13)


class Program:
    def __init__(self, mpiexec, jensen):
        self.mpiexec, self.jensen = mpiexec, jensen

    def run(self, ranks, *arguments, before=()):
        """Standard output of a run that must succeed; ranks = 0: without mpirun. `before`: a command that runs it."""
        launcher = [self.mpiexec, "--oversubscribe", "-n", str(ranks)] if ranks else []
        command = [*launcher, *before, self.jensen, *map(str, arguments)]
        done = subprocess.run(command, timeout=120, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 0:
            raise AssertionError(f"exit {done.returncode}: {' '.join(command)}\n{done.stdout}{done.stderr}")
        return done.stdout


def data_file(name):
    return os.path.join(os.path.dirname(__file__), "..", "data", name)
