"""The topics of the benchmark: each measures, prints its table and returns its figures."""

import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import data as datasets
import h5py
import numpy as np
import peers

GMM_SHAPES = (
    "full:8x32,full:16x32,full:32x32,full:64x32,full:128x32,full:32x8,full:32x128,centred:32x32,centred:64x32,"
    "diag:16x32,diag:64x32,spherical:16x32,tied:64x32"
)
KMEANS_SHAPES = (
    "kmeans:8x100,kmeans:32x100,kmeans:128x1000,kmeans32:8x100,kmeans32:32x100,kmeans32:128x1000,"
    "clustered:32x100,overlapping:32x100"
)
BAYES_SHAPES = "full:16x32,full:32x32,diag:16x32"
PERPLEXITY_TOPICS, PERPLEXITY_ITERATIONS = (10, 20, 50, 100, 200), 50
LDA_SHAPES = "lda:10473x20,lda:10473x100"  # words and topics
LDA_ITERATIONS = 3
ADVI_REGRESSIONS = ("linear", "robust", "logistic", "softmax", "poisson", "negative-binomial")
ADVI_SHAPES = ",".join(  # features and points
    [f"{kind}:{d}x{s}" for kind in ADVI_REGRESSIONS for d, s in ((64, 8), (64, 16), (128, 8), (128, 16), (64, 1))]
    + [f"{kind}:{d}x{s}" for kind, d in (("mixture", 8), ("ppca", 16), ("factor-analysis", 16)) for s in (8, 1)]
    + ["logistic:10x8", "formulas:10x8"]
)
ADVI_RECORDS = 32768
REDUCTION_SHAPES = "full:8x32,full:32x32,diag:16x32,kmeans:32x100"
COVARIANCE = {"full": "full", "centred": "full", "diag": "diag", "spherical": "spherical", "tied": "tied"}
FIT_ITERATIONS = 30  # of clustered and overlapping


def flops(kind, features, components):
    """Useful ones of an iteration, for each record."""
    packed = features * (features + 1) // 2 + features + 1
    return {
        "full": 4 * components * packed,
        "centred": 4 * components * packed,
        "diag": 8 * components * features,
        "spherical": 4 * components * features,
        "tied": features**2 + 4 * components * features,
    }.get(kind, 2 * components * features)


def records_of(kind, features, components):
    """A multiple of the block of 2048: enough that what is done once in an iteration, whatever the number of
    records, takes the small part of it that it takes where jensen is needed."""
    wanted = 8e9 / flops(kind, features, components)
    return int(np.clip(round(wanted / 2048), 16, 32)) * 2048


def parse_shapes(text, known):
    shapes = []
    for part in text.split(","):
        kind, _, sizes = part.partition(":")
        if kind in known and "x" in sizes:
            shapes.append((kind, *map(int, sizes.split("x"))))
    return shapes


def summary(values):
    """Median, and the distance of the middle half in parts of it."""
    median = statistics.median(values)
    quarter = statistics.quantiles(values, n=4) if len(values) > 1 else [median] * 3
    spread = (quarter[2] - quarter[0]) / median
    return {"median": median, "spread": spread, "fastest": min(values), "runs": list(values)}


class Lacking(Exception):
    """This build of jensen cannot do it."""


