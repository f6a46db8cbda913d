"""Standard output, standard error and a log that take nothing, or that nobody reads: no fit ends for that."""

import contextlib
import os
import resource
import signal
import subprocess
import unittest

import support
from lasting import STOPPED, Job, content, read_log
from support import ALONE, OUTPUT, write


@contextlib.contextmanager
def pipe_without_reader():
    reading, writing = os.pipe()
    os.close(reading)
    try:
        yield writing
    finally:
        os.close(writing)


class FullOutputs(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        records, _ = support.clusters(records=3000)
        cls.data = write(cls.inputs / "data.h5", data=records)
        cls.whole = cls.inputs / "whole.h5"
        found = support.run(cls.fit("-o", cls.whole), ALONE, cls.inputs)
        assert found.code == 0, found.stderr
        cls.expected = content(cls.whole)

    @classmethod
    def fit(cls, *options, iterations=40):
        output = [] if "-o" in options else ["-o", "model.h5"]
        few = "--components", 4, "--restarts", 3, "--max-iterations", iterations, "--tolerance", 0
        return ["fit", "gmm", cls.data, *few, *output, *options]

    def with_streams(self, args, **streams):
        """Exit code and what can be seen of the two streams."""
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
        command = support.command_of(args, ALONE)
        done = subprocess.run(command, cwd=self.folder, text=True, timeout=support.LIMIT, **pipes)
        return done.returncode, done.stdout, done.stderr

    def require_result(self):
        self.assertEqual(content(self.folder / "model.h5"), self.expected)
        self.assertFalse((self.folder / "model.h5.ckpt").exists())

    def test_a_full_standard_error(self):
        for style in "lines", "live":
            (self.folder / "model.h5").unlink(missing_ok=True)
            with open("/dev/full", "w") as full:
                code, seen, _ = self.with_streams(self.fit("--progress", style), stderr=full)
            self.assertEqual(code, 0)
            self.assertIn("model file", seen)
            self.require_result()

    def test_a_failing_fit_with_a_full_standard_error_keeps_its_exit_code(self):
        with open("/dev/full", "w") as full:
            code, *_ = self.with_streams(["fit", "gmm", "none.h5", "--components", 2, "-o", "model.h5"], stderr=full)
        self.assertEqual(code, support.INPUT)

    def test_checkpoints_that_fail_with_a_full_standard_error(self):
        """The warning cannot be said; the fit goes on all the same."""
        with open("/dev/full", "w") as full, Job(self.fit("--checkpoint-interval", "1it"), ALONE, self.folder, stderr=full) as job:
            job.wait_for("k-means", 0, 0)
            directory = self.folder / "model.h5.ckpt"
            aside = directory.rename(self.folder / "aside")
            self.assertEqual(job.end().code, 0)
        self.assertTrue(aside.is_dir())
        self.assertEqual(content(self.folder / "model.h5"), self.expected)

    def test_nobody_reads_standard_error(self):
        with pipe_without_reader() as pipe:
            code, seen, _ = self.with_streams(self.fit("--progress", "lines"), stderr=pipe)
        self.assertEqual(code, 0)
        self.assertIn("model file", seen)
        self.require_result()

    def test_a_full_log(self):
        code, _, said = self.with_streams(self.fit("--progress", "none", "--log", "/dev/full"))
        self.assertEqual(code, 0, said)
        warning = "jensen: warning: cannot write the log '/dev/full' (No space left on device); the fit goes on without it\n"
        self.assertEqual(said, warning)
        self.require_result()

    def test_a_log_that_fills_its_disk_ends_with_a_whole_line(self):
        most = 1 << 17  # bytes; the checkpoints are smaller
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))  # noqa: E731
        code, _, said = self.with_streams(self.fit("--progress", "none", "--log", "log.json", iterations=600), preexec_fn=limit)
        self.assertEqual(code, 0, said)
        self.assertIn("cannot write the log 'log.json' (File too large); the fit goes on without it", said)
        written = (self.folder / "log.json").read_text()
        self.assertGreater(len(written), most - 4096)
        self.assertTrue(written.endswith("}\n"))
        self.assertEqual(len(read_log(self.folder / "log.json")), written.count("\n"))

    def test_a_full_standard_output(self):
        """The result is written before the report."""
        fit = self.fit("--progress", "none")
        unconverged = self.fit("--progress", "none", "--require-convergence", "-o", "unconverged.h5")
        commands = fit, unconverged, ["info", self.whole], ["check", self.whole], ["--version"], ["help", "files"]
        for args in commands:
            with self.subTest(command=args[0]), open("/dev/full", "w") as full:
                code, _, said = self.with_streams(args, stdout=full)
                self.assertEqual(code, OUTPUT)
                self.assertRegex(said, r"^jensen: error: cannot write to standard output \(No space left on device\); .*\n$")
        self.require_result()

    def test_nobody_reads_standard_output_of_a_fit(self):
        with pipe_without_reader() as pipe:
            code, _, said = self.with_streams(self.fit("--progress", "none"), stdout=pipe)
        self.assertEqual(code, OUTPUT)
        self.assertIn("cannot write to standard output (Broken pipe)", said)
        self.require_result()

    def test_a_stop_is_a_stop_with_all_of_them_full(self):
        with open("/dev/full", "w") as full:
            settings = {"stdout": full, "stderr": full}
            with Job(self.fit(iterations=100000), ALONE, self.folder, **settings) as job:
                job.wait_for("fit", 0, 5)
                job.process.send_signal(signal.SIGUSR1)
                self.assertEqual(job.end().code, STOPPED)
        self.assertTrue(read_log(self.folder / "log.json"))
        self.assertTrue(list((self.folder / "model.h5.ckpt").glob("checkpoint-*.h5")))


if __name__ == "__main__":
    unittest.main()
