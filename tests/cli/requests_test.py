"""Requests by file, the heartbeat, the watchdog, deadlines that are moments, and `check` of a directory."""

import contextlib
import os
import signal
import time
import unittest
from datetime import datetime, timedelta
from pathlib import Path

import support
from lasting import STOPPED, Job, checkpoints, content, place
from support import ALONE, INPUT, USAGE, write


def heartbeat(directory):
    with contextlib.suppress(OSError):
        text = (Path(directory) / "heartbeat").read_text()
        return dict(line.split(": ", 1) for line in text.splitlines())
    return {}


class Requests(support.Case):
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
        start = ["--components", 5, "--restarts", 6, "--tolerance", 0, "--max-iterations", 150]
        output = [] if "-o" in options else ["-o", "model.h5"]
        return ["fit", "gmm", data or cls.data, *start, *output, "--progress", "none", *options]

    def endless(self, *options):
        return ["fit", "gmm", self.small, "--components", 5, "--restarts", 1, "--tolerance", 0, "--max-iterations",
                10**9, "-o", "model.h5", "--progress", "none", *options]  # fmt: skip

    def setUp(self):
        super().setUp()
        self.directory = self.folder / "model.h5.ckpt"

    def wait_until(self, what, limit=30):
        began = time.monotonic()
        while not what():
            self.assertLess(time.monotonic() - began, limit)
            time.sleep(0.05)

    def test_the_file_stop(self):
        with Job(self.fit(), 2, self.folder) as job:
            job.wait_for("fit", 0, 4)
            (self.directory / "STOP").touch()
            ended = job.end()
        self.assertEqual(ended.code, STOPPED, ended.stderr)
        self.assertRegex("\n".join(ended.sentences()), r"^jensen: stopped by the file STOP after .*goes on from 'model.h5.ckpt/")
        self.assertFalse((self.directory / "STOP").exists())
        self.assertEqual(heartbeat(self.directory)["state"], "stopped")
        self.done(self.fit(), 3)
        self.assertEqual(content(self.folder / "model.h5"), self.expected)
        self.assertFalse(self.directory.exists())

    def test_the_file_checkpoint(self):
        with Job(self.endless(), 2, self.folder) as job:
            job.wait_for("fit", 0, 4)
            written = [line for line in job.lines() if line["event"] == "checkpoint"]
            self.assertEqual(len(written), 1)  # the first, before the first update
            (self.directory / "CHECKPOINT").touch()
            self.wait_until(lambda: not (self.directory / "CHECKPOINT").exists())
            self.wait_until(lambda: [line["event"] for line in job.lines()].count("checkpoint") == 2)
            (newest, *_) = checkpoints(self.directory)
            self.assertGreaterEqual(place(newest)[2], 4)
            (self.directory / "STOP").touch()
            self.assertEqual(job.end().code, STOPPED)
        line = [line for line in job.lines() if line["event"] == "checkpoint"][1]
        self.assertEqual(line["file"], f"model.h5.ckpt/{newest.name}")
        self.assertGreater(line["bytes"], 1000)
        self.assertGreater(line["seconds"], 0)
        self.assertLess(line["share_of_time"], 1)
        self.assertGreaterEqual(line["next_after_seconds"], 600)

    def test_the_heartbeat(self):
        with Job(self.endless("--checkpoint", "kept"), 2, self.folder) as job:
            job.wait_for("fit", 0, 4)
            self.wait_until(lambda: int(heartbeat(self.folder / "kept").get("iteration", -1)) >= 4)
            found = heartbeat(self.folder / "kept")
            (self.folder / "kept" / "STOP").touch()
            self.assertEqual(job.end().code, STOPPED)
        self.assertEqual((found["state"], found["ranks"]), ("running", "2"))
        self.assertEqual(found["stage"], "fit of restart 1 of 1")
        self.assertRegex(found["objective"], r"^log-likelihood -[\d.]+ nats$")
        self.assertEqual(found["checkpoint"], "kept/checkpoint-0.h5")
        self.assertLessEqual(found["checkpointed"], found["updated"])
        self.assertRegex(found["updated"], r"^\d{4}-\d\d-\d\dT[\d:]{8}Z$")
        again = self.endless("--checkpoint", "kept")
        again[again.index("--max-iterations") + 1] = 1
        self.done(again)
        self.assertEqual(heartbeat(self.folder / "kept")["state"], "finished")

    def test_the_watchdog_names_ranks_that_are_stopped(self):
        for stopped, silent, waiting in (
            ((1,), "rank 1 says nothing", "ranks 0 and 2 are at the reduction, waiting for other ranks"),
            ((0, 2), "ranks 0 and 2 say nothing", "rank 1 is at the reduction, waiting for other ranks"),
        ):
            with Job(self.endless("--watchdog", "1s"), 3, self.folder) as job:
                job.wait_for("fit", 0, 4)
                pids = job.pids()
                for rank in stopped:
                    os.kill(pids[rank], signal.SIGSTOP)
                time.sleep(3)
                for rank in stopped:
                    os.kill(pids[rank], signal.SIGCONT)
                self.wait_until(lambda: not list(self.directory.glob("*.stalled")))
                (self.directory / "STOP").touch()
                ended = job.end()
            self.assertEqual(ended.code, STOPPED, ended.stderr)
            said = "\n".join(ended.sentences())
            self.assertRegex(said, rf"jensen: nothing has moved for [\d.]+ s: {silent} \(stopped, or the node is gone\); {waiting}")
            self.assertRegex(said, r"jensen: the run goes on, after [\d.]+ s")

    def test_a_rank_that_was_stopped_changes_no_bit(self):
        with Job(self.fit("--watchdog", "1s"), 3, self.folder) as job:
            job.wait_for("fit", 0, 4)
            pid = job.pids()[2]
            os.kill(pid, signal.SIGSTOP)
            time.sleep(2)
            os.kill(pid, signal.SIGCONT)
            self.assertEqual(job.end().code, 0)
        self.assertEqual(content(self.folder / "model.h5"), self.expected)

    def test_a_quiet_watchdog(self):
        found = self.done(self.fit("--watchdog", "0"), 2)
        self.assertNotIn("nothing has moved", found.stderr)

    def test_deadlines_that_are_moments(self):
        for form in "@{:%s}", "{:%Y-%m-%dT%H:%M:%S}":
            began = time.monotonic()
            moment = form.format(datetime.now() + timedelta(seconds=4))
            found = self.done(self.endless("--deadline", moment), code=STOPPED)
            self.assertIn("jensen: stopped before the deadline", found.stderr)
            self.assertLess(time.monotonic() - began, 6)
            for file in self.directory.iterdir():
                file.unlink()
        later = (datetime.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
        self.done(self.fit("--deadline", later))
        cases = [("@1000000000", "must be in the future; "), ("2001-01-31T18:00", "must be in the future")]
        cases += [("@soon", "must be @ and seconds since 1970"), ("2001-01-31T25:00", "such as 2026-01-31T18:00")]
        self.refused(
            [(self.fit("--deadline", text), USAGE, f"deadline = '{text}'", part) for text, part in cases], ranks=(ALONE, 2)
        )

    def test_check_of_a_directory(self):
        with Job(self.endless("--checkpoint-interval", "1it"), ALONE, self.folder) as job:
            job.wait_for("fit", 0, 4)
            (self.directory / "STOP").touch()
            self.assertEqual(job.end().code, STOPPED)
        newest, before = checkpoints(self.directory)
        found = self.done(["check", self.directory])
        self.assertRegex(found.stdout, rf"directory +ok +'.*{newest.name}' is the newest whole one of 2 checkpoints")
        self.assertRegex(found.stdout, rf"resume +ok +would go on in fit, iteration {place(newest)[2]}, with 0 restarts")
        newest.write_bytes(newest.read_bytes()[:-1])
        found = self.done(["check", self.directory])
        self.assertRegex(found.stdout, rf"passed over +left out +.*{newest.name}' is truncated.*\n.*{before.name}' is the newest whole one")
        self.assertRegex(found.stdout, rf"resume +ok +would go on in fit, iteration {place(before)[2]}, with 0 restarts")
        before.write_bytes(b"")
        self.refused([(["check", self.directory], INPUT, "2 checkpoints, none of them whole")])
        newest.unlink(), before.unlink()
        self.refused([(["check", self.directory], INPUT, "has no checkpoint (one that is whole is needed to go on)")])


if __name__ == "__main__":
    unittest.main(verbosity=2)