class Session:
    """The program that measures, the folder of the data, and where tables go."""

    def __init__(self, options, folder: Path):
        self.options, self.folder = options, folder
        self.skipped = {}
        self.cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {self.cores[-1]})  # children are on it too
        self.program = subprocess.Popen(
            [options.programs / "tests/benchmark/bench"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, what, **request):
        self.program.stdin.write(json.dumps({"do": what} | request) + "\n")
        self.program.stdin.flush()
        answer = json.loads(self.program.stdout.readline())
        if "error" in answer:
            raise SystemExit(f"bench: {what}: {answer['error']}")
        if "lacking" in answer:
            raise Lacking(answer["lacking"])
        return answer

    def wants(self, peer):
        return self.options.peers == "all" or peer in self.options.peers.split(",")

    def peer(self, name, make):
        """A list of the peer, or of none where it is not wanted or not installed."""
        if not self.wants(name):
            return []
        try:
            return [make()]
        except peers.Missing as missing:
            if name not in self.skipped:
                print(f"{name} is left out: package {missing} is not installed")
            self.skipped[name] = str(missing)
            return []

    def show(self, title, header, rows):
        rows = [[str(cell) for cell in row] for row in rows]
        widths = [max(map(len, column)) for column in zip(header, *rows)]
        text = [any(not c[:1].isdigit() and c not in "-" for c in column) for column in zip(*rows)] or [True]
        print(f"\n== {title}")
        for row in [header, *rows]:
            cells = [c.ljust(w) if left else c.rjust(w) for c, w, left in zip(row, widths, text)]
            print("  ".join(cells).rstrip(), flush=True)


def machine(session):
    found = session.ask("machine", order=session.options.order)
    gemm = {name: rates for name, rates in found["gemm"].items() if rates}
    best = {kind: max(rates[kind] for rates in gemm.values()) for kind in ("f64", "f32")}
    found["best_gemm"] = session.gemm = best
    rows = [["register FMA", f"{found['peak']['f64']:.1f}", f"{found['peak']['f32']:.1f}"]]
    for name, rates in gemm.items():
        core = f", core {rates['core']}" if "core" in rates else ""
        rows.append([f"product 2048^3, {name}{core}", f"{rates['f64']:.1f}", f"{rates['f32']:.1f}"])
    session.show(f"machine: {found['cpu']}, {found['vector_registers']}", ["Gflop/s", "f64", "f32"], rows)
    print(f"read bandwidth  {found['read_bandwidth']:.1f} GB/s")
    found["load_average"], cores = os.getloadavg()[0], len(session.cores)
    if found["load_average"] > 0.7 * cores:
        print(f"The machine is busy: a load of {found['load_average']:.1f} on {cores} cores. Times and ratios will spread.")
    if "openblas" not in gemm:
        print("OpenBLAS is left out: package libopenblas0-pthread is not installed")
    for library in blas_of_peers():
        print(f"BLAS of scikit-learn  {library}")
    return found


def blas_of_peers():
    try:
        peers.need("sklearn", "python3-sklearn")
        control = peers.need("threadpoolctl", "python3-threadpoolctl")
    except peers.Missing:
        return []
    return [
        f"{info['internal_api']} {info['version']}, core {info.get('architecture', 'unknown')}, {info['num_threads']} thread"
        for info in control.threadpool_info()
        if info["user_api"] == "blas"
    ]


def request_of(kind, kernel=None):
    """What the measuring program is told of a kind of model. Clustered and overlapping are k-means as users have
    it; kmeans and kmeans32 compare each record with each centroid."""
    if kind in COVARIANCE:
        request = {"model": "gmm", "covariance": COVARIANCE[kind]}
        return request | ({"expansion_limit": 0} if kind == "centred" else {})
    kernel = kernel or ("automatic" if kind in datasets.SEPARATION else "plain")
    return {"model": "kmeans", "precision": "float32" if kind == "kmeans32" else "float64", "kernel": kernel}


def open_shape(session, kind, features, components, blocks=0):
    records = session.options.records or 2048 * blocks or records_of(kind, features, components)
    separation = kind if kind in datasets.SEPARATION else datasets.MIXED if kind in COVARIANCE else "overlapping"
    number = np.float32 if kind == "kmeans32" else np.float64
    if sys.stderr.isatty():
        print(f"  {kind}:{features}x{components} ...", file=sys.stderr)
    data = datasets.make(session.folder, records, features, components, separation, number)
    shape = session.ask("open", file=data.file, **request_of(kind))
    return data, {"kind": kind, **shape}


def take_turns(session, iterations, own, others):
    """Medians of seconds per iteration: own, and by name of the others; and the peaks measured in between."""
    runs, peaks = {None: []}, []
    for turn in range(session.options.repeat + 1):
        peaks.append(session.ask("peak"))
        for name, run in [(None, own), *((peer.name, peer.run) for peer in others if turn == 1 or not peer.slow)]:
            seconds = statistics.median(run(iterations))
            if turn > 0:  # the first warms up
                runs.setdefault(name, []).append(seconds)
    return {name: summary(values) for name, values in runs.items()}, peaks[1:]


def measure(session, row, iterations, own, others):
    times, peaks = take_turns(session, iterations, own, others)
    number = "f32" if row["kind"] == "kmeans32" else "f64"
    seconds = times.pop(None)
    rate = row["records"] * flops(row["kind"], row["features"], row["components"]) / seconds["median"] / 1e9
    row |= {
        "iterations": iterations,
        "seconds": seconds,
        "us_per_1000": seconds["median"] * 1e9 / (row["records"] * row["components"]),
        "gflops": rate,
        "of_peak": rate / statistics.median(peak[number] for peak in peaks),
        "of_gemm": rate / best_gemm(session)[number],
        "peers": times,
    }
    for time in times.values():
        time["ratio"] = time["median"] / seconds["median"]
        time["ratio_of_fastest"] = time["fastest"] / seconds["fastest"]  # on a busy machine nearer to the truth
    return row


def best_gemm(session):
    if not hasattr(session, "gemm"):
        found = [rates for rates in session.ask("machine", order=session.options.order)["gemm"].values() if rates]
        session.gemm = {kind: max(rates[kind] for rates in found) for kind in ("f64", "f32")}
    return session.gemm


def show_fits(session, title, rows):
    names = list(dict.fromkeys(name for row in rows for name in row["peers"]))
    header = ["shape", "D", "K", "N", "ms/it", "+-", "us/1000 nk", "Gflop/s", "of peak", "of gemm", *names]
    lines = []
    for row in rows:
        seconds = row["seconds"]
        line = [row["kind"], row["features"], row["components"], row["records"]]
        line += [f"{1e3 * seconds['median']:.4g}", f"{100 * seconds['spread']:.0f}%", f"{row['us_per_1000']:.3g}"]
        line += [f"{row['gflops']:.1f}", f"{row['of_peak']:.2f}", f"{row['of_gemm']:.2f}"]
        line += [f"{row['peers'][n]['ratio']:.2f}x" if n in row["peers"] else "-" for n in names]
        lines.append(line)
    session.show(title, header, lines)


def gmm(session):
    rows = []
    for kind, features, components in parse_shapes(session.options.shapes or GMM_SHAPES, COVARIANCE):
        data, row = open_shape(session, kind, features, components)
        covariance, iterations = COVARIANCE[kind], 3
        scikit = session.peer("scikit-learn", lambda: peers.Mixture(data, covariance)) if kind != "centred" else []
        others = list(scikit)
        if kind in ("full", "diag"):
            program = session.options.programs / "tests/benchmark/bench_armadillo"
            others += session.peer("armadillo", lambda: peers.Armadillo(data, covariance, program, iterations))
        if (kind, features, components) in (("full", 16, 32), ("diag", 16, 32)):
            others += session.peer("mclust", lambda: peers.Mclust(data, covariance, iterations))
        own = lambda n: session.ask("fit", iterations=n)["iterations"]  # noqa: E731
        rows.append(measure(session, row, iterations, own, others))
        if scikit:  # the same work: the same log-likelihood after as many iterations
            objective = session.ask("fit", iterations=iterations)["objective"]
            row["objective_difference"] = abs(objective / scikit[0].log_likelihood - 1)
    show_fits(session, "Gaussian mixtures, whole iterations (x: times as long as jensen)", rows)
    if any("objective_difference" in row for row in rows):
        most = max(row.get("objective_difference", 0) for row in rows)
        print(f"log-likelihoods of jensen and scikit-learn differ by {most:.0e} of theirs at most")
    return rows


def bayes(session):
    """An iteration of Bayesian mixtures beside one of plain mixtures, in turns."""
    rows, lines = [], []
    for kind, features, components in parse_shapes(session.options.shapes or BAYES_SHAPES, COVARIANCE):
        data, row = open_shape(session, kind, features, components)
        request = {"file": data.file, "model": "bayes-gmm", "covariance": COVARIANCE[kind]}
        session.ask("open", job="bayes", **request)
        bayesian = Iterations(session, "bayes", "bayes-gmm")
        times, _ = take_turns(session, 5, Iterations(session, "", "").run, [bayesian])
        plain, own = times[None], times["bayes-gmm"]
        row |= {"seconds": plain, "bayes_seconds": own, "ratio": own["median"] / plain["median"]}
        rows.append(row)
        figures = [f"{1e3 * seconds['median']:.4g}" for seconds in (plain, own)]
        lines.append([kind, features, components, row["records"], *figures, f"{row['ratio']:.3f}"])
    header = ["shape", "D", "K", "N", "gmm ms/it", "bayes-gmm ms/it", "ratio"]
    session.show("Bayesian mixtures beside mixtures, whole iterations", header, lines)
    return rows


def kmeans(session):
    rows = []
    kinds = ("kmeans", "kmeans32", "clustered", "overlapping")
    for kind, features, components in parse_shapes(session.options.shapes or KMEANS_SHAPES, kinds):
        try:
            data, row = open_shape(session, kind, features, components)
        except Lacking as lacking:
            print(f"{kind}:{features}x{components} is left out: {lacking}")
            continue
        whole = kind in datasets.SEPARATION
        algorithms = ("lloyd", "elkan") if whole else ("lloyd",)
        others = [p for a in algorithms for p in session.peer("scikit-learn", lambda a=a: peers.Clusters(data, a))]
        others += session.peer("faiss", lambda: peers.Faiss(data))
        if whole:
            session.ask("open", job="brute", file=data.file, **request_of(kind, "plain"))
            others.append(Own(session, "brute", "own brute force"))
        own = Own(session, "", "").run if whole else lambda n: session.ask("fit", iterations=n)["iterations"]
        rows.append(measure(session, row, FIT_ITERATIONS if whole else 5, own, others))
    title = f"k-means, iterations; clustered and overlapping: of whole fits of {FIT_ITERATIONS} (x: times as long as jensen)"
    show_fits(session, title, rows)
    for row in rows:
        brute = row["peers"].pop("own brute force", None)
        if brute:
            row["of_brute_force"] = 1 / brute["ratio"]
    return rows


def lda(session):
    rows, lines = [], []
    for kind, words, components in parse_shapes(session.options.shapes or LDA_SHAPES, ("lda",)):
        corpus = datasets.corpus(session.folder, session.options.records, words)
        settings = {"alpha": 0.1, "eta": 0.01, "tolerance": 1e-3, "sweeps": 100}
        request = {"file": corpus.file, "words": words, "components": components, "iterations": LDA_ITERATIONS, **settings}
        others = session.peer("scikit-learn", lambda: peers.Topics(corpus, components, settings))
        documents = []

        def own(_):
            found = session.ask("topics", **request)
            documents.append([w * components / s / 1e9 for w, s in zip(found["work"], found["document_seconds"])])
            return found["seconds"]

        times, _ = take_turns(session, LDA_ITERATIONS, own, others)
        seconds = times.pop(None)
        found = session.ask("topics", **request)
        for time in times.values():
            time["ratio"] = time["median"] / seconds["median"]
            time["ratio_of_fastest"] = time["fastest"] / seconds["fastest"]
        row = {"kind": kind, "features": words, "components": components, "records": corpus.documents,
               "entries": found["entries"], "seconds": seconds, "peers": times, "corpus": corpus.name,
               "giga_per_second": summary([statistics.median(rates) for rates in documents[1:]])}  # fmt: skip
        if others:  # the same work: the same ELBO after as many iterations
            row["objective_difference"] = abs(found["elbo"] / others[0].elbo(LDA_ITERATIONS) - 1)
        rows.append(row)
        line = [corpus.name, corpus.documents, words, components, f"{1e3 * seconds['median']:.4g}"]
        line += [f"{100 * seconds['spread']:.0f}%", f"{row['giga_per_second']['median']:.2f}"]
        lines.append([*line, *(f"{time['ratio']:.2f}x" for time in times.values())])
    header = ["corpus", "documents", "words", "K", "ms/it", "+-", "G/s in documents", *times]
    session.show("topic models, whole iterations (G: entries times topics times sweeps; x: times as long as jensen)", header, lines)
    if any("objective_difference" in row for row in rows):
        most = max(row.get("objective_difference", 0) for row in rows)
        print(f"ELBOs of jensen and scikit-learn differ by {most:.0e} of theirs at most")
    return rows


def perplexity(session):
    """Of a tenth of the documents that no program has seen: what each one's topics are worth, by one measure."""
    settings = {"alpha": 0.1, "eta": 0.01, "tolerance": 1e-3, "sweeps": 100}
    whole = datasets.corpus(session.folder, session.options.records, 10473)
    fitted, unseen = datasets.without_a_tenth(session.folder, whole)
    others = []
    for kind in peers.ScikitTopics, peers.GensimTopics:
        others += session.peer(kind.name, lambda kind=kind: kind(fitted, settings, PERPLEXITY_ITERATIONS))
    rows, lines = [], []
    for components in PERPLEXITY_TOPICS:
        request = {"words": whole.vocabulary, "components": components, "held_out": unseen.file, **settings}
        found = {"jensen": session.ask("held_out", file=fitted.file, iterations=PERPLEXITY_ITERATIONS, **request)}
        for other in others:
            file = datasets.write_topics(session.folder / "topics.h5", other.topics(components))
            found[other.name] = session.ask("held_out", topics=file, **request)
        rows.append({"corpus": whole.name, "components": components, "perplexity": found})
        lines.append([components, *(f"{of[how]:.1f}" for of in found.values() for how in ("completion", "bound"))])
    header = ["K", *(f"{name}, {how}" for name in found for how in ("completion", "bound"))]
    title = f"{unseen.documents} documents held out of {whole.documents} ({whole.name}), perplexity after"
    session.show(f"{title} {PERPLEXITY_ITERATIONS} iterations", header, lines)
    return rows


class Own:
    """Whole fits of a job of the measuring program."""

    slow = False

    def __init__(self, session, job, name):
        self.session, self.job, self.name = session, job, name

    def run(self, iterations):
        found = self.session.ask("fit", job=self.job, iterations=iterations)
        return [found["seconds"] / max(1, len(found["iterations"]))]


class Iterations(Own):
    """The same, its iterations one by one."""

    def run(self, iterations):
        return self.session.ask("fit", job=self.job, iterations=iterations)["iterations"]


def advi(session):
    """Gradients of the shipped targets beside the two products of matrices that a regression cannot do without, at
    the rate of the machine's best product; and whole fits on two ranks."""
    rows, lines = [], []
    kinds = (*ADVI_REGRESSIONS, "mixture", "ppca", "factor-analysis", "formulas")
    for kind, features, points in parse_shapes(session.options.shapes or ADVI_SHAPES, kinds):
        row = gradient(session, kind, features, points)
        rows.append(row)
        ratios = [f"{row[key]['median']:.2f}" if row[key] else "-" for key in ("ratio", "ratio_of_blas")]
        line = [kind, features, points, row["records"], f"{row['ns_per_record']:.4g}", f"{100 * row['seconds']['spread']:.0f}%"]
        lines.append([*line, f"{row['ns_per_record'] / points:.3g}", f"{row['block_ns_per_record']:.3g}", *ratios])
    header = ["target", "D", "points", "N", "ns/record", "+-", "/point", "blocks", "x products", "x OpenBLAS"]
    session.show("ADVI, gradients (x: times as long as the two products, at the best rate or by OpenBLAS as they are)", header, lines)
    return {"gradients": rows, "scaling": two_ranks(session, "two ranks, ADVI", 32, fit_advi)}


def gradient(session, kind, features, points):
    request = {"target": kind, "features": features, "points": points, "records": session.options.records or ADVI_RECORDS}
    seconds, blocks, ratios, of_blas = [], [], [], []
    for turn in range(session.options.repeat + 1):
        rate = session.ask("product_rate", order=session.options.order)["gflops"]
        found = session.ask("gradient", **request)
        if turn == 0:  # the first warms up
            continue
        seconds.append(found["seconds"])
        blocks.append(found["block_seconds"])
        if kind in ADVI_REGRESSIONS and points > 1:
            ratios.append(found["seconds"] / (4e-9 * request["records"] * features * found["predictors"] * points / rate))
        if found["products"]:
            of_blas.append(found["seconds"] / found["products"])
    return {
        "kind": kind, "features": features, "points": points, "records": request["records"],
        "seconds": summary(seconds), "ns_per_record": 1e9 * statistics.median(seconds) / request["records"],
        "block_ns_per_record": 1e9 * statistics.median(blocks) / request["records"],
        "ratio": summary(ratios) if ratios else None, "ratio_of_blas": summary(of_blas) if of_blas else None,
    }  # fmt: skip


def functions(session):
    found = session.ask("functions")
    rows = []
    for name, times in found.items():
        known = times.get("libm", times.get("boost"))
        if "jensen" in times:
            times["ratio"] = known / times["jensen"]
        cells = [f"{times[key]:.2f}" if key in times else "-" for key in ("jensen", "libm", "boost")]
        rows.append([name, *cells, f"{times['ratio']:.1f}x" if "ratio" in times else "-"])
    session.show("functions, ns per element", ["function", "jensen", "libm", "Boost", "ratio"], rows)
    return found


def reduction(session):
    rows, lines = [], []
    kinds = (*COVARIANCE, "kmeans", "kmeans32")
    for kind, features, components in parse_shapes(session.options.shapes or REDUCTION_SHAPES, kinds):
        _, row = open_shape(session, kind, features, components, blocks=64)  # so that what is done once is little
        session.ask("reduction", iterations=2)
        found = session.ask("reduction", iterations=4 * session.options.repeat)
        exact, plain = summary(found["exact"]), summary(found["plain"])
        ratio = statistics.median(e / p for e, p in zip(found["exact"], found["plain"]))
        rows.append(row | {"exact": exact, "plain": plain, "ratio": ratio})
        times = [f"{1e3 * t['median']:.4g}" for t in (exact, plain)]
        lines.append([kind, features, components, row["sums"], *times, f"{ratio:.3f}"])
    header = ["shape", "D", "K", "numbers", "exact ms/it", "plain ms/it", "ratio"]
    session.show("iterations with the exact sum and with a plain one", header, lines)
    return rows


def io(session):
    repeat, lines, results = session.options.repeat, [], {}
    features = 32
    for number in np.float64, np.float32:
        name = np.dtype(number).name
        records = max(1, round(session.options.megabytes * 1e6 / features / np.dtype(number).itemsize))
        file = str(session.folder / f"{name}.h5")
        with h5py.File(file, "w") as out:
            numbers = np.random.default_rng(1).normal(size=(min(records, 100_000), features))
            out["data"] = np.resize(numbers.astype(number), (records, features))
        raw, again, own = [], [], []
        for turn in range(repeat + 1):
            found, loaded = session.ask("raw_read", file=file), session.ask("load", file=file)
            if turn > 0:
                raw.append(found["bytes"] / found["new"] / 1e6)
                again.append(found["bytes"] / found["again"] / 1e6)
                own.append(loaded["bytes"] / loaded["seconds"] / 1e6)
        Path(file).unlink()
        rates = {"jensen": summary(own), "raw": summary(raw), "raw_into_one_buffer": summary(again)}
        results[name] = rates | {"ratio": statistics.median(j / r for j, r in zip(own, raw))}  # of pairs
        cells = [f"{rates[key]['median']:.0f}" for key in ("jensen", "raw", "raw_into_one_buffer")]
        lines.append([f"HDF5, {name}, x {features}", *cells, f"{results[name]['ratio']:.2f}"])
    text = datasets.write_table(session.folder / "table.csv", session.options.megabytes / 4)
    rates = []
    for _ in range(repeat + 1):
        found = session.ask("import", file=text, output=str(session.folder / "table.h5"))
        rates.append(found["bytes"] / found["seconds"] / 1e6)
    results["csv"] = summary(rates[1:]) | {"megabytes_per_second": statistics.median(rates[1:])}
    lines.append(["CSV import", f"{results['csv']['median']:.0f}", "-", "-", "-"])
    header = ["MB/s, from the page cache", "jensen", "read(), new memory", "read(), one buffer", "of read()"]
    session.show("reading", header, lines)
    return results


def scaling(session):
    return two_ranks(session, "two ranks", 32, fit_mixture)


def two_ranks(session, title, features, command):
    """Seconds of an iteration of whole fits on one rank and on two, in turns; `command`: what jensen fit is told."""
    launcher = shutil.which("mpirun")
    program = session.options.programs / "jensen"
    if len(session.cores) < 2 or launcher is None or not program.exists():
        why = "there is one core" if len(session.cores) < 2 else f"there is no {'mpirun' if launcher is None else program}"
        print(f"\n{title}: left out, as {why}")
        return None
    records, components = session.options.records or 131072, 32
    data = datasets.make(session.folder, records, features, components, datasets.MIXED)
    os.sched_setaffinity(0, set(session.cores))
    times = {1: [], 2: []}
    try:
        for _ in range(session.options.repeat):
            for ranks, seconds in times.items():
                seconds.append(fit_on_ranks(session, launcher, ranks, command(data.file)))
    finally:
        os.sched_setaffinity(0, {session.cores[-1]})
    found = {f"ranks_{ranks}": summary(values) for ranks, values in times.items()}
    found["ratio"] = found["ranks_1"]["median"] / found["ranks_2"]["median"]
    cells = [f"{1e3 * found[key]['median']:.4g}" for key in ("ranks_1", "ranks_2")]
    header = ["model", "D", "N", "1 rank ms/it", "2 ranks ms/it", "ratio"]
    session.show(title, header, [[command(data.file)[0], features, records, *cells, f"{found['ratio']:.3f}"]])
    return found


def fit_mixture(file):
    return ["gmm", f"{file}:/data", "--components", "32", "--start", "random", "--restarts", "1", "--tolerance", "0"]


def fit_advi(file):
    """The first feature by the others; no Laplace approximation, which is no iteration."""
    return ["advi", f"{file}:/data", "--response", "x0", "--start", "centre", "--final-draws", "100"]


def fit_on_ranks(session, launcher, ranks, what):
    """Seconds of an iteration of jensen fit, the median of some."""
    model = session.folder / "model.h5"
    command = [launcher, "--oversubscribe", "--bind-to", "core", "-n", str(ranks)]
    command += [session.options.programs / "jensen", "fit", *what]
    command += ["--max-iterations", "20", "--resume", "never", "--progress", "none", "-o", model]
    shutil.rmtree(f"{model}.ckpt", ignore_errors=True)
    environment = os.environ | {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"bench: jensen fit on {ranks} ranks: {done.stderr}")
    with h5py.File(model) as found:
        return statistics.median(np.diff(found["fit/trace/elapsed_seconds"][:]))
