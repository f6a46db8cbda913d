"""Measures jensen beside other programs: scripts/bench --help."""

import argparse
import json
import tempfile
from pathlib import Path

import goals
import topics

TOPICS = {
    "machine": topics.machine,
    "gmm": topics.gmm,
    "bayes": topics.bayes,
    "kmeans": topics.kmeans,
    "lda": topics.lda,
    "advi": topics.advi,
    "functions": topics.functions,
    "reduction": topics.reduction,
    "io": topics.io,
    "scaling": topics.scaling,
}
STUDIES = {"perplexity": topics.perplexity}  # minutes each: for those who ask


def arguments():
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Measures jensen on one core, beside what else is installed, and prints a table per topic.",
    )
    parser.add_argument("topic", nargs="*", metavar="TOPIC", help=f"{', '.join(TOPICS)}; all if none is named; or {', '.join(STUDIES)}")
    parser.add_argument("--shapes", default="", help="list of KIND:DxK, as in full:32x32,diag:16x32,clustered:32x100, or, of ADVI, TARGET:DxPOINTS, as in logistic:64x8")
    parser.add_argument("--records", type=int, default=0, help="N of the data; 0: so that a run takes about a second")
    parser.add_argument("--repeat", type=int, default=5, help="pairs of runs after the warm-up [5]")
    parser.add_argument("--peers", default="all", help="none, or a list of scikit-learn,faiss,armadillo,mclust,gensim [all]")
    parser.add_argument("--megabytes", type=float, default=256, help="size of the files of topic io [256]")
    parser.add_argument("--goals", action="store_true", help="print the goals beside what was measured")
    parser.add_argument("--json", default="build/bench.json", help="file for all figures [build/bench.json]")
    parser.add_argument("--order", type=int, default=2048, help=argparse.SUPPRESS)  # of the matrix products
    parser.add_argument("--programs", type=Path, required=True, help=argparse.SUPPRESS)  # scripts/bench gives it
    found = parser.parse_args()
    for topic in found.topic:
        if topic not in TOPICS | STUDIES:
            parser.error(f"topic = '{topic}' (must be one of {', '.join(TOPICS | STUDIES)})")
    return found


def save(results, file):
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    Path(file).write_text(json.dumps(results, indent=1) + "\n")


def main():
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="jensen-bench-") as folder:
        session = topics.Session(options, Path(folder))
        results = {}
        for name in options.topic or TOPICS:
            results[name] = (TOPICS | STUDIES)[name](session)
            save(results, options.json)
    if options.goals:
        header, rows = goals.table(results)
        session.show("goals", header, rows)
        results["goals"] = [dict(zip(header, row)) for row in rows]
    results["skipped"] = session.skipped
    save(results, options.json)
    print(f"\nall figures: {options.json}")


if __name__ == "__main__":
    main()
