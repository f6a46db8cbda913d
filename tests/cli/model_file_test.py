"""What a model file holds, read by h5py and h5dump."""

import json
import shutil
import subprocess
import unittest

import h5py
import numpy as np

import support
from support import ALONE, write


class ModelFile(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.records, _ = support.clusters()
        cls.data = write(cls.inputs / "data.h5", data=cls.records)
        with h5py.File(cls.data, "a") as file:
            file["data"].attrs["feature_names"] = ["red", "green", "blue"]
        cls.files = {}
        for model in "gmm", "kmeans":
            cls.files[model] = str(cls.inputs / f"{model}.h5")
            fit = ["fit", model, cls.data, "--components", 3, "--restarts", 4, "--seed", 5, "-o", cls.files[model]]
            found = support.run(fit, 2)
            assert found.code == 0, found.stderr

    def each(self):
        for model, file in self.files.items():
            with self.subTest(model=model), h5py.File(file) as opened:
                yield model, opened

    def test_header(self):
        for model, file in self.each():
            self.assertEqual(file.userblock_size, 512)
            self.assertEqual(file.attrs["format"], "jensen-model")
            self.assertEqual(file.attrs["format_version"], 1)
            self.assertEqual(file.attrs["model"], model)
            version = self.done(["--version"]).stdout.split()[1]
            self.assertEqual(file.attrs["program_version"], version)

    def test_configuration(self):
        expected = {"components": "3", "restarts": 4, "seed": 5, "block-rows": 0, "weights": "", "max-iterations": 1000}
        expected |= {"relative-tolerance": 0, "absolute-tolerance": 0, "parameter-tolerance": 0, "strict": "false"}
        expected |= {"require-convergence": "false", "config": "", "progress": "auto", "input": f"{self.data}:/data"}
        expected |= {"checkpoint": "", "checkpoint-interval": "10min", "resume": "auto", "deadline": "", "watchdog": "10min", "log": ""}
        expected |= {"standardise": "none", "json": "false", "profile": "false"}
        own = {
            "gmm": {
                "start": "kmeans",
                "tolerance": 1e-8,
                "covariance": "full",
                "covariance-floor": 1e-6,
                "equal-weights": "false",
                "fixed-variance": 0,
                "precision": "float64",
                "decompose": "false",
            },
            "kmeans": {
                "start": "kmeans++",
                "tolerance": 0,
                "precision": "float64",
                "decompose": "false",
                "fixed-variance": 0,
            },
        }
        for model, file in self.each():
            options = expected | own[model] | {"model": model, "output": self.files[model]}
            self.assertEqual(dict(file["config"].attrs), options)

    def test_fit(self):
        common = "iteration objective objective_name units records total_weight converged stop_reason components "
        common += "restarts best_restart estimated_gain total_seconds ranks"
        own = "log_likelihood mean_log_likelihood elbo bic aic icl icl_entropy free_parameters floor_active "
        own += "smallest_weight entropy uncertain_share"
        for model, file in self.each():
            fit = file["fit"].attrs
            self.assertLessEqual(set(common.split()), set(fit))
            of_mixtures = {name for name in own.split() if name in fit}
            self.assertEqual(of_mixtures, set(own.split()) if model == "gmm" else set())
            self.assertEqual("inertia" in fit, model == "kmeans")
            self.assertEqual(fit["objective_name"], {"gmm": "log-likelihood", "kmeans": "inertia"}[model])
            self.assertEqual((fit["records"], fit["total_weight"], fit["components"]), (120, 120, 3))
            self.assertEqual((fit["converged"], fit["ranks"], fit["restarts"]), (1, 2, 4))
            self.assertEqual(fit["stop_reason"], {"gmm": "gain_tolerance", "kmeans": "parameters_unchanged"}[model])
            for name, value in fit.items():
                self.assertTrue(isinstance(value, str) or np.isfinite(value), name)

    def test_trace(self):
        for model, file in self.each():
            trace = {name: file[f"fit/trace/{name}"][:] for name in file["fit/trace"]}
            self.assertEqual(set(trace), {"iteration", "objective", "gain", "elapsed_seconds"})
            iterations = file["fit"].attrs["iteration"]
            np.testing.assert_array_equal(trace["iteration"], np.arange(iterations + 1))
            # a trace holds what the loop saw, the attribute what a last pass over the records says
            np.testing.assert_allclose(trace["objective"][-1], file["fit"].attrs["objective"], rtol=1e-12)
            sign = 1 if model == "gmm" else -1
            self.assertTrue((sign * np.diff(trace["objective"]) >= -1e-9).all())
            gains = np.diff(trace["objective"], prepend=trace["objective"][0])
            np.testing.assert_allclose(trace["gain"], sign * gains, rtol=1e-6, atol=1e-9)
            self.assertTrue((np.diff(trace["elapsed_seconds"]) >= 0).all())

    def test_restarts(self):
        for model, file in self.each():
            rows = {name: file[f"fit/restarts/{name}"][:] for name in file["fit/restarts"]}
            expected = {"seed", "objective", "iterations", "stop_reason", "singular", "elapsed_seconds"}
            self.assertEqual(set(rows), expected)
            for name, values in rows.items():
                self.assertEqual(values.shape, (4,), name)
            self.assertEqual(len(set(rows["seed"])), 4)
            best = file["fit"].attrs["best_restart"]
            sign = 1 if model == "gmm" else -1
            sound = rows["singular"] == rows["singular"].min()
            self.assertTrue(sound[best])
            self.assertEqual((sign * rows["objective"])[sound].max(), sign * rows["objective"][best])
            self.assertEqual(rows["objective"][best], file["fit"].attrs["objective"])
            self.assertEqual(rows["iterations"][best], file["fit"].attrs["iteration"])

    def test_search(self):
        common = {"family", "components", "start", "seed", "objective", "iterations", "stop_reason", "elapsed_seconds"}
        own = {"log_likelihood", "free_parameters", "bic", "icl", "aic", "floor_active"}
        for model, file in self.each():
            search = file["search"]
            self.assertEqual(set(search), common | own if model == "gmm" else common)
            for name in search:
                self.assertEqual(search[name].shape, (1,), name)
            self.assertEqual((search["components"][0], search["seed"][0]), (3, 5))
            for name in {"objective", "bic", "icl", "aic"} & set(search):
                self.assertEqual(search[name][0], file["fit"].attrs[name])
            self.assertEqual(search["family"].asstr()[0], "VVV" if model == "gmm" else "")

    def test_data_and_preprocessing(self):
        for _, file in self.each():
            self.assertEqual(file["fingerprint/data"].shape, (2,))
            self.assertEqual(list(file["data/feature_names"].asstr()), ["red", "green", "blue"])
            self.assertEqual(file["data"].attrs["source"], f"{self.data}:/data")
            shift, scale = file["preprocess/shift"][:], file["preprocess/scale"][:]
            self.assertEqual((shift.shape, scale.shape), ((3,), (3,)))
            np.testing.assert_array_equal(np.frexp(scale)[0], 0.5)  # powers of two
            self.assertTrue((self.records.min(axis=0) <= shift).all() and (shift <= self.records.max(axis=0)).all())
            self.assertGreater(len(file["state"]), 0)

    def test_fingerprint_tells_data_apart(self):
        prints = {}
        for name, records in ("same", self.records), ("other", self.records + 1e-9), ("turned", self.records[::-1]):
            data, output = write(self.folder / "d.h5", data=records), self.folder / f"{name}.h5"
            self.done(["fit", "kmeans", data, "--components", 3, "--restarts", 1, "-o", output])
            with h5py.File(output) as file:
                prints[name] = file["fingerprint/data"][:].tolist()
        with h5py.File(self.files["gmm"]) as file:
            self.assertEqual(file["fingerprint/data"][:].tolist(), prints["same"])
        self.assertEqual(len({tuple(values) for values in prints.values()}), 3)

    @unittest.skipUnless(shutil.which("h5dump"), "h5dump (hdf5-tools) is not installed")
    def test_h5dump(self):
        for _, file in self.files.items():
            found = subprocess.run(["h5dump", file], capture_output=True, text=True, timeout=60)
            self.assertEqual((found.returncode, found.stderr), (0, ""))
            self.assertIn('"jensen-model"', found.stdout)

    def test_info(self):
        for model, file in self.each():
            for ranks in ALONE, 2:
                text = self.done(["info", self.files[model]], ranks).stdout
                for part in f"({model})", "120 records x 3 features", "seed=5", "red", "converged", "restarts":
                    self.assertIn(part, text)
            document = json.loads(self.done(["info", "--json", self.files[model]]).stdout)
            self.assertEqual(document["format"], "jensen-model")
            name = "means" if model == "gmm" else "centroids"
            np.testing.assert_array_equal(document[f"parameters/{name}"], file[f"parameters/{name}"])
            self.assertEqual(document["fit"]["iteration"], file["fit"].attrs["iteration"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
