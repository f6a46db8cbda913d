"""Variational inference by gradients: regressions, their files, what is printed, what is refused."""

import json
import unittest

import h5py
import numpy as np

import support
from lasting import checkpoints, place
from support import ALONE, INPUT, USAGE

N = 3000
INTERCEPT, COEFFICIENTS = 0.5, np.array([1.0, -0.5, 2.0])
SHIFTS, SCALES = np.array([0.0, 50.0, -3.0]), np.array([1.0, 10.0, 0.1])


def write_data(file):
    random = np.random.default_rng(1)
    z = random.normal(size=(N, 3))
    eta = INTERCEPT + z @ COEFFICIENTS
    with h5py.File(file, "w") as out:
        out["X"] = z * SCALES + SHIFTS
        out["X"].attrs["feature_names"] = ["a", "b", "c"]
        out["y"] = eta + 0.3 * random.normal(size=N)
        out["yes"] = (random.random(N) < 1 / (1 + np.exp(-eta))).astype(np.int32)
        out["count"] = random.poisson(np.exp(eta / 2))
        out["class"] = np.array([3, 5, 9])[np.argmax(np.stack([0 * eta, eta, -eta]) + random.gumbel(size=(3, N)), axis=0)]
        groups = random.integers(0, 6, N)
        out["g"] = groups * 10
        out["yg"] = out["y"][:] + np.array([-1, -0.5, 0, 0.2, 0.6, 0.7])[groups]
        out["constant"] = np.full(N, 4.0)
        out["broken"] = np.where(np.arange(N) == 1234, np.nan, 1.0)
    return str(file)


