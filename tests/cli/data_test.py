"""Data that cannot be used."""

import unittest

import h5py
import numpy as np

import support
from support import ALONE, INPUT, NUMERICAL, write


class BadData(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.records, _ = support.clusters()

    def file(self, name, **datasets):
        return write(self.inputs / name, **datasets)

    def fit(self, data, *options, model="gmm", k=3):
        return ["fit", model, data, "--components", k, "-o", "out.h5", *options]

    def with_value(self, name, value, *rows, records=None):
        records = (self.records if records is None else records).copy()
        records[list(rows), 1] = value
        return self.file(name, data=records)

    def test_files_and_shapes(self):
        text = self.inputs / "text.csv"
        text.write_text("a,b\n1,2\n")
        two = self.file("two.h5", first=self.records, second=self.records, names=np.arange(5))
        words = self.file("words.h5", data=np.array([[b"a", b"b"]]))
        with h5py.File(self.inputs / "group.h5", "w") as file:
            file.create_group("inner")["data"] = self.records
            file.create_dataset("halfway", (500, 3), chunks=(100, 3))[:100] = 1.0
        group = self.inputs / "group.h5"
        with open(self.file("good.h5", data=self.records), "rb") as whole:
            (self.inputs / "cut.h5").write_bytes(whole.read()[:-900])
        self.refused(
            [
                (self.fit("none.h5"), INPUT, "cannot open 'none.h5'", "No such file", "name an HDF5 file"),
                (self.fit(self.inputs), INPUT, "is a directory", "must be an HDF5 file"),
                (self.fit(text), INPUT, "text.csv", "not an HDF5 file", "jensen import"),
                (self.fit(self.inputs / "cut.h5"), INPUT, "cut.h5", "truncated", "use another copy"),
                (self.fit(f"{two}:/third"), INPUT, "no data set '/third'", "/first (120 x 3)", "/second (120 x 3)"),
                (self.fit(two), INPUT, "2 data sets that could be meant", "/first (120 x 3)", f"as in {two}:/first"),
                (self.fit(words), INPUT, "no numeric data set of two dimensions", "/data (1 x 2)"),
                (self.fit(f"{words}:/data"), INPUT, "words.h5:/data", "number"),
                (self.fit(f"{group}:/inner"), INPUT, "is not a data set", "/inner/data (120 x 3)"),
                (self.fit(f"{group}:/halfway"), INPUT, "not all of its values were ever written"),
                (self.fit(self.file("flat.h5", data=self.records[:, 0])), INPUT, "no numeric data set of two", "(120)"),
                (self.fit(self.file("line.h5", data=self.records[:, 0]) + ":/data"), INPUT, "shape 120", "N x 1"),
                (self.fit(self.file("cube.h5", data=np.ones((4, 5, 6))) + ":/data"), INPUT, "shape 4 x 5 x 6", "two"),
                (self.fit(self.file("point.h5", data=1.0) + ":/data"), INPUT, "two dimensions"),
                (self.fit(self.file("none.h5", data=np.ones((0, 3)))), INPUT, "shape 0 x 3", "at least one record"),
                (self.fit(self.file("thin.h5", data=np.ones((9, 0)))), INPUT, "shape 9 x 0", "one feature"),
            ]
        )

    def test_values(self):
        nan, inf = float("nan"), float("inf")
        million = np.random.default_rng(1).normal(size=(1_000_000, 2)).astype(np.float32)
        self.refused(
            [
                (self.fit(self.with_value("first.h5", nan, 0)), INPUT, "in record 0 ", "feature 1", "remove"),
                (self.fit(self.with_value("last.h5", inf, 119)), INPUT, "in record 119 ", "numbered from 0"),
                (self.fit(self.with_value("edge.h5", -inf, 31)), INPUT, "in record 31 "),
                (self.fit(self.with_value("edges.h5", nan, 32, 63, 64)), INPUT, "in 3 records: 32, 63, 64 "),
                (self.fit(self.with_value("all.h5", nan, *range(120))), INPUT, "in 120 records: 0, 1, 2", "..."),
                (self.fit(self.with_value("million.h5", nan, 654321, records=million)), INPUT, "in record 654321 "),
            ]
        )

    def test_thirteen_ranks(self):
        self.refused(
            [
                (self.fit("none.h5"), INPUT, "cannot open 'none.h5'"),
                (self.fit(self.with_value("edge.h5", np.nan, 64)), INPUT, "in record 64 "),
                (self.fit(self.with_value("short.h5", np.nan, 1, records=self.records[:5])), INPUT, "in record 1 "),
            ],
            ranks=(13,),
        )

    def test_names_of_features(self):
        file = self.with_value("named.h5", np.nan, 3)
        with h5py.File(file, "a") as opened:
            opened["data"].attrs["feature_names"] = ["red", "green", "blue"]
        wrong = self.file("misnamed.h5", data=self.records)
        with h5py.File(wrong, "a") as opened:
            opened["data"].attrs["feature_names"] = ["red", "green"]
        self.refused(
            [
                (self.fit(file), INPUT, "feature 'green'"),
                (self.fit(wrong), INPUT, "feature_names", "2 names", "3 features"),
            ],
            ranks=(ALONE, 2),
        )

    def test_too_few_distinct_records(self):
        repeated = self.file("repeated.h5", data=np.repeat(self.records[:4], 30, axis=0))
        weights = np.zeros(120)
        weights[:2] = 1
        absent = self.file("absent.h5", data=self.records, weights=weights)
        self.refused(
            [
                (self.fit(repeated, k=5), INPUT, "components = 5", "at most 4", "different records"),
                (self.fit(repeated, k=5, model="kmeans"), INPUT, "components = 5", "at most 4"),
                (self.fit(self.file("short.h5", data=self.records[:2])), INPUT, "components = 3", "at most 2"),
                (self.fit(absent, "--weights", "/weights"), INPUT, "components = 3", "at most 2"),
            ]
        )

    def test_constant_column(self):
        records = self.records.copy()
        records[:, 2] = 4.25
        file = self.file("constant.h5", data=records)
        with h5py.File(file, "a") as opened:
            opened["data"].attrs["feature_names"] = ["red", "green", "blue"]
        self.refused([(self.fit(file), INPUT, "feature 'blue' is constant (4.25", "leave it out")])
        for ranks in ALONE, 2, 4:
            found = self.done(self.fit(file, "--progress", "none", model="kmeans"), ranks)
            self.assertEqual(
                found.sentences(),
                ["jensen: warning: feature 'blue' is constant (4.25): it does not tell clusters apart"],
            )

    def test_singular_covariances(self):
        options = ["--covariance-floor", 0, "--progress", "none"]
        data = self.file("small.h5", data=self.records[:40])
        self.refused(
            [(self.fit(data, *options, k=20), NUMERICAL, "not positive definite", "raise --covariance-floor")]
        )

    def test_weights(self):
        def weighted(name, weights):
            file = self.file(name, data=self.records, weights=weights)
            return self.fit(f"{file}:/data", "--weights", "/weights")

        good = np.ones(120)
        nan, negative, infinite = good.copy(), good.copy(), good.copy()
        nan[0], negative[119], infinite[[5, 60]] = np.nan, -1, np.inf
        self.refused(
            [
                (weighted("nan.h5", nan), INPUT, "weights", "record 0 ", "at least 0"),
                (weighted("negative.h5", negative), INPUT, "weights", "record 119 ", "at least 0"),
                (weighted("infinite.h5", infinite), INPUT, "weights", "2 records: 5, 60 "),
                (weighted("zero.h5", 0 * good), INPUT, "all 0", "at least one must be positive"),
                (weighted("long.h5", np.ones(121)), INPUT, "shape 121", "must be 120"),
                (weighted("wide.h5", np.ones((120, 1))), INPUT, "shape 120 x 1", "must be 120"),
                (self.fit(self.file("bare.h5", data=self.records), "--weights", "/w"), INPUT, "no data set '/w'"),
            ]
        )


if __name__ == "__main__":
    unittest.main(verbosity=2)
