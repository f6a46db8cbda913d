"""No rank waits for ever: planted failures end the job in seconds, with the exit code of their cause.

usage: failures_test.py MPIEXEC FAILURE_PROGRAM FAILING_TESTS
"""

import subprocess
import sys
import time
import unittest

MPIEXEC, FAILURE_PROGRAM, FAILING_TESTS = sys.argv[1:4]
LIMIT = 15  # seconds
INPUT_REJECTED, UNEXPECTED = 3, 70


def run(ranks, *command):
    """Exit code and output of a program; ranks = 0: without a launcher."""
    launcher = [MPIEXEC, "--oversubscribe", "-n", str(ranks)] if ranks else []
    start = time.monotonic()
    try:
        done = subprocess.run(
            [*launcher, *command], timeout=4 * LIMIT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
    except subprocess.TimeoutExpired:
        return None, "", 4 * LIMIT
    return done.returncode, done.stdout, time.monotonic() - start


class Failures(unittest.TestCase):
    def expect(self, failure, where, ranks, code, message, count=1):
        with self.subTest(failure=failure, where=where, ranks=ranks):
            found, output, seconds = run(ranks, FAILURE_PROGRAM, failure, where)
            self.assertEqual(found, code, output)
            self.assertEqual(output.count(message), count, output)
            self.assertLess(seconds, LIMIT)

    def test_error_on_all_ranks_is_printed_once(self):
        for ranks in 0, 1, 2, 4:
            self.expect("error", "all", ranks, INPUT_REJECTED, "jensen: error: record 17 holds NaN\n")

    def test_error_on_one_rank_ends_the_job(self):
        for ranks in 2, 4:
            for rank in 0, ranks - 1:
                message = f"jensen: error: record 17 holds NaN (rank {rank} alone; the job ends here)"
                self.expect("error", str(rank), ranks, INPUT_REJECTED, message)

    def test_unforeseen_failures_end_the_job(self):
        messages = {
            "bad_alloc": "jensen: error: out of memory on rank {}",
            "logic_error": "jensen: error: unexpected failure on rank {}: a planted defect",
            "noexcept": "jensen: error: the program ended in std::terminate",
            "terminate": "jensen: error: the program ended in std::terminate",
        }
        for failure, message in messages.items():
            for ranks in 0, 1, 2, 4:
                rank = max(ranks - 1, 0)
                self.expect(failure, str(rank), ranks, UNEXPECTED, message.format(rank))

    def test_unforeseen_failure_on_all_ranks(self):
        code, output, seconds = run(4, FAILURE_PROGRAM, "bad_alloc", "all")
        self.assertEqual(code, UNEXPECTED, output)
        self.assertIn("out of memory on rank", output)
        self.assertLess(seconds, LIMIT)


class FailingTests(unittest.TestCase):
    """The main program of the tests keeps the same promise."""

    def expect_failure(self, name, ranks, *messages):
        with self.subTest(test=name, ranks=ranks):
            code, output, seconds = run(ranks, FAILING_TESTS, name)
            self.assertEqual(code, 1, output)
            for message in messages:
                self.assertIn(message, output)
            self.assertLess(seconds, LIMIT)

    def test_failure_on_one_rank(self):
        for ranks in 2, 4:
            self.expect_failure("check missed by the last rank", ranks, f"[rank {ranks - 1}]   CHECK( !is_last() )")
        self.expect_failure("requirement missed by the last rank", 2, "[rank 1]   REQUIRE( !is_last() )")
        self.expect_failure("exception on the last rank", 4, "[rank 3]   planted exception")

    def test_failure_on_all_ranks(self):
        for ranks in 0, 1, 2, 4:
            self.expect_failure("requirement missed by all ranks", ranks, f"{{ {max(ranks - 1, 0)} }} == {{  }}")

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