class Advi(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = write_data(cls.inputs / "data.h5")

    def fit(self, *options, ranks=ALONE, output="out.h5", data=None, code=0):
        found = self.done(["fit", "advi", data or self.data + ":/X", "-o", output, *options], ranks, code)
        self.printed = found.stdout + found.stderr
        return self.folder / output

    def posterior(self, file):
        with h5py.File(file) as model:
            names = model["parameters/names"].asstr()[:]
            return dict(zip(names, zip(model["parameters/means"][:], model["parameters/sds"][:]))), dict(model["fit"].attrs)

    def check_near(self, found, name, truth):
        mean, sd = found[name]
        self.assertLess(abs(mean - truth), 4.5 * sd, f"{name}: {mean} +- {sd}, in truth {truth}")

    def test_linear_regression_is_least_squares(self):
        for family in "full-rank", "mean-field":
            found, fit = self.posterior(self.fit("--response", "/y", "--family", family))
            with h5py.File(self.data) as data:
                X, y = data["X"][:], data["y"][:]
            design = np.c_[np.ones(N), X]
            exact, (residual,), _, _ = np.linalg.lstsq(design, y, rcond=None)
            sds = np.sqrt(np.diag(np.linalg.inv(design.T @ design)) * residual / (N - 4))
            for name, mean, sd in zip(["intercept", "a", "b", "c"], exact, sds):
                self.assertLess(abs(found[name][0] - mean), 0.1 * sd, name)
                self.assertLess(abs(found[name][1] / sd - 1), 0.1, name)
            self.assertEqual(fit["converged"], 1)
            self.assertLess(fit["k_hat"], fit["k_hat_threshold"])
            self.assertLess(fit["elbo_standard_error"], 0.1)

    def test_other_responses_find_the_truth(self):
        truth = COEFFICIENTS / SCALES
        cases = [("logistic", "/yes", 1), ("poisson", "/count", 0.5), ("negative-binomial", "/count", 0.5), ("robust", "/y", 1)]
        for target, response, factor in cases:
            found, fit = self.posterior(self.fit("--target", target, "--response", response, "--max-iterations", 2000))
            for name, value in zip("abc", truth):
                self.check_near(found, name, factor * value)
            self.assertLess(fit["k_hat"], 1)
        found, _ = self.posterior(self.fit("--target", "softmax", "--response", "/class"))
        for name, value in zip("abc", truth):
            self.check_near(found, f"{name} [5]", value)
            self.check_near(found, f"{name} [9]", -value)

    def test_the_horseshoe_shrinks(self):
        with h5py.File(self.data) as data, h5py.File(self.folder / "wide.h5", "w") as out:
            out["X"] = np.c_[data["X"][:300], np.random.default_rng(2).normal(size=(300, 4))]
            out["y"] = data["y"][:300]
        found, _ = self.posterior(self.fit("--response", "/y", "--prior", "horseshoe", "--family", "mean-field",
                                           data="wide.h5:/X"))
        self.assertLess(max(abs(found[f"x{j}"][0]) for j in range(3, 7)), 0.1)
        self.assertLess(abs(found["x0"][0] - 1), 0.1)

    def test_a_column_is_the_response(self):
        with h5py.File(self.data) as data:
            table = np.c_[data["X"][:, :2], data["yes"][:], data["X"][:, 2]]
        np.savetxt(self.folder / "t.csv", table, delimiter=",", header="a,b,yes,c", comments="", fmt="%.17g")
        self.done(["import", "t.csv", "-o", "t.h5"])
        other = self.fit("--target", "logistic", "--response", "/yes", output="other.h5")
        column = self.fit("--target", "logistic", "--response", "yes", data="t.h5", output="column.h5")
        self.assertEqual(self.posterior(column)[0], self.posterior(other)[0])

    def test_the_same_bits_on_other_ranks_and_after_a_kill(self):
        options = ["--response", "/yg", "--groups", "/g", "--max-iterations", 40, "--tolerance", 0]
        whole = self.fit(*options, output="whole.h5")
        three = self.fit(*options, ranks=3, output="three.h5")
        options += ["--checkpoint", "kept", "--checkpoint-interval", "7it"]
        self.fit(*options, output="kept.h5")
        newest, older = checkpoints(self.folder / "kept")
        newest.unlink()  # the fit had ended there
        self.assertLess(place(older)[2], 40)
        resumed = self.fit(*options, ranks=2, output="kept.h5")
        self.assertIn("going on from", self.printed)
        with h5py.File(whole) as expected:
            for file in three, resumed:
                with h5py.File(file) as found:
                    for name in "parameters/q", "parameters/means", "parameters/quantiles", "fit/trace/objective":
                        self.assertEqual(found[name][:].tobytes(), expected[name][:].tobytes(), (file, name))
            self.assertEqual(list(expected["data/groups"]), [0, 10, 20, 30, 40, 50])

    def test_what_is_printed(self):
        self.fit("--target", "logistic", "--response", "/yes")
        for part in ("variational inference by automatic differentiation (advi)", "target logistic, response /yes, prior normal",
                     "parameter", "97.5 %", "intercept", "ELBO ", "fresh draws; at most log p(X)", "log evidence", "k-hat",
                     "converged"):
            self.assertIn(part, self.printed)
        self.assertNotIn("groups ,", self.printed)
        info = self.done(["info", "out.h5"]).stdout
        for part in "3000 records x 3 features", "k-hat", "intercept":
            self.assertIn(part, info)
        self.assertIn("parameters and state are the same model", self.done(["check", "out.h5"]).stdout)
        json.loads(self.done(["info", "out.h5", "--json"]).stdout)

    def test_predictions(self):
        model = self.fit("--target", "logistic", "--response", "/yes")
        self.done(["predict", model, self.data + ":/X", "-o", "p.h5"])
        with h5py.File(self.folder / "p.h5") as found, h5py.File(self.data) as data:
            mean, yes = found["mean"][:], data["yes"][:]
            self.assertEqual(list(found["labels"][:]), list((mean > 0.5).astype(int)))
            self.assertLess(-np.mean(np.log(np.where(yes == 1, mean, 1 - mean))), 0.5)
            self.assertTrue((found["mean_sd"][:] > 0).all())
        with h5py.File(self.folder / "new.h5", "w") as new:
            new["X"] = np.zeros((4, 2))
        message = self.done(["predict", model, "new.h5", "-o", "p2.h5"], code=INPUT).stderr
        self.assertIn("has 2 features (must be 3", message)

    def test_bernstein_von_mises_has_a_verdict_or_says_why_not(self):
        self.fit("--target", "logistic", "--response", "/yes", "--bernstein-von-mises")
        for part in "KL to MLE", "mean-field gap", "not a sample-size effect", "verdict: ":
            self.assertIn(part, self.printed)
        with h5py.File(self.folder / "out.h5") as model:
            found = model["fit/bernstein_von_mises"]
            records, divergence = found["records"][:], found["likelihood/divergence"][:]
            self.assertEqual(records[-1], N)
            self.assertTrue((np.diff(records) > 0).all())
            self.assertLess(divergence[-1], 0.3 * divergence[0])
            self.assertEqual(found.attrs["holds"], 1)
        self.assertIn("verdict: ", self.done(["info", "out.h5"]).stdout)
        self.done(["check", "out.h5"])
        self.fit("--target", "mixture", "--components", 2, "--bernstein-von-mises", output="mixture.h5")
        self.assertIn("no verdict: ", self.printed)
        self.assertIn("labels of components can be exchanged", self.printed)

    def test_models_of_the_features_alone(self):
        for target, name in ("mixture", "means[1,2]"), ("ppca", "noise_scales"), ("factor-analysis", "loadings[2,1]"):
            with self.subTest(target=target):
                model = self.fit("--target", target, "--components", 2, "--max-iterations", 300, output=f"{target}.h5")
                found, fit = self.posterior(model)
                self.assertTrue(any(one.startswith(name) for one in found), list(found))
                self.assertEqual(fit["components"], 2)
                self.done(["check", model])
                self.done(["sample", model, "-n", 5, "-o", "drawn.h5"])
                with h5py.File(self.folder / "drawn.h5") as drawn:
                    self.assertEqual(drawn["draws"].shape, (5, len(found)))

    def test_records_without_weight_are_absent(self):
        with h5py.File(self.data) as data, h5py.File(self.folder / "w.h5", "w") as out:
            out["X"], yes = data["X"][:400], data["yes"][:400].astype(float)
            yes[7] = 3.5  # no response of a logistic regression
            out["yes"], out["w"] = yes, (np.arange(400) != 7).astype(float)
        self.fit("--target", "logistic", "--response", "/yes", "--weights", "/w", data="w.h5:/X")
        self.fit("--target", "logistic", "--response", "/yes", data="w.h5:/X", code=INPUT)

    def test_draws_of_parameters(self):
        model = self.fit("--response", "/y")
        for ranks in ALONE, 3:
            self.assertIn("400 draws of 5 parameters", self.done(["sample", model, "-n", 400, "-o", f"d{ranks}.h5"], ranks).stdout)
        with h5py.File(self.folder / "d0.h5") as one, h5py.File(self.folder / "d3.h5") as other:
            draws = one["draws"][:]
            self.assertEqual(draws.tobytes(), other["draws"][:].tobytes())
            self.assertEqual(list(one["draws"].attrs["feature_names"]), ["intercept", "a", "b", "c", "scale"])
        found, _ = self.posterior(model)
        for column, (mean, sd) in zip(draws.T, found.values()):
            self.assertLess(abs(column.mean() - mean), 0.25 * sd)
            self.assertLess(abs(column.std() / sd - 1), 0.15)

    def test_a_model_file_is_a_start(self):
        self.fit("--response", "/y", output="first.h5")
        self.fit("--response", "/y", "--start", "model:first.h5", "--family", "mean-field", output="second.h5")
        first, second = (self.posterior(self.folder / name)[0] for name in ("first.h5", "second.h5"))
        self.assertLess(abs(first["a"][0] - second["a"][0]), first["a"][1])

    def test_what_is_refused(self):
        for options, code, sentence in [
            ([], USAGE, "response is missing; give --response NAME"),
            (["--response", "/nothing"], INPUT, "nothing"),
            (["--response", "/X"], INPUT, "have shape 3000 x 3 (must be 3000, one for each record)"),
            (["--response", "/broken"], INPUT, "are NaN or infinite in record 1234 (numbered from 0)"),
            (["--response", "/constant"], INPUT, "must be different from each other"),
            (["--response", "/y", "--target", "logistic"], INPUT, "must be 0 or 1 for --target logistic"),
            (["--response", "/y", "--target", "poisson"], INPUT, "must be 0, 1, 2 ... for --target poisson"),
            (["--response", "/y", "--groups", "/y"], INPUT, "(must be integers)"),
            (["--response", "/y", "--target", "magic"], USAGE, "target = 'magic' (must be one of linear, robust"),
            (["--response", "/y", "--draws", 0], USAGE, "draws = 0 (must be at least 1)"),
            (["--response", "/y", "--draws", 3], USAGE, "draws = 3 (must be even for antithetic pairs)"),
            (["--response", "/y", "--family", "low-rank"], USAGE, "no natural gradient"),
            (["--response", "/y", "--prior-scale", 0], USAGE, "prior-scale"),
            (["--response", "/y", "--components", 3], USAGE, "no components"),
            (["--response", "a", "--groups", "a"], INPUT, "cannot be both response and groups"),
        ]:
            with self.subTest(options=options):
                self.fit(*options, code=code)
                self.assertIn(sentence, self.printed)

    def test_constant_features_are_warned_of(self):
        with h5py.File(self.data) as data, h5py.File(self.folder / "c.h5", "w") as out:
            out["X"] = np.c_[data["X"][:500], np.full(500, 7.0)]
            out["y"] = data["y"][:500]
        self.fit("--response", "/y", data="c.h5:/X")
        self.assertIn("warning: feature 'x3' is constant", self.printed)

    def test_features_that_say_the_same_are_named(self):
        with h5py.File(self.data) as data, h5py.File(self.folder / "d.h5", "w") as out:
            X = data["X"][:500]
            out["X"] = np.c_[X, 3 - X[:, 0] + X[:, 2], np.full(500, 7.0)]
            out["X"].attrs["feature_names"] = ["a", "b", "c", "d", "e"]
            out["y"] = data["y"][:500]
            out["wide"] = np.random.default_rng(3).normal(size=(500, 501))
        self.fit("--response", "/y", "--log", "fit.log", data="d.h5:/X")
        sentence = "features 'a', 'c' and 'd' are linearly dependent: their coefficients cannot be told apart, and follow the prior"
        self.assertIn("warning: " + sentence, self.printed)
        self.assertIn(sentence, (self.folder / "fit.log").read_text())
        self.fit("--response", "/y", "--max-iterations", 1, "--family", "mean-field", "--start", "centre", data="d.h5:/wide")
        self.assertIn("warning: 501 features are more than 500: whether they are linearly dependent was not looked for", self.printed)
        self.fit("--response", "/y")
        self.assertNotIn("linearly dependent", self.printed)

    def test_features_that_separate_classes_are_said(self):
        with h5py.File(self.data) as data, h5py.File(self.folder / "s.h5", "w") as out:
            X = data["X"][:400]
            labels = np.digitize(X[:, 0], [-0.5, 0.5])
            out["X"] = X
            out["all"] = (X[:, 0] > 0).astype(int)
            out["marked"] = np.c_[X[:, :2], (X[:, 0] > 1) & (data["class"][:400] == 5)]
            out["class"] = data["class"][:400]
            out["classes"] = labels
        for target, response in ("logistic", "/all"), ("softmax", "/classes"):
            with self.subTest(target=target):
                model = self.fit("--target", target, "--response", response, data="s.h5:/X")
                with h5py.File(model) as found:
                    sentence = found["data"].attrs["separation"]
                self.assertIn("the features separate the classes of all 400 records: the likelihood has no maximum", sentence)
                self.assertIn("warning: " + sentence, self.printed)
                self.assertIn("SEPARATION              " + sentence, self.printed)
                self.assertIn(sentence, self.done(["info", model]).stdout)
        self.fit("--target", "softmax", "--response", "/class", data="s.h5:/marked")
        self.assertIn("and set no other back: the likelihood has no maximum", self.printed)
        self.fit("--target", "logistic", "--response", "/all", "--bernstein-von-mises", data="s.h5:/X")
        self.assertIn("no verdict: the features separate the classes of all 400 records", self.printed)
        model = self.fit("--target", "softmax", "--response", "/class", data="s.h5:/X")
        with h5py.File(model) as found:
            self.assertNotIn("separation", found["data"].attrs)
        self.assertNotIn("separate", self.printed)

    def test_labels_of_records_without_weight_are_none(self):
        with h5py.File(self.data) as data, h5py.File(self.folder / "w.h5", "w") as out:
            out["X"], out["yg"] = data["X"][:600], data["yg"][:600]
            out["g"] = groups = np.where(np.arange(600) % 50 == 7, 77, data["g"][:600])
            out["class"] = np.where(groups == 77, 4, data["class"][:600])
            out["w"] = (groups != 77).astype(float)
            out["new"], out["halves"] = np.where(groups == 77, 20, groups), np.where(groups == 77, 0.5, groups)
        weighted = ["--weights", "/w"]
        model = self.fit("--response", "/yg", "--groups", "/g", *weighted, data="w.h5:/X")
        with h5py.File(model) as found:
            self.assertEqual(list(found["data/groups"]), [0, 10, 20, 30, 40, 50])
            self.assertNotIn("group 77", found["parameters/names"].asstr()[:])
        self.fit("--response", "/yg", "--groups", "/halves", *weighted, data="w.h5:/X", output="other.h5")
        self.done(["score", model, "w.h5:/X", *weighted])
        for command in ["score", model, "w.h5:/X"], ["predict", model, "w.h5:/X", "-o", "p.h5"]:
            for ranks in ALONE, 3:
                message = self.done(command, ranks, code=INPUT).stderr
                self.assertIn("groups '/g' hold 77 in record 7 (numbered from 0), which the model was not fitted to (must be "
                              "one of 0, 10, 20, 30, 40, 50); leave such records out", message)
        classes = self.fit("--target", "softmax", "--response", "/class", *weighted, data="w.h5:/X")
        with h5py.File(classes) as found:
            self.assertEqual(list(found["data/classes"]), [3, 5, 9])
        message = self.done(["score", classes, "w.h5:/X"], code=INPUT).stderr
        self.assertIn("responses '/class' hold 4 in record 7 (numbered from 0)", message)

    def test_memory_is_told_again_where_groups_are_many(self):
        random = np.random.default_rng(4)
        support.write(self.folder / "g.h5", X=random.normal(size=(6000, 1)), y=random.normal(size=6000), g=np.arange(6000) // 2)
        self.fit("--response", "/y", "--groups", "/g", "--family", "mean-field", "--start", "centre", "--max-iterations", 1,
                 "--final-draws", 2, data="g.h5:/X")
        self.assertRegex(self.printed, r"warning: with 3000 groups and 0 classes a process needs [\d.]+ MiB for sums, not [\d.]+ KiB")

    def test_a_start_of_another_model_is_refused(self):
        self.fit("--response", "/y", output="first.h5")
        with h5py.File(self.data) as data, h5py.File(self.folder / "n.h5", "w") as out:
            out["X"], out["y"] = data["X"][:], data["y"][:]
        start = ["--start", "model:first.h5", "--response"]
        self.fit(*start, "/y", data="n.h5:/X", code=INPUT)
        self.assertIn("parameter 1 of 'first.h5' is 'a' (must be 'x0', as in this target)", self.printed)
        self.fit(*start, "/yes", "--target", "logistic", code=INPUT)
        self.assertIn("'first.h5' has 5 unconstrained parameters (must be 4, as the target has)", self.printed)


if __name__ == "__main__":
    unittest.main()
