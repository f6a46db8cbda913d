"""Model files, labels and responsibilities that cannot be used, and starts that do not fit the data."""

import hashlib
import struct
import unittest
from pathlib import Path

import h5py
import numpy as np

import support
from support import ALONE, INPUT, USAGE, write


class BadModels(support.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.records, cls.groups = support.clusters()
        cls.data = write(cls.inputs / "data.h5", data=cls.records)
        cls.narrow = write(cls.inputs / "narrow.h5", data=cls.records[:, :2])
        cls.model = str(cls.inputs / "model.h5")
        cls.clusters = str(cls.inputs / "clusters.h5")
        for kind, file in ("gmm", cls.model), ("kmeans", cls.clusters):
            found = support.run(["fit", kind, cls.data, "--components", 3, "-o", file])
            assert found.code == 0, found.stderr

    def fit(self, start, *options, model="gmm", k=3, data=None):
        return ["fit", model, data or self.data, "--components", k, "--start", start, "-o", "out.h5", *options]

    def uses(self, file):
        return [
            ["predict", file, self.data, "-o", "out.h5"],
            ["score", file, self.data],
            ["info", file],
            self.fit(f"model:{file}"),
            self.fit(f"model:{file}", model="kmeans"),
        ]

    def everywhere(self, file, *parts, uses=5):
        return [(command, INPUT, file, *parts) for command in self.uses(file)[:uses]]

    def damaged(self, name, change):
        content = bytearray(Path(self.model).read_bytes())
        file = self.inputs / name
        file.write_bytes(change(content) or content)
        return str(file)

    def edited(self, name, edit):
        """A copy of the model with other content behind a header that fits it."""
        file = Path(self.damaged(name, lambda content: None))
        with h5py.File(file, "r+") as opened:
            edit(opened)
        content = bytearray(file.read_bytes())
        content[24:64] = struct.pack("<Q", len(content) - 512) + hashlib.sha256(content[512:]).digest()
        file.write_bytes(content)
        return str(file)

    def test_foreign_files(self):
        text = self.inputs / "text.h5"
        text.write_text("hello")
        empty = self.inputs / "empty.h5"
        empty.write_bytes(b"")
        self.refused(self.everywhere("none.h5", "No such file", "written by 'jensen fit'"))
        self.refused(self.everywhere(str(self.inputs), "irectory"), ranks=(ALONE, 2))
        for file in self.data, text, empty:
            self.refused(self.everywhere(str(file), "is not a jensen model file"), ranks=(ALONE, 2))

    def test_truncated_files(self):
        size = Path(self.model).stat().st_size
        for length in 100, 511, 512, size // 2, size - 1:
            file = self.damaged(f"cut-{length}.h5", lambda content: content[:length])
            self.refused(self.everywhere(file, "is truncated", "use another copy"), ranks=(ALONE,))
        self.refused(self.everywhere(file, "is truncated"), ranks=(3,))

    def test_flipped_bits(self):
        size = Path(self.model).stat().st_size
        for place in 20, 100, 512, 600, size // 3, size // 2, size - 1:

            def flip(content):
                content[place] ^= 4

            file = self.damaged(f"flipped-{place}.h5", flip)
            self.refused(self.everywhere(file, "damaged", uses=3), ranks=(ALONE,))
        self.refused(self.everywhere(file, "damaged"), ranks=(3,))
        longer = self.damaged("longer.h5", lambda content: content + b"x")
        self.refused(self.everywhere(longer, "damaged"), ranks=(ALONE,))

    def test_whole_files_with_other_content(self):
        def later(file):
            file.attrs["model"] = "ppca"

        def unconfigured(file):
            del file["config"]

        def stateless(file):
            del file["state"]

        def unnamed(file):
            del file.attrs["model"]

        self.refused(
            [
                *self.everywhere(self.edited("ppca.h5", later), "model = 'ppca'", "newer jensen", uses=3),
                *self.everywhere(self.edited("unconfigured.h5", unconfigured), "/config", uses=3),
                *self.everywhere(self.edited("stateless.h5", stateless), "saved state", uses=2),
                *self.everywhere(self.edited("unnamed.h5", unnamed), "attribute 'model'", uses=3),
            ],
            ranks=(ALONE, 2),
        )

    def test_other_width(self):
        self.refused(
            [
                (["predict", self.model, self.narrow, "-o", "o.h5"], INPUT, "narrow.h5", "2 features", "must be 3"),
                (["score", self.model, self.narrow], INPUT, "2 features (must be 3", "model.h5"),
                (["score", self.clusters, self.narrow], INPUT, "2 features (must be 3", "clusters.h5"),
                (self.fit(f"model:{self.model}", data=self.narrow), INPUT, "3 components of 3 features", "must be 3 of 2"),
                (self.fit(f"model:{self.model}", k=2), INPUT, "3 components of 3 features", "must be 2 of 3"),
                (self.fit(f"model:{self.clusters}", k=2), INPUT, "3 components of 3 features", "must be 2 of 3"),
                (self.fit(f"model:{self.model}", model="kmeans", k=2), INPUT, "3 components of 3", "must be 2 of 3"),
            ]
        )

    def test_options_of_predict(self):
        predict = ["predict", self.model, self.data]
        self.refused(
            [
                (predict, USAGE, "output is missing", "-o FILE"),
                ([*predict, "-o", "o.h5", "--progress", "loud"], USAGE, "progress = 'loud'", "lines or none"),
                (["predict", self.clusters, self.data, "-o", "o.h5", "--responsibilities"], USAGE, "kmeans has no"),
                (["score", self.model, self.data, "--weights", "/w"], INPUT, "no data set '/w'"),
            ]
        )

    def test_labels(self):
        def start(name, labels, **options):
            return self.fit(f"labels:{write(self.inputs / name, labels=labels)}:/labels", **options)

        four = self.groups.copy()
        four[119] = 77
        self.refused(
            [
                (start("short.h5", self.groups[:-1]), INPUT, "shape 119", "for 120 records"),
                (start("square.h5", self.groups.reshape(60, 2)), INPUT, "shape 60 x 2", "for 120 records"),
                (start("four.h5", four), INPUT, "4 different labels", "must be 3"),
                (start("two.h5", self.groups % 2, model="kmeans"), INPUT, "2 different labels", "must be 3"),
                (start("real.h5", self.groups / 2), INPUT, "floating-point", "must be integers"),
                (self.fit("labels:none.h5:/labels"), INPUT, "cannot open 'none.h5'"),
                (self.fit(f"labels:{self.data}"), INPUT, "names no data set", ":/dataset"),
                (self.fit(f"labels:{self.data}:/labels"), INPUT, "no data set '/labels'", "/data (120 x 3)"),
            ]
        )

    def test_responsibilities(self):
        def start(name, values, **options):
            return self.fit(f"responsibilities:{write(self.inputs / name, r=values)}:/r", **options)

        good = np.eye(3)[self.groups]
        off, negative, nan = good.copy(), good.copy(), good.copy()
        off[119, 0] += 1e-4
        negative[0] = [-0.5, 0.5, 1]
        nan[60, 0] = np.nan
        self.refused(
            [
                (start("off.h5", off), INPUT, "add up to 1", "record 119 "),
                (start("negative.h5", negative), INPUT, "negative", "record 0 "),
                (start("nan.h5", nan), INPUT, "not finite", "record 60 "),
                (start("short.h5", good[:-1]), INPUT, "shape 119 x 3", "for 120 records"),
                (start("wide.h5", good, k=2), INPUT, "3 columns", "must be 2"),
                (start("flat.h5", good[:, 0]), INPUT, "shape 120", "records x components"),
            ]
        )

    def test_thirteen_ranks(self):
        self.refused(
            [
                (["predict", self.data, self.data, "-o", "o.h5"], INPUT, "not a jensen model file"),
                (["score", self.model, self.narrow], INPUT, "2 features"),
                (self.fit("labels:none.h5:/labels"), INPUT, "cannot open 'none.h5'"),
                (self.fit(f"labels:{self.data}:/labels"), INPUT, "no data set '/labels'"),
            ],
            ranks=(13,),
        )


if __name__ == "__main__":
    unittest.main(verbosity=2)
