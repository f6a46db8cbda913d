"""A fit of more than 2^31 numbers, which 32 bits do not count."""

import re
import unittest
import zlib
from pathlib import Path

import h5py
import numpy as np

import support
from lasting import content

FEATURES = 32
CHUNK = 1 << 16  # records
CHUNKS = (1 << 31) // FEATURES // CHUNK + 9
KINDS = [i % 2 for i in range(CHUNKS - 1)] + [2]  # of chunks: two clusters in turns, and an outlying part of the second
NEEDED = 14 << 30  # bytes; the numbers alone take 8.7 GB as float32


def free_memory():
    """Bytes, on the machine and to the container."""
    free = 1024 * int(re.search(r"MemAvailable: +(\d+) kB", Path("/proc/meminfo").read_text())[1])
    limit = Path("/sys/fs/cgroup/memory.max")
    text = limit.read_text().strip() if limit.exists() else "max"
    return free if text == "max" else min(free, int(text))


FREE = free_memory()


def records_of(kind):
    """Of a chunk."""
    column = np.arange(FEATURES)
    place = [10 * (column % 4 == 0), 10 * (column % 4 == 1), 10 * (column % 4 == 1) + 5 * (column % 4 == 2)]
    return (place[kind] + np.arange(CHUNK * FEATURES).reshape(CHUNK, FEATURES) % 3).astype("i1")


def write_data(file):
    packed = [zlib.compress(records_of(kind).tobytes(), 1) for kind in range(3)]
    shape = {"shape": (CHUNKS * CHUNK, FEATURES), "chunks": (CHUNK, FEATURES)}
    with h5py.File(file, "w") as out:
        data = out.create_dataset("data", dtype="i1", compression="gzip", **shape)
        for i, kind in enumerate(KINDS):
            data.id.write_direct_chunk((i * CHUNK, 0), packed[kind])


class LargeData(support.Case):
    @unittest.skipIf(FREE < NEEDED, f"{FREE >> 30} GiB of memory are free, 14 are needed")
    def test_every_record_counts_and_the_bits_are_the_same(self):
        self.assertGreater(CHUNKS * CHUNK * FEATURES, 1 << 31)
        write_data(self.folder / "data.h5")
        found = []
        for ranks in 1, 2:
            fit = "fit", "kmeans", "data.h5", "--components", 2, "--restarts", 1, "-o", f"{ranks}.h5", "--progress", "none"
            done = support.run(fit, ranks, self.folder, limit=140)
            self.assertEqual(done.code, 0, done.stderr)
            found.append(content(self.folder / f"{ranks}.h5"))
        self.assertEqual(found[0], found[1])

        chunks = np.bincount(KINDS)
        means = np.array([records_of(kind).mean(axis=0) for kind in range(3)])
        with h5py.File(self.folder / "1.h5") as model:
            order = np.argsort(model["parameters/centroids"][:, 1])
            sizes, centroids = model["fit/sizes"][:][order], model["parameters/centroids"][:][order]
        np.testing.assert_array_equal(sizes, [CHUNK * chunks[0], CHUNK * (chunks[1] + chunks[2])])
        np.testing.assert_allclose(centroids[0], means[0], rtol=1e-14)
        np.testing.assert_allclose(centroids[1], np.average(means[1:], axis=0, weights=chunks[1:]), rtol=1e-14)


if __name__ == "__main__":
    unittest.main()
