"""slurm/scaling.sbatch, run by a plain bash: 'mpirun' is what the test puts into the path."""

import json
import os
import shutil
import subprocess
import unittest

from support import JENSEN, LIMIT, MPIEXEC, SOURCE, Case

SCRIPT = SOURCE / "slurm" / "scaling.sbatch"


class ScalingJob(Case):
    def setUp(self):
        super().setUp()
        tools = self.folder / "tools"
        tools.mkdir()
        mpirun = tools / "mpirun"
        mpirun.write_text(f'#!/bin/bash\nexec {shutil.which(MPIEXEC)} --oversubscribe "$@"\n')
        mpirun.chmod(0o755)

    def job(self, *arguments, **variables):
        environment = os.environ | {"PATH": f"{self.folder}/tools:{os.environ['PATH']}", "JENSEN": JENSEN}
        environment |= {"SLURM_JOB_ID": "7", "SLURM_NTASKS": "2", "FEATURES": "3", "ITERATIONS": "4"} | variables
        command = ["bash", str(SCRIPT), *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=LIMIT
        )

    def rows(self, done):
        """Of the table: ranks, records, seconds, speedup, efficiency in percent."""
        self.assertEqual(done.returncode, 0, done.stderr)
        table = (self.folder / "scaling-7" / "table").read_text()
        self.assertEqual(table, done.stdout)
        title, names, *rows = table.splitlines()
        self.assertEqual(names.split(), ["ranks", "records", "s/iteration", "speedup", "efficiency"])
        return title, [[float(field.rstrip("%")) for field in row.split()] for row in rows]

    def require_fits(self, rows, iterations):
        for ranks, records, seconds, *_ in rows:
            summary = json.loads((self.folder / "scaling-7" / f"fit-{ranks:.0f}.json").read_text())
            self.assertEqual((summary["ranks"], summary["records"]), (ranks, records))
            self.assertEqual(summary["iteration"], iterations)
            log = (self.folder / "scaling-7" / f"fit-{ranks:.0f}.log").read_text().splitlines()
            events = [json.loads(line) for line in log]
            at = [event["elapsed_seconds"] for event in events if event["event"] == "iteration"]
            steps = sorted(b - a for a, b in zip(at[1:], at[2:]))
            self.assertAlmostEqual(seconds, steps[(len(steps) - 1) // 2], delta=2e-6)

    def require_speedups(self, rows):
        """A speedup is records a second in those of one rank of the first run; an efficiency is a rank's, in percent."""
        base_ranks, base_records, base_seconds, *base = rows[0]
        self.assertEqual(base, [base_ranks, 100])
        for ranks, records, seconds, speedup, efficiency in rows[1:]:
            expected = base_ranks * (records / seconds) / (base_records / base_seconds)
            self.assertAlmostEqual(speedup, expected, delta=0.01 + 0.02 * expected)
            self.assertAlmostEqual(efficiency, 100 * expected / ranks, delta=0.1 + 2 * expected / ranks)

    def test_weak_scaling_gives_each_rank_as_many_records(self):
        title, rows = self.rows(self.job("weak", "500", "gmm", "--components", "4"))
        self.assertEqual(title.split(":")[0], "weak scaling of jensen fit gmm --components 4")
        self.assertIn("500 records of 3 features for each rank, median of 3 iterations", title)
        self.assertEqual([row[:2] for row in rows], [[1, 500], [2, 1000]])
        self.require_fits(rows, 4)
        self.require_speedups(rows)

    def test_strong_scaling_keeps_the_records_and_runs_again_where_it_ran_before(self):
        for _ in range(2):
            done = self.job("strong", "600", "kmeans", "--components", "4", RANKS="2 3", ITERATIONS="3")
            title, rows = self.rows(done)
            self.assertIn("600 records of 3 features in all, median of 2 iterations", title)
            self.assertEqual([row[:2] for row in rows], [[2, 600], [3, 600]])
            self.require_fits(rows, 3)
            self.require_speedups(rows)

    def test_wrong_uses_say_what_is_right_and_a_failed_fit_fails_the_job(self):
        for arguments in (["weak"], ["both", "10", "gmm"], ["weak", "many", "gmm"]):
            done = self.job(*arguments)
            self.assertEqual(done.returncode, 2)
            self.assertIn("usage: sbatch slurm/scaling.sbatch weak|strong RECORDS", done.stderr)
        done = self.job("strong", "100", "gmm", SLURM_JOB_ID="")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("start this script with sbatch", done.stderr)
        done = self.job("strong", "100", "gmm", "--components", "0")
        self.assertEqual(done.returncode, 2)
        self.assertIn("components = 0", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
