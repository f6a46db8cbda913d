"""Divergences of mixtures and tables, and models against data, beside numpy's integrals and sums."""

import json
import math
import re
import unittest

import h5py
import numpy as np

import support
from reference import Mixture
from support import ALONE, INPUT, USAGE, write

KEYS = ["kl", "reverse_kl", "symmetrised", "jensen_shannon"]
FAMILIES = ["full", "tied", "diag", "spherical", "equal-spherical"]


class Predictive:
    """The posterior predictive density of a Bayesian mixture of one feature."""

    def __init__(self, file):
        with h5py.File(file) as model:
            self.weights, self.means = model["parameters/weights"][:], model["parameters/means"][:, 0]
            self.covariances = model["parameters/covariances"][:, 0, 0]
            self.beta, self.degrees = model["posterior/mean_precisions"][:], model["posterior/degrees_of_freedom"][:]

    def log_density(self, x):
        terms = []
        for weight, mean, variance, beta, nu in zip(self.weights, self.means, self.covariances, self.beta, self.degrees):
            scale = (1 + 1 / beta) * variance  # nu / (nu + 1 - D) is 1 for D = 1
            constant = math.lgamma((nu + 1) / 2) - math.lgamma(nu / 2) - 0.5 * math.log(nu * math.pi * scale)
            terms.append(weight * np.exp(constant - (nu + 1) / 2 * np.log1p((x[:, 0] - mean) ** 2 / (nu * scale))))
        return np.log(np.sum(terms, axis=0))


class Clusters:
    """The mixture that k-means is a limit of: equal weights, one variance for all features of all clusters."""

    def __init__(self, file):
        with h5py.File(file) as model:
            self.centroids = model["parameters/centroids"][:]
            fit = model["fit"].attrs
            self.variance = fit["inertia"] / (fit["total_weight"] * self.centroids.shape[1])

    def log_density(self, x):
        squares = ((x[:, None] - self.centroids) ** 2).sum(axis=2) / self.variance
        k, d = self.centroids.shape
        return np.log(np.exp(-0.5 * squares).sum(axis=1)) - np.log(k) - 0.5 * d * np.log(2 * np.pi * self.variance)


def integrals(p, q, reach=400, steps=400_001):
    """The divergences of two densities of one feature, in the order of KEYS."""
    grid = np.linspace(-reach, reach, steps)[:, None]
    log_p, log_q = p.log_density(grid), q.log_density(grid)
    log_m = np.logaddexp(log_p, log_q) - math.log(2)
    step = grid[1, 0] - grid[0, 0]
    mean = lambda log_density, value: step * np.sum(np.where(np.isfinite(value), np.exp(log_density) * value, 0))
    forward, reverse = mean(log_p, log_p - log_q), mean(log_q, log_q - log_p)
    return [forward, reverse, forward + reverse, (mean(log_p, log_p - log_m) + mean(log_q, log_q - log_m)) / 2]


