"""Signals and the deadline stop a run at the next iteration, with a checkpoint and exit code 75."""

import contextlib
import itertools
import os
import re
import signal
import time
import unittest
from pathlib import Path

import support
from lasting import STOPPED, Job, checkpoints, content, place, wait_until_gone
from support import ALONE, USAGE, write

REQUESTS = signal.SIGUSR1, signal.SIGUSR2, signal.SIGTERM, signal.SIGINT


def catches(pid):
    """Whether a process has handlers for all requests."""
    with contextlib.suppress(OSError):
        caught = int(re.search(r"SigCgt:\s*(\w+)", Path(f"/proc/{pid}/status").read_text())[1], 16)
        return all(caught >> (number - 1) & 1 for number in REQUESTS)
    return False


class Stop(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        records, _ = support.clusters(records=60_000, features=6, groups=4)
        cls.data = write(cls.inputs / "data.h5", data=records / 3)
        cls.small = write(cls.inputs / "small.h5", data=records[:200])
        whole = support.run(cls.fit("-o", "whole.h5"), ALONE, cls.inputs)
        assert whole.code == 0, whole.stderr
        cls.expected = content(cls.inputs / "whole.h5")

    @classmethod
    def fit(cls, *options, data=None):
        start = ["--components", 5, "--restarts", 2, "--tolerance", 0]
        start += [] if "--max-iterations" in options else ["--max-iterations", 150]
        output = [] if "-o" in options else ["-o", "model.h5"]
        return ["fit", "gmm", data or cls.data, *start, *output, "--progress", "none", *options]

    def setUp(self):
        super().setUp()
        self.directory = self.folder / "model.h5.ckpt"

    def ends_stopped(self, job, by):
        ended = job.end()
        self.assertEqual(ended.code, STOPPED, ended.stdout + ended.stderr)
        self.assertRegex(
            "\n".join(ended.sentences()),
            rf"jensen: stopped {by} after [\d.]+ m?s; the same command goes on from 'model.h5.ckpt/checkpoint-\d+.h5'",
        )
        self.assertNotIn("error", "\n".join(ended.sentences()))
        self.assertNotIn("later deadline", ended.stderr)
        self.assertFalse((self.folder / "model.h5").exists())
        self.assertGreaterEqual(len(checkpoints(self.directory)), 1)
        return ended

    def goes_on(self, ranks=ALONE):
        found = self.done(self.fit(), ranks)
        self.assertIn("jensen: going on from 'model.h5.ckpt/", found.stderr)
        self.assertEqual(content(self.folder / "model.h5"), self.expected)
        self.assertFalse(self.directory.exists())
        return found

    def test_every_signal_one_after_another(self):
        for request, restart, iteration in zip(REQUESTS, (0, 0, 1, 1), (3, 9, 2, 20)):
            with Job(self.fit(), ALONE, self.folder) as job:
                job.wait_for("fit", restart, iteration)
                job.process.send_signal(request)
                self.ends_stopped(job, f"by {request.name}")
                last = job.lines()[-1]
                self.assertEqual(last["event"], "note")
                self.assertIn(f"stopped by {request.name}", last["text"])
                stopped = [line for line in job.lines() if line["event"] == "iteration"][-1]
                self.assertEqual(stopped["stopped"], "stop_requested")
                self.assertEqual(place(checkpoints(self.directory)[0]), ("fit", restart, stopped["iteration"]))
        self.goes_on(ranks=3)

    def test_signals_to_mpirun(self):
        for request, ranks, restart in (signal.SIGUSR1, 2, 0), (signal.SIGUSR2, 4, 1):
            with Job(self.fit(), ranks, self.folder) as job:
                job.wait_for("fit", restart, 4)
                job.process.send_signal(request)
                self.ends_stopped(job, f"by {request.name}")
        self.goes_on()

    def test_a_signal_to_one_rank_stops_all(self):
        with Job(self.fit(), 3, self.folder) as job:
            job.wait_for("k-means", 0, 1)
            os.kill(job.pids()[2], signal.SIGUSR1)
            self.ends_stopped(job, "on request")
        self.goes_on(ranks=2)

    def test_mpirun_ended_by_a_signal(self):
        """It ends its ranks, which have a moment for a checkpoint: nothing is lost."""
        for request in signal.SIGTERM, signal.SIGINT:
            endless = self.fit("--checkpoint-interval", "1it", "--max-iterations", 1_000_000, data=self.small)
            with Job(endless, 2, self.folder) as job:
                job.wait_for("fit", 0, 4)
                pids = job.pids()
                job.process.send_signal(request)
                ended = job.end()
                self.assertNotIn(ended.code, (0, support.TIMED_OUT), ended.stderr)
                self.assertFalse((self.folder / "model.h5").exists())
                self.assertTrue(wait_until_gone(pids))
            newest = checkpoints(self.directory)[0]
            self.assertEqual(place(newest)[:2], ("fit", 0))
            self.assertGreaterEqual(place(newest)[2], 4)
            self.done(["check", newest])
        found = self.done(self.fit("--max-iterations", 1, data=self.small), ranks=4)
        self.assertIn("jensen: going on from 'model.h5.ckpt/", found.stderr)

    def test_signals_that_come_again(self):
        for ranks in ALONE, 2:
            with Job(self.fit(), ranks, self.folder) as job:
                job.wait_for("fit", 0, 2)
                pids = job.pids()
                for request in signal.SIGUSR1, signal.SIGTERM, signal.SIGINT:
                    for pid in pids:
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(pid, request)
                    time.sleep(0.02)
                self.ends_stopped(job, "by SIGUSR1")
        self.goes_on()

    def test_a_signal_while_the_run_starts(self):
        for ranks in ALONE, 2:
            with Job(self.fit(), ranks, self.folder) as job:
                while not (job.pids() and len(job.pids()) == max(ranks, 1) and all(map(catches, job.pids()))):
                    self.assertIsNone(job.process.poll())
                for pid in job.pids():
                    os.kill(pid, signal.SIGTERM)
                self.ends_stopped(job, "by SIGTERM")
            self.assertEqual(place(checkpoints(self.directory)[0]), ("k-means", 0, 0))
            self.goes_on()
            (self.folder / "model.h5").unlink()

    def test_other_commands_just_end(self):
        os.mkfifo(self.folder / "data.csv")
        with Job(["import", "data.csv", "-o", "x.h5"], ALONE, self.folder, log=None) as job:
            time.sleep(0.3)  # it waits for a writer
            job.process.send_signal(signal.SIGTERM)
            self.assertEqual(job.end(10).code, -signal.SIGTERM)

    def test_the_deadline(self):
        stops = 0
        for ranks in itertools.cycle((ALONE, 2, 3)):
            found = support.run(self.fit("--deadline", "0.6s"), ranks, self.folder)
            if found.code == 0:
                break
            self.assertEqual(found.code, STOPPED, found.stderr)
            self.assertIn("jensen: stopped before the deadline after ", found.stderr)
            stops += 1
            self.assertLess(stops, 60)
        self.assertGreaterEqual(stops, 1)
        self.assertEqual(content(self.folder / "model.h5"), self.expected)

    def test_the_deadline_is_kept(self):
        """A run without end: of 100 restarts."""
        args = self.fit("--deadline", "1s")
        args[args.index("--restarts") + 1] = 100
        began = time.monotonic()
        found = self.done(args, code=STOPPED)
        self.assertLess(time.monotonic() - began, 5)  # starts and loads included
        self.assertRegex(found.stderr, r"before the deadline after (0\.\d+ s|1(\.[0-4]\d*)? s|\d+ ms)")

    def test_the_sentence_says_how_to_go_on(self):
        for how, sentence in ("never", "with --resume auto the same command goes on from"), ("auto", "; the same command"):
            found = self.done(self.fit("--resume", how, "--deadline", "0.001s"), code=STOPPED)
            self.assertIn(sentence, found.stderr)
            self.assertIn("needs a later deadline to get anywhere", found.stderr)
        (first, *_) = checkpoints(self.directory)
        found = self.done(self.fit("--resume", first, "--deadline", "0.001s"), code=STOPPED)
        self.assertIn("with --resume auto the same command goes on from", found.stderr)

    def test_times(self):
        for text in "1:30:00", "1-12:00:00", "0-01:30", "90min", "5400", "5400s", "1.5h", "2d", "10m":
            with self.subTest(text=text):
                self.done(self.small_fit(text))
        junk = ["soon", "0", "0s", "-5", "30:00", "1:2:3:4", "1-", "-1:00:00", "1::0", ":", "1h30", "nan", "inf", "5it"]
        junk += ["1e3", "1:xx:00", "1-12", "10 min", "1-1-1:00", "0x10", "1:30:00s"]
        self.refused(
            [(self.small_fit(text), USAGE, f"deadline = '{text}'", "(must be ") for text in junk], ranks=(ALONE,)
        )
        self.refused([(self.small_fit("30:00"), USAGE, "deadline = '30:00'", "1:30:00")], ranks=(2,))

    def small_fit(self, deadline):
        return ["fit", "kmeans", self.small, "--components", 2, "-o", "small.h5", "--deadline", deadline]


if __name__ == "__main__":
    unittest.main(verbosity=2)
