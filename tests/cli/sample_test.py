"""Records drawn from a mixture: their bits, their moments, and what a fit finds in them."""

import json
import unittest

import h5py
import numpy as np

import support
from reference import Mixture
from support import ALONE, INPUT, OUTPUT, USAGE, write

N = 100_000


class Sample(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        records, _ = support.clusters()
        cls.data = write(cls.inputs / "data.h5", data=1e3 + records)
        with h5py.File(cls.data, "a") as file:
            file["data"].attrs["feature_names"] = ["red", "green", "blue"]
        cls.models = {}
        for family in "full", "tied", "diag", "spherical", "equal-spherical":
            cls.models[family] = str(cls.inputs / f"{family}.h5")
            fit = ["fit", "gmm", cls.data, "--components", 3, "--restarts", 1, "--covariance", family]
            found = support.run([*fit, "-o", cls.models[family]])
            assert found.code == 0, found.stderr
        cls.clusters = str(cls.inputs / "kmeans.h5")
        found = support.run(["fit", "kmeans", cls.data, "--components", 3, "-o", cls.clusters])
        assert found.code == 0, found.stderr

    def drawn(self, *options, model=None, ranks=ALONE, name="out.h5"):
        self.done(["sample", model or self.models["full"], "-o", name, *options], ranks)
        with h5py.File(self.folder / name) as file:
            return file["data"][...], file["labels"][...]

    def test_same_bits_on_any_number_of_ranks(self):
        alone, labels = self.drawn("-n", 5001, "--seed", 9)
        for ranks in 1, 3, 7:
            values, others = self.drawn("-n", 5001, "--seed", 9, ranks=ranks)
            np.testing.assert_array_equal(values.view(np.uint64), alone.view(np.uint64))
            np.testing.assert_array_equal(others, labels)

    def test_a_longer_sample_begins_with_the_shorter_one(self):
        short, long = self.drawn("-n", 7)[0], self.drawn("-n", 3000)[0]
        np.testing.assert_array_equal(long[:7], short)
        one, labels = self.drawn("-n", 1)
        np.testing.assert_array_equal(one, short[:1])
        self.assertEqual((one.dtype, labels.dtype), (np.float64, np.int32))
        other = self.drawn("-n", 7, "--seed", 2)[0]
        self.assertFalse(np.isclose(other, short).any())

    def test_moments(self):
        # within 5 standard errors; the seed is fixed, so that the outcome is too
        for family, file in self.models.items():
            with self.subTest(family=family):
                values, labels = self.drawn("-n", N, model=file)
                mixture = Mixture(file)
                sizes = np.bincount(labels, minlength=3)
                expected = N * mixture.weights
                self.assertLess(np.sum((sizes - expected) ** 2 / expected), 2 + 5 * 2)  # chi-square, sd 2
                for k, size in enumerate(sizes):
                    own = values[labels == k] - mixture.means[k]
                    sigma = mixture.covariances[k % len(mixture.covariances)]
                    variances = np.diag(sigma)
                    self.assertLess(np.max(np.abs(own.mean(0)) / np.sqrt(variances / size)), 5)
                    error = np.sqrt((np.outer(variances, variances) + sigma**2) / size)
                    self.assertLess(np.max(np.abs(own.T @ own / size - sigma) / error), 5)
                    white = np.linalg.solve(np.linalg.cholesky(sigma), own.T)
                    self.assertLess(abs(np.mean(white**4) - 3) / np.sqrt(96 / white.size), 5)

    def test_records_are_independent(self):
        values, labels = self.drawn("-n", N)
        centred = values - Mixture(self.models["full"]).means[labels]
        scaled = centred / centred.std(0)
        for lag in 1, 2, 4:
            correlation = np.mean(scaled[lag:] * scaled[:-lag], 0)
            self.assertLess(np.max(np.abs(correlation)), 5 / np.sqrt(N))

    def test_a_fit_recovers_the_model(self):
        self.drawn("-n", N)
        fit = ["fit", "gmm", "out.h5", "--components", 3, "--start", "labels:out.h5:/labels"]
        self.done([*fit, "-o", "again.h5"], 2)
        truth, found = Mixture(self.models["full"]), Mixture(self.folder / "again.h5")
        with h5py.File(self.folder / "again.h5") as file:
            self.assertEqual(file["data/feature_names"].asstr()[:].tolist(), ["red", "green", "blue"])
        for k in range(3):
            size = N * truth.weights[k]
            sd = np.sqrt(np.diag(truth.covariances[k]))
            self.assertLess(np.max(np.abs(found.means[k] - truth.means[k]) / sd), 6 / np.sqrt(size))
            self.assertLess(abs(found.weights[k] - truth.weights[k]), 6 / np.sqrt(N))
            error = (found.covariances[k] - truth.covariances[k]) / np.outer(sd, sd)
            self.assertLess(np.max(np.abs(error)), 6 * np.sqrt(2 / size))

    def test_what_is_said(self):
        text = self.done(["sample", self.models["diag"], "-n", 5, "-o", "o.h5"]).stdout
        self.assertIn(f"5 records x 3 features drawn from {self.models['diag']}, seed 1", text)
        for ranks in ALONE, 2:
            run = self.done(["sample", self.models["tied"], "-n", 50, "-o", "o.h5", "--seed", 4, "--json"], ranks)
            found = json.loads(run.stdout)
            sizes = found.pop("sizes")
            with h5py.File(self.folder / "o.h5") as file:
                self.assertEqual(np.bincount(file["labels"], minlength=3).tolist(), sizes)
                self.assertEqual((file.attrs["seed"], file.attrs["model_file"]), (4, self.models["tied"]))
            self.assertEqual(
                found, {"output": "o.h5", "model_file": self.models["tied"], "records": 50, "features": 3, "seed": 4}
            )

    def test_refusals(self):
        model = self.models["full"]

        def case(*options, code=USAGE):
            return ["sample", model, "-o", "out.h5", *options], code

        self.refused(
            [
                (*case("-n", 0), "records = 0", "must be 1 to"),
                (*case("-n", -1), "records = -1", "must be 1 to"),
                (*case("-n", 1.5), "records = '1.5'", "integer"),
                (*case("-n", 2**60), "records = 1152921504606846976", "must be 1 to"),
                (*case("-n", 2**53, code=OUTPUT), "cannot write 'out.h5'", "are free there"),
                (*case("-n", 5, "--seed", -1), "seed = -1"),
                (*case(), "records is missing", "-n N"),
                (["sample", model, "-n", 5], USAGE, "output is missing"),
                (["sample", model, "-n", 5, "-o", model], USAGE, "would be overwritten"),
                (["sample", model, "-n", 5, "-o", "."], OUTPUT, "is a directory"),
                (["sample", model, "-n", 5, "-o", "no/out.h5"], OUTPUT, "no/out.h5"),
                (["sample", self.data, "-n", 5, "-o", "out.h5"], INPUT, "is not a jensen model file"),
                (["sample", self.clusters, "-n", 5, "-o", "out.h5"], INPUT, "no density", "jensen fit gmm"),
                (["sample", model, self.data, "-n", 5, "-o", "out.h5"], USAGE, "one argument too many"),
            ],
            ranks=(ALONE, 3),
        )


if __name__ == "__main__":
    unittest.main(verbosity=2)