class Tables:
    def test_coins(self):
        exact = self.compared("table:.7,.3", "table:.5,.5")["closed_form"]
        self.assertAlmostEqual(exact["kl"], 0.0822828785, delta=1e-10)
        self.assertAlmostEqual(exact["reverse_kl"], 0.0871767, delta=1e-7)
        self.assertAlmostEqual(exact["symmetrised"], exact["kl"] + exact["reverse_kl"], delta=1e-15)
        self.assertAlmostEqual(self.compared("table:.7,.3", "table:.2,.8")["closed_form"]["kl"], 0.582685302, delta=1e-9)
        text = self.printed("table:.7,.3", "table:.5,.5").stdout
        self.assertRegex(text, r"nats +KL\(p \|\| q\) +KL\(q \|\| p\) +symmetrised +Jensen-Shannon\n"
                               r"closed form +exact +0\.0822828785 +0\.0871766936 +0\.169459572 +0\.0210059257\n")

    def test_bases(self):
        nats = self.compared("table:.7,.3", "table:.5,.5")["closed_form"]
        for base, name in ("2", "bits"), ("10", "logs to base 10"), ("e", "nats"):
            found = self.compared("table:.7,.3", "table:.5,.5", "--base", base)
            self.assertEqual(found["units"], name)
            for key in KEYS:
                unit = 1 if base == "e" else math.log(float(base))
                self.assertAlmostEqual(found["closed_form"][key] * unit, nats[key], delta=1e-15)

    def test_mass_where_there_is_none(self):
        exact = self.compared("table:.5,.5", "table:1,0", "--base=2")["closed_form"]
        self.assertEqual(exact["kl"], "inf")
        self.assertEqual(exact["symmetrised"], "inf")
        self.assertAlmostEqual(exact["reverse_kl"], 1, delta=1e-15)
        self.assertRegex(self.printed("table:.5,.5", "table:1,0").stdout, r"exact +inf +0\.693147181 +inf ")
        same = self.compared("table:0,1,0", "table:0,1,0")["closed_form"]
        self.assertEqual([same[key] for key in KEYS], [0, 0, 0, 0])

    def test_tables_in_files(self):
        p, q = np.array([0.1, 0.2, 0.7]), np.array([0.3, 0.3, 0.4])
        file = write(self.folder / "tables.h5", p=p, q=q[:, None], row=q[None], sure=[0, 0, 1], wide=np.ones((2, 2)) / 2)
        expected = np.sum(p * np.log(p / q))
        for other in "q", "row":
            found = self.compared(f"table:{file}:/p", f"table:{file}:/{other}", ranks=2 if other == "q" else ALONE)
            self.assertAlmostEqual(found["closed_form"]["kl"], expected, delta=1e-15)
        self.assertAlmostEqual(self.compared(f"table:{file}:/sure", f"table:{file}:/p")["closed_form"]["kl"], -math.log(0.7), delta=1e-15)
        weights = f"table:{self.models['plane']}:/parameters/weights"
        self.assertEqual(self.compared(weights, weights)["closed_form"]["kl"], 0)
        self.refused(
            [
                (["compare", f"table:{file}:/wide", "table:.5,.5"], INPUT, "has shape 2 x 2 (must be a table of one dimension"),
                (["compare", f"table:{file}:/none", "table:.5,.5"], INPUT, "/none"),
                (["compare", f"table:{file}", "table:.5,.5"], INPUT, "names no data set"),
                (["compare", "table:lacking.h5:/p", "table:.5,.5"], INPUT, "lacking.h5"),
            ]
        )

    def test_what_is_no_table(self):
        tables = {
            "table:.5,.6": (INPUT, "the table p adds up to 1.1 (must be 1, within 1e-06)"),
            "table:-.5,1.5": (INPUT, "entry 0 of the table p is -0.5 (must be 0 or more"),
            "table:nan,1": (INPUT, "entry 0 of the table p is nan"),
            "table:inf,0": (INPUT, "entry 0 of the table p is inf"),
            "table:1": (INPUT, "p has 1 outcomes and q has 2"),
            "table:": (USAGE, "'table:' holds '' (must be numbers parted by commas"),
            "table:.5,,.5": (USAGE, "holds ''"),
            "table:.5,half": (USAGE, "holds 'half'"),
            "table:0.5;0.5": (USAGE, "holds '0.5;0.5'"),
            self.data: (USAGE, "a table and a file"),
        }
        both = "table:.5,.5"
        self.refused(
            [
                *((["compare", table, both], code, sentence) for table, (code, sentence) in tables.items()),
                (["compare", both, both, "--base", "1"], USAGE, "base = 1 (must be e, 2 or another number above 1)"),
                (["compare", both, both, "--base", "nats"], USAGE, "base = 'nats'"),
                (["compare", both, both, "--data", self.data], USAGE, "goes with two models"),
            ],
            ranks=(ALONE,),
        )


