"""The posterior predictive of advi files: densities of new records, probabilities of classes, data drawn from it.

`jensen sample` writes the draws of q over which jensen itself averages, so that numpy can do the same."""

import json
import math
import unittest

import h5py
import numpy as np

import support
from advi_test import N, write_data
from support import ALONE, INPUT, USAGE, write

DRAWS, PREDICTED = 1000, 256  # of q, in scores and in predictions
NEW = 150
RESPONSES = {"linear": "y", "robust": "y", "logistic": "yes", "poisson": "count", "negative-binomial": "count", "softmax": "class"}
LABELS = np.array([3, 5, 9])  # of softmax's classes
log_gamma = np.vectorize(math.lgamma)


def log_mean(logs):
    """The logarithm of the mean over the first axis of numbers given by their logarithms."""
    most = logs.max(0)
    return most + np.log(np.exp(logs - most).mean(0))


class Predictive(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = write_data(cls.inputs / "data.h5")
        cls.models = {}
        with h5py.File(cls.data) as data, h5py.File(cls.inputs / "new.h5", "w") as new:
            part = slice(100, 100 + NEW)  # known records, but others than those of the fit
            for name in "X", "y", "yes", "count", "class":
                new[name] = data[name][part]
            new["w"] = np.arange(NEW) % 3.0
            cls.X = new["X"][:]
            cls.y = {name: new[name][:] for name in ("y", "yes", "count", "class")}
            cls.w = new["w"][:]
        cls.new = str(cls.inputs / "new.h5")

    def model(self, target):
        """The file of a fit, done once."""
        file = self.inputs / f"{target}.h5"
        if not file.exists():
            of = ["--response", "/" + RESPONSES[target]] if target in RESPONSES else ["--components", 2]
            self.done(["fit", "advi", self.data + ":/X", "-o", file, "--target", target, *of, "--max-iterations", 300])
        return str(file)

    def draws(self, target, count):
        """Those of seed 1, by name."""
        self.done(["sample", self.model(target), "-n", count, "-o", "draws.h5"])
        with h5py.File(self.folder / "draws.h5") as file:
            return dict(zip(file["draws"].attrs["feature_names"], file["draws"][:].T))

    def predictors(self, draws, suffix=""):
        """S x N."""
        beta = np.stack([draws[name + suffix] for name in "abc"], 1)
        return draws["intercept" + suffix][:, None] + beta @ self.X.T

    def probabilities(self, draws):
        """Of softmax's classes, 3 x S x N."""
        eta = np.stack([np.zeros((len(draws["a [5]"]), NEW)), self.predictors(draws, " [5]"), self.predictors(draws, " [9]")])
        return np.exp(eta) / np.exp(eta).sum(0)

    def log_likelihoods(self, target, draws):
        """S x N."""
        if target == "mixture":
            parts = []
            for k in range(2):
                mean, scale = ([draws[f"{what}[{k},{d}]"] for d in range(3)] for what in ("means", "scales"))
                z = (self.X[:, :, None] - np.stack(mean)) / np.stack(scale)
                log_normal = -0.5 * z**2 - np.log(np.stack(scale)) - 0.5 * math.log(2 * math.pi)
                parts.append(draws[f"weights[{k}]"] * np.exp(log_normal.sum(1)))
            return np.log(sum(parts)).T
        if target == "factor-analysis":
            found = []
            for s in range(len(draws["means[0]"])):
                loadings = np.array([[draws.get(f"loadings[{d},{r}]", np.zeros(s + 1))[s] for r in range(2)] for d in range(3)])
                covariance = loadings @ loadings.T + np.diag([draws[f"noise_scales[{d}]"][s] ** 2 for d in range(3)])
                offset = self.X - [draws[f"means[{d}]"][s] for d in range(3)]
                square = (offset @ np.linalg.inv(covariance) * offset).sum(1)
                found.append(-0.5 * (square + np.linalg.slogdet(2 * math.pi * covariance)[1]))
            return np.array(found)
        y = self.y[RESPONSES[target]]
        if target == "softmax":
            return np.log(np.take_along_axis(self.probabilities(draws), np.searchsorted(LABELS, y)[None, None], 0)[0])
        eta = self.predictors(draws)
        if target == "logistic":
            return y * eta - np.logaddexp(0, eta)
        if target == "poisson":
            return y * eta - np.exp(eta) - log_gamma(y + 1)
        if target == "negative-binomial":
            size = draws["size"][:, None]
            constant = log_gamma(y + size) - log_gamma(size) - log_gamma(y + 1) + size * np.log(size)
            return constant + y * eta - (y + size) * np.log(np.exp(eta) + size)
        scale = draws["scale"][:, None]
        z = (y - eta) / scale
        if target == "linear":
            return -0.5 * z**2 - np.log(scale) - 0.5 * math.log(2 * math.pi)
        nu = 4
        constant = math.lgamma((nu + 1) / 2) - math.lgamma(nu / 2) - 0.5 * math.log(nu * math.pi)
        return constant - (nu + 1) / 2 * np.log1p(z**2 / nu) - np.log(scale)

    def score(self, target, *options, ranks=ALONE, data=None):
        found = self.done(["score", self.model(target), data or self.new + ":/X", "--json", *options], ranks)
        return json.loads(found.stdout)

    def test_scores_are_means_of_densities_over_draws(self):
        for target in *RESPONSES, "mixture", "factor-analysis":
            with self.subTest(target=target):
                expected = log_mean(self.log_likelihoods(target, self.draws(target, DRAWS)))
                found = self.score(target, "--weights", "/w", "-o", "s.h5")
                with h5py.File(self.folder / "s.h5") as file:
                    self.assertEqual(list(file), ["log_density"])
                    np.testing.assert_allclose(file["log_density"][:], expected, rtol=1e-8, atol=1e-8)
                self.assertAlmostEqual(found["log_predictive"] / (self.w @ expected), 1, 9)
                self.assertAlmostEqual(found["mean_log_predictive"] * self.w.sum(), found["log_predictive"], 7)
                self.assertEqual((found["records"], found["total_weight"], found["predictive_draws"]), (NEW, self.w.sum(), DRAWS))
                self.assertNotIn("elbo", found)

    def test_the_elbo_is_that_of_the_training_data(self):
        found = self.score("logistic", data=self.data + ":/X")
        self.assertTrue(found["training_data"])
        with h5py.File(self.model("logistic")) as model:
            self.assertLess(abs(found["elbo"] - model["fit"].attrs["elbo"]), 0.1)
        self.assertLess(found["elbo"], found["log_predictive"])
        text = self.done(["score", self.model("logistic"), self.new + ":/X"]).stdout
        self.assertRegex(text, r"log predictive +-\d.* nats; larger is better\n  per record +-\d.* nats\n  draws of q +1000 ")

    def test_the_same_bits_on_other_ranks(self):
        for target in "negative-binomial", "softmax":
            draw = ["sample", self.model(target), "--predictive", "--data", self.new + ":/X", "-n", 70]
            files = []
            for ranks in ALONE, 3:
                found = self.score(target, "-o", f"s{ranks}.h5", ranks=ranks)
                self.done([*draw, "-o", f"r{ranks}.h5"], ranks)
                with h5py.File(self.folder / f"s{ranks}.h5") as scores, h5py.File(self.folder / f"r{ranks}.h5") as drawn:
                    files.append((found["log_predictive"], scores["log_density"][:].tobytes(), drawn["responses"][:].tobytes()))
            self.assertEqual(*files)
        for target in "mixture", "factor-analysis":
            for ranks in ALONE, 3:
                self.done(["sample", self.model(target), "--predictive", "-n", 900, "-o", f"d{ranks}.h5"], ranks)
            with h5py.File(self.folder / "d0.h5") as one, h5py.File(self.folder / "d3.h5") as other:
                self.assertEqual(one["data"][:].tobytes(), other["data"][:].tobytes())

    def test_probabilities_of_classes(self):
        softmax = self.probabilities(self.draws("softmax", PREDICTED)).mean(1).T
        yes = (1 / (1 + np.exp(-self.predictors(self.draws("logistic", PREDICTED))))).mean(0)
        for target, expected, names in ("softmax", softmax, ["3", "5", "9"]), ("logistic", np.c_[1 - yes, yes], ["0", "1"]):
            for ranks in ALONE, 3:
                self.done(["predict", self.model(target), self.new + ":/X", "-o", "p.h5", "--responsibilities"], ranks)
                with h5py.File(self.folder / "p.h5") as found:
                    np.testing.assert_allclose(found["probabilities"][:], expected, rtol=1e-9)
                    self.assertEqual(list(found["classes"].asstr()), names)
                    self.assertEqual(list(found["labels"]), list(expected.argmax(1)))
        self.done(["predict", self.model("softmax"), self.new + ":/X", "-o", "p.h5"])
        with h5py.File(self.folder / "p.h5") as found:
            self.assertEqual(sorted(found), ["classes", "labels", "mean", "mean_sd"])

    def test_responsibilities_of_components(self):
        self.done(["predict", self.model("mixture"), self.new + ":/X", "-o", "p.h5", "--responsibilities"])
        with h5py.File(self.folder / "p.h5") as found:
            shares = found["probabilities"][:]
            np.testing.assert_allclose(shares.sum(1), 1, rtol=1e-12)
            np.testing.assert_allclose(found["uncertainty"][:], 1 - shares.max(1), rtol=1e-12)
            self.assertEqual(list(found["labels"]), list(shares.argmax(1)))

    def responses(self, target, count):
        found = self.done(["sample", self.model(target), "--predictive", "--data", self.new + ":/X", "-n", count, "-o", "r.h5"])
        self.assertIn(f"{count} responses of each of {NEW} records", found.stdout)
        with h5py.File(self.folder / "r.h5") as file:
            self.assertEqual(list(file), ["responses"])
            return file["responses"][:].T  # S x N

    def test_responses_are_drawn_given_the_parameters_of_the_same_row(self):
        count = 400
        total = count * NEW
        draws = self.draws("linear", count)
        z = (self.responses("linear", count) - self.predictors(draws)) / draws["scale"][:, None]
        self.assertLess(abs(z.mean()), 4.5 / total**0.5)
        self.assertLess(abs((z**2).mean() - 1), 4.5 * (2 / total) ** 0.5)
        mean = np.exp(self.predictors(self.draws("poisson", count)))
        residual = self.responses("poisson", count) - mean
        self.assertLess(abs(residual.sum()), 4.5 * mean.sum() ** 0.5)
        self.assertLess(abs((residual**2 / mean).mean() - 1), 4.5 * ((2 + 1 / mean).mean() / total) ** 0.5)
        shares, drawn = self.probabilities(self.draws("softmax", count)), self.responses("softmax", count)
        self.assertEqual(sorted(set(drawn.ravel())), list(LABELS))
        for label, share in zip(LABELS, shares):
            self.assertLess(abs((drawn == label).sum() - share.sum()), 4.5 * (share * (1 - share)).sum() ** 0.5)

    def test_records_are_drawn(self):
        with h5py.File(self.data) as data:
            X = data["X"][:]
        for target, datasets in ("mixture", ["data", "labels"]), ("factor-analysis", ["data"]):
            found = self.done(["sample", self.model(target), "--predictive", "-n", 20000, "-o", "d.h5"])
            self.assertIn("20000 records x 3 features drawn", found.stdout)
            with h5py.File(self.folder / "d.h5") as file:
                self.assertEqual(list(file), datasets)
                self.assertEqual(list(file["data"].attrs["feature_names"]), ["a", "b", "c"])
                drawn = file["data"][:]
            error = X.std(0) * (1 / N + 1 / 20000) ** 0.5
            self.assertTrue((abs(drawn.mean(0) - X.mean(0)) < 4.5 * error).all(), target)
            self.assertTrue((abs(drawn.std(0) / X.std(0) - 1) < 0.08).all(), target)
        as_json = json.loads(self.done(["sample", self.model("mixture"), "--predictive", "-n", 90, "-o", "d.h5", "--json"]).stdout)
        self.assertEqual(sum(as_json["sizes"]), 90)
        self.done(["fit", "advi", "d.h5:/data", "--target", "mixture", "--components", 2, "-o", "again.h5", "--max-iterations", 10])

    def test_what_is_refused(self):
        linear, mixture, new = self.model("linear"), self.model("mixture"), self.new + ":/X"
        bare = write(self.inputs / "bare.h5", X=self.X)
        strange = write(self.inputs / "strange.h5", X=self.X, yes=np.where(np.arange(NEW) == 17, 2, 1))
        clusters = str(self.inputs / "kmeans.h5")
        self.done(["fit", "gmm", self.data + ":/X", "--components", 2, "--restarts", 1, "-o", clusters])
        self.refused(
            [
                (["score", linear, bare], INPUT, "has no responses '/y', whose probability is the score"),
                (["score", self.model("logistic"), strange + ":/X"], INPUT, "the response of record 17 is 2 (must be 0 or 1)"),
                (["predict", linear, new, "-o", "p.h5", "--responsibilities"], USAGE, "has neither classes nor components"),
                (["predict", self.model("factor-analysis"), new, "-o", "p.h5"], INPUT, "does not say what it expects"),
                (["sample", linear, "--predictive", "-n", 5, "-o", "r.h5"], USAGE, "data is missing; give --data INPUT"),
                (["sample", linear, "--data", new, "-n", 5, "-o", "r.h5"], USAGE, "goes with --predictive alone"),
                (["sample", mixture, "--predictive", "--data", new, "-n", 5, "-o", "r.h5"], USAGE, "draws whole records; leave it out"),
                (["sample", linear, "--predictive", "--data", new, "-n", 10**9, "-o", "r.h5"], USAGE, "records = 1000000000 (must be at most"),
                (["sample", clusters, "--predictive", "-n", 5, "-o", "r.h5"], USAGE, "draws records anyway; leave out --predictive"),
            ]
        )


if __name__ == "__main__":
    unittest.main()
