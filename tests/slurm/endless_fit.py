"""A fit that goes on until it is told to end, in a folder of its own."""

import json
import subprocess

from lasting import checkpoints, content, place
from support import JENSEN

MORE = 20  # iterations


class EndlessFit:
    def __init__(self, folder, cluster, arguments):
        folder.mkdir()
        self.folder, self.cluster, self.arguments = folder, cluster, arguments
        self.log, self.limits = folder / "fit.log", folder / "limits.ini"
        self.limit_iterations(1_000_000)

    def options(self):
        """For a job; should the test die, the fit does not live on for long."""
        return [*self.arguments, "--config", str(self.limits), "--log", str(self.log), "--deadline", "10min"]

    def limit_iterations(self, most):
        self.limits.write_text(f"max-iterations = {most}\n")

    def iteration(self):
        """The last that the log knows."""
        if not self.log.exists():
            return 0
        lines = [json.loads(line) for line in self.log.read_text().splitlines(keepends=True) if line.endswith("\n")]
        return max([line["iteration"] for line in lines if line["event"] == "iteration"], default=0)

    def wait_for_iterations(self):
        goal = self.iteration() + MORE
        self.cluster.wait_until(lambda: self.iteration() >= goal, f"iteration {goal}")

    def end_soon(self):
        """Once it runs again."""
        self.limit_iterations(self.iteration() + MORE)

    def checkpointed_iteration(self, model):
        return place(checkpoints(self.folder / f"{model}.ckpt")[0])[2]

    def bits(self, model):
        return content(self.folder / model)

    def uninterrupted_bits(self):
        whole = [JENSEN, "fit", *self.arguments, "--config", self.limits, "-o", self.folder / "whole.h5"]
        subprocess.run([*whole, "--progress", "none"], check=True, stdout=subprocess.DEVNULL)
        return self.bits("whole.h5")
