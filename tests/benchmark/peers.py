"""Other programs on the same data from the same start. Each peer gives seconds of its iterations; one whose
package is missing says which package would bring it."""

import subprocess
import time
import warnings
from pathlib import Path

import numpy as np
from data import write_armadillo

R_SCRIPT = """
suppressMessages(library(mclust))
a <- commandArgs(TRUE); n <- as.integer(a[3]); d <- as.integer(a[4]); k <- as.integer(a[5]); m <- as.integer(a[6])
x <- matrix(readBin(a[1], "double", n * d), n, d, byrow = TRUE)
z <- matrix(readBin(a[2], "double", n * k), n, k, byrow = TRUE)
lines <- file("stdin", "r")
while (length(readLines(lines, 1)) > 0) {
  seconds <- system.time(me(x, a[7], z, control = emControl(itmax = m, tol = c(0, 0))))[["elapsed"]]
  cat(seconds, "\\n", sep = "")
}
"""


class Missing(Exception):
    """A peer is not installed."""


def need(module, package):
    try:
        return __import__(module, fromlist=["x"])
    except ImportError:
        raise Missing(package) from None


class Mixture:
    """scikit-learn's GaussianMixture: an iteration is what lies between the beginnings of two E-steps."""

    name, slow = "scikit-learn", False

    def __init__(self, data, covariance):
        base = need("sklearn.mixture", "python3-sklearn").GaussianMixture
        self.data, self.covariance = data, covariance

        class Timed(base):
            def _e_step(self, records):
                self.begins.append(time.perf_counter())
                return super()._e_step(records)

        self.type = Timed

    def precisions(self):
        _, features, components = self.data.shape
        inverse = 1 / self.data.records.var(axis=0)
        return {
            "full": lambda: np.tile(np.diag(inverse), (components, 1, 1)),
            "tied": lambda: np.diag(inverse),
            "diag": lambda: np.tile(inverse, (components, 1)),
            "spherical": lambda: np.full(components, features / self.data.records.var(axis=0).sum()),
        }[self.covariance]()

    def run(self, iterations):
        components = len(self.data.start)
        model = self.type(
            components, covariance_type=self.covariance, tol=0, reg_covar=0, max_iter=iterations, n_init=1,
            init_params="random_from_data", random_state=1, weights_init=np.full(components, 1 / components),
            means_init=self.data.start, precisions_init=self.precisions(),
        )  # fmt: skip
        model.begins = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(self.data.records)
        self.log_likelihood = model.score(self.data.records) * len(self.data.records)
        return list(np.diff(model.begins))


class Clusters:
    """scikit-learn's KMeans, whole fits."""

    slow = False

    def __init__(self, data, algorithm):
        self.type = need("sklearn.cluster", "python3-sklearn").KMeans
        self.name = f"scikit-learn {algorithm}"
        self.data, self.algorithm = data, algorithm

    def run(self, iterations):
        model = self.type(
            len(self.data.start), init=self.data.start, n_init=1, max_iter=iterations, tol=0, algorithm=self.algorithm
        )
        begin = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(self.data.records)
        seconds = time.perf_counter() - begin
        return [seconds / model.n_iter_]


class Topics:
    """scikit-learn's LatentDirichletAllocation, batch; an iteration is an E-step of all documents and an M-step,
    the first, from the start, left out."""

    name, slow = "scikit-learn", False

    def __init__(self, corpus, components, settings):
        self.type = need("sklearn.decomposition", "python3-sklearn").LatentDirichletAllocation
        self.logs = need("sklearn.decomposition._online_lda_fast", "python3-sklearn")._dirichlet_expectation_2d
        sparse = need("scipy.sparse", "python3-scipy")
        self.counts = sparse.csr_matrix((corpus.counts, corpus.words, corpus.offsets), (corpus.documents, corpus.vocabulary))
        words, topics = np.meshgrid(np.arange(corpus.vocabulary), np.arange(components))
        self.start = 1 + (7 * words + 13 * topics) % 17 / 17
        self.settings = {
            "n_components": components, "doc_topic_prior": settings["alpha"], "topic_word_prior": settings["eta"],
            "mean_change_tol": settings["tolerance"], "max_doc_update_iter": settings["sweeps"],
        }  # fmt: skip

    def run(self, iterations):
        model = self.type(learning_method="batch", random_state=1, **self.settings)
        model._init_latent_vars(self.counts.shape[1], dtype=np.float64)
        model.components_ = self.start.copy()
        model.exp_dirichlet_component_ = np.exp(self.logs(model.components_))
        seconds = []
        for _ in range(iterations + 1):
            begin = time.perf_counter()
            # As its own _em_step, but that documents start at 1 as jensen's do, and not at random.
            _, expected = model._e_step(self.counts, cal_sstats=True, random_init=False)
            model.components_ = model.topic_word_prior_ + expected
            model.exp_dirichlet_component_ = np.exp(self.logs(model.components_))
            seconds.append(time.perf_counter() - begin)
        self.model = model
        return seconds[1:]

    def elbo(self, iterations):
        """After so many M-steps."""
        self.run(iterations - 1)
        return self.model.score(self.counts)


