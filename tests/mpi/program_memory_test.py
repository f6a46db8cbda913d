"""Peak memory of each rank: its share of the data, and what the program said it would need beside.

usage: program_memory_test.py MPIEXEC JENSEN
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

from program import Program

MEASURE = "--measure"
MIB = 1 << 20
RECORDS, FEATURES = 1 << 20, 12
DATA = RECORDS * FEATURES * 8
BLOCK_ROWS = 2048
# The piece in which a file is read, and what the heap and MPI keep.
PIECE, SLACK = 8 * MIB, 4 * MIB
COMPONENTS = 12  # where they are given


def measure(directory, command):
    """Runs a command and leaves its peak memory and the bytes it read in the directory; one rank of several."""
    child = subprocess.Popen(command)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    with open(f"/proc/{child.pid}/io") as counters:
        read = int(re.search(r"rchar: (\d+)", counters.read())[1])
    _, status, usage = os.wait4(child.pid, 0)
    rank = os.environ.get("OMPI_COMM_WORLD_RANK", "0")
    with open(os.path.join(directory, rank + ".json"), "w") as file:
        json.dump({"peak": usage.ru_maxrss * 1024, "read": read}, file)
    sys.exit(os.waitstatus_to_exitcode(status))


if sys.argv[1] == MEASURE:
    measure(sys.argv[2], sys.argv[3:])

import h5py  # noqa: E402  (the measuring process stays small)
import numpy  # noqa: E402

PROGRAM = Program(*sys.argv[1:3])
FITS = {
    "kmeans": ["kmeans", "--components", 4, "--restarts", 2, "--max-iterations", 2],
    "gmm": ["gmm", "--components", 3, "--restarts", 1, "--max-iterations", 2, "--start", "kmeans"],
    "weighted": ["gmm", "--components", 3, "--restarts", 1, "--max-iterations", 1, "--covariance", "diag",
                 "--start", "kmeans++", "--weights", "w"],
    "responsibilities": ["gmm", "--components", COMPONENTS, "--max-iterations", 1, "--covariance", "diag"],
    "labels": ["kmeans", "--components", COMPONENTS, "--max-iterations", 1],
}  # fmt: skip
GIVEN = {"weighted": 1, "labels": 1, "responsibilities": COMPONENTS}  # numbers a record that are read beside the data
KEPT = 1.5  # numbers a record that seeding and k-means keep
STARTING = {"labels": 2 + KEPT, "responsibilities": COMPONENTS + KEPT}  # that are held beside the data
UNITS = {"B": 1, "KiB": 1 << 10, "MiB": MIB, "GiB": 1 << 30}


def printed_estimate(output):
    line = re.search(r"memory +([\d.e+]+) (\w+) on each rank", output)
    return 1.005 * float(line[1]) * UNITS[line[2]]  # three digits were printed


class Memory(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.tiny, cls.large = cls.path("tiny.h5"), cls.path("large.h5")
        cls.write(cls.tiny, 256)
        cls.write(cls.large, RECORDS)

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()

    @classmethod
    def path(cls, name):
        return os.path.join(cls.directory.name, name)

    @staticmethod
    def write(file, records):
        random = numpy.random.default_rng(1)
        with h5py.File(file, "w") as out:
            rows = random.standard_normal((records, FEATURES))
            rows[:, 0] += 4 * (numpy.arange(records) % 3)
            out["x"] = rows
            out.create_dataset("chunked", data=rows, chunks=(min(1000, records), FEATURES))
            out["w"] = random.random(records)
            out["labels"] = numpy.arange(records) % COMPONENTS
            out["responsibilities"] = 2 * numpy.eye(COMPONENTS)[out["labels"][()]] / 3 + 1 / 3 / COMPONENTS

    def run_fit(self, ranks, name, file, dataset):
        arguments = list(FITS[name])
        if name in ("responsibilities", "labels"):
            arguments += ["--start", f"{name}:{file}:/{name}"]
        with tempfile.TemporaryDirectory() as results:
            before = [sys.executable, __file__, MEASURE, results]
            output = PROGRAM.run(ranks, "fit", arguments[0], f"{file}:/{dataset}", *arguments[1:],
                                 "-o", self.path("out.h5"), before=before)  # fmt: skip
            measured = []
            for rank in range(ranks):
                with open(os.path.join(results, f"{rank}.json")) as file:
                    measured.append(json.load(file))
            return output, measured

    def expect_share(self, ranks, name, dataset="x"):
        _, idle = self.run_fit(ranks, name, self.tiny, dataset)
        output, busy = self.run_fit(ranks, name, self.large, dataset)
        estimate = printed_estimate(output)
        growth = [b["peak"] - i["peak"] for b, i in zip(busy, idle)]
        read = [b["read"] - i["read"] for b, i in zip(busy, idle)]
        print(f"{name}, {dataset}, {ranks} ranks: data {DATA / ranks / MIB:.1f} MiB a rank, estimate "
              f"{estimate / MIB:.1f}, growth {max(growth) / MIB:.1f}, read {max(read) / MIB:.1f}")  # fmt: skip
        blocks = 3 * BLOCK_ROWS * FEATURES * 8  # a rank may own one more than others; two are prepared at a time
        columns = STARTING.get(name, KEPT) + (name == "weighted")
        self.assertLessEqual(estimate, 1.01 * (DATA + columns * RECORDS * 8) / ranks + blocks + MIB)
        self.assertLessEqual(max(growth), estimate + PIECE + SLACK)
        self.assertGreater(min(growth), 0.9 * DATA / ranks)
        given = GIVEN.get(name, 0) * RECORDS * 8
        self.assertLessEqual(max(read), (DATA + given) / ranks + blocks + MIB)

    def test_each_of_four_ranks_holds_a_quarter(self):
        for name in FITS:
            with self.subTest(fit=name):
                self.expect_share(4, name)

    def test_chunks_do_not_count_twice(self):
        self.expect_share(4, "kmeans", "chunked")

    def test_one_rank_holds_the_data_once(self):
        self.expect_share(1, "kmeans")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
