"""From a text table to a scored fit."""

import re
import unittest

import h5py
import numpy as np

import support
from reference import Mixture
from support import ALONE, INPUT, USAGE


class Import(support.Case):
    def table(self, text, name="table.csv"):
        file = self.folder / name
        file.write_bytes(text.encode())
        return file

    def imported(self, text, *options, ranks=ALONE):
        """Values and names of features."""
        output = self.folder / "out.h5"
        self.done(["import", self.table(text), "-o", output, *options], ranks)
        with h5py.File(output) as file:
            (name,) = file
            values = file[name]
            return values[...], [str(text) for text in values.attrs.get("feature_names", [])]

    def test_forms_of_a_table(self):
        expected = [[1, -2.5], [3e4, 0.1]]
        forms = {
            "header": ("a,b\n1,-2.5\n3e4,0.1\n", ["a", "b"]),
            "no header": ("1,-2.5\n3e4,0.1\n", []),
            "quoted": ('"a ""x""","b, c"\n"1","-2.5"\n3e4,"0.1"\n', ['a "x"', "b, c"]),
            "CRLF": ("a,b\r\n1,-2.5\r\n3e4,0.1\r\n", ["a", "b"]),
            "semicolon": ("a;b\n1;-2.5\n3e4;0.1\n", ["a", "b"]),
            "tab": ("a\tb\n1\t-2.5\n3e4\t0.1\n", ["a", "b"]),
            "spaces": ("a   b\n1  -2.5\n3e4   0.1\n", ["a", "b"]),
            "no last newline": ("a,b\n1,-2.5\n3e4,0.1", ["a", "b"]),
            "byte order mark": ("\ufeffa,b\n1,-2.5\n3e4,0.1\n", ["a", "b"]),
        }
        for name, (text, names) in forms.items():
            with self.subTest(form=name):
                values, found = self.imported(text)
                np.testing.assert_array_equal(values, expected)
                self.assertEqual(values.dtype, np.float64)
                self.assertEqual(found, names)

    def test_options(self):
        text = "a;b;c\n1;2;3\n4;5;6\n"
        values, names = self.imported(text, "--delimiter", "semicolon", "--columns", "c,1", "--float32")
        np.testing.assert_array_equal(values, np.array([[3, 1], [6, 4]], np.float32))
        self.assertEqual((values.dtype, names), (np.float32, ["c", "a"]))
        values, names = self.imported("1,2\n3,4\n", "--header", "yes")
        self.assertEqual((values.tolist(), names), ([[3, 4]], ["1", "2"]))
        output = self.folder / "deep.h5"
        self.done(["import", self.table("1,2\n3,4\n"), "-o", output, "--dataset", "/deep/down"], 2)
        with h5py.File(output) as file:
            self.assertEqual(file["deep/down"].shape, (2, 2))

    def test_refusals(self):
        def case(text, *parts, options=(), code=INPUT):
            name = f"{len(list(self.inputs.iterdir()))}.csv"
            (self.inputs / name).write_bytes(text.encode())
            return (["import", self.inputs / name, "-o", "out.h5", *options], code, *parts)

        self.refused(
            [
                (["import", "none.csv", "-o", "out.h5"], INPUT, "none.csv", "No such file"),
                case("", "is empty", "at least one record"),
                case("PK\x03\x04", "is a zip archive", "unpack it"),
                case("a,b\n1,2\n3,x\n", "line 3", "column 2 ('b')", "'x'", "must be a number"),
                case("1,2\n3,4\n5,\n", "line 3", "column 2", "is empty", "missing values"),
                case("1,2\n3,nan\n", "line 2", "column 2", "'nan'"),
                case("1,2\r\n3,4,5\r\n", "line 2", "3 cells", "must be 2"),
                case('1,2\n3,"4\n', "line 2", "quote"),
                case("a,2\n3,4\n", "line 1", "--header yes", "--header no"),
                case("a,b\n1,2\n", "no column 'z'", options=["--columns", "z"]),
                case("a,b\n1,2\n", "delimiter = 'xy'", options=["--delimiter", "xy"], code=USAGE),
            ],
            ranks=(ALONE, 2),
        )

    def test_from_a_table_to_a_score(self):
        records = np.loadtxt(support.DATA / "iris.csv", delimiter=",", skiprows=1)
        data, model, results = (self.folder / name for name in ("data.h5", "model.h5", "results.h5"))
        for ranks in ALONE, 2:
            found = self.done(["import", support.DATA / "iris.csv", "-o", data], ranks)
            self.assertIn("150 records x 4 features", found.stdout)
            found = self.done(["fit", "gmm", data, "--components", 2, "-o", model], ranks)
            bic = re.search(r"BIC +(\S+)", found.stdout).group(1)
            expected = Mixture(model).criteria(records)["bic"]
            np.testing.assert_allclose(float(bic), expected, rtol=5e-9)
            np.testing.assert_allclose(expected, 574.0178, atol=5e-5)  # mclust's VVV with 2 components
            self.assertIn("mean Petal.Length", found.stdout)
            found = self.done(["predict", model, data, "-o", results, "--responsibilities"], ranks)
            self.assertIn("labels, log_density, uncertainty, responsibilities of 150 records", found.stdout)
            with h5py.File(results) as file:
                self.assertEqual(sorted(np.bincount(file["labels"])), [50, 100])
            found = self.done(["score", model, data], ranks)
            self.assertIn(f"BIC                     {bic} ", found.stdout)
            found = self.done(["info", model], ranks)
            self.assertIn("mean Petal.Length", found.stdout)
            self.assertIn(bic, found.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
