"""Command lines and config files that cannot be understood."""

import unittest

import h5py
import numpy as np

import support
from support import ALONE, INPUT, USAGE


class Arguments(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        records, _ = support.clusters()
        cls.data = support.write(cls.inputs / "data.h5", data=records)
        cls.table = cls.inputs / "table.csv"
        cls.table.write_text("a,b\n1,2\n")

    def fit(self, *options, model="gmm", components=("--components", "3")):
        return ["fit", model, self.data, *components, *options]

    def config(self, text):
        file = self.inputs / f"config-{len(list(self.inputs.iterdir()))}.ini"
        file.write_text(text)
        return str(file)

    def test_commands(self):
        self.refused(
            [
                ([], USAGE, "a command is missing", "jensen --help"),
                (["frobnicate"], USAGE, "'frobnicate' is unknown", "fit, predict, score, sample, compare, info, check, import"),
                (["predcit"], USAGE, "'predcit' is unknown", "did you mean predict?"),
                (["--components", "3"], USAGE, "'--components'", "fit, predict"),
                *(
                    ([name, "x.h5"], USAGE, f"'{name}' is reserved for a later version")
                    for name in ("select", "bootstrap", "merge", "report")
                ),
            ],
            ranks=(ALONE, 2),
        )

    def test_positional_arguments(self):
        self.refused(
            [
                (["fit"], USAGE, "MODEL is missing", "usage: jensen fit MODEL INPUT"),
                (["fit", "gmm"], USAGE, "INPUT is missing", "usage: jensen fit MODEL INPUT"),
                (["fit", "gmn", self.data], USAGE, "model = 'gmn'", "kmeans, gmm"),
                (["fit", "--components", "3", "gmm", self.data], USAGE, "MODEL", "before"),
                (self.fit("extra"), USAGE, "'extra' is one argument too many"),
                (["predict"], USAGE, "MODEL.h5 is missing", "usage: jensen predict MODEL.h5 INPUT"),
                (["predict", "model.h5"], USAGE, "INPUT is missing"),
                (["score", "model.h5"], USAGE, "INPUT is missing"),
                (["info"], USAGE, "FILE.h5 is missing", "usage: jensen info FILE.h5"),
                (["info", "a", "b"], USAGE, "'b' is one argument too many"),
                (["import"], USAGE, "INPUT is missing"),
                (["import", "data.csv"], USAGE, "output is missing", "-o FILE.h5"),
            ]
        )

    def test_number_of_components(self):
        def components(*given):
            return self.fit(components=given)

        self.refused(
            [
                (components(), USAGE, "components is missing", "--components K"),
                (components("--components", "0"), USAGE, "components = 0", "at least 1"),
                (components("--components", "-1"), USAGE, "components = -1", "at least 1"),
                (components("--components=-1"), USAGE, "components = -1", "at least 1"),
                (components("--components", "abc"), USAGE, "components = 'abc'", "must be an integer"),
                (components("--components", "2.5"), USAGE, "components = '2.5'", "must be an integer"),
                (components("--components", "1:9"), USAGE, "components = '1:9'", "reserved for a later version"),
                (components("--components", "1,2"), USAGE, "components = '1,2'", "reserved for a later version"),
                (components("--components", "121"), INPUT, "components = 121", "at most 120", "data.h5"),
                (components("--components", "1000000000000"), INPUT, "components = 1000000000000", "at most 120"),
            ]
        )

    def test_blocks(self):
        many = support.write(self.inputs / "many.h5", data=np.ones((2**22 + 1, 1), np.int8))
        small = ["fit", "gmm", many, "--components", "2", "--block-rows", "2"]
        self.refused([(small, USAGE, "block-rows = 2", "at least 3 for the 4194305 records")])
        models = []
        for rows in "120", "1e15", "9223372036854775807":
            self.done(self.fit("--block-rows", rows, "-o", "model.h5"), 2)
            with h5py.File(self.folder / "model.h5") as file:
                models.append(file["parameters/means"][...].tobytes())
        self.assertEqual(models, models[:1] * 3)

    def test_unknown_and_repeated_options(self):
        self.refused(
            [
                (self.fit("--sed", "3"), USAGE, "'sed' is unknown", "did you mean seed"),
                (self.fit("--covarince", "full"), USAGE, "'covarince' is unknown", "covariance"),
                (self.fit("--xyzzy"), USAGE, "'xyzzy' is unknown", "--help"),
                (self.fit("--seed", "3", "--seed", "4"), USAGE, "'--seed' is given twice"),
                (self.fit("--strict", "--strict"), USAGE, "'--strict' is given twice"),
                (self.fit("-x"), USAGE, "x", "unknown"),
                (self.fit("--seed"), USAGE, "seed", "--help"),
                (self.fit("--strict=yes"), USAGE, "strict", "--help"),
                (self.fit("--covariance", "full", model="kmeans"), USAGE, "'covariance' is unknown"),
                (["score", "m.h5", self.data, "--responsibilities"], USAGE, "'responsibilities' is unknown"),
            ]
        )

    def test_options_of_lasting_runs(self):
        given = {
            "checkpoint-interval": ["x", "0", "0it", "-5min", "10 parsecs", "it"],
            "deadline": ["soon", "-1", "1:2:3:4", "1-", ":"],
            "standardise": ["yes", "SD"],
        }
        self.refused(
            [
                (self.fit(f"--{name}", value), USAGE, f"{name} = '{value}'" if value != "it" else name)
                for name, values in given.items()
                for value in values
            ],
            ranks=(ALONE,),
        )

    def test_reserved_options(self):
        names = "criterion missing noise prior fix"
        self.refused(
            [
                (self.fit(f"--{name}", "x"), USAGE, f"'{name}' is reserved for a later version")
                for name in [*names.split(), "standard-errors"]
            ],
            ranks=(ALONE, 2),
        )

    def test_values_of_options(self):
        at_least_0 = ["max-iterations", "tolerance", "relative-tolerance", "absolute-tolerance"]
        at_least_0 += ["parameter-tolerance", "block-rows", "seed", "covariance-floor"]
        cases = [(self.fit(f"--{name}", "-1"), USAGE, f"{name} = -1", "0 or more") for name in at_least_0]
        for name in ["tolerance", "relative-tolerance", "absolute-tolerance", "parameter-tolerance"]:
            cases += [(self.fit(f"--{name}", "nan"), USAGE, f"{name} = 'nan'", "must be a number")]
        for name in ["restarts", "seed", "block-rows", "max-iterations"]:
            cases += [(self.fit(f"--{name}", "1.5x"), USAGE, f"{name} = '1.5x'", "must be an integer")]
        cases += [
            (self.fit("--restarts", "0"), USAGE, "restarts = 0", "at least 1"),
            (self.fit("--tolerance", "1e999"), USAGE, "tolerance = '1e999'", "must be a number"),
            (self.fit("--tolerance", ""), USAGE, "tolerance = ''", "must be a number"),
            (self.fit("--seed", "99999999999999999999"), USAGE, "seed = '99999999999999999999'", "integer"),
            (self.fit("--progress", "loud"), USAGE, "progress = 'loud'", "auto, live, lines or none"),
            (self.fit("--covariance", "round"), USAGE, "covariance = 'round'", "full (VVV)"),
            (self.fit("--covariance", "full,tied"), USAGE, "covariance = 'full,tied'", "must be one of"),
            (self.fit("--fixed-variance", "-1"), USAGE, "fixed-variance = -1", "positive"),
            (self.fit("--fixed-variance", "1"), USAGE, "--covariance equal-spherical", "found full"),
            (self.fit("--start", "luck"), USAGE, "start = 'luck'", "kmeans++"),
            (self.fit("--start", "random:f.h5"), USAGE, "start = 'random:f.h5'", "takes no file"),
            (self.fit("--start", "kmeans:"), USAGE, "start = 'kmeans:'", "takes no file"),
            (self.fit("--start", "labels"), USAGE, "start = 'labels'", "labels:FILE:/d"),
            (self.fit("--start", "model:"), USAGE, "start = 'model:'", "model:FILE"),
            (["import", self.table, "-o", "x.h5", "--header", "perhaps"], USAGE, "header = 'perhaps'", "auto, yes or no"),
            (["import", self.table, "-o", "x.h5", "--delimiter", "ab"], USAGE, "delimiter = 'ab'"),
            (["import", self.table, "-o", "x.h5", "--progress", "loud"], USAGE, "progress = 'loud'"),
        ]
        self.refused(cases, ranks=(ALONE, 2))

    def test_config_files(self):
        def given(text):
            return self.fit("--config", self.config(text))

        nested = self.inputs / "folder.ini"
        nested.mkdir()
        self.refused(
            [
                (self.fit("--config", "none.ini"), USAGE, "cannot open the config file 'none.ini'", "check the path"),
                (self.fit("--config", nested), USAGE, "config file", "folder.ini", "directory"),
                (given("sed = 3\n"), USAGE, "'sed' is unknown", "did you mean seed", ".ini"),
                (given("[fit]\nseed = 3\n"), USAGE, "'fit.seed' is unknown"),
                (given("seed = 3\nseed = 4\n"), USAGE, "'seed' is given twice", ".ini"),
                (given("seed\n"), USAGE, "config file", "a line is 'seed' (must be key = value"),
                (given("a%invalid_line%b\n"), USAGE, "config file", "a line is 'a%invalid_line%b'"),
                (given("strict = perhaps\n"), USAGE, "strict = 'perhaps'", "true or false"),
                (given("seed = x\n"), USAGE, "seed = 'x'", "must be an integer"),
                (given("config = other.ini\n"), USAGE, "'config'"),
                (given("prior = jeffreys\n"), USAGE, "'prior' is reserved for a later version", ".ini"),
                (given("\x7fHDF\x00\x01\n"), USAGE, "config file"),
            ]
        )

    def test_thirteen_ranks(self):
        self.refused(
            [
                ([], USAGE, "a command is missing"),
                (self.fit("--sed", "3"), USAGE, "did you mean seed"),
                (self.fit(components=("--components", "121")), INPUT, "at most 120"),
            ],
            ranks=(13,),
        )


if __name__ == "__main__":
    unittest.main(verbosity=2)
