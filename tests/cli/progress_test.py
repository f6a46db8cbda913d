"""What a terminal and a log file see of a running fit."""

import os
import pty
import re
import subprocess
import threading
import unittest

import support
from support import ALONE, INPUT, NUMERICAL, write

CLEAR = "\r\x1b[K"


class Progress(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        records, _ = support.clusters(records=600)
        records[::2] += 3
        cls.data = write(cls.inputs / "data.h5", data=records)

    def fit(self, *options):
        return ["fit", "gmm", self.data, "--components", 3, "--restarts", 4, "-o", "model.h5", *map(str, options)]

    def on_a_terminal(self, arguments, ranks=ALONE):
        """Exit code and what standard error, a terminal, received."""
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            support.command_of(arguments, ranks),
            cwd=self.folder,
            env=os.environ | {"TMPDIR": str(self.folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=theirs,
        ) as process:
            os.close(theirs)
            limit = threading.Timer(support.LIMIT, process.terminate)
            limit.start()
            seen = b""
            try:
                while piece := os.read(ours, 65536):
                    seen += piece
            except OSError:
                pass  # how the end of a terminal reads
            os.close(ours)
            code = process.wait()
            limit.cancel()
            return code, seen.decode().replace("\r\n", "\n")

    def screen(self, text):
        """The lines that stay, as a terminal shows them."""
        lines = []
        for line in text.split("\n"):
            lines.append(re.split(r"\r\x1b\[K", line)[-1])
        return lines

    def test_a_log_file_has_no_escape_sequences(self):
        for ranks in ALONE, 2:
            found = self.done(self.fit(), ranks)
            for text in found.stdout, found.stderr:
                self.assertNotIn("\x1b", text)
                self.assertNotIn("\r", text)
            self.assertRegex(found.stderr, r"restart 1/4 fit +iteration +0  log-likelihood -")
            self.assertRegex(found.stderr, r"restart 4/4 fit .*gain_tolerance\n")

    def test_a_terminal_has_a_live_line_that_goes_away(self):
        for ranks in ALONE, 2:
            for how in "auto", "live":
                with self.subTest(ranks=ranks, progress=how):
                    code, seen = self.on_a_terminal(self.fit("--progress", how), ranks)
                    self.assertEqual(code, 0, seen)
                    self.assertIn(CLEAR + "restart", seen)
                    kept = self.screen(seen)
                    self.assertEqual(kept.pop(), "")
                    self.assertEqual(len(kept), 4, kept)  # the end of each restart
                    for number, line in enumerate(kept, 1):
                        self.assertRegex(line, rf"^restart {number}/4 fit .*gain_tolerance$")

    def test_an_error_on_a_terminal_has_its_own_line(self):
        code, seen = self.on_a_terminal(["fit", "gmm", "none.h5", "--components", 2])
        self.assertEqual(code, INPUT)
        self.assertRegex(seen, r"^jensen: error: cannot open 'none.h5'.*\n$")
        failing = ["fit", "gmm", self.data, "--components", 400, "--covariance-floor", 0, "--restarts", 1]
        for ranks in ALONE, 2:
            code, seen = self.on_a_terminal(failing, ranks)
            self.assertEqual(code, NUMERICAL)
            self.assertIn(CLEAR + "k-means", seen)
            self.assertRegex(self.screen(seen)[0], r"^jensen: error: .* not positive definite")

    def test_lines_on_a_terminal(self):
        code, seen = self.on_a_terminal(self.fit("--progress", "lines"))
        self.assertEqual(code, 0)
        self.assertNotIn("\x1b", seen)
        self.assertRegex(seen, r"restart 1/4 fit +iteration +0  log-likelihood")

    def test_none_is_silent(self):
        for ranks in ALONE, 2:
            found = self.done(self.fit("--progress", "none"), ranks)
            self.assertEqual(found.stderr, "")
        code, seen = self.on_a_terminal(self.fit("--progress", "none"))
        self.assertEqual((code, seen), (0, ""))

    def test_predict_and_import(self):
        self.done(self.fit("--progress", "none"))
        table = self.folder / "table.csv"
        table.write_text("a,b\n" + "1.5,2.25\n" * 200_000)
        for command in ["predict", "model.h5", self.data, "-o", "r.h5"], ["import", table, "-o", "t.h5"]:
            self.assertEqual(self.done(command).stderr, "")
            code, seen = self.on_a_terminal(command)
            self.assertEqual((code, self.screen(seen)), (0, [""]))
            self.assertIn(CLEAR, seen)
            self.assertEqual(self.on_a_terminal([*command, "--progress", "none"]), (0, ""))


if __name__ == "__main__":
    unittest.main(verbosity=2)
