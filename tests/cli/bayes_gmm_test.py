"""Bayesian mixtures on the command line: what a fit says, and its posterior read back from the file."""

import math
import unittest

import h5py
import numpy as np

import support
from support import ALONE, INPUT, USAGE, write

FAMILIES = "full", "tied", "diag", "spherical", "equal-spherical"


def log_t(distances, degrees, dimensions, log_determinant):
    constant = math.lgamma((degrees + dimensions) / 2) - math.lgamma(degrees / 2)
    constant -= (dimensions * math.log(degrees * math.pi) + log_determinant) / 2
    return constant - (degrees + dimensions) / 2 * np.log1p(distances / degrees)


def log_predictive(path, records):
    """From what the file says of the posterior (Bishop 2006, eq. 10.81, and its like for fewer variances)."""
    with h5py.File(path) as file:
        family = file["parameters"].attrs["family"]
        weights, means = file["parameters/weights"][...], file["parameters/means"][...]
        covariances = file["parameters/covariances"][...]
        betas, degrees = file["posterior/mean_precisions"][...], file["posterior/degrees_of_freedom"][...]
    count, d = means.shape
    terms = []
    for k in range(count):
        sigma, nu, beta = covariances[0 if len(covariances) == 1 else k], degrees[k], betas[k]
        z = records - means[k]
        if family == "VVI":
            scales = np.diag(sigma) * (1 + 1 / beta)
            term = sum(log_t(z[:, i] ** 2 / scales[i], nu, 1, math.log(scales[i])) for i in range(d))
        else:
            full = family in ("VVV", "EEE")
            own = nu + 1 - d if full else d * nu
            scale = sigma * (1 + 1 / beta) * (nu / own if full else 1)
            distances = np.einsum("nd,de,ne->n", z, np.linalg.inv(scale), z)
            term = log_t(distances, own, d, np.linalg.slogdet(scale)[1])
        terms.append(math.log(weights[k]) + term)
    return np.logaddexp.reduce(terms, axis=0)


