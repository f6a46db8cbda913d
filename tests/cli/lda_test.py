"""Topic models of documents: fit, go on, predict, score, sample, look at them, and what is refused."""

import json
import shutil
import sys
import unittest

import h5py
import numpy as np

import support
from lasting import checkpoints, content, place
from support import ALONE, INPUT, OUTPUT, USAGE

sys.path.insert(0, str(support.SOURCE / "tests" / "support"))
import make_four_topics

DOCUMENTS = 400
TOPICS = [set(words) for words in make_four_topics.TOPICS]


def write_corpus(file, documents, words, vocabulary=None):
    """Documents as dictionaries {word: count}."""
    with h5py.File(file, "w") as out:
        group = out.create_group("corpus")
        group["indptr"] = np.cumsum([0, *map(len, documents)], dtype=np.int64)
        group["indices"] = np.array([w for d in documents for w in sorted(d)], dtype=np.int32)
        group["data"] = np.array([d[w] for d in documents for w in sorted(d)])
        group["shape"] = np.array([len(documents), words])
        if vocabulary:
            group["vocabulary"] = vocabulary
    return str(file)


class Lda(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.corpus, cls.model = str(cls.inputs / "corpus.h5"), str(cls.inputs / "model.h5")
        text = ["import", support.DATA / "four_topics.txt", "--format", "text", "--stop-words", "english"]
        for args in [*text, "-o", cls.corpus], ["fit", "lda", cls.corpus, "--components", 4, "--restarts", 3, "-o", cls.model]:
            found = support.run(args)
            assert found.code == 0, found.stderr
        cls.printed = found.stdout

    def fit(self, *options, data=None, ranks=ALONE, output="out.h5", code=0):
        found = self.done(["fit", "lda", data or self.corpus, "--components", 4, "-o", output, *options], ranks, code)
        self.printed = found.stdout + found.stderr
        return self.folder / output

    def test_batches_go_on_to_the_iteration_limit(self):
        for ranks in ALONE, 3:
            self.fit("--batch", 40, "--max-iterations", 30, "--restarts", 1, ranks=ranks, output=f"batch-{ranks}.h5")
            self.assertIn("after 30 iterations: the iteration limit was reached", self.printed)
        with h5py.File(self.folder / "batch-0.h5") as one, h5py.File(self.folder / "batch-3.h5") as other:
            for name in "parameters/topics_dirichlet", "fit/trace/objective":
                self.assertEqual(one[name][:].tobytes(), other[name][:].tobytes())

    def test_planted_topics_are_found(self):
        with h5py.File(self.model) as model:
            names = model["data/vocabulary"].asstr()[:]
            topics, sizes = model["parameters/topics"][:], model["fit/sizes"][:]
            fit = dict(model["fit"].attrs)
            tokens = model["data"].attrs["tokens"]
        for topic in topics:
            best = set(names[np.argsort(-topic)[:10]])
            self.assertTrue(any(best <= planted for planted in TOPICS), best)
        np.testing.assert_allclose(sizes.sum(), tokens, rtol=1e-12)
        np.testing.assert_allclose(fit["elbo"], fit["objective"], rtol=1e-9)
        self.assertLess(fit["perplexity_completion"], len(names) / 2)
        self.assertEqual(fit["converged"], 1)

    def test_what_is_printed(self):
        for part in ("400 documents x ", " entries", "memory ", "topics ", "4 topics, ", "stop at a gain below e nats per token",
                     "top words", "by completion", "the gain per token fell below the tolerance"):
            self.assertIn(part, self.printed)
        info = self.done(["info", self.model]).stdout
        for part in "400 documents x ", " tokens", "top words", "ELBO", "  per token", "restarts                3":
            self.assertIn(part, info)
        for absent in "weights=", "standardise=":
            self.assertNotIn(absent, info)
        checked = json.loads(self.done(["check", self.model, "--json"]).stdout)
        self.assertTrue(checked["ok"], checked)
        page = self.done(["plot", self.model, "-o", "page.html"]).stdout
        self.assertIn("5 sections", page)
        self.assertIn("1 left out", page)
        page = (self.folder / "page.html").read_text()
        self.assertIn("Sizes of the topics", page)
        self.assertIn("Not shown: topics are shares of words", page)

    def test_same_bits_on_any_number_of_ranks_and_after_a_stop(self):
        few = ["--restarts", 2, "--max-iterations", 12, "--tolerance", 0, "--alpha", "learned"]
        alone = content(self.fit(*few))
        for ranks in 2, 3, 7:
            self.assertEqual(content(self.fit(*few, ranks=ranks)), alone)
        few += ["--checkpoint", "ck", "--checkpoint-interval", "4it"]
        self.fit(*few)
        newest, older = checkpoints(self.folder / "ck")
        newest.unlink()  # all fits had ended there
        self.assertEqual(place(older)[:2], ("fit", 1))
        resumed = content(self.fit(*few, ranks=3))
        self.assertIn("going on from", self.printed)
        self.assertEqual(resumed, alone)

    def test_predictions_stream_in_document_order(self):
        outputs = []
        for ranks in ALONE, 3, 7:
            self.done(["predict", self.model, self.corpus, "-o", f"{ranks}.h5"], ranks)
            with h5py.File(self.folder / f"{ranks}.h5") as file:
                outputs.append({name: file[name][:] for name in file})
        for other in outputs[1:]:
            self.assertEqual(list(other), ["bound", "labels", "mixtures", "tokens"])
            for name, values in other.items():
                np.testing.assert_array_equal(values, outputs[0][name])
        first = outputs[0]
        with h5py.File(self.corpus) as file:
            offsets, counts = file["corpus/indptr"][:], file["corpus/data"][:]
        tokens = [counts[a:b].sum() for a, b in zip(offsets[:-1], offsets[1:])]
        np.testing.assert_array_equal(first["tokens"], tokens)
        np.testing.assert_allclose(first["mixtures"].sum(axis=1), 1)
        np.testing.assert_array_equal(first["labels"], first["mixtures"].argmax(axis=1))
        score = json.loads(self.done(["score", self.model, self.corpus, "--json"]).stdout)
        self.assertTrue(score["training_data"])
        np.testing.assert_allclose(score["bound"], first["bound"].sum(), rtol=1e-12)
        np.testing.assert_allclose(score["perplexity_bound"], np.exp(-score["bound"] / sum(tokens)))

    def test_drawn_documents_can_be_fitted_again(self):
        drawn = ["sample", self.model, "-n", 3000, "--seed", 5]
        self.done([*drawn, "-o", "drawn.h5"])
        self.done([*drawn, "-o", "three.h5"], ranks=3)
        with h5py.File(self.folder / "drawn.h5") as one, h5py.File(self.folder / "three.h5") as other:
            for name in "corpus/indptr", "corpus/indices", "corpus/data", "corpus/vocabulary", "mixtures":
                np.testing.assert_array_equal(one[name][:], other[name][:])
            self.assertEqual(one["mixtures"].shape, (3000, 4))
            tokens = one["corpus/data"][:].sum()
        with h5py.File(self.model) as model:
            mean = model["data"].attrs["tokens"] / model["data"].attrs["documents"]
            fitted = model["parameters/topics"][:]
        self.assertLess(abs(tokens / 3000 - mean), 5 * np.sqrt(mean / 3000))
        refitted = self.fit("--start", f"model:{self.model}", data="drawn.h5")
        with h5py.File(refitted) as model:
            np.testing.assert_allclose(model["parameters/topics"][:], fitted, atol=0.02)

    def test_starts(self):
        labels = np.arange(DOCUMENTS) % 4
        labels_file = support.write(self.folder / "labels.h5", l=labels * 10 - 7, three=np.arange(DOCUMENTS) % 3, short=labels[:5])
        for start, restarts in ("documents", 2), (f"labels:{labels_file}:/l", 1), (f"model:{self.model}", 1):
            with h5py.File(self.fit("--start", start, "--restarts", 2, "--max-iterations", 3)) as model:
                self.assertEqual(model["fit"].attrs["restarts"], restarts)
                gains = model["fit/trace/gain"][1:]
                self.assertTrue((gains > 0).all(), gains)
        # the fitted model, as a start of the same corpus, is where it was
        with h5py.File(self.fit("--start", f"model:{self.model}")) as again, h5py.File(self.model) as before:
            np.testing.assert_allclose(again["fit"].attrs["objective"], before["fit"].attrs["objective"], rtol=1e-5)
        fit = ["fit", "lda", self.corpus, "--components"]
        self.refused(
            [
                ([*fit, 4, "--start", "kmeans"], USAGE, "must be random, documents, labels:FILE:/d or model:FILE"),
                ([*fit, 4, "--start", f"labels:{labels_file}:/three"], INPUT, "has 3 different labels (must be 4"),
                ([*fit, 4, "--start", f"labels:{labels_file}:/short"], INPUT, "has shape", "400 records"),
                ([*fit, 5, "--start", f"model:{self.model}"], INPUT, "has 4 topics of", "must be 5 of"),
            ]
        )

    def test_a_prior_for_each_word(self):
        with h5py.File(self.corpus, "r") as corpus:
            words = int(corpus["corpus/shape"][1])
        file = self.folder / "prior.h5"
        prior = np.linspace(1, 0.01, words)
        support.write(file, prior=prior, same=np.full(words, 0.25), short=prior[:-1], zero=prior * (prior > 0.5))
        priors = {}
        for number, eta in enumerate([f"{file}:/prior", f"{file}:/same", "0.25", "learned-asymmetric"]):
            output = f"eta-{number}.h5"
            fitted = self.fit("--eta", eta, "--restarts", 1, "--max-iterations", 12, output=output)
            self.done(["check", output])
            self.done(["predict", output, self.corpus, "-o", "predicted.h5"])  # the data set is not needed again
            with h5py.File(fitted) as model:
                priors[eta] = model["parameters/eta"][:], model["fit"].attrs["elbo"], model["parameters/topics_dirichlet"][:]
                gains = model["fit/trace/gain"][1:]
                self.assertTrue((gains > 0).all(), gains)
        given, _, topics = priors[f"{file}:/prior"]
        self.assertEqual(given.tobytes(), prior.tobytes())
        with h5py.File(self.model) as model:
            tokens = model["data"].attrs["tokens"]
        np.testing.assert_allclose(topics.sum(), 4 * prior.sum() + tokens)
        self.assertTrue((topics >= prior - 1e-12).all())
        same, number = priors[f"{file}:/same"], priors["0.25"]
        self.assertEqual(number[0].tolist(), [0.25])
        np.testing.assert_allclose(same[2], number[2], rtol=1e-9)
        self.assertAlmostEqual(same[1] / number[1], 1, delta=1e-12)
        learned = priors["learned-asymmetric"]
        self.assertEqual(len(learned[0]), words)
        self.assertGreater(learned[1], number[1])
        alone = content(self.fit("--eta", f"{file}:/prior", "--restarts", 1, "--max-iterations", 12))
        self.assertEqual(content(self.fit("--eta", f"{file}:/prior", "--restarts", 1, "--max-iterations", 12, ranks=3)), alone)
        fit = ["fit", "lda", self.corpus, "--components", 4, "--eta"]
        self.refused(
            [
                ([*fit, f"{file}:/short"], INPUT, f"has shape {words - 1} (must be {words}, one number for each word)"),
                ([*fit, f"{file}:/zero"], INPUT, "is 0 (must be positive and finite)"),
                ([*fit, f"{file}:/none"], INPUT, "/none"),
                ([*fit, "/none"], INPUT, "/none"),
                ([*fit, "prior.h5"], USAGE, "eta = 'prior.h5' (must be a positive number, a data set,"),
                ([*fit, f"{file}:/prior", "--topics", "point"], USAGE, "point topics have no prior"),
            ]
        )

    def test_more_ranks_than_documents_and_documents_without_tokens(self):
        small = write_corpus(self.folder / "small.h5", [{0: 2, 1: 1}, {}, {2: 5}, {}], 3)
        alone = content(self.fit("--restarts", 1, data=small))
        self.assertIn("2 of 4 documents are empty", self.printed)
        self.assertEqual(content(self.fit("--restarts", 1, data=small, ranks=7)), alone)
        self.done(["predict", "out.h5", small, "-o", "predicted.h5"], ranks=7)
        with h5py.File(self.folder / "predicted.h5") as file:
            np.testing.assert_allclose(file["mixtures"][1], 0.25)
            np.testing.assert_array_equal(file["bound"][:][[1, 3]], 0)
        # more topics than documents, and one
        for topics in 9, 1:
            self.done(["fit", "lda", small, "--components", topics, "--restarts", 1, "-o", "k.h5"])
            self.done(["check", "k.h5"])

    def test_fractional_counts(self):
        half = write_corpus(self.folder / "half.h5", [{0: 0.5, 1: 1.0}, {2: 2.5}], 3)
        self.refused([(["fit", "lda", half, "--components", 2], INPUT, "0.5", "--fractional-counts")])
        self.fit("--fractional-counts", data=half)
        self.done(["predict", "out.h5", half, "-o", "predicted.h5"])
        self.done(["score", "out.h5", half])

    def test_refused(self):
        documents = [{0: 1, 1: 2}, {2: 1}]
        with h5py.File(self.model) as model:
            words = model["data/vocabulary"].asstr()[:].tolist()
        other = write_corpus(self.inputs / "other.h5", documents, 3, ["a", "b", "c"])
        renamed = write_corpus(self.inputs / "renamed.h5", documents, len(words), words[:5] + ["xyz"] + words[6:])
        nameless = write_corpus(self.inputs / "nameless.h5", documents, len(words))
        dense = support.write(self.inputs / "dense.h5", data=np.random.default_rng(1).normal(size=(50, 3)))
        mixture = str(self.inputs / "mixture.h5")
        self.done(["fit", "gmm", dense, "--components", 2, "-o", mixture])
        broken = str(self.inputs / "broken.h5")
        shutil.copy(other, broken)
        with h5py.File(broken, "r+") as file:
            file["corpus/indices"][2] = 3
        (self.folder / "w.ini").write_text("weights = /w\n")
        fit = ["fit", "lda", self.corpus, "--components", 4]
        self.refused(
            [
                ([*fit, "--weights", "/w"], USAGE, "weights = '/w' (lda counts each document once); leave it out"),
                ([*fit, "--standardise", "sd"], USAGE, "standardise = 'sd' (lda takes counts as they are)"),
                ([*fit, "--config", self.folder / "w.ini"], USAGE, "w.ini': weights = '/w' (lda counts"),
                ([*fit, "--covariance", "full"], USAGE, "'covariance' is unknown here (it is an option of fit gmm, fit bayes-gmm)"),
                ([*fit[:-1], 1e13], INPUT, "components = 10000000000000 (must be at most", "words of"),
                (["fit", "lda", dense, "--components", 2], INPUT, "holds no corpus", "jensen import"),
                (["fit", "gmm", self.corpus, "--components", 2], INPUT, "corpus", "for models of documents"),
                (["fit", "lda", broken, "--components", 2], INPUT, "document 1", "word"),
                (["score", self.model, self.corpus, "--weights", "/w"], USAGE, "weights = '/w' (lda counts"),
                (["predict", self.model, other, "-o", "p.h5"], INPUT, "has 3 words (must be", "--vocabulary"),
                (["score", self.model, renamed], INPUT, "word 5 of", "is 'xyz' (must be"),
                (["predict", self.model, dense, "-o", "p.h5"], INPUT, "holds no corpus"),
                (["predict", mixture, self.corpus, "-o", "p.h5"], INPUT, "for models of documents"),
                (["fit", "lda", renamed, "--components", 4, "--start", f"model:{self.model}"], INPUT, "is 'xyz' (must be"),
                (["fit", "lda", renamed, "--components", 4, "--start", f"model:{mixture}"], INPUT, "vocabulary_size"),
                (["plot", self.model, "-o", "p.html", "--features", "1"], USAGE, "--features is not for lda"),
                (["plot", self.model, "-o", "p.html", "--data", self.corpus], USAGE, "--data is not for lda"),
                (["sample", self.model, "-n", "1e15", "-o", "s.h5"], OUTPUT, "documents of about", "draw fewer"),
                (["sample", self.model, "-n", 3, "-o", self.model], USAGE, "is also an input"),
            ]
        )
        self.done(["predict", self.model, nameless, "-o", "p.h5"])  # words without names are taken by number
        for hidden in "--weights", "--standardise":
            self.assertNotIn(hidden, self.done(["fit", "lda", "--help"]).stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
