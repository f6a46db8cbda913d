"""The config files that come with jensen, and config files at all."""

import re
import unittest

import h5py
import numpy as np

import support
from support import ALONE

MODELS = ["advi", "bayes-gmm", "gmm", "kmeans", "lda"]
NEEDED = {"advi": ["--response", "CD4"]}  # what has no default


def contents(path):
    """Attributes and arrays by path, but for the times."""
    found = {}

    def add(name, item):
        attributes = {key: value for key, value in item.attrs.items() if not key.endswith("_seconds")}
        found["/" + name] = attributes
        if isinstance(item, h5py.Dataset) and not name.endswith("elapsed_seconds"):
            found["/" + name + " values"] = (item.shape, str(item.dtype), item[()].tobytes() if item.dtype != object else list(item[()]))

    with h5py.File(path) as file:
        file.visititems(add)
    return found


class Configs(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = cls.inputs / "data.h5"
        found = support.run(["import", support.DATA / "gvhd_pos.csv", "-o", cls.data])
        assert found.code == 0, found.stderr
        cls.corpus = cls.inputs / "corpus.h5"
        found = support.run(["import", support.DATA / "four_topics.txt", "--format", "text", "-o", cls.corpus])
        assert found.code == 0, found.stderr
        cls.weights = support.write(cls.inputs / "weights.h5", w=np.ones(9083))

    def data_of(self, model):
        return self.corpus if model == "lda" else self.data

    def fitted(self, model, *options, ranks=ALONE, output=None):
        self.done(["fit", model, self.data_of(model), *NEEDED.get(model, []), *options], ranks)
        with h5py.File(self.folder / (output or f"{model}.h5")) as file:
            return dict(file["config"].attrs), dict(file["fit"].attrs)

    def test_files_are_those_that_help_writes(self):
        # after a change of options: for m in advi bayes-gmm gmm kmeans lda; do jensen help config $m > configs/$m.ini; done
        for model in MODELS:
            self.assertEqual(self.done(["help", "config", model]).stdout, (support.CONFIGS / f"{model}.ini").read_text())

    def test_every_option_is_a_key_with_its_default(self):
        for model in MODELS:
            text = (support.CONFIGS / f"{model}.ini").read_text()
            keys = re.findall(r"^(#?)([a-z0-9-]+) =(?: (\S+))?$", text, re.MULTILINE)
            self.assertEqual(len(keys), len({key for _, key, _ in keys}))
            found = {key: value for _, key, value in keys}
            help_text = self.done(["fit", model, "--help"]).stdout
            expected = {}
            for option in re.findall(r"^  --.*?(?=^  --|\n\n|\Z)", help_text, re.MULTILINE | re.DOTALL):
                name = re.match(r"  --([a-z0-9-]+)", option)[1]
                is_flag = re.match(r"  --[a-z0-9-]+(  |\n)", option)
                default = re.search(r"\[([^\]\s]+)\]\s*\Z", option)
                expected[name] = "false" if is_flag else default[1] if default else ""
            del expected["config"]  # a config file cannot name another
            self.assertEqual(found, expected | {"components": expected["components"] or "4"})
            commented = {key for mark, key, _ in keys if mark}
            weights = set() if model == "lda" else {"weights"}
            needed = {"response", "groups"} if model == "advi" else set()
            self.assertEqual(commented, weights | needed | {"checkpoint", "deadline", "output", "log"})

    def test_keys_are_as_good_as_flags(self):
        # every key that is no comment as a flag: the same file but for the name of the config file, and times
        for model in MODELS:
            file = support.CONFIGS / f"{model}.ini"
            flags = []
            for key, value in re.findall(r"^([a-z0-9-]+) = (\S+)$", file.read_text(), re.MULTILINE):
                if value != "false":
                    flags += [f"--{key}", value]
            flags += NEEDED.get(model, [])
            self.done(["fit", model, self.data_of(model), "--config", file, *NEEDED.get(model, [])])
            by_config = contents(self.folder / f"{model}.h5")
            self.done(["fit", model, self.data_of(model), *flags])
            by_flags = contents(self.folder / f"{model}.h5")
            self.assertEqual(by_config["/config"].pop("config"), str(file))
            self.assertEqual(by_flags["/config"].pop("config"), "")
            self.assertGreater(len(by_flags), 20)
            self.assertEqual(by_config, by_flags)

    def test_a_commented_key_can_be_given(self):
        text = (support.CONFIGS / "kmeans.ini").read_text()
        values = {"weights": f"{self.weights}:/w", "checkpoint": "ck", "deadline": "1h", "output": "mine.h5", "log": "mine.log"}
        for key, value in values.items():
            text, count = re.subn(rf"^#{key} =.*$", f"{key} = {value}", text, flags=re.MULTILINE)
            self.assertEqual(count, 1)
        (self.folder / "mine.ini").write_text(text)
        config, _ = self.fitted("kmeans", "--config", "mine.ini", output="mine.h5")
        self.assertEqual({key: config[key] for key in values}, values)
        self.assertTrue((self.folder / "mine.log").exists() and (self.folder / "ck").is_dir())

    def test_configs_run_as_they_are(self):
        files = sorted(support.CONFIGS.glob("*.ini"))
        self.assertEqual([file.stem for file in files], MODELS)
        for file in files:
            for ranks in ALONE, 2:
                with self.subTest(config=file.name, ranks=ranks):
                    config, fit = self.fitted(file.stem, "--config", file, ranks=ranks)
                    components = "1" if file.stem == "advi" else "4"
                    self.assertEqual((config["components"], config["seed"], fit["converged"]), (components, 1, 1))

    def test_a_config_names_its_own_defaults(self):
        # every value of the files is the default, but for the number of components
        for model in MODELS:
            few = ["--components", 1 if model == "advi" else 4, "--max-iterations", 1]
            plain, _ = self.fitted(model, *few)
            config, _ = self.fitted(model, *few, "--config", support.CONFIGS / f"{model}.ini")
            self.assertEqual(plain | {"config": ""}, config | {"config": ""})

    def test_flags_win_over_the_config(self):
        config = self.folder / "own.ini"
        config.write_text("components = 7\nmax-iterations = 3 # few\nstrict = true\n\nrestarts = 1\ntolerance=0\n")
        flags = ["--components=2", "-o", "own.h5"]
        for arguments in [*flags, "--config", config], ["--config", config, *flags]:
            found, fit = self.fitted("gmm", *arguments, output="own.h5")
            self.assertEqual((found["components"], found["max-iterations"], found["strict"]), ("2", 3, "true"))
            self.assertEqual((fit["components"], fit["iteration"]), (2, 3))


if __name__ == "__main__":
    unittest.main(verbosity=2)