class Models:
    def test_mixtures_of_every_family(self):
        for name in [f"line-{family}" for family in FAMILIES]:
            with self.subTest(model=name):
                found = self.compared("line-2", name, "--standard-error", 0.004)
                expected = integrals(Mixture(self.models["line-2"]), Mixture(self.models[name]), reach=60)
                self.assertTrue(found["monte_carlo"]["reached"])
                self.assertLessEqual(max(found["monte_carlo"]["standard_error"].values()), 0.004)
                self.check_estimates(found, expected)
                for key, value in zip(KEYS[:3], expected):
                    self.assertLessEqual(found["lower_bound"][key], value)
                    for bound in "upper_bound", "variational_upper_bound":
                        self.assertGreaterEqual(found[bound][key] * (1 + 1e-9), value)
                kinds = [found[key]["kind"] for key in ("monte_carlo", "variational_approximation", "lower_bound", "upper_bound")]
                self.assertEqual(kinds, ["estimate", "approximation", "lower bound", "upper bound"])

    def test_posterior_predictive(self):
        found = self.compared("line-bayes", "line-2", "--standard-error", 0.004)
        bayes, plain = Predictive(self.models["line-bayes"]), Mixture(self.models["line-2"])
        self.check_estimates(found, integrals(bayes, plain))
        self.assertNotIn("upper_bound", found)
        self.assertIn("mixtures of t distributions", self.printed("line-bayes", "line-2").stdout)

    def test_clusters_are_the_mixture_that_they_are_a_limit_of(self):
        found = self.compared("line-2", "line-kmeans", "--standard-error", 0.004)
        self.check_estimates(found, integrals(Mixture(self.models["line-2"]), Clusters(self.models["line-kmeans"]), reach=60))
        self.assertIn("upper_bound", found)
        reading = "the mixture of Gaussians of weights 1/K and variance inertia / (N D)"
        self.assertEqual(found["read_as"], {self.models["line-kmeans"]: reading})
        text = self.printed("line-2", "line-kmeans").stdout
        self.assertRegex(text, r"\nq +\S+: kmeans, 2 components\n +read as " + re.escape(reading) + "\n")
        self.assertNotIn("read_as", self.compared("line-2", "line-1", "--draws", 99))
        back = self.compared("line-kmeans", "line-kmeans", "--draws", 99)
        self.assertEqual((back["monte_carlo"]["kl"], back["monte_carlo"]["draws"]), (0, 99))

    def test_tails_without_a_variance(self):
        self.assertLess(Predictive(self.models["line-dead"]).degrees.min(), 2)
        found = self.compared("line-2", "line-dead", "--standard-error", 0.01)
        estimates = found["monte_carlo"]
        self.assertEqual((estimates["reverse_kl"], estimates["symmetrised"]), ("inf", "inf"))
        self.assertNotIn("reverse_kl", estimates["standard_error"])
        expected = integrals(Mixture(self.models["line-2"]), Predictive(self.models["line-dead"]))
        self.check_estimates(found, [expected[0], None, None, expected[3]])
        self.assertIn("KL(q || p) is infinite: q has a t distribution of", self.printed("line-2", "line-dead").stdout)
        both = self.compared("line-bayes", "line-dead", "--standard-error", 0.01)
        self.check_estimates(both, integrals(Predictive(self.models["line-bayes"]), Predictive(self.models["line-dead"]), 4000, 4_000_001))

    def test_one_component_is_exact(self):
        self.fitted("line-shifted", "gmm", write(self.inputs / "shifted.h5", data=np.linspace(-3, 8, 40)[:, None]), 1)
        found = self.compared("line-1", "line-shifted")
        p, q = Mixture(self.models["line-1"]), Mixture(self.models["line-shifted"])
        ratio = p.covariances[0, 0, 0] / q.covariances[0, 0, 0]
        distance = (p.means[0, 0] - q.means[0, 0]) ** 2 / q.covariances[0, 0, 0]
        self.assertAlmostEqual(found["closed_form"]["kl"], 0.5 * (ratio - 1 - math.log(ratio) + distance), delta=1e-13)
        self.assertNotIn("kl", found["monte_carlo"])
        self.assertNotIn("upper_bound", found)
        self.check_estimates(found, [None, None, None, integrals(p, q, reach=60)[3]])
        self.assertIn("exact", self.printed("line-1", "line-shifted").stdout)

    def test_the_same_mixture(self):
        for other in "plane", "turned":
            if other == "turned":
                labels = self.folder / "labels.h5"
                self.done(["predict", self.models["plane"], self.data, "-o", labels])
                with h5py.File(labels) as file:
                    turned = write(self.folder / "turned.h5", labels=2 - file["labels"][:])
                self.fitted("turned", "gmm", self.data, 3, "--start", f"labels:{turned}:/labels", "--tolerance", 0, "--max-iterations", 200)
                self.fitted("plane", "gmm", self.data, 3, "--start", f"model:{self.models['plane']}", "--tolerance", 0, "--max-iterations", 200)
            found = self.compared("plane", other)
            for key in KEYS[:3]:
                self.assertLess(abs(found["monte_carlo"][key]), 1e-9)
                self.assertLess(abs(found["variational_upper_bound"][key]), 1e-9)
                self.assertLess(abs(found["variational_approximation"][key]), 1e-9)
                if other == "plane":
                    self.assertEqual(found["monte_carlo"][key], 0)
                    self.assertEqual(found["variational_upper_bound"][key], 0)

    def test_the_same_on_any_number_of_ranks(self):
        for pair in ("plane", "plane-2"), ("line-bayes", "line-dead"):
            arguments = [*pair, "--standard-error", "0.01"]
            alone = self.compared(*arguments)
            for ranks in (1, 2, 3, 7) if pair[0] == "plane" else (3,):
                self.assertEqual(self.compared(*arguments, ranks=ranks), alone)
        other = self.compared("plane", "plane-2", "--standard-error", "0.01", "--seed", 2)
        self.assertNotEqual(other["monte_carlo"]["kl"], self.compared("plane", "plane-2", "--standard-error", "0.01")["monte_carlo"]["kl"])

    def test_a_precision_out_of_reach(self):
        found = self.compared("plane", "plane-2", "--standard-error", 1e-6, "--draws", 5000)
        self.assertFalse(found["monte_carlo"]["reached"])
        self.assertEqual(found["monte_carlo"]["draws"], 5000)
        text = self.printed("plane", "plane-2", "--standard-error", 1e-6, "--draws", 5000).stdout
        self.assertRegex(text, r"precision +NOT REACHED: a standard error is \S+, not 1e-06; about \S+ draws would do:\n")

    def test_bits_are_another_unit(self):
        nats, bits = (self.compared("plane", "plane-2", "--draws", 5000, "--base", base) for base in ("e", "2"))
        for key in KEYS:
            self.assertAlmostEqual(bits["monte_carlo"][key] * math.log(2), nats["monte_carlo"][key], delta=1e-12)
        self.assertEqual(bits["units"], "bits")

    def test_names_that_differ(self):
        files = []
        for names in ["a", "b"], ["a", "c"]:
            files.append(str(self.folder / f"{names[1]}.h5"))
            with h5py.File(self.folder / "named.h5", "w") as file:
                file["data"] = self.records
                file["data"].attrs["feature_names"] = names
            self.done(["fit", "gmm", "named.h5", "--components", 2, "--restarts", 1, "-o", files[-1]])
        warning = f"jensen: warning: feature 2 is 'b' in '{files[0]}' and 'c' in '{files[1]}'; they are compared as they stand"
        self.assertEqual(self.done(["compare", *files, "--draws", 99], 3).sentences(), [warning])
        self.assertEqual(self.done(["compare", files[0], files[0], "--draws", 99]).stderr, "")

    def test_what_cannot_be_compared(self):
        m = self.models
        whole = (self.inputs / "plane.h5").read_bytes()
        (self.inputs / "cut.h5").write_bytes(whole[:-100])
        cut = str(self.inputs / "cut.h5")
        pair = ["compare", m["plane"], m["plane-2"]]
        self.refused(
            [
                (["compare", m["plane"], m["line-2"]], INPUT, "is of 2 features and", "of 1 (must be of the same features)"),
                (["compare", m["plane"], m["advi"]], INPUT, "advi gives records no density", "fit mixtures (gmm, bayes-gmm)"),
                (["compare", m["advi"], self.data], INPUT, "advi gives records no density"),
                (["compare", m["plane"], m["points"]], INPUT, "the inertia in '", "is 0 of 3 records (must be positive"),
                (["compare", m["kmeans"], self.line], INPUT, "has 1 features (must be 2, as in the data that"),
                (["compare", m["lda"], m["plane"]], INPUT, "divergences are those of mixtures of records (found lda)", "--data"),
                (["compare", m["lda"], m["other-words"]], INPUT, "other-words.h5", "words"),
                (["compare", m["lda"], m["plane"], "--data", self.data], INPUT, "is a model of documents and", "one of records"),
                (["compare", self.data, self.line], INPUT, "is not a jensen model file"),
                (["compare", m["plane"], cut], INPUT, "cut.h5"),
                (["compare", "lacking.h5", m["plane"]], INPUT, "lacking.h5"),
                (["compare", m["plane"], self.line], INPUT, "has 1 features (must be 2, as in the data that"),
                (["compare", m["lda"], self.data], INPUT, "data.h5"),
                (["compare", m["plane"], self.data, "--data", self.data], USAGE, "data = ", "goes with two models"),
                ([*pair, "--weights", "/weights"], USAGE, "weights = '/weights' (goes with data)"),
                (["compare", m["lda"], self.corpus, "--weights", "/w"], USAGE, "each document counts once"),
                ([*pair, "--standard-error", "0"], USAGE, "standard-error = 0 (must be positive)"),
                ([*pair, "--standard-error", "nan"], USAGE, "standard-error = "),
                ([*pair, "--draws", "1"], USAGE, "draws = 1 (must be 2 to 1099511627776)"),
                ([*pair, "--seed", "-1"], USAGE, "seed = -1 (must be 0 or more)"),
                (["compare", m["plane"]], USAGE, "Q.h5 is missing; usage: jensen compare P.h5 Q.h5"),
                ([*pair, "x.h5"], USAGE, "'x.h5' is one argument too many"),
            ],
            ranks=(ALONE, 2),
        )