class BayesGmm(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.records, cls.groups = support.clusters(records=90)
        cls.data = write(cls.inputs / "data.h5", data=cls.records, labels=cls.groups)
        cls.models = {}
        for family in FAMILIES:
            cls.models[family] = str(cls.inputs / f"{family}.h5")
            fit = ["fit", "bayes-gmm", f"{cls.data}:/data", "--components", 6, "--covariance", family, "--restarts", 2]
            found = support.run([*fit, "-o", cls.models[family]])
            assert found.code == 0, found.stderr
            if family == "full":
                cls.printed = found.stdout

    def predicted(self, model, ranks=ALONE):
        self.done(["predict", model, f"{self.data}:/data", "-o", "out.h5", "--responsibilities"], ranks)
        with h5py.File(self.folder / "out.h5") as file:
            return {name: file[name][...] for name in ("labels", "log_density", "uncertainty", "responsibilities")}

    def test_a_fit_says_what_it_found(self):
        for part in "ELBO", "all labellings", "live components         3", "prior", "Dirichlet of concentration 0.1667; the data's mean, worth 1":
            self.assertIn(part, self.printed)
        self.assertIn("log predictive", self.printed)
        self.assertNotIn("BIC", self.printed)
        info = self.done(["info", self.models["full"]]).stdout
        self.assertIn("live components         3", info)
        table = info[info.index("component  weight") :].splitlines()
        self.assertEqual([len(line) > 0 for line in table[:5]], [True, True, True, True, False])

    def test_all_labellings_count_those_of_live_components(self):
        with h5py.File(self.models["full"]) as file:
            fit = dict(file["fit"].attrs)
        self.assertEqual(fit["live_components"], 3)
        self.assertAlmostEqual(fit["elbo_multiplicity"] - fit["elbo"], math.log(6 * 5 * 4), places=9)
        self.assertLess(fit["elbo"], fit["log_predictive"])
        self.assertAlmostEqual(fit["objective"], fit["elbo"], places=9)

    def test_log_densities_are_those_of_the_stored_posterior(self):
        for family, model in self.models.items():
            with self.subTest(family=family):
                found = self.predicted(model)
                np.testing.assert_allclose(found["log_density"], log_predictive(model, self.records), atol=1e-10)
                np.testing.assert_allclose(found["responsibilities"].sum(axis=1), 1, atol=1e-12)
                np.testing.assert_array_equal(found["labels"], found["responsibilities"].argmax(axis=1))
                score = self.done(["score", model, f"{self.data}:/data"]).stdout
                self.assertIn(f"{found['log_density'].sum():.9g}", score)

    def test_three_ranks_write_the_same_bits(self):
        alone, three = self.predicted(self.models["full"]), self.predicted(self.models["full"], ranks=3)
        for name, values in alone.items():
            self.assertEqual(values.tobytes(), three[name].tobytes())
        fit = ["fit", "bayes-gmm", f"{self.data}:/data", "--components", 6, "--restarts", 2, "-o", "three.h5"]
        self.done(fit, ranks=3)
        with h5py.File(self.models["full"]) as one, h5py.File(self.folder / "three.h5") as other:
            for name in "state/sizes", "state/means", "state/covariances", "parameters/weights", "prior/covariance":
                self.assertEqual(one[name][...].tobytes(), other[name][...].tobytes(), name)

    def test_starts(self):
        fit = ["fit", "bayes-gmm", f"{self.data}:/data", "--components", 3, "-o", "out.h5"]
        self.done([*fit, "--start", f"labels:{self.data}:/labels"])
        with h5py.File(self.folder / "out.h5") as file:
            np.testing.assert_allclose(file["posterior/sizes"][...], [30, 30, 30], atol=0.1)
            elbo = file["fit"].attrs["elbo"]
        self.done(["fit", "gmm", f"{self.data}:/data", "--components", 3, "-o", "gmm.h5"])
        for model in "gmm.h5", "out.h5":
            self.done([*fit[:-1], "again.h5", "--start", f"model:{model}"])
            with h5py.File(self.folder / "again.h5") as file:
                self.assertAlmostEqual(file["fit"].attrs["elbo"], elbo, delta=1e-3)
        self.done(["fit", "gmm", f"{self.data}:/data", "--components", 3, "--start", "model:out.h5", "-o", "em.h5"])

    def test_draws_are_heavier_in_the_tails_than_few_records_are(self):
        self.done(["sample", self.models["full"], "-n", 20000, "-o", "drawn.h5"])
        with h5py.File(self.folder / "drawn.h5") as file:
            drawn, labels = file["data"][...], file["labels"][...]
        with h5py.File(self.models["full"]) as file:
            weights, means = file["parameters/weights"][...], file["parameters/means"][...]
        shares = np.bincount(labels, minlength=6) / 20000
        np.testing.assert_allclose(shares, weights, atol=0.02)
        np.testing.assert_allclose(np.median(drawn[labels == 0], axis=0), means[0], atol=0.3 * drawn.std())

    def test_what_cannot_be_fitted_is_refused(self):
        dependent = write(self.folder / "dependent.h5", data=np.column_stack([self.records, self.records[:, 0]]))
        constant = write(self.folder / "constant.h5", data=np.column_stack([self.records, np.ones(90)]))
        fit = ["fit", "bayes-gmm"]
        few = ["--components", 2, "-o", "x.h5"]
        self.refused([
            ([*fit, dependent, *few], INPUT, "the covariance of the data is not positive definite", "--covariance diag"),
            ([*fit, constant, *few], INPUT, "feature 'x3' is constant"),
            ([*fit, f"{self.data}:/data", *few, "--degrees-of-freedom", 2], USAGE, "degrees-of-freedom = 2 (must be above 2"),
            ([*fit, f"{self.data}:/data", *few, "--concentration", -1], USAGE, "concentration = -1 (must be positive"),
            ([*fit, f"{self.data}:/data", *few, "--weight-prior", "flat"], USAGE, "(must be dirichlet or stick-breaking)"),
            ([*fit, f"{self.data}:/data", "--components", 91, "-o", "x.h5"], INPUT, "91"),
        ])  # fmt: skip


if __name__ == "__main__":
    unittest.main(verbosity=2)
