"""Files of earlier versions stay readable: tests/data/old holds checkpoints and a model file of version 0.1.0, from
before a pass could be broken off, of fits to iris.csv and four_topics.txt."""

import json
import shutil
import unittest

import h5py

import support
from support import ALONE, DATA

OLD = DATA / "old"
AT = {"gmm": ("fit", 0, 1), "bayes-gmm": ("fit", 0, 0), "kmeans": ("fit", 0, 1), "lda": ("fit", 0, 7), "advi": ("fit", 0, 4)}


class OldFiles(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for args in (
            ["import", DATA / "iris.csv", "--columns", "1,2,3,4", "-o", "iris.h5"],
            ["import", DATA / "four_topics.txt", "--format", "text", "-o", "topics.h5"],
        ):
            found = support.run(args, ALONE, cls.inputs)
            assert found.code == 0, found.stderr

    def setUp(self):
        super().setUp()
        for name in "iris.h5", "topics.h5":
            shutil.copy(self.inputs / name, self.folder)

    def fit_of(self, model, file):
        """The command that wrote it, from what it says of itself."""
        with h5py.File(file) as opened:
            config = dict(opened["config"].attrs)
        flags = {"components": "components", "start": "start", "restarts": "restarts", "target": "target"}
        options = [x for key, flag in flags.items() if key in config for x in (f"--{flag}", config[key])]
        return ["fit", model, "topics.h5" if model == "lda" else "iris.h5", *options, "--tolerance", 1e-4,
                "--progress", "none", "-o", "model.h5"]  # fmt: skip

    def test_checkpoints(self):
        for model, (stage, restart, iteration) in AT.items():
            file = OLD / f"{model}-checkpoint.h5"
            with self.subTest(model=model):
                found = self.done(["check", file])
                self.assertIn(f"would go on in {stage}", found.stdout)
                self.assertIn(f"iteration {iteration}, with {restart} restarts behind it", found.stdout)
                info = json.loads(self.done(["info", "--json", file]).stdout)
                self.assertEqual(info["model"], model)
                gone_on = self.done([*self.fit_of(model, file), "--resume", file], 2)
                self.assertIn(f"going on from '{file}'", gone_on.stderr)
                self.done(["check", "model.h5"])
                shutil.rmtree(self.folder / "model.h5.ckpt", ignore_errors=True)

    def test_a_model_file(self):
        file = OLD / "gmm-model.h5"
        self.done(["check", file])
        self.done(["predict", file, "iris.h5", "-o", "labels.h5"])
        with h5py.File(self.folder / "labels.h5") as labels:
            self.assertEqual(labels["labels"].shape, (150,))
        self.assertIn("-1.2", self.done(["score", file, "iris.h5"]).stdout)  # nats a record: -180.185477 / 150
        again = self.done(["fit", "gmm", "iris.h5", "--components", 3, "--start", f"model:{file}", "-o", "model.h5"])
        self.assertIn("-180.185", again.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
