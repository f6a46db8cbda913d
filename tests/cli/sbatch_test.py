"""The scripts of slurm/ that run fits, by a plain bash: 'mpirun', 'srun' and 'scontrol' are what the test puts
into the path."""

import os
import shutil
import signal
import subprocess
import time
import unittest

import h5py
import numpy as np
from support import JENSEN, LIMIT, MPIEXEC, SOURCE, Case, write

SCRIPTS = {name: SOURCE / "slurm" / f"{name}.sbatch" for name in ("fit", "fit-srun", "array")}
STOPPED, GIVEN_UP = 75, 1


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
        self.fit += ["--tolerance", "0", "--seed", "2", "--progress", "none"]

    def tool(self, name, body):
        file = self.tools / name
        file.write_text(f"#!/bin/bash\n{body}\n")
        file.chmod(0o755)

    def start(self, *arguments, script="fit", **variables):
        environment = os.environ | {"PATH": f"{self.tools}:{os.environ['PATH']}", "JENSEN": JENSEN, "SLURM_JOB_ID": "7"}
        command = ["bash", str(SCRIPTS[script]), *arguments]
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

    def test_a_job_that_gets_no_further_is_not_requeued(self):
        named = {"-o": "a.h5.ckpt", "--output=": "b.h5.ckpt", "--checkpoint": "c", "--checkpoint=": "d"}
        for number, (option, directory) in enumerate(named.items(), 1):
            with self.subTest(option=option):
                name = directory.removesuffix(".ckpt")
                options = [option + name] if option.endswith("=") else [option, name]
                long = [*self.fit, *options, "--max-iterations", "1000000", "--deadline"]
                code, text = self.end(self.start(*long, "1s"))
                self.assertEqual(code, STOPPED, text)
                self.assertEqual(self.requeued(), ["requeue", "7"] * number)
                code, text = self.end(self.start(*long, "0.01s", SLURM_RESTART_COUNT="1"))
                self.assertEqual(code, GIVEN_UP, text)
                self.assertIn(f"not put back into the queue: the fit got no further than '{directory}' stood (fit, ", text)
                self.assertEqual(self.requeued(), ["requeue", "7"] * number)

    def test_a_job_whose_checkpoints_cannot_be_found_is_not_requeued(self):
        (self.folder / "options.ini").write_text("output = m.h5\n")
        deadline = [*self.fit, "--config", "options.ini", "--max-iterations", "1000000", "--deadline", "1s"]
        code, text = self.end(self.start(*deadline))
        self.assertEqual(code, GIVEN_UP, text)
        self.assertIn("not put back into the queue: the fit got no further than 'gmm.h5.ckpt' stood (nothing)", text)
        self.assertEqual(self.requeued(), [])

    def test_a_job_that_is_cancelled_stops_and_is_not_requeued(self):
        script = self.start(*self.fit, "-o", "m.h5", "--max-iterations", "1000000")
        self.wait_for(self.folder / "m.h5.ckpt" / "checkpoint-0.h5")
        script.send_signal(signal.SIGTERM)
        code, text = self.end(script)
        self.assertEqual(code, STOPPED, text)
        self.assertEqual(self.requeued(), [])

    def test_a_task_of_an_array_has_its_own_arguments_and_name(self):
        (self.folder / "grid.txt").write_text("--seed 1\n--components 8 --seed %a\n")
        variables = {"SLURM_ARRAY_JOB_ID": "5", "SLURM_ARRAY_TASK_ID": "2"}
        start = ["fits/all", "gmm", self.data, "@grid.txt", "--restarts", "1", "--max-iterations", "%a"]
        code, text = self.end(self.start(*start, script="array", **variables))
        self.assertEqual(code, 0, text)
        with h5py.File(self.folder / "fits" / "all" / "2.h5") as model:
            found = {name: int(model["config"].attrs[name]) for name in ("components", "seed", "max-iterations")}
        self.assertEqual(found, {"components": 8, "seed": 2, "max-iterations": 2})
        deadline = ["fits", *self.fit, "--max-iterations", "1000000", "--deadline", "1s"]
        code, text = self.end(self.start(*deadline, script="array", **variables))
        self.assertEqual(code, STOPPED, text)
        self.assertEqual(self.requeued(), ["requeue", "5_2"])

    def test_srun_connects_the_ranks_and_ends_with_the_first_that_fails(self):
        self.tool("srun", 'echo "$@"')
        code, text = self.end(self.start("gmm", "x.h5", script="fit-srun"))
        self.assertEqual(code, 0, text)
        self.assertEqual(text, f"--mpi=pmix -K1 {JENSEN} fit gmm x.h5 --resume auto\n")

    def test_the_scripts_differ_in_their_heads_alone(self):
        mark = "# From here on fit.sbatch, fit-srun.sbatch and array.sbatch are the same.\n"
        bodies = {script.read_text().split(mark)[1] for script in SCRIPTS.values()}
        self.assertEqual(len(bodies), 1)

    def test_a_job_that_fails_is_not_requeued_and_keeps_its_exit_code(self):
        code, text = self.end(self.start("gmm", "absent.h5", "--components", "2", "-o", "m.h5"))
        self.assertEqual(code, 3, text)
        self.tool("mpirun", "kill -9 $$")
        code, text = self.end(self.start(*self.fit, "-o", "m.h5"))
        self.assertEqual(code, 137, text)
        self.assertEqual(self.requeued(), [])

    def test_outside_slurm_it_says_how_to_start_it(self):
        for script in SCRIPTS.values():
            run = subprocess.run(["bash", script], capture_output=True, text=True, env={"PATH": os.environ["PATH"]})
            self.assertNotEqual(run.returncode, 0)
            self.assertIn("start this script with sbatch", run.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
