"""`jensen check`, and model files whose numbers were changed behind a header that fits them."""

import hashlib
import itertools
import json
import shutil
import struct
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py
import numpy as np

import support
from support import ALONE, INPUT, USAGE, write

CHECKS = ["header", "length", "SHA-256", "content", "schema", "numbers", "data", "parameters", "state", "agreement"]
CHECKS += ["sizes", "trace"]


def entry(path, index, value):
    def edit(file):
        values = file[path][...]
        values[index] = value
        file[path][...] = values

    return edit


def attribute(group, name, value):
    return lambda file: file[group].attrs.__setitem__(name, value)


def replaced(path, change):
    def edit(file):
        values = change(file[path][...])
        del file[path]
        file[path] = values

    return edit


def both(*edits):
    def edit(file):
        for one in edits:
            one(file)

    return edit


class Check(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        records, _ = support.clusters()
        cls.data = write(cls.inputs / "data.h5", data=records)
        cls.files = {}
        for name, *options in (
            ("gmm",),
            ("gmm", "--covariance", "tied"),
            ("gmm", "--covariance", "diag"),
            ("gmm", "--covariance", "spherical"),
            ("gmm", "--covariance", "equal-spherical", "--fixed-variance", 1),
            ("kmeans",),
        ):
            key = options[1] if options else name
            cls.files[key] = str(cls.inputs / f"{key}.h5")
            fit = ["fit", name, cls.data, "--components", 3, "--restarts", 2, *options]
            found = support.run([*fit, "-o", cls.files[key]])
            assert found.code == 0, found.stderr
        cls.numbers = itertools.count()

    def edited(self, edit, model="gmm", repaired=True):
        """A copy of the model with other content, and a header that fits it if repaired."""
        file = self.inputs / f"edited-{next(self.numbers)}.h5"
        shutil.copy(self.files[model], file)
        with h5py.File(file, "r+") as opened:
            edit(opened)
        if repaired:
            content = bytearray(file.read_bytes())
            content[24:64] = struct.pack("<Q", len(content) - 512) + hashlib.sha256(content[512:]).digest()
            file.write_bytes(content)
        return str(file)

    def outcome(self, file, ranks=ALONE):
        """Outcomes by name, after making sure that table, JSON, sentence and exit code say the same."""
        plain, found = support.run(["check", file], ranks), support.run(["check", file, "--json"], ranks)
        report = json.loads(found.stdout)
        words = {"ok": "ok", "wrong": "WRONG", "left_out": "left out"}
        rows = [(check["name"], words[check["outcome"]], check["text"]) for check in report["checks"]]
        self.assertEqual([f"{name:<14}{outcome:<10}{text}" for name, outcome, text in rows], plain.stdout.splitlines())
        wrong = [name for name, outcome, _ in rows if outcome == "WRONG"]
        self.assertEqual((report["file"], report["ok"]), (file, not wrong))
        for run in plain, found:
            self.assertEqual(run.code, INPUT if wrong else 0, run.stderr)
            self.assertEqual(len(run.sentences()), 1 if wrong else 0, run.stderr)
            if wrong:
                self.assertIn(f"'{file}'", run.sentences()[0])
                self.assertRegex(run.sentences()[0], f"wrong: {', '.join(wrong)}|header|bytes|cannot be used: model")
        return {name: (outcome, text) for name, outcome, text in rows}

    def test_files_of_every_family_are_fine(self):
        for name, file in self.files.items():
            for ranks in (ALONE, 2) if name == "gmm" else (ALONE,):
                with self.subTest(model=name, ranks=ranks):
                    found = self.outcome(file, ranks)
                    self.assertEqual(list(found), CHECKS)
                    self.assertEqual({outcome for outcome, _ in found.values()}, {"ok"})

    def test_a_fit_of_no_iterations_is_fine(self):
        file = str(self.folder / "none.h5")
        fit = ["fit", "gmm", self.data, "--components", 3, "--start", f"model:{self.files['gmm']}"]
        self.done([*fit, "--max-iterations", 0, "-o", file])
        self.assertEqual({outcome for outcome, _ in self.outcome(file).values()}, {"ok"})

    def test_wrapping(self):
        model = Path(self.files["gmm"])
        content = model.read_bytes()
        cases = {
            "header": content[:30] + b"\1" * 40 + content[70:],
            "length": content[:-1],
            "SHA-256": content[:-1] + bytes([content[-1] ^ 1]),
        }
        for name, changed in cases.items():
            file = self.inputs / f"{name}.h5"
            file.write_bytes(changed)
            found = self.outcome(str(file))
            self.assertEqual(list(found), CHECKS[: CHECKS.index(name) + 1])
            self.assertEqual(found[name][0], "WRONG")

    def test_files_that_h5py_has_changed(self):
        def touch(file):
            file["parameters/weights"][0] = file["parameters/weights"][0]

        def note(file):
            file.attrs["note"] = "mine" * 1000

        same = self.edited(touch, repaired=False)
        self.assertEqual({outcome for outcome, _ in self.outcome(same).values()}, {"ok"})
        self.done(["info", same])
        longer = self.edited(note, repaired=False)
        other = self.edited(entry("parameters/weights", 0, 0.1), repaired=False)
        copy = str(self.inputs / "copy.h5")
        with h5py.File(self.files["gmm"]) as old, h5py.File(copy, "w") as new:
            for name in old:
                old.copy(name, new)
        cases = []
        for command in ["info"], ["check"], ["sample", "-n", 3, "-o", "out.h5"]:
            for file in longer, other:
                cases.append(([*command, file], INPUT, file, "was changed by another program", "use another"))
            cases.append(([*command, copy], INPUT, copy, "is not a jensen model file", "without jensen's header"))
        self.refused(cases, ranks=(ALONE, 2))

    def test_what_check_finds(self):
        nan, inf = np.nan, np.inf

        def unit(file):
            del file["fit/trace"]

        cases = [
            (entry("fit/trace/objective", -1, 0), "trace", "must be"),
            (attribute("fit", "objective", 1.0), "trace", "must be 1"),
            (attribute("fit", "iteration", 10**6), "trace", "must have 1000001"),
            (replaced("fit/trace/gain", lambda gain: gain[1:]), "trace", "rows"),
            (unit, "schema trace", "no '/fit/trace/"),
            (entry("fit/sizes", 0, 1), "sizes", "the total weight"),
            (entry("fit/sizes", 0, nan), "numbers sizes", "'/fit/sizes' holds nan"),
            (attribute("fit", "total_weight", 119.0), "sizes", "must be 119"),
            (attribute("fit", "bic", inf), "numbers", "attribute 'bic' of '/fit' holds inf"),
            (attribute("fit", "components", 2), "state sizes", "saved state"),
            (attribute("data", "features", 2), "data", "of 2 features"),
            (attribute("/", "format", "other"), "schema", "must be jensen-model"),
            (attribute("/", "model", "ppca"), "content", "model = 'ppca'"),
            (attribute("config", "block-rows", -1), "schema", "block-rows = -1"),
            (entry("preprocess/scale", 1, 0), "data state", "must be positive"),
            (lambda file: file.__delitem__("state"), "state", "no saved state"),
            (entry("parameters/means", (1, 2), 99), "agreement", "component 1, feature 2, is 99 in '/parameters'"),
            (entry("parameters/weights", 0, -1), "parameters agreement", "must be 0 or more"),
        ]
        found = self.outcomes([(edit, "gmm") for edit, *_ in cases])
        for (_, wrong, part), outcome in zip(cases, found):
            with self.subTest(wrong=wrong, part=part):
                names = [name for name, (what, _) in outcome.items() if what == "WRONG"]
                self.assertEqual(names, wrong.split())
                self.assertIn(part, outcome[names[0]][1])

    def outcomes(self, edits):
        files = [self.edited(*edit) for edit in edits]
        with ThreadPoolExecutor(3) as pool:
            return list(pool.map(self.outcome, files))

    def uses(self, file, *names, kind="gmm"):
        fit = ["fit", kind, self.data, "--components", 3, "-o", "out.h5", "--start", f"model:{file}"]
        commands = {
            "predict": ["predict", file, self.data, "-o", "out.h5"],
            "score": ["score", file, self.data],
            "sample": ["sample", file, "-n", 5, "-o", "out.h5"],
            "info": ["info", file],
            "start": fit,
        }
        return [commands[name] for name in names]

    def test_changed_parameters_are_refused_everywhere(self):
        everywhere = "predict", "score", "sample", "info", "start"
        sigma = "parameters/covariances"
        cases = [
            (entry("parameters/weights", 1, -0.25), "weight 1 in '/parameters/weights' is -0.25", "gmm"),
            (entry("parameters/weights", 0, 0.9), "add up to", "gmm"),
            (entry("parameters/weights", 0, np.nan), "is nan", "tied"),
            (entry("parameters/means", (2, 1), np.inf), "'/parameters/means' is not finite", "diag"),
            (entry(sigma, (1, 0, 2), 1e3), f"covariance 1 in '/{sigma}' is not symmetric", "gmm"),
            (entry(sigma, (0, 1, 1), -1), f"covariance 0 in '/{sigma}' is not", "tied"),
            (entry(sigma, (2, 0, 0), np.nan), f"covariance 2 in '/{sigma}' is not finite", "gmm"),
            (replaced("parameters/weights", lambda weights: weights[:2]), "shape (2) (must be (3))", "gmm"),
            (replaced("parameters/means", lambda means: means[:, :2]), "(must be", "gmm"),
            (replaced(sigma, lambda values: values[:2]), "shape (2, 3, 3) (must be (3, 3, 3) or", "gmm"),
            (replaced("parameters/means", lambda means: means.astype("S")), "'/parameters/means'", "gmm"),
        ]
        jobs = []
        for edit, part, model in cases:
            file = self.edited(edit, model)
            jobs += [(use, INPUT, f"'{file}' cannot be used", part) for use in self.uses(file, *everywhere)]
        file = self.edited(entry("parameters/centroids", (0, 0), np.nan), "kmeans")
        for use in self.uses(file, "predict", "score", "info", "start", kind="kmeans"):
            jobs.append((use, INPUT, f"'{file}' cannot be used", "'/parameters/centroids' is not finite"))
        self.refused(jobs, ranks=(ALONE,))
        self.refused(jobs[:5], ranks=(2,))

    def test_a_changed_state_is_refused_where_it_is_used(self):
        cases = [
            (entry("state/weights", 0, -1), "weight 0 in '/state/weights' is -1", "gmm"),
            (entry("state/weights", slice(None), 0.5), "'/state/weights' add up to 1.5", "gmm"),
            (entry("state/means", 4, np.nan), "'/state/means' is not finite", "diag"),
            (entry("state/covariances", 0, -1), "covariance 0 in '/state/covariances' is not", "gmm"),
            (entry("state/covariances", 0, 0), "'/state/covariances' is not positive", "spherical"),
            (entry("state/sd", 0, 0), "'/state/sd' is not positive", "gmm"),
            (entry("state/log_scale", 0, 9), "'/state/log_scale' is not", "gmm"),
            (entry("state/fixed_variance", 0, 9), "'/state/fixed_variance' is not", "equal-spherical"),
            (entry("state/means", 0, 0.125), "the mean of component 0, feature 0, is", "gmm"),
            (entry("parameters/volume", 0, 0), "the sum of volume 0 times its shape is 0 in", "spherical"),
            (entry("parameters/shape", (1, 1), 9), "the sum of volume 1 times its shape is", "gmm"),
            (entry("preprocess/scale", 0, -2), "'/preprocess/scale' holds -2", "gmm"),
            (entry("preprocess/scale", 0, 64), "'/state/log_scale' is not", "gmm"),
            (replaced("preprocess/shift", lambda shift: shift[1:]), "2 and 3 values", "gmm"),
            (entry("preprocess/shift", 0, 77), "the mean of component 0, feature 0, is", "gmm"),
            (attribute("fit", "components", 10**15), "is 1000000000000000 (must be 1 to", "gmm"),
            (attribute("fit", "components", 0), "is 0 (must be 1 to", "gmm"),
            (attribute("config", "covariance", "round"), "covariance = 'round'", "gmm"),
            (attribute("config", "covariance", "diag"), "saved state has", "gmm"),
        ]
        jobs = []
        for edit, part, model in cases:
            file = self.edited(edit, model)
            uses = self.uses(file, "predict", "score", "sample")
            jobs += [(use, INPUT, f"'{file}' cannot be used", part) for use in uses]
        for edit, part in (
            (entry("state/centroids", 0, np.inf), "'/state/centroids' is not finite"),
            (entry("state/scale", 0, 3), "'/state/scale' is not that"),
            (entry("parameters/centroids", (1, 1), 5), "centroid 1, feature 1, is 5 in '/parameters'"),
        ):
            file = self.edited(edit, "kmeans")
            jobs += [(use, INPUT, f"'{file}' cannot be used", part) for use in self.uses(file, "predict", "score")]
        file = self.edited(attribute("config", "block-rows", -8))
        jobs += [(use, INPUT, "block-rows = -8") for use in self.uses(file, "predict", "score")]
        self.refused(jobs, ranks=(ALONE,))
        self.refused(jobs[:3], ranks=(2,))

    def test_sizes_beyond_the_file_take_no_memory(self):
        def claim(file):
            del file["parameters/means"]
            file.create_dataset("parameters/means", (2**40, 2**15), dtype="f8")  # never written: no bytes

        file = self.edited(claim)
        self.refused([(["info", file], INPUT, "more than the file can hold")], ranks=(ALONE, 2))

    def test_tables_do_not_reach_beyond_their_arrays(self):
        for name in "gmm", "kmeans":
            file = self.edited(replaced("fit/sizes", lambda sizes: sizes[:1]), name)
            self.refused([(["info", file], INPUT, "'/fit/sizes'", "(must be 3")], ranks=(ALONE,))

    def test_usage(self):
        self.refused(
            [
                (["check"], USAGE, "FILE.h5 is missing"),
                (["check", "none.h5"], INPUT, "cannot open 'none.h5'"),
                (["check", self.data], INPUT, "is not a jensen model file"),
                (["check", "."], INPUT, "'.' has no checkpoint"),
            ],
            ranks=(ALONE, 2),
        )


if __name__ == "__main__":
    unittest.main(verbosity=2)
