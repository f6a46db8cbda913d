"""Starts, ends, and the forms in which the same values may be stored."""

import unittest

import h5py
import numpy as np

import support
from support import ALONE, NOT_CONVERGED, write


class Fits(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        records, cls.groups = support.clusters(records=300)
        cls.records = np.round(records * 50 + np.random.default_rng(4).normal(size=records.shape) * 60)
        cls.data = write(cls.inputs / "data.h5", data=cls.records)
        cls.labels = write(cls.inputs / "labels.h5", labels=cls.groups * 10 - 7)
        r = np.full((300, 3), 0.05) + 0.85 * np.eye(3)[cls.groups]
        cls.responsibilities = write(cls.inputs / "r.h5", r=r)
        cls.models = {}
        for model in "gmm", "kmeans":
            cls.models[model] = cls.inputs / f"{model}.h5"
            found = support.run(["fit", model, cls.data, "--components", 3, "-o", cls.models[model]])
            assert found.code == 0, found.stderr

    def fitted(self, *options, model="gmm", data=None, ranks=ALONE, code=0):
        """Attributes of /fit, parameters, and what was printed."""
        output = self.folder / "model.h5"
        fit = ["fit", model, data or self.data, "--components", 3, *options, "-o", output]
        found = self.done(fit, ranks, code)
        with h5py.File(output) as file:
            parameters = {name: file["parameters"][name][...] for name in file["parameters"]}
            return dict(file["fit"].attrs), parameters, found

    def same_bits(self, found, expected, what):
        self.assertEqual(set(found), set(expected))
        for name in expected:
            self.assertEqual(found[name].tobytes(), expected[name].tobytes(), f"{what}: {name}")

    def starts(self):
        yield from ("kmeans++", "kmeans-parallel", "random", "responsibilities")
        yield f"responsibilities:{self.responsibilities}:/r"
        yield f"labels:{self.labels}:/labels"
        yield f"model:{self.models['gmm']}"
        yield f"model:{self.models['kmeans']}"

    def test_every_start(self):
        for model in "gmm", "kmeans":
            for start in [*self.starts(), *(["kmeans"] if model == "gmm" else [])]:
                with self.subTest(model=model, start=start.split("/")[0]):
                    options = ["--start", start, "--restarts", 2]
                    fit, alone, _ = self.fitted(*options, model=model)
                    self.assertEqual(fit["converged"], 1)
                    self.assertEqual(fit["restarts"], 1 if ":" in start else 2)
                    _, spread, _ = self.fitted(*options, model=model, ranks=3)
                    self.same_bits(spread, alone, start)

    def test_fixed_starts_where_ranks_have_no_records(self):
        for start in list(self.starts())[4:]:
            with self.subTest(start=start.split("/")[0]):
                options = ["--start", start, "--block-rows", 300]
                _, alone, found = self.fitted(*options)
                self.assertIn("1 restart,", found.stdout)
                _, spread, _ = self.fitted(*options, ranks=4)
                self.same_bits(spread, alone, start)

    def test_start_from_own_end(self):
        for model, file in self.models.items():
            fit, parameters, _ = self.fitted("--start", f"model:{file}", model=model)
            with h5py.File(file) as end:
                self.assertLessEqual(fit["iteration"], 2)
                np.testing.assert_allclose(fit["objective"], end["fit"].attrs["objective"], rtol=1e-9)
                for name in parameters:
                    np.testing.assert_allclose(parameters[name], end["parameters"][name], rtol=1e-2, atol=1e-2)

    def test_labels_are_numbered_in_rising_order(self):
        _, parameters, _ = self.fitted("--start", f"labels:{self.labels}:/labels", "--max-iterations", 0)
        for k in range(3):
            mean = self.records[self.groups == k].mean(axis=0)
            np.testing.assert_allclose(parameters["means"][k], mean, rtol=1e-12)

    def test_every_family_starts_from_every_family(self):
        families = "full", "tied", "diag", "spherical", "equal-spherical"
        for family in families:
            file = self.folder / f"{family}.h5"
            self.done(["fit", "gmm", self.data, "--components", 3, "--covariance", family, "-o", file])
            for other in families:
                with self.subTest(start=family, fit=other):
                    fit, _, _ = self.fitted("--start", f"model:{file}", "--covariance", other)
                    self.assertEqual(fit["converged"], 1)

    def test_a_fixed_number_of_iterations(self):
        for model in "gmm", "kmeans":
            end = {"gmm": "iteration_limit_requested", "kmeans": "iteration_limit"}[model]
            start = ["--start", "random", "--tolerance", 0, "--max-iterations", 5, "--restarts", 1]
            for ranks in ALONE, 2:
                fit, _, found = self.fitted(*start, model=model, ranks=ranks)
                with h5py.File(self.folder / "model.h5") as file:
                    evaluations = len(file["fit/trace/objective"])
                if fit["stop_reason"] == "parameters_unchanged":  # k-means may be there before
                    self.assertEqual(model, "kmeans")
                    continue
                self.assertEqual((fit["stop_reason"], fit["iteration"], evaluations), (end, 5, 6))
                self.assertEqual(fit["converged"], 0)
                self.assertEqual("NOT CONVERGED" in found.stdout, model == "kmeans")

    def test_required_convergence(self):
        for ranks in ALONE, 2, 4:
            short = ["--max-iterations", 1, "--restarts", 1, "--require-convergence"]
            fit, _, found = self.fitted(*short, ranks=ranks, code=NOT_CONVERGED)
            self.assertEqual((fit["converged"], fit["stop_reason"]), (0, "iteration_limit"))
            self.assertIn("NOT CONVERGED", found.stdout)
            fit, _, found = self.fitted("--require-convergence", "--restarts", 1, ranks=ranks)
            self.assertEqual(fit["converged"], 1)

    def test_stopping_rules(self):
        rules = ["relative-tolerance", "absolute-tolerance", "parameter-tolerance"]
        for rule in rules:
            fit, _, found = self.fitted("--tolerance", 0, f"--{rule}", 1e-4, "--restarts", 1)
            self.assertEqual((fit["converged"], fit["stop_reason"]), (1, rule.replace("-", "_")))

    def test_strict_fits(self):
        for model in "gmm", "kmeans":
            fit, strict, _ = self.fitted("--strict", model=model)
            self.assertEqual((fit["converged"], fit["falls"]), (1, 0))
            _, plain, _ = self.fitted(model=model)
            self.same_bits(strict, plain, "strict")

    def test_options_of_mixtures(self):
        _, parameters, _ = self.fitted("--equal-weights")
        np.testing.assert_allclose(parameters["weights"], 1 / 3, rtol=1e-15)
        options = ["--covariance", "EII", "--fixed-variance", 2500]
        fit, parameters, _ = self.fitted(*options)
        np.testing.assert_allclose(parameters["covariances"], [2500 * np.eye(3)], rtol=1e-12)
        self.assertEqual(fit["free_parameters"], 2 + 9)

    def test_forms_of_the_same_values(self):
        forms = {"float32": "<f4", "big_endian": ">f8", "int16": "<i2", "int64": "<i8", "big_endian_int32": ">i4"}
        with h5py.File(self.folder / "forms.h5", "w") as file:
            for name, form in forms.items():
                file[name] = self.records.astype(form)
            file.create_dataset("chunked", data=self.records, chunks=(37, 2), compression="gzip", shuffle=True)
            file.create_dataset("growing", data=self.records, chunks=(16, 3), maxshape=(None, 3))
        for model in "gmm", "kmeans":
            for ranks in ALONE, 3:
                _, expected, _ = self.fitted(model=model, ranks=ranks)
                for name in [*forms, "chunked", "growing"]:
                    with self.subTest(model=model, form=name, ranks=ranks):
                        _, found, _ = self.fitted(model=model, data=f"{self.folder}/forms.h5:/{name}", ranks=ranks)
                        self.same_bits(found, expected, name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
