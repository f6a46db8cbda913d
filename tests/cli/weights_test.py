"""Frequency weights: a record of weight w counts as w records."""

import re
import unittest

import h5py
import numpy as np

import support
from reference import Mixture, squared_distances
from support import write

FITS = [
    ("gmm", "--covariance", "full"),
    ("gmm", "--covariance", "tied"),
    ("gmm", "--covariance", "diag"),
    ("kmeans",),
]


class Weights(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.records, cls.groups = support.clusters(records=150)
        cls.records += np.random.default_rng(2).normal(size=cls.records.shape) * 3
        cls.weights = np.random.default_rng(5).integers(0, 4, size=150)
        cls.weighted = cls.table("weighted", cls.records, cls.groups, cls.weights.astype(float))
        times = cls.weights
        cls.repeated = cls.table("repeated", np.repeat(cls.records, times, axis=0), np.repeat(cls.groups, times))
        here = times > 0
        cls.present = cls.table("present", cls.records[here], cls.groups[here], times[here].astype(np.int32))

    @classmethod
    def table(cls, name, records, labels, weights=None):
        datasets = {"data": records, "labels": labels} | ({} if weights is None else {"weights": weights})
        return write(cls.inputs / f"{name}.h5", **datasets)

    def fitted(self, file, model, *options, ranks=support.ALONE):
        output = self.folder / "model.h5"
        weights = ["--weights", "/weights"] if file != self.repeated else []
        start = ["--start", f"labels:{file}:/labels", "--tolerance", 0, "--max-iterations", 30]
        self.done(["fit", model, f"{file}:/data", "--components", 3, *start, *weights, *options, "-o", output], ranks)
        with h5py.File(output) as opened:
            numbers = {name: opened["parameters"][name][...] for name in opened["parameters"]}
            numbers["objective"] = opened["fit"].attrs["objective"]
            numbers["total_weight"] = opened["fit"].attrs["total_weight"]
            numbers["sizes"] = opened["fit/sizes"][...]
            for name in {"bic", "icl", "aic", "icl_entropy"} & set(opened["fit"].attrs):
                numbers[name] = opened["fit"].attrs[name]
            return numbers

    def same(self, found, expected):
        self.assertEqual(set(found), set(expected))
        for name in expected:
            np.testing.assert_allclose(found[name], expected[name], rtol=1e-9, atol=1e-9, err_msg=name)

    def test_weights_are_repetitions(self):
        for fit in FITS:
            with self.subTest(fit=fit):
                weighted = self.fitted(self.weighted, *fit, ranks=2)
                self.assertEqual(weighted["total_weight"], self.weights.sum())
                self.same(weighted, self.fitted(self.repeated, *fit))

    def test_weight_0_is_absence(self):
        for fit in FITS:
            with self.subTest(fit=fit):
                self.same(self.fitted(self.weighted, *fit), self.fitted(self.present, *fit))

    def test_an_absent_record_may_lie_anywhere(self):
        records = self.records.copy()
        records[self.weights == 0] = 1e6
        far = self.table("far", records, self.groups, self.weights)
        for fit in FITS:
            with self.subTest(fit=fit):
                self.same(self.fitted(far, *fit), self.fitted(self.present, *fit))

    def test_weights_of_another_file(self):
        bare = write(self.folder / "bare.h5", data=self.records)
        output = self.folder / "bare-model.h5"
        weights = f"{self.weighted}:/weights"
        self.done(["fit", "gmm", bare, "--components", 3, "--weights", weights, "-o", output])
        found = self.done(["score", output, bare, "--weights", weights]).stdout
        self.assertIn("BIC", found)
        expected = Mixture(output).criteria(self.records, self.weights)
        printed = float(re.search(r"^log-likelihood +(\S+)", found, re.MULTILINE).group(1))
        np.testing.assert_allclose(printed, expected["log_likelihood"], rtol=5e-9)
        found = self.done(["score", output, bare]).stdout
        self.assertNotIn("BIC", found)

    def test_criteria(self):
        output = self.folder / "model.h5"
        data = f"{self.weighted}:/data"
        fractions = write(self.folder / "fractions.h5", w=self.weights / 7)
        self.done(["fit", "gmm", data, "--components", 3, "--weights", f"{fractions}:/w", "-o", output])
        with h5py.File(output) as model:
            for name, value in Mixture(output).criteria(self.records, self.weights / 7).items():
                np.testing.assert_allclose(model["fit"].attrs[name], value, rtol=1e-10, atol=1e-9, err_msg=name)
        self.done(["fit", "kmeans", data, "--components", 3, "--weights", f"{fractions}:/w", "-o", output])
        with h5py.File(output) as model:
            expected = squared_distances(output, self.records).min(axis=1) @ self.weights / 7
            np.testing.assert_allclose(model["fit"].attrs["inertia"], expected, rtol=1e-10)


if __name__ == "__main__":
    unittest.main(verbosity=2)
