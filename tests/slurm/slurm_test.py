"""The scripts of slurm/ in a SLURM of their own: jobs that are stopped again and again end with the same bits."""

import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "cli"))

import numpy as np
from cluster import LOOK_SECONDS, Cluster, Job, missing
from endless_fit import EndlessFit
from support import JENSEN, SOURCE, USAGE, write

SCRIPTS = SOURCE / "slurm"
TWO_NODES = "--nodes=2", "--ntasks-per-node=1"
ONE_NODE = "--nodes=1", "--ntasks-per-node=2"


class Slurm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if missing():
            raise unittest.SkipTest(missing())
        cls.cluster = cls.enterClassContext(Cluster())
        cls.inputs = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="jensen-jobs-")))
        cls.data = write(cls.inputs / "data.h5", data=np.random.default_rng(3).normal(size=(60000, 8)))
        cls.fit = ["gmm", cls.data, "--components", "20", "--restarts", "1", "--start", "random", "--tolerance", "0"]

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(dir=self.inputs))

    def tearDown(self):
        self.cluster.command("scancel", "--user=root")
        self.cluster.wait_until(lambda: not self.cluster.processes(), "end of all processes of jobs")

    def endless_fit(self, name, *arguments):
        return EndlessFit(self.folder / name, self.cluster, [*self.fit, *arguments])

    def run_here(self, folder, *command):
        """Runs a command to its end where jobs would run."""
        environment = self.cluster.environment | {"JENSEN": JENSEN}
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)

    def submit(self, folder, options, script, *arguments):
        sent = self.run_here(folder, "sbatch", "--parsable", *options, str(SCRIPTS / script), *arguments)
        self.assertEqual((sent.returncode, sent.stderr), (0, ""))
        return Job(self.cluster, sent.stdout.strip())

    def seconds_until_stopped(self, job):
        began = time.monotonic()
        self.cluster.wait_until(lambda: job.field("JobState") != "RUNNING", f"stop of job {job.number}")
        return time.monotonic() - began

    def require_end(self, job, fit, stops, model="model.h5"):
        """The job, stopped so many times by a signal, ends by itself with the bits of an uninterrupted fit."""
        job.wait_for("COMPLETED")
        output = (fit.folder / f"slurm-{job.number}.out").read_text()
        self.assertEqual(job.field("Restarts"), str(stops), output)
        self.assertEqual(output.count(f"jensen: going on from '{model}.ckpt/"), stops, output)
        self.assertFalse((fit.folder / f"{model}.ckpt").exists())
        self.assertEqual(fit.bits(model), fit.uninterrupted_bits())

    def require_survival(self, script, commands):
        fit = self.endless_fit("job")
        job = self.submit(fit.folder, TWO_NODES, script, *fit.options(), "-o", "model.h5")
        seconds = []
        for number, command in enumerate(commands, 1):
            fit.wait_for_iterations()
            self.cluster.command(*command, job.number)
            seconds.append(self.seconds_until_stopped(job))
            job.wait_for("PENDING")
            self.assertEqual(fit.checkpointed_iteration("model.h5"), fit.iteration())
            if number == len(commands):
                fit.end_soon()
            job.start_again()
        self.require_end(job, fit, len(commands))
        print(f"{script}: stopped after", ", ".join(f"{each:.2f}" for each in seconds), "s")

    def test_a_job_of_mpirun(self):
        self.require_survival(
            "fit.sbatch", [["scancel", "-b", "-s", "USR1"], ["scancel", "-f", "-s", "USR1"], ["scontrol", "requeue"]]
        )

    def test_a_job_of_srun(self):
        self.require_survival(
            "fit-srun.sbatch", [["scancel", "-s", "USR1"], ["scancel", "-f", "-s", "USR1"], ["scontrol", "requeue"]]
        )

    def test_the_time_limit(self):
        """SLURM warns up to a minute early: here at its first look at the clock after the start."""
        time.sleep(max(0, LOOK_SECONDS - 15 - (time.monotonic() - self.cluster.began) % LOOK_SECONDS))
        fits = {}
        for script, warning in ("fit.sbatch", "B:USR1@60"), ("fit-srun.sbatch", "USR1@60"):
            fit = self.endless_fit(script)
            options = *ONE_NODE, "--time=1", f"--signal={warning}"
            job = self.submit(fit.folder, options, script, *fit.options(), "-o", "model.h5")
            fits[job] = fit
        for job, fit in fits.items():
            job.wait_for("PENDING", "BeginTime")
            fit.end_soon()
            job.start_again()
        for job, fit in fits.items():
            self.require_end(job, fit, 1)

    def test_tasks_of_an_array(self):
        fit = self.endless_fit("array", "--seed", "2")
        options = " ".join(fit.options()[len(self.fit) + 2 :])
        (fit.folder / "grid.txt").write_text(f"--max-iterations 3\n{options}\n--max-iterations 40\n")
        arguments = "fits", *self.fit, "--seed", "%a", "@grid.txt"
        array = self.submit(fit.folder, [*ONE_NODE, "--array=1-3"], "array.sbatch", *arguments)
        task = Job(self.cluster, f"{array.number}_2")
        fit.wait_for_iterations()
        self.cluster.command("scancel", "-b", "-s", "USR1", task.number)
        task.wait_for("PENDING", "BeginTime")
        fit.end_soon()
        task.start_again()
        self.require_end(task, fit, 1, "fits/2.h5")
        for number in "1", "3":
            Job(self.cluster, f"{array.number}_{number}").wait_for("COMPLETED")
        best = self.run_here(fit.folder, SCRIPTS / "best", "fits/1.h5", "fits/2.h5", "fits/3.h5")
        rows = [line.split() for line in best.stdout.splitlines()]
        self.assertEqual(sorted(rows, key=lambda row: float(row[0])), rows)
        self.assertEqual(rows[0][1], "fits/1.h5")
        self.assertEqual({row[1] for row in rows[1:]}, {"fits/2.h5", "fits/3.h5"})

    def test_a_job_that_is_cancelled_leaves_a_checkpoint_and_stays_away(self):
        fit = self.endless_fit("job")
        job = self.submit(fit.folder, TWO_NODES, "fit.sbatch", *fit.options(), "-o", "model.h5")
        fit.wait_for_iterations()
        self.cluster.command("scancel", job.number)
        job.wait_for("CANCELLED")
        self.cluster.wait_until(lambda: not self.cluster.processes(), "end of all processes of the job")
        self.assertEqual(fit.checkpointed_iteration("model.h5"), fit.iteration())
        self.assertEqual(job.field("Restarts"), "0")

    def test_processes_that_are_not_connected_are_refused(self):
        run = self.run_here(self.folder, "srun", "-n", "2", JENSEN, "fit", *self.fit, "-o", "model.h5")
        self.assertEqual(run.returncode, USAGE, run.stderr)
        sentence = "jensen: error: srun started 2 processes that are not connected (must be the ranks of one job)"
        self.assertEqual(run.stderr.count(sentence), 1, run.stderr)
        self.assertEqual(list(self.folder.iterdir()), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