class FittedTopics:
    """Batch variational Bayes of another program from its own random start, for its topics."""

    def __init__(self, corpus, settings, iterations):
        self.corpus, self.settings, self.iterations = corpus, settings, iterations

    def counts(self):
        corpus, sparse = self.corpus, need("scipy.sparse", "python3-scipy")
        return sparse.csr_matrix((corpus.counts, corpus.words, corpus.offsets), (corpus.documents, corpus.vocabulary))


class ScikitTopics(FittedTopics):
    name = "scikit-learn"

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.type = need("sklearn.decomposition", "python3-sklearn").LatentDirichletAllocation

    def topics(self, components):
        """V x K: parameters of the topics' Dirichlets."""
        model = self.type(
            components, learning_method="batch", random_state=1, max_iter=self.iterations,
            doc_topic_prior=self.settings["alpha"], topic_word_prior=self.settings["eta"],
            mean_change_tol=self.settings["tolerance"], max_doc_update_iter=self.settings["sweeps"],
        )  # fmt: skip
        return model.fit(self.counts()).components_.T


class GensimTopics(FittedTopics):
    name = "gensim"

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.type = need("gensim.models", "python3-gensim").LdaModel

    def topics(self, components):
        """V x K: parameters of the topics' Dirichlets."""
        matrix = self.counts()
        documents = [list(zip(row.indices.tolist(), row.data.tolist())) for row in matrix]
        model = self.type(
            documents, num_topics=components, id2word={w: str(w) for w in range(matrix.shape[1])},
            alpha=np.full(components, self.settings["alpha"]), eta=self.settings["eta"], dtype=np.float64,
            passes=self.iterations, chunksize=len(documents), update_every=0, decay=0, eval_every=None,
            iterations=self.settings["sweeps"], gamma_threshold=self.settings["tolerance"], random_state=1,
        )  # fmt: skip
        return model.state.get_lambda().T


class Faiss:
    """faiss.Kmeans, which computes in float32."""

    name, slow = "faiss", False

    def __init__(self, data):
        self.faiss = need("faiss", "python3-faiss")
        self.faiss.omp_set_num_threads(1)
        self.records, self.start = data.records.astype(np.float32), data.start.astype(np.float32)

    def run(self, iterations):
        records, features = self.records.shape
        model = self.faiss.Kmeans(
            features, len(self.start), niter=iterations, max_points_per_centroid=records, min_points_per_centroid=1
        )
        begin = time.perf_counter()
        model.train(self.records, init_centroids=self.start)
        return [(time.perf_counter() - begin) / iterations]


class Asked:
    """A program that prints the seconds of a run for each line of its input."""

    slow = True  # one run of it is enough

    def start(self, command, iterations):
        self.iterations = iterations
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def run(self, iterations):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self.name} ended without an answer")
        return [float(answer) / self.iterations]

    def __del__(self):
        if hasattr(self, "process"):
            self.process.stdin.close()
            self.process.wait()


class Armadillo(Asked):
    name = "Armadillo"

    def __init__(self, data, covariance, program: Path, iterations):
        if not program.exists():
            raise Missing("libarmadillo-dev")
        folder = Path(data.file).parent
        files = [write_armadillo(folder / "data.arma", data.records), write_armadillo(folder / "start.arma", data.start)]
        self.start([program, *files, covariance, str(iterations)], iterations)


class Mclust(Asked):
    """R's mclust: EM from responsibilities, here those of the nearest start."""

    name = "mclust"
    models = {"full": "VVV", "diag": "VVI", "tied": "EEE", "spherical": "VII"}

    def __init__(self, data, covariance, iterations):
        found = subprocess.run(
            ["Rscript", "-e", "library(mclust)"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
        ) if Path("/usr/bin/Rscript").exists() else None  # fmt: skip
        if found is None or found.returncode != 0:
            raise Missing("r-cran-mclust")
        folder = Path(data.file).parent
        distances = (data.start**2).sum(axis=1) - 2 * data.records @ data.start.T
        np.eye(len(data.start))[distances.argmin(axis=1)].tofile(folder / "start.raw")
        data.records.astype(np.float64).tofile(folder / "data.raw")
        sizes = [*map(str, data.shape), str(iterations), self.models[covariance]]
        self.start(["Rscript", "-e", R_SCRIPT, folder / "data.raw", folder / "start.raw", *sizes], iterations)
