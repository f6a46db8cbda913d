"""fit --decompose: log p = ELBO + KL after every step, in the file, in print, and through kills."""

import json
import re
import unittest

import h5py
import numpy as np

import support
from lasting import CHECKPOINT, STOPPED, checkpoints, content, edit
from support import ALONE, INPUT, USAGE, write

ADDED = "fit/decomposition", "state/before_", "state/decomposition", "state/variance"
FITS = [("gmm",), ("gmm", "--covariance", "spherical", "--precision", "float32"), ("kmeans",), ("kmeans", "--fixed-variance", 0.5)]


class Decompose(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        random = np.random.default_rng(8)
        centres = 2.0 * random.normal(size=(3, 4))
        records = centres[np.arange(900) % 3] + random.normal(size=(900, 4)) - 30
        weights = np.where(np.arange(900) % 11 == 4, 0, random.exponential(size=900))
        cls.data = write(cls.inputs / "data.h5", data=records)
        cls.weights = write(cls.inputs / "weights.h5", w=weights)

    def fit(self, model, *options):
        given = ["--components", 3, "--restarts", 2, "--start", "random", "--progress", "none", "-o", "model.h5"]
        return ["fit", model, self.data, *given, *options]

    def fitted(self, *options, ranks=ALONE):
        self.done(self.fit(*options), ranks)
        return content(self.folder / "model.h5")

    def test_the_parts_in_the_file_add_up(self):
        for model, *options in FITS:
            with self.subTest(fit=(model, *options)):
                self.done(self.fit(model, *options, "--decompose", "--weights", f"{self.weights}:/w"))
                with h5py.File(self.folder / "model.h5") as file:
                    group = file["fit/decomposition"]
                    self.assertEqual(group.attrs["units"], "nats")
                    self.assertEqual(group.attrs["q"], "point mass" if model == "kmeans" else "posterior")
                    e, m = ({name: values[:] for name, values in group[step].items()} for step in ("e_step", "m_step"))
                    steps = file["fit"].attrs["iteration"]
                    likelihood = file["fit"].attrs.get("log_likelihood")
                self.assertEqual([len(values) for values in e.values()], [steps + 1] * 5)
                self.assertEqual([len(values) for values in m.values()], [steps] * 10)
                for parts in e, m:
                    np.testing.assert_allclose(parts["log_likelihood"], parts["elbo"] + parts["kl_divergence"], rtol=1e-13)
                    np.testing.assert_allclose(parts["elbo"], parts["expected_log_joint"] + parts["entropy"], rtol=1e-13)
                    self.assertGreaterEqual(parts["kl_divergence"].min(), 0)
                gain = m["log_likelihood_gain"]
                np.testing.assert_allclose(np.diff(e["log_likelihood"]), gain, atol=1e-10)
                np.testing.assert_allclose(m["expected_log_joint_gain"] + m["kl_divergence_gain"], gain, atol=1e-10)
                exact = m["exempt"] == 0
                self.assertEqual(exact.all(), "float32" not in options)
                self.assertTrue((m["expected_log_joint_gain"] >= -m["rounding"])[exact].all())
                if likelihood is not None:
                    self.assertAlmostEqual(e["log_likelihood"][-1], likelihood, places=8)

    def test_the_fit_is_the_same_with_and_without(self):
        for model, *options in FITS[:3]:
            with self.subTest(fit=(model, *options)):
                plain = self.fitted(model, *options)
                found = self.fitted(model, *options, "--decompose")
                self.assertEqual(found.pop("config@decompose"), "true")
                self.assertEqual(plain.pop("config@decompose"), "false")
                added = {name for name in found if name.startswith(ADDED)}
                self.assertGreater(len(added), 20)
                self.assertEqual({name: bits for name, bits in found.items() if name not in added}, plain)

    def test_any_number_of_ranks_and_a_stopped_run_give_the_same_bits(self):
        for model, *options in FITS:
            with self.subTest(fit=(model, *options)):
                asked = [model, *options, "--decompose"]
                expected = self.fitted(*asked)
                for ranks in 1, 3:
                    self.assertEqual(self.fitted(*asked, ranks=ranks), expected)
                self.done(self.fit(*asked, "--deadline", "0.001s"), code=STOPPED)
                (checkpoint,) = checkpoints(self.folder / "model.h5.ckpt")
                self.done(["check", checkpoint])
                self.done(["info", checkpoint])
                without = self.fit(model, *options) if "--fixed-variance" not in options else self.fit(model)
                refused = self.done(without, code=CHECKPOINT)
                self.assertRegex(refused.stderr, "decompose = 'false' \\(must be 'true', as in |fixed-variance")
                self.assertIn("going on from", self.done(self.fit(*asked), ranks=2).stderr)
                self.assertEqual(content(self.folder / "model.h5"), expected)

    def test_what_is_printed(self):
        printed = self.done(self.fit("gmm", "--decompose", "--max-iterations", 5)).stdout
        rows = re.findall(r"^([EM]) (\d) +(\S+) +(\S+) +(\S+) +(\S+) +(\S+)$", printed, re.M)
        self.assertEqual([step + t for step, t, *_ in rows], "E0 M1 E1 M2 E2 M3 E3 M4 E4 M5 E5".split())
        for _, _, *numbers in rows:
            likelihood, elbo, kl, expected, entropy = map(float, numbers)
            self.assertAlmostEqual(likelihood, elbo + kl, places=8)
            self.assertAlmostEqual(elbo, expected + entropy, places=8)
        gains = re.findall(r"^ +(\d) +(\S+) +(\S+) +(\S+)$", printed, re.M)
        self.assertEqual([int(t) for t, *_ in gains], [1, 2, 3, 4, 5])
        self.assertRegex(printed, r"log p = ELBO \+ KL +to \S+e-1\d nats after 6 E-steps and 5 M-steps\n")
        self.assertIn("Q never fell in 5 M-steps; as KL >= 0, nor did log p", printed)
        for command in ["info", "model.h5"], ["plot", "model.h5", "-o", "model.html"]:
            self.done(command)
        self.assertIn("\nE 0  ", self.done(["info", "model.h5"]).stdout)
        self.assertIn("Q never fell", (self.folder / "model.html").read_text())
        said = self.done(self.fit("kmeans", "--decompose")).stdout
        self.assertIn("the ELBO ascends, log p need not", said)
        self.assertNotIn("E-steps", self.done(self.fit("gmm")).stdout)

    def test_json_and_log(self):
        said = json.loads(self.done(self.fit("gmm", "--decompose", "--json", "--log", "fit.log")).stdout)
        parts = said["decomposition"]
        self.assertEqual(len(parts["e_step"]["elbo"]), said["iteration"] + 1)
        self.assertEqual(parts["units"], "nats")
        end = json.loads((self.folder / "fit.log").read_text().splitlines()[-1])
        self.assertEqual(end["decomposition"], parts)
        self.assertNotIn("decomposition", json.loads(self.done(self.fit("gmm", "--json")).stdout))

    def test_limits(self):
        self.fitted("gmm", "--decompose", "--max-iterations", 0)
        with h5py.File(self.folder / "model.h5") as file:
            self.assertEqual(len(file["fit/decomposition/e_step/elbo"]), 1)
            self.assertEqual(len(file["fit/decomposition/m_step/elbo"]), 0)
        self.assertIn("after 1 E-steps and 0 M-steps", self.done(["info", "model.h5"]).stdout)
        few = write(self.inputs / "few.h5", data=np.arange(4.0).reshape(4, 1))
        self.done(["fit", "kmeans", few, "--components", 4, "--decompose", "-o", "few.h5"], ranks=7)
        self.done(["check", "few.h5"])
        self.done(["fit", "gmm", self.data, "--components", 1, "--decompose", "-o", "one.h5"])
        equal = write(self.inputs / "equal.h5", data=np.ones((5, 2)))
        self.done(["fit", "kmeans", equal, "--components", 1, "--decompose", "-o", "equal.h5"])
        self.done(["check", "equal.h5"])

    def test_the_model_is_used_as_any(self):
        for model, *options in FITS[1:3]:
            self.fitted(model, *options, "--decompose")
            self.done(["check", "model.h5"])
            self.done(["predict", "model.h5", self.data, "-o", "labels.h5"])
            self.done(["score", "model.h5", self.data])
            self.done(["fit", "gmm", self.data, "--components", 3, "--start", "model:model.h5", "-o", "next.h5"])

    def test_a_changed_file_is_found(self):
        def changed(name, value):
            def change(file):
                file[f"fit/decomposition/{name}"][0] = value

            return change

        def shortened(name):
            def change(file):
                values = file[name][:-1]
                del file[name]
                file[name] = values

            return change

        step = "fit/decomposition/m_step/"
        refused = [
            (shortened("fit/decomposition/e_step/elbo"), "'/fit/decomposition/e_step/elbo' does not have "),
            (shortened(f"{step}exempt"), "'/fit/decomposition/m_step/exempt' does not have "),
            (lambda file: file.__delitem__(f"{step}rounding"), "no '/fit/decomposition/m_step/rounding'"),
            (lambda file: file["fit/decomposition"].attrs.__delitem__("q"), "'q'"),
        ]
        wrong = [(changed("m_step/kl_divergence", 7.0), "differ by up to"), (changed("e_step/elbo", -1e9), "differ by up to")]
        self.fitted("gmm", "--decompose", "--max-iterations", 4)
        whole = (self.folder / "model.h5").read_bytes()
        found = json.loads(self.done(["check", "model.h5", "--json"]).stdout)["checks"][-1]
        self.assertEqual((found["name"], found["outcome"]), ("decomposition", "ok"))
        for change, sentence in refused + wrong:
            with self.subTest(sentence=sentence):
                (self.folder / "model.h5").write_bytes(whole)
                edit(self.folder / "model.h5", change)
                printed = self.done(["check", "model.h5"], code=INPUT).stdout
                self.assertRegex(printed, f"decomposition WRONG .*{sentence}")
                if (change, sentence) in refused:
                    self.assertIn(sentence, self.done(["info", "model.h5"], code=INPUT).stderr)

    def test_what_is_refused(self):
        cases = [(self.fit("bayes-gmm", "--decompose"), USAGE, "decompose", "unknown")]
        cases.append((self.fit("kmeans", "--fixed-variance", 2), USAGE, "fixed-variance goes with --decompose"))
        cases.append((self.fit("kmeans", "--decompose", "--fixed-variance", -1), USAGE, "fixed-variance = -1 (must be"))
        cases.append((self.fit("kmeans", "--decompose", "--fixed-variance", "nan"), USAGE, "fixed-variance"))
        cases.append((self.fit("gmm", "--decompose=maybe"), USAGE, "decompose"))
        self.refused(cases, ranks=(ALONE, 2))


if __name__ == "__main__":
    unittest.main(verbosity=2)
