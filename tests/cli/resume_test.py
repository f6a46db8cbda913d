"""Killed runs go on to the same bits on any number of ranks."""

import os
import shutil
import signal
import unittest
from concurrent.futures import ThreadPoolExecutor

import h5py

import lasting
import support
from lasting import KILLED, Job, checkpoints, content, place
from support import ALONE, write

RANKS = ALONE, 1, 2, 3, 4, 7


class Killed(support.Case):
    """Fits of three restarts, each from a k-means fit of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        records, _ = support.clusters(records=24_000, features=5, groups=4)
        cls.data = write(cls.inputs / "data.h5", data=records / 3)
        whole = support.run(cls.fit("whole.h5"), ALONE, cls.inputs)
        assert whole.code == 0, whole.stderr
        cls.expected = content(cls.inputs / "whole.h5")
        assert cls.expected["fit@objective"]

    @classmethod
    def fit(cls, output, *options):
        start = ["--components", 6, "--restarts", 3, "--max-iterations", 40, "--tolerance", 0]
        return ["fit", "gmm", cls.data, *start, "-o", output, "--progress", "none", *options]

    def killed(self, victims, ranks, stage, restart, iteration):
        """Runs until the log has come so far, then kills; proves the death and returns where it happened."""
        with Job(self.fit("model.h5", "--checkpoint-interval", "1it"), ranks, self.folder) as job:
            job.wait_for(stage, restart, iteration)
            pids = job.pids()
            self.assertEqual(len(pids), max(ranks, 1))
            chosen = {"first": pids[:1], "last": pids[-1:], "all": pids}[victims]
            for pid in chosen:
                os.kill(pid, signal.SIGKILL)
            ended = job.end()
            self.assertEqual(ended.code, -signal.SIGKILL if ranks == ALONE else KILLED, ended.stderr)
            self.assertTrue(lasting.wait_until_gone(pids), "ranks live on without their mpirun")
        self.assertFalse((self.folder / "model.h5").exists())
        found = place(checkpoints(self.folder / "model.h5.ckpt")[0])
        self.assertEqual(found[:2], (stage, restart))
        self.assertGreaterEqual(found[2], iteration - 1)  # the log is ahead of the checkpoint
        return found

    def resumed_everywhere(self, stage, restart, iteration):
        """Goes on from copies of the directory, on every number of ranks."""

        def resume(ranks):
            folder = self.folder / f"on-{ranks}"
            folder.mkdir()
            shutil.copytree(self.folder / "model.h5.ckpt", folder / "model.h5.ckpt")
            return folder, support.run(self.fit("model.h5"), ranks, folder)

        where = f"{stage} of restart {restart + 1}/3, iteration {iteration}"
        with ThreadPoolExecutor(2) as pool:
            for ranks, (folder, found) in zip(RANKS, pool.map(resume, RANKS)):
                with self.subTest(ranks=ranks):
                    self.assertEqual(found.code, 0, found.stdout + found.stderr)
                    self.assertRegex(found.stderr, f"jensen: going on from .*: {where}")
                    self.assertEqual(content(folder / "model.h5"), self.expected)
                    self.assertFalse((folder / "model.h5.ckpt").exists())

    def test_one_rank_killed_in_the_main_fit(self):
        self.resumed_everywhere(*self.killed("last", 3, "fit", 0, 6))

    def test_first_rank_killed_in_restart_2_of_3(self):
        self.resumed_everywhere(*self.killed("first", 2, "fit", 1, 4))

    def test_all_ranks_killed_in_the_k_means_stage(self):
        self.resumed_everywhere(*self.killed("all", 4, "k-means", 1, 2))

    def test_killed_again_and_again_on_other_numbers_of_ranks(self):
        self.killed("first", ALONE, "k-means", 0, 1)
        self.killed("first", 2, "fit", 0, 3)
        self.killed("last", 4, "k-means", 2, 1)
        self.killed("all", 3, "fit", 2, 9)
        found = self.done(self.fit("model.h5"), ranks=7)
        self.assertIn("fit of restart 3/3", found.stderr)
        self.assertEqual(content(self.folder / "model.h5"), self.expected)
        with h5py.File(self.folder / "model.h5") as model:
            self.assertEqual(model["fit"].attrs["resumes"], 4)

    def test_mpirun_killed(self):
        """Its ranks live on for a while: the fit must be longer than that."""
        records, _ = support.clusters(records=200, features=5, groups=4)
        data = write(self.folder / "small.h5", data=records)
        fit = ["fit", "gmm", data, "--components", 4, "--restarts", 1, "--tolerance", 0, "-o", "model.h5"]
        with Job([*fit, "--checkpoint-interval", "1it", "--max-iterations", 1_000_000], 2, self.folder) as job:
            job.wait_for("fit", 0, 3)
            pids = job.pids()
            job.process.kill()
            self.assertEqual(job.end().code, -signal.SIGKILL)
            self.assertTrue(lasting.wait_until_gone(pids), "ranks live on without their mpirun")
        newest = checkpoints(self.folder / "model.h5.ckpt")[0]
        stage, restart, iteration = place(newest)
        self.assertEqual((stage, restart), ("fit", 0))
        self.done(["check", newest])
        found = self.done([*fit, "--max-iterations", iteration + 2], ranks=3)
        self.assertIn(f"fit, iteration {iteration}", found.stderr)
        with h5py.File(self.folder / "model.h5") as model:
            self.assertEqual(model["fit"].attrs["iteration"], iteration + 2)

    def test_killed_before_the_first_checkpoint(self):
        directory = self.folder / "model.h5.ckpt"
        for _ in range(10):  # until the kill comes before number 0
            shutil.rmtree(directory, ignore_errors=True)
            with Job(self.fit("model.h5"), ALONE, self.folder) as job:
                while not (directory / "lock").exists():
                    self.assertIsNone(job.process.poll())
                job.process.kill()
                self.assertEqual(job.end().code, -signal.SIGKILL)
            if not checkpoints(directory):
                break
        self.assertEqual(checkpoints(directory), [])
        found = self.done(self.fit("model.h5"))
        self.assertNotIn("going on", found.stderr)
        self.assertEqual(content(self.folder / "model.h5"), self.expected)
        self.assertEqual(sorted(os.listdir(self.folder)), ["log.json", "model.h5"])

    def test_k_means_by_itself(self):
        fit = ["fit", "kmeans", self.data, "--components", 9, "--restarts", 3, "--max-iterations", 60]
        fit += ["--progress", "none"]
        self.done([*fit, "-o", "whole.h5"])
        with Job([*fit, "-o", "model.h5", "--checkpoint-interval", "1it"], 2, self.folder) as job:
            job.wait_for("fit", 1, 2)
            os.kill(job.pids()[1], signal.SIGKILL)
            self.assertEqual(job.end().code, KILLED)
        self.assertEqual(place(checkpoints(self.folder / "model.h5.ckpt")[0])[:2], ("fit", 1))
        self.done([*fit, "-o", "model.h5"], ranks=3)
        self.assertEqual(content(self.folder / "model.h5"), content(self.folder / "whole.h5"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
