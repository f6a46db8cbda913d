"""Outputs that cannot be written, found before the work begins; inputs that an output would overwrite."""

import hashlib
import unittest
from pathlib import Path

import support
from support import ALONE, INPUT, OUTPUT, USAGE, write


class Outputs(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        records, groups = support.clusters()
        cls.data = write(cls.inputs / "data.h5", data=records)
        cls.labels = write(cls.inputs / "labels.h5", labels=groups)
        cls.model = str(cls.inputs / "model.h5")
        cls.table = cls.inputs / "table.csv"
        cls.table.write_text("a,b\n1,2\n3,4\n")
        found = support.run(["fit", "gmm", cls.data, "--components", 3, "-o", cls.model])
        assert found.code == 0, found.stderr

    def commands(self, output):
        return [
            ["fit", "gmm", self.data, "--components", 3, "-o", output],
            ["fit", "kmeans", self.data, "--components", 3, "--output", output],
            ["predict", self.model, self.data, "-o", output],
            ["score", self.model, self.data, "-o", output],
            ["import", self.table, "-o", output],
        ]

    def everywhere(self, output, *parts):
        return [(command, OUTPUT, output, *parts) for command in self.commands(output)]

    def test_missing_directory(self):
        self.refused(self.everywhere("none/out.h5", "no directory 'none'", "mkdir -p"))

    def test_file_in_place_of_a_directory(self):
        self.refused(self.everywhere(f"{self.data}/out.h5", "no directory"))

    def test_directory_in_place_of_a_file(self):
        self.refused(self.everywhere(str(self.inputs), "is a directory", "name a file in it"))

    def test_unwritable_directory(self):
        self.refused(self.everywhere("/proc/out.h5", "check the permissions"))

    def test_found_before_the_first_iteration(self):
        for command in self.commands("/proc/out.h5"):
            with self.subTest(command=command[0]):
                found = self.done(command, code=OUTPUT)
                self.assertEqual(found.stdout, "")

    def test_found_before_the_data_are_read(self):
        # the data could not be read either: what is quicker to find comes first
        self.refused([(["fit", "gmm", "none.h5", "--components", 3, "-o", "none/out.h5"], OUTPUT, "'none'")])

    def test_thirteen_ranks(self):
        self.refused(self.everywhere("none/out.h5", "mkdir -p")[:3], ranks=(13,))

    def test_inputs_are_not_overwritten(self):
        fit = ["fit", "gmm", f"{self.data}:/data", "--components", 3]
        inputs = [self.data, self.model, self.labels, self.table]
        before = [hashlib.sha256(Path(file).read_bytes()).hexdigest() for file in inputs]
        self.refused(
            [
                ([*fit, "-o", self.data], USAGE, "data.h5' is also an input", "name another file"),
                ([*fit, "--start", f"labels:{self.labels}:/labels", "-o", self.labels], USAGE, "also an input"),
                (["predict", self.model, self.data, "-o", self.data], USAGE, "also an input"),
                (["predict", self.model, self.data, "-o", self.model], USAGE, "also an input"),
                (["score", self.model, self.data, "-o", self.data], USAGE, "also an input"),
                (["import", self.table, "-o", self.table], USAGE, "also an input"),
            ]
        )
        after = [hashlib.sha256(Path(file).read_bytes()).hexdigest() for file in inputs]
        self.assertEqual(before, after)

    def test_a_model_may_replace_the_one_it_started_from(self):
        own = self.folder / "own.h5"
        own.write_bytes(Path(self.model).read_bytes())
        self.done(["fit", "gmm", self.data, "--components", 3, "--start", f"model:{own}", "-o", own])
        self.assertNotEqual(own.read_bytes(), Path(self.model).read_bytes())

    def test_a_failed_run_keeps_the_earlier_output(self):
        earlier = self.folder / "out.h5"
        earlier.write_bytes(b"precious")
        for command in (
            ["fit", "gmm", self.data, "--components", 121, "-o", earlier],
            ["predict", self.model, self.labels, "-o", earlier],
        ):
            for ranks in ALONE, 2:
                self.done(command, ranks, code=INPUT)
                self.assertEqual(earlier.read_bytes(), b"precious")
                self.assertEqual(list(self.folder.iterdir()), [earlier])


if __name__ == "__main__":
    unittest.main(verbosity=2)