class Data:
    def test_cross_entropy(self):
        values = Mixture(self.models["plane"]).log_density(self.records)
        found = self.compared("plane", self.data)
        self.assertAlmostEqual(found["cross_entropy"], -values.mean(), delta=1e-12)
        self.assertAlmostEqual(found["total"], values.sum(), delta=1e-10)
        self.assertAlmostEqual(found["standard_error"], values.std(ddof=1) / math.sqrt(len(values)), delta=1e-12)
        score = json.loads(self.done(["score", self.models["plane"], self.data, "--json"]).stdout)
        self.assertAlmostEqual(found["total"], score["log_likelihood"], delta=1e-10)
        self.assertEqual(self.compared(f"{self.data}:/data", "plane", ranks=3), found)
        self.assertEqual(self.compared(self.data, "plane"), found)
        bits = self.compared("plane", self.data, "--base", 2)
        self.assertAlmostEqual(bits["cross_entropy"] * math.log(2), found["cross_entropy"], delta=1e-12)
        self.assertIn("H(p) + KL(p || q)", self.printed(self.data, "plane").stdout)

    def test_clusters_of_records(self):
        values = Clusters(self.models["kmeans"]).log_density(self.records)
        found = self.compared("kmeans", self.data)
        self.assertAlmostEqual(found["total"], values.sum(), delta=1e-9)
        self.assertEqual(found["quantity"], "log-likelihood")
        self.assertEqual(list(found["read_as"]), [self.models["kmeans"]])
        self.assertEqual(self.compared("kmeans", self.data, ranks=3), found)
        both = self.compared("plane", "kmeans", "--data", self.data)
        self.assertAlmostEqual(both["q"]["total"], values.sum(), delta=1e-9)
        self.assertIn("read as the mixture", self.printed("plane", "kmeans", "--data", self.data).stdout)

    def test_weights(self):
        weights = 1.0 + np.arange(len(self.records)) % 3
        values = np.repeat(Mixture(self.models["plane"]).log_density(self.records), weights.astype(int))
        found = self.compared("plane", self.data, "--weights", "/weights", ranks=2)
        self.assertAlmostEqual(found["cross_entropy"], -values.mean(), delta=1e-12)
        self.assertAlmostEqual(found["standard_error"], values.std(ddof=1) / math.sqrt(len(values)), delta=1e-12)

    def test_records_without_weight_are_absent(self):
        far = np.vstack([self.records[:50], [[1e200, -1e200]]])
        file = write(self.folder / "far.h5", data=far, weights=np.append(np.ones(50), 0))
        for arguments in ([], ["--data", file]):
            inputs = ["plane", "plane-2", *arguments] if arguments else ["plane", file]
            found = self.compared(*inputs, "--weights", "/weights")
            total = found["p"]["total"] if arguments else found["total"]
            self.assertAlmostEqual(total, Mixture(self.models["plane"]).log_density(self.records[:50]).sum(), delta=1e-10)

    def test_posterior_predictive_of_records(self):
        with h5py.File(self.line) as file:
            values = Predictive(self.models["line-bayes"]).log_density(file["data"][:])
        self.assertAlmostEqual(self.compared("line-bayes", self.line)["total"], values.sum(), delta=1e-9)

    def test_two_models(self):
        p, q = (Mixture(self.models[name]).log_density(self.records) for name in ("plane", "plane-2"))
        found = self.compared("plane", "plane-2", "--data", self.data)
        total, error = (p - q).sum(), (p - q).std(ddof=1) * math.sqrt(len(p))
        self.assertAlmostEqual(found["p"]["total"], p.sum(), delta=1e-10)
        self.assertAlmostEqual(found["q"]["mean"], q.mean(), delta=1e-12)
        self.assertAlmostEqual(found["difference"]["total"], total, delta=1e-10)
        self.assertAlmostEqual(found["difference"]["standard_error"], error, delta=1e-9)
        self.assertAlmostEqual(found["z"], total / error, delta=1e-9)
        for ranks in 2, 7:
            self.assertEqual(self.compared("plane", "plane-2", "--data", self.data, ranks=ranks), found)
        back = self.compared("plane-2", "plane", "--data", self.data)
        self.assertEqual(back["difference"]["total"], -found["difference"]["total"])
        same = self.compared("plane", "plane", "--data", self.data)
        self.assertEqual(same["difference"]["total"], 0)
        self.assertNotIn("z", same)
        self.assertIn("the difference is the same for all records", self.printed("plane", "plane", "--data", self.data).stdout)

    def test_one_record(self):
        one = write(self.folder / "one.h5", data=self.records[:1])
        found = self.compared("plane", one)
        self.assertAlmostEqual(found["total"], Mixture(self.models["plane"]).log_density(self.records[:1])[0], delta=1e-12)
        self.assertNotIn("standard_error", found)
        self.assertNotIn("nan", self.printed("plane", "plane-2", "--data", one).stdout)

    def test_documents(self):
        scores = [json.loads(self.done(["score", self.models[name], self.corpus, "--json"]).stdout) for name in ("lda", "lda-2")]
        found = self.compared("lda", self.corpus, ranks=2)
        self.assertAlmostEqual(found["total"], scores[0]["bound"], delta=1e-8)
        self.assertAlmostEqual(found["cross_entropy"], -scores[0]["bound_per_token"], delta=1e-12)
        self.assertEqual((found["quantity"], found["per"]), ("bound", "token"))
        self.assertIn("per token, at most", self.printed("lda", self.corpus).stdout)
        both = self.compared("lda", "lda-2", "--data", self.corpus)
        self.assertAlmostEqual(both["difference"]["total"], scores[0]["bound"] - scores[1]["bound"], delta=1e-8)
        self.assertEqual(self.compared("lda", "lda-2", "--data", self.corpus, ranks=3), both)


