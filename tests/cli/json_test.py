"""`--json`: one object, with the numbers of the text at full precision."""

import json
import os
import re
import unittest

import h5py
import numpy as np

import support
from support import ALONE, write


class Json(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        records, _ = support.clusters()
        cls.data = write(cls.inputs / "data.h5", data=records)
        cls.other = write(cls.inputs / "other.h5", data=records[:70] + 0.1)
        cls.files = {}
        for model in "gmm", "kmeans":
            cls.files[model] = str(cls.inputs / f"{model}.h5")
            fit = ["fit", model, cls.data, "--components", 3, "--restarts", 1, "-o", cls.files[model]]
            found = support.run(fit)
            assert found.code == 0, found.stderr

    def json(self, args, ranks=ALONE):
        """The object, which is all that standard output has."""
        found = json.loads(self.done([*args, "--json"], ranks).stdout)
        for key in found:
            self.assertRegex(key, "^[a-z_/]+$")
        return found

    def test_predict(self):
        columns = {"gmm": ["labels", "log_density", "uncertainty"], "kmeans": ["labels", "squared_distance"]}
        for model, datasets in columns.items():
            for ranks in ALONE, 2:
                found = self.json(["predict", self.files[model], self.data, "-o", "out.h5"], ranks)
                expected = {"output": "out.h5", "model_file": self.files[model], "input": f"{self.data}:/data"}
                self.assertEqual(found, expected | {"records": 120, "datasets": datasets})
        found = self.json(["predict", self.files["gmm"], self.data, "-o", "out.h5", "--responsibilities"])
        with h5py.File(self.folder / "out.h5") as file:
            self.assertEqual(sorted(found["datasets"]), sorted(file))

    def test_score(self):
        labels = {"log-likelihood": "log_likelihood", "  per record": "mean_log_likelihood", "BIC": "bic", "ICL": "icl",
                  "AIC": "aic", "inertia": "inertia", "records": "records", "total weight": "total_weight"}
        for model, file in self.files.items():
            with h5py.File(file) as opened:
                fit = dict(opened["fit"].attrs)
            for data in self.data, self.other:
                text = self.done(["score", file, data]).stdout
                found = self.json(["score", file, data])
                training = found.pop("training_data")
                self.assertEqual(training, data == self.data)
                self.assertEqual((found.pop("model_file"), found.pop("input")), (file, data))
                shown = {labels[label]: value for label, value in re.findall(r"^(.{24})(\S+)", text, re.MULTILINE)
                         for label in [label.rstrip()] if label in labels}
                self.assertEqual(set(shown), set(found))
                for key, value in found.items():
                    self.assertEqual(float(shown[key]), float(f"{value:.9g}"))
                    if training:
                        self.assertEqual(value, fit[key])
        self.assertEqual(self.json(["score", file, data, "-o", "out.h5"], 2)["output"], "out.h5")

    def test_fit(self):
        for model, ranks in ("gmm", ALONE), ("gmm", 2), ("kmeans", ALONE):
            found = self.json(["fit", model, self.data, "--components", 3, "--restarts", 2, "-o", "m.h5"], ranks)
            with h5py.File(self.folder / "m.h5") as file:
                expected = dict(file["fit"].attrs)
            self.assertEqual(found, {"model_file": "m.h5"} | {name: expected[name] for name in expected})

    def test_plot(self):
        found = self.json(["plot", self.files["gmm"], "-o", "page.html"])
        self.assertEqual((found["model_file"], found["output"]), (self.files["gmm"], "page.html"))
        self.assertEqual((found["sections"], found["left_out"], found["notes"]), (6, 0, []))

    def test_info(self):
        for model, file in self.files.items():
            found = self.json(["info", file])
            with h5py.File(file) as opened:
                for name, values in opened["parameters"].items():
                    np.testing.assert_array_equal(found[f"parameters/{name}"], values)
                for name, value in opened["fit"].attrs.items():
                    self.assertEqual(found["fit"][name], value)

    def test_names_of_files_that_are_no_utf8(self):
        os.link(self.data, os.fsencode(self.folder) + b"/\xff.h5")
        found = self.json(["score", self.files["gmm"], os.fsdecode(b"\xff.h5")])
        self.assertEqual(found["input"], "\ufffd.h5")


if __name__ == "__main__":
    unittest.main(verbosity=2)
