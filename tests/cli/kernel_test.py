"""The hidden option --kernel, by which tests choose the way something is computed."""

import unittest

import h5py
import numpy as np

import support
from lasting import CHECKPOINT, STOPPED, checkpoints, content
from support import ALONE, CONFIGS, USAGE, write

KERNELS = {"kmeans": ["automatic", "plain", "bounded"], "gmm": ["automatic", "centred", "expanded"]}
FORCED = [(model, kernel) for model, kernels in KERNELS.items() for kernel in kernels[1:]]


class Kernel(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        random = np.random.default_rng(3)
        cls.data = write(cls.inputs / "data.h5", data=random.normal(size=(3000, 4)))

    def fit(self, model, *options):
        given = ["--components", 8, "--restarts", 2, "--max-iterations", 25, "--tolerance", 0, "--progress", "none"]
        return ["fit", model, self.data, *given, "-o", "model.h5", *options]

    def fitted(self, model, *options, ranks=ALONE):
        """What the fit printed, and all bits of its file."""
        printed = self.done(self.fit(model, *options), ranks).stdout
        return printed, content(self.folder / "model.h5")

    def forced(self, model, kernel):
        """All bits of a file that says that this kernel was asked for; without that."""
        printed, found = self.fitted(model, "--kernel", kernel)
        self.assertIn(f", kernel {kernel}\n", printed)
        self.assertEqual(found.pop("config@kernel"), kernel)
        return found

    def test_it_is_hidden(self):
        pages = ["--help"], ["help", "--man"], ["help", "--completion"], ["help", "checkpoints"], ["help", "config"]
        of_models = [page for model in KERNELS for page in (["fit", model, "--help"], ["help", "config", model])]
        for page in [*pages, *of_models, ["help", "fit"]]:
            self.assertNotIn("kernel", self.done(page).stdout)
        for file in CONFIGS.glob("*.ini"):
            self.assertNotIn("kernel", file.read_text())
        for args in (self.fit("gmm", "--kernl", "plain"), ["score", "model.h5", self.data, "--kernels", "plain"]):
            self.assertIn("is unknown (--help lists the options)", self.done(args, code=USAGE).stderr)

    def test_files_of_ordinary_fits_are_as_ever(self):
        for model in KERNELS:
            printed, expected = self.fitted(model)
            self.assertNotIn("kernel", printed)
            self.assertNotIn("config@kernel", expected)
            self.assertEqual(self.fitted(model, "--kernel", "automatic")[1], expected)

    def test_k_means_gives_the_same_bits_by_all(self):
        _, expected = self.fitted("kmeans")
        self.assertGreater(np.frombuffer(expected["fit@iteration"], int), 10)
        for kernel in "plain", "bounded":
            self.assertEqual(self.forced("kmeans", kernel), expected)
        labels = []
        for kernel in KERNELS["kmeans"]:
            self.fitted("kmeans", "--kernel", kernel, "--precision", "float32", ranks=2)
            self.done(["predict", "model.h5", self.data, "-o", "labels.h5"])
            with h5py.File(self.folder / "labels.h5") as file:
                labels.append(file["labels"][:].tolist())
        self.assertEqual(labels, labels[:1] * 3)

    def test_mixtures_agree_to_rounding(self):
        _, expected = self.fitted("gmm")
        self.assertEqual(self.forced("gmm", "expanded"), expected)
        centred = self.forced("gmm", "centred")
        means = "state/means"
        self.assertNotEqual(centred[means], expected[means])  # another kernel indeed
        found, likely = (np.frombuffer(bits["fit@log_likelihood"]) for bits in (centred, expected))
        np.testing.assert_allclose(found, likely, rtol=1e-9)

    def test_a_config_file_may_have_it(self):
        config = self.folder / "own.ini"
        for model, kernel in FORCED:
            config.write_text(f"kernel = {kernel}\n")
            self.assertEqual(self.fitted(model, "--config", config)[1]["config@kernel"], kernel)
        config.write_text("kernel = fast\n")
        self.assertIn("kernel = 'fast' (must be", self.done(self.fit("gmm", "--config", config), code=USAGE).stderr)

    def test_other_values_and_families_without_a_choice(self):
        cases = [(self.fit("kmeans", "--kernel", "centred"), USAGE, "kernel = 'centred' (must be automatic, plain or bounded)")]
        cases += [(self.fit("gmm", "--kernel", ""), USAGE, "kernel = '' (must be automatic, centred or expanded)")]
        for family in "tied", "diag", "spherical", "equal-spherical":
            parts = "kernel = centred goes with --covariance full", f"found {family}", "leave it out"
            cases.append((self.fit("gmm", "--covariance", family, "--kernel", "centred"), USAGE, *parts))
            self.done(self.fit("gmm", "--covariance", family, "--kernel", "automatic"))
        self.refused(cases, ranks=(ALONE, 2))

    def test_a_run_goes_on_with_the_kernel_that_it_began_with(self):
        for model, kernel in FORCED:
            expected = self.forced(model, kernel)
            self.done(self.fit(model, "--kernel", kernel, "--deadline", "0.001s"), code=STOPPED)
            (checkpoint,) = checkpoints(self.folder / "model.h5.ckpt")
            with h5py.File(checkpoint) as file:
                self.assertEqual(file["config"].attrs["kernel"], kernel)
            refused = self.done(self.fit(model), code=CHECKPOINT)
            self.assertIn(f"kernel = 'automatic' (must be '{kernel}', as in ", refused.stderr)
            resumed = self.done(self.fit(model, "--kernel", kernel))
            self.assertIn("going on from", resumed.stderr)
            found = content(self.folder / "model.h5")
            self.assertEqual(found.pop("config@kernel"), kernel)
            self.assertEqual(found, expected)

    def test_a_run_that_began_without_one_goes_on_without(self):
        self.done(self.fit("gmm", "--deadline", "0.001s"), code=STOPPED)
        refused = self.done(self.fit("gmm", "--kernel", "centred"), code=CHECKPOINT)
        self.assertIn("kernel = 'centred' (must be absent, as in ", refused.stderr)
        self.done(self.fit("gmm", "--kernel", "automatic"))

    def test_a_model_is_used_with_its_kernel(self):
        for model, kernel in FORCED:
            self.forced(model, kernel)
            self.done(["check", "model.h5"])
            self.done(["predict", "model.h5", self.data, "-o", "labels.h5"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