class Topics:
    def test_topic_by_topic(self):
        with h5py.File(self.models["lda"]) as p_file, h5py.File(self.models["lda-2"]) as q_file:
            p, q = p_file["parameters/topics"][:], q_file["parameters/topics"][:]
        kl = np.array([[np.sum(a * np.log(a / b)) for b in q] for a in p])
        back = np.array([[np.sum(b * np.log(b / a)) for b in q] for a in p])
        found = self.compared("lda", "lda-2", ranks=2)["topics"]
        self.assertEqual([row["p"] for row in found], [0, 1, 2])
        for a, row in enumerate(found):
            b = np.argmin(kl[a] + back[a])
            middle = (p[a] + q[b]) / 2
            js = (np.sum(p[a] * np.log(p[a] / middle)) + np.sum(q[b] * np.log(q[b] / middle))) / 2
            self.assertEqual(row["q"], b)
            for key, value in ("kl", kl[a, b]), ("reverse_kl", back[a, b]), ("symmetrised", kl[a, b] + back[a, b]), ("jensen_shannon", js):
                self.assertAlmostEqual(row[key], value, delta=1e-12)
        for row in self.compared("lda", "lda")["topics"]:
            self.assertEqual((row["p"], row["kl"], row["jensen_shannon"]), (row["q"], 0, 0))


