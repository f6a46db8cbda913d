"""What is to be reached on one core, as ratios of one run, and what this run has reached."""

from dataclasses import dataclass
from typing import Callable

LEAST, MOST = 1, -1  # a ratio is to be at least, or at most, so much


@dataclass
class Goal:
    work: str
    what: str
    must: float
    goal: float
    measured: Callable
    sense: int = LEAST

    def row(self, results):
        found = [value for value in self.measured(results) if value is not None]
        if not found:
            return [self.work, self.what, f"{self.must:g}", f"{self.goal:g}", "-", "not measured"]
        worst = self.sense * min(self.sense * value for value in found)
        reached = [self.sense * worst >= self.sense * bound for bound in (self.must, self.goal)]
        verdict = "goal met" if reached[1] else "must met" if reached[0] else "NOT MET"
        return [self.work, self.what, f"{self.must:g}", f"{self.goal:g}", f"{worst:.3g}", verdict]


def fits(kind, *shapes):
    """Those of these shapes (D, K) that were measured; each has to reach its goal."""

    def of(results):
        rows = [*results.get("gmm", []), *results.get("kmeans", [])]
        return [row for row in rows if row["kind"] == kind and (row["features"], row["components"]) in shapes]

    return of


def peak(kind, *shapes):
    return lambda results: [row["of_peak"] for row in fits(kind, *shapes)(results)]


def faster(kind, *shapes, than=("scikit-learn",)):
    """How many times faster than the best of these peers."""

    def measured(results):
        for row in fits(kind, *shapes)(results):
            ratios = [peer["ratio"] for name, peer in row["peers"].items() if name.startswith(than)]
            yield min(ratios, default=None)

    return measured


def topics(components, what):
    """Of a topic model: its rate in documents, or how many times faster than scikit-learn it is."""

    def measured(results):
        for row in results.get("lda", []):
            if row["components"] == components:
                yield what(row)

    return measured


def entry(topic, *names):
    def measured(results):
        value = results.get(topic)
        for name in names:
            value = value.get(name) if value else None
        return [value]

    return measured


def of_brute_force(results):
    return [row.get("of_brute_force") for row in results.get("kmeans", [])]


def reductions(results):
    return [row["ratio"] for row in results.get("reduction", [])]


def bayesian(results):
    return [row["ratio"] for row in results.get("bayes", [])]


def gradients(points):
    """Of a regression at so many points: the time of the gradient, in that of its two products."""

    def of(results):
        rows = (results.get("advi") or {}).get("gradients", [])
        return [row["ratio"]["median"] for row in rows if row["ratio"] and row["points"] == points and row["features"] >= 64]

    return of


FAISS_TOO = ("scikit-learn", "faiss")
MIDDLE = [(32, 32), (64, 32), (32, 128)]

GOALS = [
    Goal("full, D 32-64, K >= 32", "of FMA peak", 0.70, 0.85, peak("full", *MIDDLE)),
    Goal("full, D 32, K >= 32", "x scikit-learn", 5, 8, faster("full", (32, 32), (32, 128))),
    Goal("full, D 64, K 32", "x scikit-learn", 5, 6, faster("full", (64, 32))),
    Goal("full, D 16, K 32", "of FMA peak", 0.55, 0.75, peak("full", (16, 32))),
    Goal("full, D 8, K 32", "of FMA peak", 0.40, 0.55, peak("full", (8, 32))),
    Goal("full, D 8-16, K 32", "x scikit-learn", 10, 14, faster("full", (8, 32), (16, 32))),
    Goal("full, D 128, K 32", "of FMA peak", 0.60, 0.80, peak("full", (128, 32))),
    Goal("full, D 128, K 32", "x scikit-learn", 4, 5, faster("full", (128, 32))),
    Goal("forced centred whitening, D >= 32", "of FMA peak", 0.55, 0.75, peak("centred", (32, 32), (64, 32))),
    Goal("diag, D 64", "of FMA peak", 0.65, 0.80, peak("diag", (64, 32))),
    Goal("diag, D 16", "of FMA peak", 0.40, 0.55, peak("diag", (16, 32))),
    Goal("diag, D 64", "x scikit-learn", 5, 7, faster("diag", (64, 32))),
    Goal("diag, D 16", "x scikit-learn", 8, 12, faster("diag", (16, 32))),
    Goal("tied, D 64, K 32", "x scikit-learn", 15, 25, faster("tied", (64, 32))),
    Goal("k-means, no pruning, float32", "of float32 peak", 0.65, 0.80, peak("kmeans32", (32, 100), (128, 1000))),
    Goal("k-means, no pruning, float32, D 32", "x best of scikit-learn, faiss", 3, 4.5,
         faster("kmeans32", (32, 100), than=FAISS_TOO)),
    Goal("k-means, no pruning, float32, D 128", "x best of scikit-learn, faiss", 1.8, 2.1,
         faster("kmeans32", (128, 1000), than=FAISS_TOO)),
    Goal("k-means, 30 iterations, clustered", "x best of scikit-learn", 10, 15, faster("clustered", (32, 100))),
    Goal("k-means, 30 iterations, overlapping", "x best of scikit-learn", 4, 6, faster("overlapping", (32, 100))),
    Goal("k-means, 30 iterations", "x time of own brute force", 1.15, 1.05, of_brute_force, MOST),
    Goal("topic models, K 100, documents", "G entries x topics x sweeps/s", 5, 7,
         topics(100, lambda row: row["giga_per_second"]["median"])),
    Goal("topic models, K 20", "x scikit-learn", 5, 10,
         topics(20, lambda row: row["peers"].get("scikit-learn", {}).get("ratio"))),
    Goal("topic models, K 100", "x scikit-learn", 5, 10,
         topics(100, lambda row: row["peers"].get("scikit-learn", {}).get("ratio"))),
    Goal("iteration with the exact reduction", "x time with a plain sum", 1.03, 1.01, reductions, MOST),
    Goal("Bayesian mixtures", "x time of an iteration of mixtures", 1.05, 1.0, bayesian, MOST),
    Goal("ADVI, regressions, D >= 64, 8 points", "x time of their two products", 1.5, 1.2, gradients(8), MOST),
    Goal("ADVI, regressions, D >= 64, 16 points", "x time of their two products", 1.5, 1.2, gradients(16), MOST),
    Goal("ADVI, 2 ranks", "x speed of 1", 1.85, 1.95, entry("advi", "scaling", "ratio")),
    Goal("exp", "x libm", 5, 8, entry("functions", "exp", "ratio")),
    Goal("digamma", "x Boost", 4, 5.5, entry("functions", "digamma", "ratio")),
    Goal("2 ranks", "x speed of 1", 1.85, 1.95, entry("scaling", "ratio")),
    Goal("HDF5, float64", "of raw read", 0.80, 0.80, entry("io", "float64", "ratio")),
    Goal("HDF5, float32", "of raw read", 0.80, 0.80, entry("io", "float32", "ratio")),
    Goal("CSV import", "MB/s", 150, 150, entry("io", "csv", "megabytes_per_second")),
]  # fmt: skip


def table(results):
    return ["work", "ratio", "must", "goal", "measured", "verdict"], [goal.row(results) for goal in GOALS]
