"""No rank waits for ever: planted failures end the job in seconds, with the exit code of their cause.

usage: failures_test.py MPIEXEC FAILURE_PROGRAM FAILING_TESTS
"""

import os
import subprocess
import sys
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

MPIEXEC, FAILURE_PROGRAM, FAILING_TESTS = sys.argv[1:4]
LIMIT = 15  # seconds
LAUNCHES = 6  # at a time: mpirun and ranks that are given up mostly wait
INPUT_REJECTED, UNEXPECTED = 3, 70


def run(ranks, *command):
    """Exit code and output of a program; ranks = 0: without a launcher."""
    launcher = [MPIEXEC, "--oversubscribe", "-n", str(ranks)] if ranks else []
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with tempfile.TemporaryDirectory(prefix="mpi-") as own:  # jobs at the same time quarrel over a shared one
        start = time.monotonic()
        try:
            done = subprocess.run(
                [*launcher, *command], env=os.environ | {"TMPDIR": own}, timeout=4 * LIMIT, text=True, **pipes
            )
        except subprocess.TimeoutExpired:
            return None, "", 4 * LIMIT
        return done.returncode, done.stdout, time.monotonic() - start


def run_all(commands):
    """`run` for each (ranks, program, argument, ...), several at a time."""
    with ThreadPoolExecutor(LAUNCHES) as pool:
        return list(pool.map(lambda command: run(*command), commands))


class Failures(unittest.TestCase):
    def expect(self, cases):
        """Of each of `cases`, (failure, where, ranks, exit code, message), the message is printed once."""
        runs = run_all((ranks, FAILURE_PROGRAM, failure, where) for failure, where, ranks, _, _ in cases)
        for (failure, where, ranks, code, message), (found, output, seconds) in zip(cases, runs):
            with self.subTest(failure=failure, where=where, ranks=ranks):
                self.assertEqual(found, code, output)
                self.assertEqual(output.count(message), 1, output)
                self.assertLess(seconds, LIMIT)

    def test_error_on_all_ranks_is_printed_once(self):
        message = "jensen: error: record 17 holds NaN\n"
        self.expect([("error", "all", ranks, INPUT_REJECTED, message) for ranks in (0, 1, 2, 4)])

    def test_error_on_one_rank_ends_the_job(self):
        message = "jensen: error: record 17 holds NaN (rank {} alone; the job ends here)"
        where = [(ranks, rank) for ranks in (2, 4) for rank in (0, ranks - 1)]
        self.expect([("error", str(rank), ranks, INPUT_REJECTED, message.format(rank)) for ranks, rank in where])

    def test_unforeseen_failures_end_the_job(self):
        messages = {
            "bad_alloc": "jensen: error: out of memory on rank {}",
            "logic_error": "jensen: error: unexpected failure on rank {}: a planted defect",
            "noexcept": "jensen: error: the program ended in std::terminate",
            "terminate": "jensen: error: the program ended in std::terminate",
        }
        last = {0: 0, 1: 0, 2: 1, 4: 3}
        self.expect(
            [
                (failure, str(rank), ranks, UNEXPECTED, message.format(rank))
                for failure, message in messages.items()
                for ranks, rank in last.items()
            ]
        )

    def test_unforeseen_failure_on_all_ranks(self):
        code, output, seconds = run(4, FAILURE_PROGRAM, "bad_alloc", "all")
        self.assertEqual(code, UNEXPECTED, output)
        self.assertIn("out of memory on rank", output)
        self.assertLess(seconds, LIMIT)


class FailingTests(unittest.TestCase):
    """The main program of the tests keeps the same promise."""

    def expect_failures(self, cases):
        """Each of `cases`, (name of the test, ranks, message), fails with this message."""
        runs = run_all((ranks, FAILING_TESTS, name) for name, ranks, _ in cases)
        for (name, ranks, message), (code, output, seconds) in zip(cases, runs):
            with self.subTest(test=name, ranks=ranks):
                self.assertEqual(code, 1, output)
                self.assertIn(message, output)
                self.assertLess(seconds, LIMIT)

    def test_failure_on_one_rank(self):
        self.expect_failures(
            [
                ("check missed by the last rank", 2, "[rank 1]   CHECK( !is_last() )"),
                ("check missed by the last rank", 4, "[rank 3]   CHECK( !is_last() )"),
                ("requirement missed by the last rank", 2, "[rank 1]   REQUIRE( !is_last() )"),
                ("exception on the last rank", 4, "[rank 3]   planted exception"),
            ]
        )

    def test_failure_on_all_ranks(self):
        last = {0: 0, 1: 0, 2: 1, 4: 3}
        name = "requirement missed by all ranks"
        self.expect_failures([(name, ranks, f"{{ {rank} }} == {{  }}") for ranks, rank in last.items()])

    def test_exit_code_of_passing_tests(self):
        for ranks in 0, 1, 4:
            code, output, _ = run(ranks, FAILING_TESTS, "passing")
            self.assertEqual(code, 0, output)
            self.assertEqual(output.count("All tests passed"), 1)

    def test_listing_starts_no_mpi(self):
        done = subprocess.run(
            [FAILING_TESTS, "--list-test-names-only"],
            env={"OMPI_COMM_WORLD_SIZE": "2"},  # a launcher's mark without a launcher: MPI_Init would fail
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.assertIn("passing\n", done.stdout)
        self.assertNotIn("MPI", done.stdout)
        self.assertEqual(done.returncode, 5)  # Catch2 2.13 returns the number of tests


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