class Compare(Tables, Models, Data, Topics, support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        random = np.random.default_rng(3)
        line = np.concatenate([random.normal(0, 1, 150), random.normal(4, 0.6, 90), random.normal(9, 2, 60)])
        records, _ = support.clusters(features=2)
        cls.records = records
        cls.line = write(cls.inputs / "line.h5", data=line[:, None], weights=1.0 + np.arange(len(line)) % 2)
        cls.data = write(cls.inputs / "data.h5", data=records, weights=1.0 + np.arange(len(records)) % 3)
        cls.models = {}
        for family in FAMILIES:
            cls.fitted(f"line-{family}", "gmm", cls.line, 3, "--covariance", family)
        cls.fitted("line-2", "gmm", cls.line, 2)
        cls.fitted("line-1", "gmm", cls.line, 1)
        cls.fitted("line-bayes", "bayes-gmm", cls.line, 3)
        cls.fitted("line-dead", "bayes-gmm", cls.line, 12)
        cls.fitted("plane", "gmm", cls.data, 3)
        cls.fitted("plane-2", "gmm", cls.data, 2, "--covariance", "diag")
        cls.fitted("kmeans", "kmeans", cls.data, 3)
        cls.fitted("line-kmeans", "kmeans", cls.line, 2, "--weights", "/weights")
        cls.fitted("points", "kmeans", write(cls.inputs / "three.h5", data=records[:3]), 3)
        cls.fitted("advi", "advi", cls.data, 1, "--response", "x1", "--final-draws", 10, "--max-iterations", 1)
        cls.corpus = str(cls.inputs / "topics.h5")
        assert support.run(["import", support.DATA / "four_topics.txt", "--format", "text", "-o", cls.corpus]).code == 0
        cls.fitted("lda", "lda", cls.corpus, 3, "--max-iterations", 5)
        cls.fitted("lda-2", "lda", cls.corpus, 2, "--max-iterations", 5)
        others = str(cls.inputs / "others.h5")
        (cls.inputs / "others.txt").write_text("red green red\nblue green\n")
        assert support.run(["import", cls.inputs / "others.txt", "--format", "text", "-o", others]).code == 0
        cls.fitted("other-words", "lda", others, 2, "--max-iterations", 5)

    @classmethod
    def fitted(cls, name, model, data, components, *options):
        cls.models[name] = str(cls.inputs / f"{name}.h5")
        command = ["fit", model, data, "--components", components, "--restarts", 1, *options, "-o", cls.models[name]]
        found = support.run(command)
        assert found.code == 0, found.stderr

    def compared(self, *arguments, ranks=ALONE):
        arguments = [self.models.get(argument, argument) for argument in map(str, arguments)]
        return json.loads(self.done(["compare", *arguments, "--json"], ranks).stdout)

    def printed(self, *arguments):
        return self.done(["compare", *[self.models.get(argument, argument) for argument in map(str, arguments)]])

    def check_estimates(self, found, expected):
        """Within 5 standard errors; the seed is fixed, so that the outcome is too."""
        estimates = found["monte_carlo"]
        for key, value in zip(KEYS, expected):
            if value is not None:
                self.assertLess(abs(estimates[key] - value), 5 * estimates["standard_error"][key], (key, value))


if __name__ == "__main__":
    unittest.main(verbosity=2)
