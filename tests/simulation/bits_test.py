"""Fits on 1024 simulated ranks have the bits of the serial program.

usage: bits_test.py SIMULATED SERIAL
"""

import subprocess
import sys
import tempfile
import unittest

import cluster

SIMULATED, SERIAL = sys.argv[1:]


class SameBits(unittest.TestCase):
    def test_1024_simulated_ranks_have_the_bits_of_the_serial_program(self):
        serial = subprocess.run([SERIAL], capture_output=True, text=True, check=True).stdout
        self.assertEqual(serial.count(" hash "), 3, serial)
        for ranks in (7, 1024):
            with self.subTest(ranks=ranks), tempfile.TemporaryDirectory() as folder:
                simulated = cluster.run_program(SIMULATED, ranks, folder, timeout=280)
                self.assertEqual(simulated.returncode, 0, simulated.stderr[-2000:])
                self.assertEqual(simulated.stdout, serial)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
