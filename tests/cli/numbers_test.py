"""What predict, score and fit say, against numpy."""

import re
import unittest

import h5py
import numpy as np

import support
from reference import Mixture, squared_distances
from support import ALONE, write

FAMILIES = {"full": "VVV", "tied": "EEE", "diag": "VVI", "spherical": "VII", "equal-spherical": "EII"}
CLOSE = 1e-10


class Numbers(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.records, _ = support.clusters(records=400, features=3, seed=3)
        cls.records += np.random.default_rng(9).normal(size=cls.records.shape) * [2, 5, 3] + 100
        cls.others = cls.records[:150] + 0.5
        cls.data = write(cls.inputs / "data.h5", data=cls.records)
        cls.other_data = write(cls.inputs / "others.h5", data=cls.others)
        cls.models = {}
        for family in FAMILIES:
            cls.models[family] = str(cls.inputs / f"{family}.h5")
            cls.fit(family, "gmm", "--covariance", family)
        cls.models["kmeans"] = str(cls.inputs / "kmeans.h5")
        cls.fit("kmeans", "kmeans")

    @classmethod
    def fit(cls, name, model, *options):
        file = cls.models[name]
        found = support.run(
            ["fit", model, cls.data, "--components", 3, "--restarts", 2, *options, "-o", file]
        )
        assert found.code == 0, found.stderr

    def close(self, found, expected):
        np.testing.assert_allclose(found, expected, rtol=CLOSE, atol=CLOSE)

    def results(self, name, data, ranks=ALONE, *options):
        file = self.folder / f"results-{ranks}.h5"
        self.done(["predict", self.models[name], data, "-o", file, *options], ranks)
        with h5py.File(file) as opened:
            self.assertEqual(opened.attrs["format"], "jensen-results")
            return {column: opened[column][...] for column in opened}

    def test_predictions_of_mixtures(self):
        for family in FAMILIES:
            for data, records in (self.data, self.records), (self.other_data, self.others):
                with self.subTest(family=family, records=len(records)):
                    found = self.results(family, data, ALONE, "--responsibilities")
                    mixture = Mixture(self.models[family])
                    r = mixture.responsibilities(records)
                    self.assertEqual(set(found), {"labels", "log_density", "uncertainty", "responsibilities"})
                    self.assertEqual(found["labels"].dtype, np.int32)
                    np.testing.assert_array_equal(found["labels"], r.argmax(axis=1))
                    self.close(found["log_density"], mixture.log_density(records))
                    self.close(found["uncertainty"], 1 - r.max(axis=1))
                    self.close(found["responsibilities"], r)

    def test_predictions_of_kmeans(self):
        found = self.results("kmeans", self.other_data)
        squared = squared_distances(self.models["kmeans"], self.others)
        np.testing.assert_array_equal(found.pop("labels"), squared.argmin(axis=1))
        (name,) = found
        self.assertEqual(name, "squared_distance")
        self.close(found[name], squared.min(axis=1))

    def test_same_bytes_on_any_number_of_ranks(self):
        for name in "full", "kmeans":
            alone = self.results(name, self.data)
            for ranks in 1, 3, 13:
                found = self.results(name, self.data, ranks)
                for column, values in alone.items():
                    self.assertEqual(found[column].tobytes(), values.tobytes(), f"{name} {column} {ranks}")

    def test_parameters_of_files(self):
        for family, letters in FAMILIES.items():
            with self.subTest(family=family):
                mixture = Mixture(self.models[family])
                self.assertEqual(mixture.family, letters)
                self.close(mixture.weights.sum(), 1)
                shared = letters[0] == "E"
                self.assertEqual(mixture.covariances.shape, (1 if shared else 3, 3, 3))
                self.assertEqual(len(mixture.volume), len(mixture.covariances))
                self.assertEqual(len(mixture.shape), len(mixture.covariances))
                self.assertIn(len(mixture.orientation), (1, len(mixture.covariances)))
                for c, covariance in enumerate(mixture.covariances):
                    o = mixture.orientation[c if len(mixture.orientation) > 1 else 0]
                    self.close(o @ o.T, np.eye(3))
                    self.close(mixture.shape[c].prod(), 1)
                    self.close(mixture.volume[c] * o @ np.diag(mixture.shape[c]) @ o.T, covariance)

    def test_criteria_of_fits(self):
        for family in FAMILIES:
            with self.subTest(family=family), h5py.File(self.models[family]) as model:
                fit = model["fit"].attrs
                mixture = Mixture(self.models[family])
                for name, value in mixture.criteria(self.records).items():
                    np.testing.assert_allclose(fit[name], value, rtol=CLOSE, atol=1e-9, err_msg=name)
                self.assertEqual(fit["free_parameters"], mixture.free_parameters())
                self.close(fit["elbo"], fit["log_likelihood"])
                self.close(fit["objective"], fit["log_likelihood"])
                self.close(model["fit/sizes"], mixture.responsibilities(self.records).sum(axis=0))
                self.close(fit["smallest_weight"], mixture.weights.min())

    def test_inertia(self):
        squared = squared_distances(self.models["kmeans"], self.records)
        with h5py.File(self.models["kmeans"]) as model:
            self.close(model["fit"].attrs["inertia"], squared.min(axis=1).sum())
            self.close(model["fit"].attrs["objective"], squared.min(axis=1).sum())
            np.testing.assert_array_equal(model["fit/sizes"], np.bincount(squared.argmin(axis=1)))
            self.assertFalse({"bic", "aic", "icl", "log_likelihood"} & set(model["fit"].attrs))

    def printed(self, label, text):
        return float(re.search(rf"^ *{label} +(\S+)", text, re.MULTILINE).group(1))

    def test_score(self):
        for family in FAMILIES:
            for ranks in ALONE, 3:
                with self.subTest(family=family, ranks=ranks):
                    text = self.done(["score", self.models[family], self.data], ranks).stdout
                    expected = Mixture(self.models[family]).criteria(self.records)
                    names = {"log-likelihood": "log_likelihood", "BIC": "bic", "AIC": "aic", "ICL": "icl"}
                    for label, name in names.items():
                        np.testing.assert_allclose(self.printed(label, text), expected[name], rtol=5e-9)
                    self.assertEqual(self.printed("records", text), 400)

    def test_score_of_other_records(self):
        file = self.folder / "scores.h5"
        text = self.done(["score", self.models["full"], self.other_data, "-o", file]).stdout
        mixture = Mixture(self.models["full"])
        expected = mixture.criteria(self.others)["log_likelihood"]
        np.testing.assert_allclose(self.printed("log-likelihood", text), expected, rtol=5e-9)
        np.testing.assert_allclose(self.printed("per record", text), expected / 150, rtol=5e-9)
        for label in "BIC", "AIC", "ICL":
            self.assertNotIn(label, text)
        self.assertIn("not the records that the model was fitted to", text)
        with h5py.File(file) as opened:
            self.close(opened["log_density"], mixture.log_density(self.others))

    def test_score_of_kmeans(self):
        text = self.done(["score", self.models["kmeans"], self.other_data]).stdout
        expected = squared_distances(self.models["kmeans"], self.others).min(axis=1).sum()
        np.testing.assert_allclose(self.printed("inertia", text), expected, rtol=5e-9)
        self.assertNotIn("BIC", text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
