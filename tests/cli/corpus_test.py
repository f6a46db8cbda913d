"""From documents, written down in many ways, to corpora; what `jensen info` says of them; and what is refused."""

import gzip
import json
import subprocess
import sys
import unittest

import h5py
import numpy as np

import support
from support import ALONE, INPUT, OUTPUT, USAGE

TEXT = support.DATA / "four_topics.txt"
LISTS = {  # documents as {word: count}: the second is empty, and word 4 occurs nowhere
    "corpus": [{0: 2, 3: 1}, {}, {1: 1, 2: 7, 3: 2}],
    "vocabulary": ["ant", "bee", "cat", "dog", "elk"],
}


def stored(file, group="corpus"):
    """Documents as dictionaries, V, and the words or None."""
    with h5py.File(file) as opened:
        found = opened[group]
        offsets, words, counts = found["indptr"][:], found["indices"][:], found["data"][:]
        documents = [
            dict(zip(words[a:b].tolist(), counts[a:b].tolist())) for a, b in zip(offsets[:-1], offsets[1:])
        ]
        assert found["shape"][0] == len(documents)
        names = found["vocabulary"].asstr()[:].tolist() if "vocabulary" in found else None
        return documents, int(found["shape"][1]), names


class Corpus(support.Case):
    def imported(self, name, content, *options, ranks=ALONE):
        """What `jensen import` makes of a file of this name and content; what it prints is in self.printed."""
        file = self.folder / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.printed = self.done(["import", file, "-o", "out.h5", *options], ranks).stdout
        return stored(self.folder / "out.h5")

    def vocabulary(self):
        file = self.folder / "vocabulary.txt"
        file.write_text("\n".join(LISTS["vocabulary"]) + "\n")
        return ["--vocabulary", file]

    def test_formats(self):
        documents = LISTS["corpus"]
        lda_c = "2 0:2 3:1\n0\n3 3:2 1:1 2:7\n"
        uci = "3\n5\n5\n1 1 2\n1 4 1\n3 2 1\n3 3 7\n3 4 2\n"
        from_zero = "1 0:2 3:1 # a comment\n# nothing but one\n-1.5\n0 qid:3 1:1 2:7 3:2\n"
        from_one = "1 1:2 4:1\n2\n0 2:1 3:7 4:2\n"
        market = "%%MatrixMarket matrix coordinate integer general\n% by columns\n3 5 5\n1 1 2\n3 2 1\n3 3 7\n1 4 1\n3 4 2\n"
        real = market.replace("integer", "real").replace("3 3 7", "3 3 7.0e0")
        cases = [
            ("a.dat", lda_c, [], 4, "lda-c"),
            ("a.ldac", lda_c.replace("\n", "\r\n"), [], 4, "lda-c"),
            ("a", lda_c, ["--format", "lda-c"], 4, "lda-c"),
            ("a.dat", gzip.compress(lda_c.encode()), [], 4, "lda-c"),
            ("docword.a.txt", uci, [], 5, "uci"),
            ("a.txt", uci, [], 5, "uci"),
            ("docword.a.txt.gz", gzip.compress(uci.encode()), [], 5, "uci"),
            ("a.svmlight", from_zero, [], 4, "svmlight"),
            ("a.dat", from_one, [], 4, "svmlight"),
            ("a.libsvm", from_one, [], 4, "svmlight"),
            ("a.mtx", market, [], 5, "matrix-market"),
            ("a.mtx", real, [], 5, "matrix-market"),
            ("a.data", real, [], 5, "matrix-market"),
        ]
        for name, content, options, words, kind in cases:
            for vocabulary in [], self.vocabulary():
                with self.subTest(file=name, kind=kind, vocabulary=bool(vocabulary)):
                    found, size, names = self.imported(name, content, *options, *vocabulary)
                    self.assertEqual(found, documents)
                    self.assertEqual(size, 5 if vocabulary else words)
                    self.assertEqual(names, LISTS["vocabulary"] if vocabulary else None)
                    self.assertIn(f" of {kind} in ", self.printed)
                    self.assertIn("note: 1 documents are empty", self.printed)
        self.assertEqual(self.imported("a.svm", from_one, "--zero-based")[0][0], {1: 2, 4: 1})
        pattern = "%%MatrixMarket matrix coordinate pattern general\n2 2 2\n1 1\n2 2\n"
        self.assertEqual(self.imported("a.mtx", pattern)[0], [{0: 1}, {1: 1}])

    def test_words_of_a_document_are_sorted_but_for_those_of_lda_c(self):
        def order(name, content):
            return [list(document) for document in self.imported(name, content)[0]]

        self.assertEqual(order("a.ldac", "3 3:2 1:1 2:7\n"), [[3, 1, 2]])
        self.assertEqual(order("a.ldac", "4 3:2 1:1 3:7 0:1\n"), [[3, 1, 0]])
        self.assertEqual(order("a.svmlight", "0 3:2 1:1 0:7\n"), [[0, 1, 3]])

    def test_repairs(self):
        found, _, _ = self.imported("a.ldac", "4 2:1 0:1 2:3 1:0\n1 0:1\n")
        self.assertEqual(found, [{0: 1, 2: 4}, {0: 1}])
        self.assertIn("note: 1 entries repeat a word of their document, and were added up", self.printed)
        self.assertIn("note: 1 entries have a count of 0, and were dropped", self.printed)
        found, _, _ = self.imported("a.ldac", "1 0:0.5\n", "--fractional-counts")
        self.assertEqual(found, [{0: 0.5}])
        for count, kind in (65535, "<u2"), (65536, "<i4"), (2**31, "<f8"):
            self.assertEqual(self.imported("a.ldac", f"1 0:{count}\n")[0], [{0: count}])
            with h5py.File(self.folder / "out.h5") as file:
                self.assertEqual(file["corpus/data"].dtype, np.dtype(kind))

    def test_text(self):
        text = "The cat, the CAT!\n\nÉtude—Straße ΛΌΓΟΣ Ёлка; don't x 2nd\n"
        found, size, names = self.imported("a.txt", text, "--format", "text")
        self.assertEqual(names, sorted(names, key=lambda word: word.encode()))
        self.assertEqual(set(names), {"the", "cat", "étude", "straße", "λόγοσ", "ёлка", "don", "nd"})
        self.assertEqual(size, len(names))
        self.assertEqual([{names[w]: c for w, c in d.items()} for d in found[:2]], [{"the": 2, "cat": 2}, {}])
        self.assertEqual(sum(found[2].values()), 6)
        _, _, names = self.imported("a.txt", text, "--format", "text", "--minimum-length", "1")
        self.assertIn("x", names)
        _, _, names = self.imported("a.txt", text, "--format", "text", "--stop-words", "english")
        self.assertEqual({"the", "don"} & set(names), set())
        _, _, names = self.imported("a.txt", b"caf\xe9 noir\n", "--format", "text")
        self.assertEqual(names, ["caf", "noir"])
        self.assertIn("note: 1 bytes are not UTF-8", self.printed)

    def test_folder(self):
        folder = self.folder / "texts"
        (folder / "deep").mkdir(parents=True)
        (folder / "b.txt").write_text("bee\nbee")
        (folder / "a.txt").write_text("ant")
        (folder / "deep" / "c.txt").write_text("")
        (folder / "notes.md").write_text("none of them")
        self.done(["import", "texts", "-o", "texts.h5"])
        self.assertEqual(stored(self.folder / "texts.h5"), ([{0: 1}, {1: 2}, {}], 2, ["ant", "bee"]))

    def test_words_of_another_corpus(self):
        self.imported("a.txt", "ant bee\ncat\n", "--format", "text")
        (self.folder / "b.txt").write_text("dog cat bee bee\ndog\n")
        for vocabulary in "out.h5", "out.h5:/corpus":
            found = self.done(["import", "b.txt", "--format", "text", "--vocabulary", vocabulary, "-o", "b.h5"]).stdout
            self.assertEqual(stored(self.folder / "b.h5"), ([{1: 2, 2: 1}, {}], 3, ["ant", "bee", "cat"]))
            self.assertIn("note: 2 tokens are not in the given vocabulary", found)
            self.assertIn("note: 1 words of the vocabulary are in no document", found)

    def test_words_that_are_dropped(self):
        text = "ant bee cat\nant bee\nant dog dog dog\nant\n"
        cases = [
            (["--minimum-documents", "2"], ["ant", "bee"]),
            (["--maximum-share", "0.5"], ["bee", "cat", "dog"]),
            (["--maximum-share", "0.25"], ["cat", "dog"]),
            (["--stop-words", "stop.txt"], ["ant", "cat", "dog"]),
            (["--stop-words", "stop.txt", "--minimum-documents", "2", "--maximum-share", "1"], ["ant"]),
        ]
        (self.folder / "stop.txt").write_text("bee\nwasp\n")
        for options, kept in cases:
            with self.subTest(options=options):
                found, size, names = self.imported("a.txt", text, "--format", "text", *options)
                self.assertEqual(names, kept)
                self.assertEqual(size, len(kept))
                self.assertEqual(len(found), 4)
                expected = [[line.split().count(word) for word in kept] for line in text.splitlines()]
                self.assertEqual([[d.get(w, 0) for w in range(size)] for d in found], expected)
                self.assertIn(f"dropped           {4 - len(kept)} words with ", self.printed)

    def test_hdf5(self):
        """Matrices of other programs: entries of a document in any order, repeated or 0; of AnnData."""
        with h5py.File(self.folder / "x.h5ad", "w") as file:
            group = file.create_group("X")
            group.attrs["encoding-type"] = "csr_matrix"
            group.attrs["shape"] = np.array([3, 4])
            group["indptr"], group["indices"] = np.array([0, 3, 3, 6]), np.array([3, 0, 3, 2, 1, 0], "i4")
            group["data"] = np.array([1, 2, 1, 5, 4, 0], "f4")
            var = file.create_group("var")
            var.attrs["_index"] = "gene_ids"
            var["gene_ids"] = ["CD4", "CD8", "CD3", "CD19"]
        self.refused([(["info", self.folder / "x.h5ad"], INPUT, "has in document 0 word 3 twice")])
        self.done(["import", "x.h5ad", "-o", "out.h5"])
        documents = [{0: 2, 3: 2}, {}, {1: 4, 2: 5}]
        self.assertEqual(stored(self.folder / "out.h5"), (documents, 4, ["CD4", "CD8", "CD3", "CD19"]))
        self.done(["import", "x.h5ad:/X", "-o", "out.h5", "--dataset", "/deep/x", *self.vocabulary_of(4)])
        self.assertEqual(stored(self.folder / "out.h5", "deep/x")[2], ["w0", "w1", "w2", "w3"])

    def vocabulary_of(self, words):
        file = self.folder / "w.txt"
        file.write_text("".join(f"w{i}\n" for i in range(words)))
        return ["--vocabulary", file]

    def test_info(self):
        self.imported("a.ldac", "2 0:2 3:1\n0\n3 3:2 1:1 2:7\n", *self.vocabulary())
        one = self.done(["info", "out.h5"]).stdout
        for part in (
            "out.h5:/corpus: a corpus\n",
            "documents   3, 1 of them empty\n",
            "vocabulary  5 words, 1 of them in no document\n",
            "tokens      13, 4.333 in a document\n",
            "entries     5, 1.667 different words in a document\n",
        ):
            self.assertIn(part, one)
        self.assertRegex(one, r"word +documents +share\ndog +2 +0\.6667\n")
        for name, ranks in ("out.h5:/corpus", 1), ("out.h5", 2), ("out.h5", 7):
            self.assertEqual(self.done(["info", name], ranks).stdout, one)
        found = json.loads(self.done(["info", "out.h5", "--json"]).stdout)
        self.assertEqual(found.pop("most_frequent_words")[0], {"word": 3, "name": "dog", "documents": 2})
        self.assertEqual(
            found,
            {"source": "out.h5:/corpus", "documents": 3, "empty_documents": 1, "vocabulary": 5, "unused_words": 1,
             "entries": 5, "tokens": 13.0},
        )

    def test_json(self):
        self.imported("a.ldac", "2 0:2 3:1\n", "--json")
        found = json.loads(self.printed)
        self.assertGreaterEqual(found.pop("seconds"), 0)
        self.assertEqual(found.pop("input"), str(self.folder / "a.ldac"))
        self.assertEqual(
            found,
            {"output": "out.h5", "dataset": "/corpus", "format": "lda-c", "documents": 1, "vocabulary": 4, "entries": 2,
             "tokens": 3.0, "empty_documents": 0, "unused_words": 2, "dropped_words": 0, "dropped_tokens": 0.0,
             "repetitions": 0, "zeros": 0, "unknown_tokens": 0, "broken_bytes": 0, "bytes": 10},
        )

    def test_committed_corpus(self):
        made = subprocess.run(
            [sys.executable, "-B", support.SOURCE / "tests" / "support" / "make_four_topics.py"],
            check=True, capture_output=True, text=True,
        ).stdout
        self.assertEqual(made, TEXT.read_text())
        self.done(["import", TEXT, "--format", "text", "--stop-words", "english", "-o", "four.h5"], ranks=2)
        documents, size, names = stored(self.folder / "four.h5")
        self.assertEqual((len(documents), size), (400, 60))
        self.assertIn("harbour", names)
        expected = [line.lower().rstrip(".").split() for line in made.splitlines()]
        for counts, words in zip(documents, expected):
            self.assertEqual({names[w]: c for w, c in counts.items()}, {w: words.count(w) for w in words if w in names})

    def case(self, name, content, *parts, options=(), code=INPUT):
        file = self.folder / "cases" / str(len(list((self.folder / "cases").iterdir()))) / name
        file.parent.mkdir()
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return ["import", file, "-o", "out.h5", *options], code, *parts

    def test_refusals(self):
        (self.folder / "cases").mkdir()
        market = "%%MatrixMarket matrix coordinate integer general\n"
        text = ["--format", "text"]
        empty = self.folder / "empty"
        empty.mkdir()
        five = self.vocabulary()
        twice = self.folder / "twice.txt"
        twice.write_text("ant\nbee\nant\n")
        blank = self.folder / "blank.txt"
        blank.write_text("ant\n\nbee\n")
        self.refused(
            [
                self.case("a.ldac", "2 0:1 1:1\n2 0:1\n", "a.ldac' line 2 has 1 pairs WORD:COUNT (must be 2"),
                self.case("a.ldac", "1 0:-1\n", "line 1 has '-1' as a count (must be a number from 0"),
                self.case("a.ldac", "1 0:nan\n", "line 1 has 'nan' as a count"),
                self.case("a.ldac", "1 0:1e300\n", "line 1 has '1e300' as a count"),
                self.case("a.ldac", "1 0:\n", "line 1 has '' as a count"),
                self.case("a.ldac", "1 0:1.5\n", "has '1.5' as a count (must be a whole number); --fractional-counts"),
                self.case("a.ldac", "1 -1:1\n", "line 1 has '-1' as the number of a word (must be an integer from 0"),
                self.case("a.ldac", "1 3000000000:1\n", "has '3000000000' as the number of a word"),
                self.case("a.ldac", "1 5:1\n", "has '5' as the number of a word (must be an integer from 0 to 4)", options=five),
                self.case("a.ldac", "x 5:1\n", "has 'x' as the number of different words"),
                self.case("a.ldac", "1 5\n", "line 1 has '5' (must be WORD:COUNT, such as 17:2)"),
                self.case("a.ldac", "0\n0\n", "has no tokens: none of its 2 documents has a word"),
                self.case("a.ldac", "\n", "has no documents (must have one at least)"),
                self.case("a.ldac", b"", "has no documents"),
                self.case("a.ldac.gz", gzip.compress(b"1 0:1\n" * 9000)[:-20], "cannot read", "(unexpected end of file); the file is damaged"),
                self.case("docword.x.txt", "1\n2\n", "ends before the number of entries"),
                self.case("docword.x.txt", "1 2\n2\n1\n1 1 1\n", "line 1 has more than the number of documents"),
                self.case("docword.x.txt", "1\n2\n2\n1 1 1\n", "has 1 entries (must be 2, as it says at its beginning)"),
                self.case("docword.x.txt", "1\n2\n1\n2 1 1\n", "line 4 has '2' as the number of a document (must be an integer from 1 to 1)"),
                self.case("docword.x.txt", "1\n2\n1\n1 3 1\n", "line 4 has '3' as the number of a word (must be an integer from 1 to 2)"),
                self.case("docword.x.txt", "1\n2\n1\n1 0 1\n", "line 4 has '0' as the number of a word"),
                self.case("docword.x.txt", "1\n2\n1\n1 1 1 1\n", "line 4 has '1' behind the entry"),
                self.case("docword.x.txt", "1\n2\n1\n1 1\n", "line 4 has '' as a count"),
                self.case("docword.x.txt", "1\n2\n1\n1 1 1\n", "has 5 words (must be 2, as", options=five),
                self.case("a.mtx", "1 1 1\n", "begins with '1 1 1' (must be '%%MatrixMarket matrix coordinate"),
                self.case("a.mtx", market.replace("general", "symmetric") + "1 1 1\n1 1 1\n", "begins with"),
                self.case("a.mtx", market, "has no line of sizes"),
                self.case("a.mtx", market + "0 5 0\n", "has no documents"),
                self.case("a.svm", "1 6:1\n", "has word 6 (words count from 1; the vocabulary", options=five),
                self.case("a.svm", "1 x:1\n", "has 'x' as the number of a word"),
                self.case("a.txt", "1 2\n", "has no tokens", options=text),
                self.case("a.txt", "ant\n", "has 'ant' twice", options=[*text, "--vocabulary", twice]),
                self.case("a.txt", "ant\n", "blank.txt' line 2 is blank", options=[*text, "--vocabulary", blank]),
                self.case("a.txt", "ant\n", "that --stop-words, --minimum-documents and --maximum-share keep", options=[*text, "--minimum-documents", "2"]),
                self.case("a.txt", "ant\n", "absent' (No such file", options=[*text, "--vocabulary", "absent"]),
                self.case("a.ldac", "1 0:1\n", "whose words have no names; give these with --vocabulary", options=["--stop-words", "english"], code=USAGE),
                self.case("a.ldac", "1 0:1\n", "maximum-share = 0 (must be more than 0", options=["--maximum-share", "0"], code=USAGE),
                self.case("a.ldac", "1 0:1\n", "minimum-documents = -1", options=["--minimum-documents", "-1"], code=USAGE),
                self.case("a.ldac", "1 0:1\n", "minimum-length = 0", options=["--minimum-length", "0"], code=USAGE),
                self.case("a.ldac", "1 0:1\n", "--header is for text tables, and", "a corpus (lda-c)", options=["--header", "no"], code=USAGE),
                self.case("a.ldac", "1 0:1\n", "--float32 is for tables, and", options=["--float32"], code=USAGE),
                self.case("a.ldac", "1 0:1\n", "format = 'lda' (must be one of auto, csv, npy, lda-c, uci, svmlight, matrix-market, text, hdf5)", options=["--format", "lda"], code=USAGE),
                self.case("a.ldac", "1 0:1\n", "(must be a path such as '/corpus')", options=["--dataset", "x"], code=USAGE),
                self.case("a.csv", "a,b\n1,2\n", "--stop-words is for a corpus, and", "is a table; leave it out", options=["--stop-words", "english"], code=USAGE),
                (["import", empty, "-o", "out.h5"], INPUT, "the directory '", "empty' has no *.txt files, which would be documents"),
                (["import", "absent.ldac", "-o", "out.h5"], INPUT, "cannot open 'absent.ldac' (No such file"),
                (["import", empty, "--format", "lda-c", "-o", "out.h5"], INPUT, "(it is a directory)"),
                (["fit", "kmeans", self.corpus(), "--components", "2", "-o", "m.h5"], INPUT, "but a corpus, '/corpus'"),
            ],
            ranks=(ALONE, 2),
        )  # fmt: skip

    def corpus(self):
        self.imported("sound.ldac", "1 0:1\n")
        return self.folder / "out.h5"

    def test_output_is_kept(self):
        """Neither input nor what was there before is lost."""
        self.imported("a.ldac", "1 0:1\n")
        before = (self.folder / "out.h5").read_bytes()
        (self.folder / "bad.ldac").write_text("1 0:-1\n")
        self.done(["import", "bad.ldac", "-o", "out.h5"], code=INPUT)
        self.done(["import", "out.h5", "-o", "out.h5"], code=USAGE)
        self.done(["import", "a.ldac", "--vocabulary", "out.h5", "-o", "out.h5"], code=USAGE)
        self.assertEqual((self.folder / "out.h5").read_bytes(), before)
        self.done(["import", "a.ldac", "-o", "no/out.h5"], code=OUTPUT)
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["a.ldac", "bad.ldac", "out.h5"])


if __name__ == "__main__":
    unittest.main()
