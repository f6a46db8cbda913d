"""Help, version, and the config files that come with jensen."""

import re
import unittest

import h5py

import support
from support import ALONE

FIT = "components start restarts seed weights block-rows max-iterations tolerance relative-tolerance "
FIT += "absolute-tolerance parameter-tolerance strict require-convergence output config progress "
FIT += "checkpoint checkpoint-interval resume deadline standardise log json"
OPTIONS = {
    "fit gmm": f"{FIT} covariance covariance-floor equal-weights fixed-variance",
    "fit kmeans": FIT,
    "predict": "output responsibilities progress json",
    "score": "weights output json",
    "sample": "records output seed progress json",
    "info": "json",
    "check": "json",
    "import": "output dataset delimiter header columns float32 progress json",
    "plot": "output data features records",
}


class Help(support.Case):
    def test_every_option_is_mentioned(self):
        for command, options in OPTIONS.items():
            for flag in "--help", "-h":
                with self.subTest(command=command, flag=flag):
                    found = self.done([*command.split(), flag])
                    self.assertEqual(found.stderr, "")
                    mentioned = re.findall(r"^  --([a-z0-9-]+)", found.stdout, re.MULTILINE)
                    self.assertEqual(sorted(mentioned), sorted(options.split()))
                    self.assertIn("usage: jensen", found.stdout)
                    self.assertLessEqual(max(map(len, found.stdout.splitlines())), 120)

    def test_every_option_of_help_is_accepted(self):
        # an option that help names but the parser does not know would be refused as unknown
        for command, options in OPTIONS.items():
            for option in options.split():
                found = support.run([*command.split(), f"--{option}", "--xyzzy"], cwd=self.folder)
                self.assertNotIn(f"'{option}' is unknown", found.stderr)

    def test_defaults_are_shown(self):
        text = self.done(["fit", "gmm", "--help"]).stdout
        for option, default in ("restarts", 10), ("seed", 1), ("tolerance", "1e-08"), ("start", "kmeans"):
            section = re.search(rf"^  --{option} .*?(?=^  --|\n\n)", text, re.MULTILINE | re.DOTALL).group(0)
            self.assertIn(f"[{default}]", section)

    def test_overview(self):
        for arguments in ["--help"], ["-h"], ["help"], ["fit", "--help"]:
            for ranks in ALONE, 2:
                found = self.done(arguments, ranks)
                self.assertEqual(found.stdout.count("usage: jensen COMMAND"), 1)
                for name in "fit", "predict", "score", "sample", "info", "check", "import", "kmeans", "gmm", "exit codes":
                    self.assertIn(name, found.stdout)

    def test_version(self):
        for ranks in ALONE, 1, 2:
            self.assertRegex(self.done(["--version"], ranks).stdout, r"^jensen \d+\.\d+\.\d+\n$")


class Configs(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = cls.inputs / "data.h5"
        found = support.run(["import", support.DATA / "gvhd_pos.csv", "-o", cls.data])
        assert found.code == 0, found.stderr

    def fitted(self, model, *options, ranks=ALONE, output=None):
        self.done(["fit", model, self.data, *options], ranks)
        with h5py.File(self.folder / (output or f"{model}.h5")) as file:
            return dict(file["config"].attrs), dict(file["fit"].attrs)

    def test_configs_run_as_they_are(self):
        files = sorted(support.CONFIGS.glob("*.ini"))
        self.assertEqual([file.stem for file in files], ["gmm", "kmeans"])
        for file in files:
            for ranks in ALONE, 2:
                with self.subTest(config=file.name, ranks=ranks):
                    config, fit = self.fitted(file.stem, "--config", file, ranks=ranks)
                    self.assertEqual((config["components"], config["seed"], fit["converged"]), ("4", 1, 1))

    def test_a_config_names_its_own_defaults(self):
        # every value of the files is the default, but for the number of components
        for model in "gmm", "kmeans":
            few = ["--components", 4, "--max-iterations", 1]
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
