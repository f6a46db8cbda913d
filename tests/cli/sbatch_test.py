"""slurm/fit.sbatch, run by a plain bash: 'mpirun' and 'scontrol' are what the test puts into the path."""

import os
import shutil
import signal
import subprocess
import time
import unittest

import numpy as np
from support import JENSEN, LIMIT, MPIEXEC, SOURCE, Case, write

SCRIPT = SOURCE / "slurm" / "fit.sbatch"
STOPPED = 75


class Sbatch(Case):
    def setUp(self):
        super().setUp()
        self.tools = self.folder / "tools"
        self.tools.mkdir()
        self.tool("scontrol", f'echo "$@" >> {self.folder}/scontrol.log')
        self.tool("mpirun", f'exec {shutil.which(MPIEXEC)} --oversubscribe -n 2 "$@"')
        random = np.random.default_rng(3)
        self.data = write(self.folder / "data.h5", data=random.normal(size=(60000, 8)))
        self.fit = ["gmm", self.data, "--components", "20", "--restarts", "1", "--start", "random"]
        self.fit += ["--tolerance", "0", "--seed", "2"]

    def tool(self, name, body):
        file = self.tools / name
        file.write_text(f"#!/bin/bash\n{body}\n")
        file.chmod(0o755)

    def start(self, *arguments, **variables):
        environment = os.environ | {"PATH": f"{self.tools}:{os.environ['PATH']}", "JENSEN": JENSEN, "SLURM_JOB_ID": "7"}
        command = ["bash", str(SCRIPT), *arguments, "--progress", "none"]
        return subprocess.Popen(
            command, cwd=self.folder, env=environment | variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def end(self, script):
        out, err = script.communicate(timeout=LIMIT)
        return script.returncode, out + err

    def wait_for(self, path):
        limit = time.monotonic() + LIMIT
        while not path.exists():
            self.assertLess(time.monotonic(), limit, f"{path} never came")
            time.sleep(0.02)

    def requeued(self):
        log = self.folder / "scontrol.log"
        return log.read_text().split() if log.exists() else []

    def test_a_job_that_is_warned_stops_is_requeued_and_finishes_when_it_runs_again(self):
        long = [*self.fit, "-o", "m.h5", "--max-iterations", "1000000"]
        script = self.start(*long)
        self.wait_for(self.folder / "m.h5.ckpt" / "checkpoint-0.h5")
        script.send_signal(signal.SIGUSR1)
        code, text = self.end(script)
        self.assertEqual(code, STOPPED, text)
        self.assertIn("stopped by SIGUSR1", text)
        self.assertEqual(self.requeued(), ["requeue", "7"])
        self.assertFalse((self.folder / "m.h5").exists())
        script = self.start(*self.fit, "-o", "m.h5", "--max-iterations", "3", SLURM_RESTART_COUNT="1")
        code, text = self.end(script)
        self.assertEqual(code, 0, text)
        self.assertIn("going on from", text)
        self.assertTrue((self.folder / "m.h5").exists())
        self.assertEqual(self.requeued(), ["requeue", "7"])

    def test_an_array_task_is_requeued_by_its_own_name_but_not_for_ever(self):
        variables = {"SLURM_ARRAY_JOB_ID": "5", "SLURM_ARRAY_TASK_ID": "3"}
        deadline = [*self.fit, "-o", "m.h5", "--max-iterations", "1000000", "--deadline", "1s"]
        code, text = self.end(self.start(*deadline, **variables))
        self.assertEqual(code, STOPPED, text)
        self.assertEqual(self.requeued(), ["requeue", "5_3"])
        code, text = self.end(self.start(*deadline, SLURM_RESTART_COUNT="50", **variables))
        self.assertEqual(code, STOPPED, text)
        self.assertEqual(self.requeued(), ["requeue", "5_3"])

    def test_a_job_that_fails_is_not_requeued_and_keeps_its_exit_code(self):
        code, text = self.end(self.start("gmm", "absent.h5", "--components", "2", "-o", "m.h5"))
        self.assertEqual(code, 3, text)
        self.tool("mpirun", "kill -9 $$")
        code, text = self.end(self.start(*self.fit, "-o", "m.h5"))
        self.assertEqual(code, 137, text)
        self.assertEqual(self.requeued(), [])

    def test_outside_slurm_it_says_how_to_start_it(self):
        script = subprocess.run(["bash", str(SCRIPT)], capture_output=True, text=True, env={"PATH": os.environ["PATH"]})
        self.assertNotEqual(script.returncode, 0)
        self.assertIn("start this script with sbatch", script.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
