"""Inputs that are damaged, that no memory holds, or that change while a fit runs."""

import os
import random
import re
import subprocess
import time
import unittest

import h5py
import numpy as np

import support
from support import ALONE, INPUT, JENSEN, run, write

RANKS = (ALONE, 1, 3, 7)
FLIPS = 60  # tests/unit/io/input_faults_test.cpp flips a bit of every byte, without the fit


class InputFaults(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.records, _ = support.clusters()
        cls.whole = write(cls.inputs / "whole.h5", data=cls.records)

    def fit(self, data, *options, model="gmm"):
        return ["fit", model, data, "--components", 3, "--restarts", 1, "-o", "out.h5", *options]

    def with_record(self, name, row, value):
        records = self.records.copy()
        records[row] = value
        return write(self.inputs / name, data=records)

    def test_damaged_files(self):
        """Refused by a sentence, or fitted with numbers that are numbers."""
        with open(self.whole, "rb") as file:
            whole = file.read()
        chance = random.Random(7)
        damaged = [whole[: chance.randrange(len(whole))] for _ in range(FLIPS // 3)]
        for _ in range(FLIPS):
            content = bytearray(whole)
            content[chance.randrange(len(whole) // 2)] ^= 1 << chance.randrange(8)  # the header is in front
            damaged.append(bytes(content))
        codes = set()
        for number, content in enumerate(damaged):
            file, out = self.folder / f"{number}.h5", self.folder / f"out{number}.h5"
            file.write_bytes(content)
            found = run(["fit", "kmeans", file, "--components", 2, "--restarts", 1, "-o", out])
            codes.add(found.code)
            self.assertIn(found.code, (0, INPUT), f"{number}: {found.stderr}")
            if found.code == INPUT:
                self.assertEqual(len(found.sentences()), 1, found.stderr)
                self.assertRegex(found.sentences()[0], r"^jensen: error: .*[^.]$")
                self.assertFalse(out.exists())
            else:
                with h5py.File(out) as model:
                    self.assertTrue(np.isfinite(model["parameters/centroids"][:]).all())
        self.assertEqual(codes, {0, INPUT})

    def test_storage(self):
        holder = self.inputs / "storage.h5"
        layout = h5py.VirtualLayout(shape=self.records.shape, dtype="f8")
        layout[:] = h5py.VirtualSource(self.whole, "data", shape=self.records.shape)
        with h5py.File(holder, "w", libver="latest") as file:
            file.create_virtual_dataset("virtual", layout)
            raw = [(str(self.inputs / "raw"), 0, self.records.nbytes)]
            file.create_dataset("external", self.records.shape, "f8", external=raw)[:] = self.records
            file.create_dataset("vast", (2**40, 2**40), "f8", chunks=(64, 64))
            file.create_dataset("long", (2**59, 3), "f8", chunks=(64, 3))
            file.create_dataset("empty", (2**50, 3), "f8", chunks=(64, 3))
            file.create_dataset("lzf", data=self.records, compression="lzf")
        self.refused(
            [
                (self.fit(f"{holder}:/virtual"), INPUT, "refers to values in other files (virtual storage)", "h5repack"),
                (self.fit(f"{holder}:/external"), INPUT, "refers to values in other files (external storage)"),
                (self.fit(f"{holder}:/vast"), INPUT, "1099511627776 x 1099511627776", "64-bit addresses"),
                (self.fit(f"{holder}:/long"), INPUT, "64-bit addresses"),
                (self.fit(f"{holder}:/empty"), INPUT, "not all of its values were ever written"),
                (self.fit(f"{holder}:/lzf"), INPUT, "the filter 32000 ('lzf')", "h5repack -f GZIP=6"),
            ]
        )

    def test_values_at_the_edges_of_shards(self):
        """Of 120 records 3 ranks own 40 each; blocks of 8 and 7 ranks make edges elsewhere."""
        blocks = ["--block-rows", 8]
        cases = [
            (self.fit(self.with_record(f"{name}-{row}.h5", row, value), *blocks), INPUT, f"in record {row} ")
            for name, value in [("nan", np.nan), ("infinity", -np.inf)]
            for row in (0, 39, 40, 119)
        ]
        for ranks in RANKS:
            self.refused(cases, ranks=(ALONE, ranks))

    def test_values_at_the_edges_of_numbers(self):
        """Denormal numbers are numbers; the square of 1e308 is none."""
        for ranks in RANKS:
            self.done(self.fit(self.with_record("tiny.h5", 0, 5e-324), "--progress", "none"), ranks)
        huge = self.fit(self.with_record("huge.h5", 119, 1e308))
        self.refused([(huge, INPUT, "1e+308", "its variance must fit a double")], ranks=RANKS)

    def test_changed_while_fitted(self):
        """A fit holds its records: what becomes of the file then is harmless."""
        options = ["--max-iterations", 3000, "--tolerance", 0, "--progress", "none"]
        big = np.tile(self.records, (400, 1)) + np.random.default_rng(3).normal(size=(48000, 3))
        file = write(self.folder / "data.h5", data=big)
        reference = self.folder / "reference.h5"
        self.done(["fit", "gmm", file, "--components", 3, "--restarts", 1, "-o", reference, *options[2:], "--max-iterations", 40])
        log = self.folder / "log"
        command = [JENSEN, "fit", "gmm", file, "--components", "3", "--restarts", "1", "-o", str(self.folder / "out.h5")]
        command += [*map(str, options[2:]), "--max-iterations", "40", "--log", str(log)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
            limit = time.monotonic() + support.LIMIT
            while not (log.exists() and re.search("iteration", log.read_text())) and time.monotonic() < limit:
                time.sleep(0.002)
            os.truncate(file, 0)
            cut_while_running = process.poll() is None
            _, said = process.communicate(timeout=support.LIMIT)
        self.assertTrue(cut_while_running, "the fit ended before its input was cut off")
        self.assertEqual(process.returncode, 0, said)
        with h5py.File(self.folder / "out.h5") as found, h5py.File(reference) as expected:
            np.testing.assert_array_equal(found["parameters/means"][:], expected["parameters/means"][:])


if __name__ == "__main__":
    unittest.main(verbosity=2)
