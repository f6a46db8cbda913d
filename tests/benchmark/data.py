"""Data and starts of the benchmark: made once from a keyed seed, kept in the forms that the programs read."""

import os
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

SEPARATION = {"clustered": 3.0, "overlapping": 1.0}  # sds of the centres per feature, in those of a record
MIXED = "mixed"  # centres 3 sds from each other in whatever dimension, so that most records are of several
SEED = 2026


@dataclass
class Data:
    records: np.ndarray  # N x D
    start: np.ndarray  # K x D: records to start from
    file: str  # HDF5: /data, /start

    @property
    def shape(self):
        return *self.records.shape, len(self.start)


def make(folder: Path, records, features, components, separation="overlapping", kind=np.float64):
    """Normal records about normal centres; the start is K different records, of mixed data places near the centres
    (lest components begin with fewer records than features)."""
    random = np.random.default_rng([SEED, records, features, components])
    spread = 2 / np.sqrt(features) if separation == MIXED else SEPARATION[separation]
    centres = spread * random.normal(size=(components, features))
    values = centres[random.integers(components, size=records)] + random.normal(size=(records, features))
    values = values.astype(kind)
    start = values[np.sort(random.choice(records, components, replace=False))].copy()
    if separation == MIXED:
        start = (centres + 0.1 * random.normal(size=centres.shape)).astype(kind)
    file = folder / f"{records}x{features}-{components}-{separation}-{np.dtype(kind).name}.h5"
    with h5py.File(file, "w") as out:
        out["data"], out["start"] = values, start
    return Data(values, start, str(file))


@dataclass
class Corpus:
    """Documents as compressed sparse rows."""

    name: str
    vocabulary: int
    offsets: np.ndarray
    words: np.ndarray
    counts: np.ndarray
    file: str  # as lda-c has it

    @property
    def documents(self):
        return len(self.offsets) - 1


ASSOCIATED_PRESS = Path(
    os.environ.get("JENSEN_AP_CORPUS", Path(__file__).resolve().parents[3] / "shared/data/ap"), "ap.dat"
)


def corpus(folder: Path, documents, vocabulary):
    """The corpus of the Associated Press, where it is at hand and was asked for by its 10473 words; else
    documents drawn from the law of Zipf and 50 topics, as many as wanted or 2246."""
    if not documents and vocabulary == 10473 and ASSOCIATED_PRESS.exists():
        rows = [[field.split(":") for field in line.split()[1:]] for line in ASSOCIATED_PRESS.read_text().splitlines()]
        rows = [sorted((int(word), float(count)) for word, count in row) for row in rows]
        return written(folder / "ap.dat", "AP", vocabulary, rows)
    random = np.random.default_rng([SEED, vocabulary])
    frequency = 1 / (10 + np.arange(vocabulary))
    topics = frequency * random.gamma(0.2, size=(50, vocabulary))
    topics = (topics / topics.sum(axis=1, keepdims=True)).cumsum(axis=1)
    rows = []
    for _ in range(documents or 2246):
        mixture = random.dirichlet(np.full(50, 0.1))
        words = [np.searchsorted(topics[k], random.random() * topics[k][-1]) for k in random.choice(50, 200, p=mixture)]
        rows.append(list(zip(*np.unique(words, return_counts=True))))
    return written(folder / f"{documents}x{vocabulary}.dat", "drawn", vocabulary, rows)


def without_a_tenth(folder: Path, whole: Corpus):
    """All documents but each tenth one, and these."""
    rows = []
    for n in range(whole.documents):
        own = slice(whole.offsets[n], whole.offsets[n + 1])
        rows.append(list(zip(whole.words[own], whole.counts[own])))
    kept = [row for n, row in enumerate(rows) if n % 10 != 9]
    return (
        written(folder / "fitted.dat", whole.name, whole.vocabulary, kept),
        written(folder / "held-out.dat", whole.name, whole.vocabulary, rows[9::10]),
    )


def written(file: Path, name, vocabulary, rows):
    with open(file, "w") as out:
        for row in rows:
            out.write(" ".join([str(len(row)), *(f"{word}:{count:g}" for word, count in row)]) + "\n")
    offsets = np.cumsum([0, *map(len, rows)])
    words, counts = zip(*(entry for row in rows for entry in row))
    return Corpus(name, vocabulary, offsets, np.array(words), np.array(counts, np.float64), str(file))


def write_topics(file: Path, topics):
    with h5py.File(file, "w") as out:
        out["topics"] = np.ascontiguousarray(topics, np.float64)
    return str(file)


def write_armadillo(file: Path, rows):
    """Rows become columns, as Armadillo has its records."""
    with open(file, "wb") as out:
        out.write(b"ARMA_MAT_BIN_FN008\n%d %d\n" % (rows.shape[1], rows.shape[0]))
        out.write(np.ascontiguousarray(rows, np.float64).tobytes())
    return str(file)


def write_table(file: Path, megabytes, features=16):
    """A text table of normal numbers with six digits and a line of names."""
    random = np.random.default_rng(SEED)
    lines = 20000
    text = "\n".join(",".join(f"{x:.6g}" for x in row) for row in random.normal(size=(lines, features))) + "\n"
    with open(file, "w") as out:
        out.write(",".join(f"x{d}" for d in range(features)) + "\n")
        for _ in range(max(1, round(megabytes * 1e6 / len(text)))):
            out.write(text)
    return str(file)
