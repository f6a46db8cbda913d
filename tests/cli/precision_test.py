"""The option --precision: fits that begin in float32 and end in float64."""

import unittest

import h5py
import numpy as np

import support
from lasting import CHECKPOINT, STOPPED, checkpoints, content
from support import ALONE, INPUT, USAGE, write

FAMILIES = "diag", "spherical", "equal-spherical"
FITS = [("gmm", "--covariance", family) for family in FAMILIES] + [("kmeans",)]


class Precision(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        random = np.random.default_rng(4)
        centres = 2.5 * random.normal(size=(4, 5))
        records = centres[np.arange(6000) % 4] + random.normal(size=(6000, 5)) + 50
        cls.data = write(cls.inputs / "data.h5", data=records)

    def fit(self, model, *options):
        given = ["--components", 4, "--restarts", 2, "--start", "random", "--progress", "none", "-o", "model.h5"]
        return ["fit", model, self.data, *given, *options]

    def fitted(self, *options, ranks=ALONE):
        """The model file's bits."""
        self.done(self.fit(*options), ranks)
        return content(self.folder / "model.h5")

    def numbers(self, *options):
        """Parameters and objective, the objective's trace, and whether the fit is still in float32."""
        self.fitted(*options)
        with h5py.File(self.folder / "model.h5") as file:
            found = {name: values[...] for name, values in file["parameters"].items()}
            found |= {name: file["fit"].attrs[name] for name in ("objective", "best_restart")}
            return found, file["fit/trace/objective"][:], file["state/rough"][0]

    def test_the_result_has_the_digits_of_float64(self):
        for model, *options in FITS:
            with self.subTest(fit=(model, *options)):
                tight = ["--parameter-tolerance", 1e-11, "--max-iterations", 5000, "--strict"]
                expected, exact_trace, _ = self.numbers(model, *options, *tight)
                found, trace, rough = self.numbers(model, *options, *tight, "--precision", "float32")
                self.assertEqual(rough, 0)
                self.assertEqual(set(found), set(expected))
                for name in expected:
                    np.testing.assert_allclose(found[name], expected[name], rtol=1e-8, atol=1e-8, err_msg=name)
                if model == "gmm":
                    self.assertNotEqual(trace[3], exact_trace[3])  # of another arithmetic indeed
                    np.testing.assert_allclose(trace[3], exact_trace[3], rtol=1e-6)

    def test_the_usual_tolerance_ends_both_at_the_same_likelihood(self):
        for model, *options in FITS[:3]:
            expected, _, _ = self.numbers(model, *options)
            found, _, rough = self.numbers(model, *options, "--precision", "float32")
            self.assertEqual(rough, 0)
            self.assertLess(abs(found["objective"] - expected["objective"]) / 6000, 1e-5)

    def test_same_bits_on_any_number_of_ranks(self):
        for model, *options in FITS:
            for limit in 5, 1000:
                single = [model, *options, "--precision", "float32", "--max-iterations", limit]
                alone = self.fitted(*single)
                for ranks in 1, 2, 3:
                    self.assertEqual(self.fitted(*single, ranks=ranks), alone)

    def test_a_stopped_run_goes_on_in_float32(self):
        for model, *options in FITS:
            single = [model, *options, "--precision", "float32"]
            expected = self.fitted(*single)
            self.done(self.fit(*single, "--deadline", "0.001s"), code=STOPPED)
            (checkpoint,) = checkpoints(self.folder / "model.h5.ckpt")
            self.done(["check", checkpoint])
            refused = self.done(self.fit(model, *options), code=CHECKPOINT)
            self.assertIn("precision = 'float64' (must be 'float32', as in ", refused.stderr)
            self.assertIn("going on from", self.done(self.fit(*single), ranks=2).stderr)
            self.assertEqual(content(self.folder / "model.h5"), expected)

    def test_a_model_that_a_limit_ended_in_float32_is_used_in_float64(self):
        self.fitted("gmm", "--covariance", "diag", "--precision", "float32", "--max-iterations", 3)
        self.done(["check", "model.h5"])
        said = self.done(["score", "model.h5", self.data, "--json"], ranks=2).stdout
        self.assertEqual(self.done(["score", "model.h5", self.data, "--json"]).stdout, said)

    def test_what_is_refused(self):
        cases = []
        for family in "full", "tied":
            options = "--covariance", family, "--precision", "float32"
            parts = "goes with --covariance diag, spherical or equal-spherical", f"found {family}", "leave it out"
            cases.append((self.fit("gmm", *options), USAGE, *parts))
        cases.append((self.fit("gmm", "--precision", "float32"), USAGE, "found full"))
        for model, *options in FITS:
            other = self.fit(model, *options, "--precision", "single")
            cases.append((other, USAGE, "precision = 'single' (must be float64 or float32)"))
        self.refused(cases, ranks=(ALONE, 2))

    def test_far_outliers_are_refused(self):
        # alone among N records, one lies sqrt(N) root mean square distances away
        records = np.random.default_rng(5).normal(size=(1_200_000, 1))
        records[17] = 1e9
        data = write(self.inputs / "far.h5", data=records.astype(np.float32))
        options = "--components", 2, "--precision", "float32", "-o", "model.h5"
        parts = "precision = float32 is too coarse for these records", "at most 1024 times", "leave it out"
        for model, *family in FITS:
            self.refused([(["fit", model, data, *options, *family], INPUT, *parts)], ranks=(ALONE, 2))


if __name__ == "__main__":
    unittest.main(verbosity=2)
