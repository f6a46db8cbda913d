"""Tasks that srun started without connecting them: what they find in the environment decides."""

import os
import subprocess
import unittest

from support import ALONE, USAGE, Case, command_of

SRUN = {"SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "0"}


class Srun(Case):
    def help(self, ranks=ALONE, **variables):
        return subprocess.run(
            command_of(["help"], ranks), env=os.environ | variables, capture_output=True, text=True, timeout=60
        )

    def test_tasks_that_are_not_connected_are_refused_and_the_first_says_why(self):
        first = self.help(**SRUN)
        self.assertEqual(first.returncode, USAGE)
        self.assertEqual(
            first.stderr,
            "jensen: error: srun started 4 processes that are not connected (must be the ranks of one job); "
            "use srun --mpi=pmix, or mpirun\n",
        )
        self.assertEqual(first.stdout, "")
        other = self.help(**SRUN | {"SLURM_PROCID": "3"})
        self.assertEqual((other.returncode, other.stdout, other.stderr), (USAGE, "", ""))

    def test_one_task_a_terminal_and_ranks_of_mpirun_are_not(self):
        for ranks, variables in (
            (ALONE, {"SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "0"}),
            (ALONE, SRUN | {"SLURM_PTY_PORT": "38115"}),
            (1, SRUN),
            (2, SRUN),
        ):
            with self.subTest(ranks=ranks, variables=variables):
                run = self.help(ranks, **variables)
                self.assertEqual((run.returncode, run.stderr), (0, ""))
                self.assertIn("usage", run.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
