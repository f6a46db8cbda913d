"""Files of the program are the same, byte by byte, on any number of ranks, but for times.

usage: program_bits_test.py MPIEXEC JENSEN
"""

import os
import sys
import tempfile
import unittest

import h5py
import numpy

from program import RANKS, Program, data_file

PROGRAM = Program(*sys.argv[1:3])

FITS = {
    "kmeans": ["kmeans", "--components", 5, "--restarts", 3],
    "gmm": ["gmm", "--components", 4, "--restarts", 2, "--max-iterations", 25],
    "gmm-float32": ["gmm", "--components", 4, "--covariance", "diag", "--precision", "float32", "--restarts", 2],
    "gmm-tied": ["gmm", "--components", 3, "--covariance", "tied", "--start", "kmeans-parallel", "--restarts", 1],
}
REQUIRED = {"kmeans": ["/state/centroids", "/parameters/centroids"], "gmm": ["/state/means", "/parameters/means"]}
REQUIRED_ALWAYS = ["/fit/trace/objective", "/fit/restarts/objective", "/fingerprint/data"]
PREDICTED = ["/labels", "/log_density", "/uncertainty", "/responsibilities"]


def may_differ(path):
    return path.endswith("seconds") or path == "/fit@ranks"


def contents(file):
    """Bytes of every array and attribute by path."""
    found = {}

    def visit(path, item):
        for name, value in item.attrs.items():
            found[f"{path}@{name}"] = str(value).encode() if isinstance(value, str) else numpy.asarray(value).tobytes()
        if isinstance(item, h5py.Dataset):
            value = item[()]
            found[path] = repr(value).encode() if value.dtype == object else value.tobytes()

    with h5py.File(file, "r") as opened:
        visit("", opened)
        opened.visititems(lambda path, item: visit("/" + path, item))
    return found


class SameBits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.data = cls.path("data.h5")
        PROGRAM.run(0, "import", data_file("gvhd_pos.csv"), "-o", cls.data)
        cls.files = {ranks: cls.write_files(ranks) for ranks in (0, *RANKS)}

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()

    @classmethod
    def path(cls, name):
        return os.path.join(cls.directory.name, name)

    @classmethod
    def write_files(cls, ranks):
        """What the files of the fits and of a prediction hold; all runs write files of the same name."""
        found = {}
        for name, arguments in FITS.items():
            model = cls.path(name + ".h5")
            PROGRAM.run(ranks, "fit", arguments[0], cls.data, *arguments[1:], "-o", model)
            found[name] = contents(model)
        output = cls.path("predicted.h5")
        PROGRAM.run(ranks, "predict", cls.path("gmm.h5"), cls.data, "--responsibilities", "-o", output)
        found["predict"] = contents(output)
        return found

    def test_files_hold_what_is_compared(self):
        alone = self.files[0]
        for name, paths in REQUIRED.items():
            self.assertLessEqual({*paths, *REQUIRED_ALWAYS}, alone[name].keys())
        self.assertLessEqual(set(PREDICTED), alone["predict"].keys())
        self.assertEqual(len(alone["predict"]["/labels"]), 4 * 9083)

    def test_all_rank_counts_write_the_same_bytes(self):
        for ranks in RANKS:
            for name, alone in self.files[0].items():
                found = self.files[ranks][name]
                self.assertEqual(found.keys(), alone.keys())
                different = [path for path in found if found[path] != alone[path] and not may_differ(path)]
                self.assertEqual(different, [], f"{name} on {ranks} ranks")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
