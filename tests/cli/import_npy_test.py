"""From NumPy arrays to data sets: every form that numpy.save writes, and what is refused."""

import json
import unittest

import h5py
import numpy as np

import support
from support import ALONE, INPUT, OUTPUT, USAGE

MAGIC = b"\x93NUMPY"
FLOATS = ["f4", "f8"]
INTEGERS = ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]
SMALL = {"f4", "i1", "i2", "u1", "u2", "b1"}  # a float32 holds every such number


def file_of(header, data=b"", version=(1, 0)):
    """The bytes of an array with this text as its header."""
    text = header.encode()
    length = len(text).to_bytes(2 if version[0] == 1 else 4, "little")
    return MAGIC + bytes(version) + length + text + data


def header_of(descr="'<f8'", order="False", shape="(2, 2)"):
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n"


class ImportNpy(support.Case):
    def imported(self, array, *options, ranks=ALONE, name="array.npy"):
        file, output = self.folder / name, self.folder / "out.h5"
        if isinstance(array, bytes):
            file.write_bytes(array)
        else:
            with open(file, "wb") as out:
                np.lib.format.write_array(out, array)
        self.done(["import", file, "-o", output, *options], ranks)
        with h5py.File(output) as opened:
            (dataset,) = opened
            self.assertNotIn("feature_names", opened[dataset].attrs)
            return opened[dataset][...]

    def test_types_and_orders(self):
        random = np.random.default_rng(3)
        for code in [*FLOATS, *INTEGERS, "b1"]:
            for order in "<>" if int(code[1]) > 1 else "|":
                for layout in "C", "F":
                    with self.subTest(type=order + code, layout=layout):
                        kind = np.dtype(order + code)
                        if code[0] == "f":
                            values = random.normal(size=(37, 5)) * 1e3
                            values[0] = [0, -0.0, np.finfo(kind).max, np.finfo(kind).tiny / 4, -1.5]
                        elif code == "b1":
                            values = random.integers(0, 2, (37, 5))
                        else:
                            top = min(np.iinfo(kind).max, 2**53)
                            bottom = max(np.iinfo(kind).min, -(2**53))
                            values = random.integers(bottom, top, (37, 5), endpoint=True)
                            values[0] = [bottom, top, 0, 1, top - 1]
                        array = np.array(values.astype(kind), order=layout)
                        found = self.imported(array)
                        self.assertEqual(found.dtype, np.float32 if code in SMALL else np.float64)
                        np.testing.assert_array_equal(found, array.astype(np.float64))
                        if code[0] == "f":
                            np.testing.assert_array_equal(np.signbit(found), np.signbit(array))

    def test_versions(self):
        values = np.arange(6.0).reshape(3, 2)
        for version in (1, 0), (2, 0), (3, 0):
            content = file_of(header_of(shape="(3, 2)"), values.tobytes(), version)
            np.testing.assert_array_equal(self.imported(content), values)

    def test_headers_of_other_writers(self):
        values = np.arange(4.0).reshape(2, 2)
        for header in (
            header_of(),
            "{'shape':(2,2),'fortran_order':False,'descr':'<f8'}",
            '{"descr": "=f8", "fortran_order": False, "shape": (2L, 2L)}     \n',
            "  { 'fortran_order' : False , 'descr' : 'f8' , 'shape' : ( 2 , 2 , ) , } \n",
        ):
            with self.subTest(header=header):
                np.testing.assert_array_equal(self.imported(file_of(header, values.tobytes())), values)

    def test_one_dimension_and_one_record(self):
        np.testing.assert_array_equal(self.imported(np.arange(5.0)), np.arange(5.0)[:, None])
        np.testing.assert_array_equal(self.imported(np.arange(5.0)[None]), np.arange(5.0)[None])

    def test_options(self):
        array = np.asfortranarray(np.arange(12.0).reshape(4, 3) / 3)
        self.imported(array)
        self.done(["import", "array.npy", "-o", "deep.h5", "--dataset", "/deep/down"])
        with h5py.File(self.folder / "deep.h5") as file:
            np.testing.assert_array_equal(file["deep/down"], array)
        for values in array, np.ascontiguousarray(array):
            found = self.imported(values, "--columns", "3,1", "--float32")
            self.assertEqual(found.dtype, np.float32)
            np.testing.assert_array_equal(found, array[:, [2, 0]].astype(np.float32))
        with_nan = array.copy()
        with_nan[:, 1] = np.nan
        np.testing.assert_array_equal(self.imported(with_nan, "--columns", "1,3"), array[:, [0, 2]])

    def test_found_by_its_first_bytes(self):
        values = np.arange(6.0).reshape(3, 2)
        np.testing.assert_array_equal(self.imported(values, name="array.data"), values)
        np.testing.assert_array_equal(self.imported(values, ranks=2), values)

    def test_more_than_a_piece(self):
        # a piece has 32 MiB: three of them, and records that cross the border
        values = np.random.default_rng(1).normal(size=(1_000_003, 11))
        for array in values, np.asfortranarray(values):
            np.testing.assert_array_equal(self.imported(array), values)
        np.testing.assert_array_equal(self.imported(np.asfortranarray(values), "--columns", "11,2"), values[:, [10, 1]])

    def test_json(self):
        np.save(self.folder / "a.npy", np.arange(6.0).reshape(3, 2))
        found = json.loads(self.done(["import", "a.npy", "-o", "o.h5", "--json"]).stdout)
        self.assertGreaterEqual(found.pop("seconds"), 0)
        self.assertEqual(
            found,
            {"output": "o.h5", "dataset": "/data", "input": "a.npy", "records": 3, "features": 2,
             "feature_names": [], "bytes": 128 + 48},
        )

    def test_a_fit_of_an_array(self):
        records, _ = support.clusters()
        np.save(self.folder / "a.npy", records)
        support.write(self.folder / "b.h5", data=records)
        self.done(["import", "a.npy", "-o", "a.h5"])
        means = []
        for name in "ab":
            self.done(["fit", "gmm", f"{name}.h5", "--components", 2, "--restarts", 1, "-o", f"{name}-model.h5"])
            with h5py.File(self.folder / f"{name}-model.h5") as file:
                means.append(file["parameters/means"][...])
        np.testing.assert_array_equal(*means)

    def case(self, content, *parts, options=(), code=INPUT):
        file = self.inputs / f"{len(list(self.inputs.iterdir()))}.npy"
        if isinstance(content, bytes):
            file.write_bytes(content)
        else:
            with open(file, "wb") as out:
                np.lib.format.write_array(out, content)
        return (["import", file, "-o", "out.h5", *options], code, *parts)

    def test_refused_types(self):
        names = {
            "'|O'": "Python objects ('|O')",
            "'<c16'": "complex128 ('<c16')",
            "'<c8'": "complex64",
            "'<f2'": "float16",
            "'<f16'": "float128",
            "'<U3'": "text",
            "'|S5'": "byte strings",
            "'<M8[ns]'": "datetime64",
            "'<m8[s]'": "timedelta64",
            "'|V8'": "raw bytes",
            "'|f8'": "float64 ('|f8')",
            "'<i3'": "an unknown type ('<i3')",
            "''": "an unknown type ('')",
        }
        cases = [
            self.case(file_of(header_of(descr), bytes(200)), f"holds {name}", "must be float32", "astype")
            for descr, name in names.items()
        ]
        fields = "[('x', '<f8'), ('y', '<i4')]"
        cases.append(self.case(file_of(header_of(fields), bytes(48)), "a structured type", "_to_unstructured"))
        self.refused(cases, ranks=(ALONE,))

    def test_refused_headers(self):
        data = np.zeros(4).tobytes()
        good = file_of(header_of(), data)
        self.refused(
            [
                self.case(b"1,2\n3,4\n", "is not a NumPy array"),
                self.case(b"", "is not a NumPy array"),
                self.case(MAGIC, "is truncated"),
                self.case(MAGIC + b"\1\0\2", "is truncated"),
                self.case(good[:40], "is truncated"),
                self.case(good[:-1], "is truncated", "31 bytes of numbers found, 32 expected", "2 x 2"),
                self.case(good + b"\0", "1 bytes behind its array"),
                self.case(good + good, "behind its array", "a file of its own"),
                self.case(file_of(header_of(), data, (4, 0)), "format version 4.0", "1.0 to 3.0"),
                self.case(MAGIC + b"\2\0\xff\xff\xff\xff" + data, "has 4294967295 bytes"),
                self.case(file_of("[1, 2]", data), "no '{'"),
                self.case(file_of("{'descr': '<f8', 'shape': (2, 2)}", data), "lacks"),
                self.case(file_of(header_of(order="Maybe"), data), "neither True nor False"),
                self.case(file_of(header_of(shape="(-2, 2)"), data), "no tuple"),
                self.case(file_of(header_of(shape="(2, 99999999999999999999)"), data), "no tuple"),
                self.case(file_of(header_of(shape="(2 2)"), data), "no comma"),
                self.case(file_of(header_of(shape="(2, 2"), data), "the header of"),
                self.case(file_of(header_of()[:-1] + "import os", data), "behind its dictionary"),
                self.case(file_of(header_of()[:-4] + ", 'more': 1}", data), "an entry 'more'"),
                self.case(file_of("{'descr': '<f8", data), "no text in quotes"),
            ],
            ranks=(ALONE,),
        )

    def test_refused_shapes(self):
        self.refused(
            [
                self.case(np.zeros((2, 3, 4)), "shape (2, 3, 4)", "two dimensions"),
                self.case(np.zeros(()), "shape ()", "two dimensions"),
                self.case(np.zeros((0, 3)), "shape (0, 3)", "at least one record"),
                self.case(np.zeros((3, 0)), "shape (3, 0)", "at least one record"),
                self.case(file_of(header_of(shape="(4611686018427387904, 8)")), "more than any file can hold"),
                self.case(file_of(header_of(shape="(1152921504606846975, 1)")), "is truncated"),
            ],
            ranks=(ALONE, 2),
        )

    def test_refused_numbers(self):
        good = np.ones((70_000, 3))
        nan, inf, large = good.copy(), np.asfortranarray(good), good.astype("i8")
        nan[69_999, 1] = np.nan
        nan[69_999, 2] = np.inf
        inf[7, 2] = -np.inf
        inf[9, 0] = np.nan
        large[3, 0] = 2**53 + 1
        self.refused(
            [
                self.case(nan, "record 69999, column 2 holds nan", "must be finite"),
                self.case(inf, "record 7, column 3 holds -inf"),
                self.case(inf.astype(">f4"), "record 7, column 3 holds -inf"),
                self.case(large, "record 3, column 1 holds 9007199254740993", "2^53"),
                self.case(-large, "holds -9007199254740993"),
                self.case(np.full((1, 1), 2**64 - 1, "u8"), "holds 18446744073709551615"),
                self.case(1e39 * good, "record 0, column 1 holds 1e+39", "3.4e38", options=["--float32"]),
                self.case(nan, "column 2 holds nan", options=["--columns", "1,2"]),
            ],
            ranks=(ALONE,),
        )

    def test_refused_options(self):
        good = np.ones((2, 2))
        self.refused(
            [
                self.case(good, "--delimiter is for text tables", options=["--delimiter", "tab"], code=USAGE),
                self.case(good, "--header is for text tables", options=["--header", "no"], code=USAGE),
                self.case(good, "no column 'a'", "by number, 1 to 2", options=["--columns", "a"]),
                self.case(good, "no column '3'", options=["--columns", "3"]),
                self.case(good, "no column '0'", options=["--columns", "0"]),
                self.case(good, "wanted twice", options=["--columns", "1,1"]),
                self.case(good, "dataset = '/'", options=["--dataset", "/"], code=USAGE),
                (["import", "none.npy", "-o", "out.h5"], INPUT, "cannot open 'none.npy'"),
                (["import", self.case(good)[0][1], "-o", "no/out.h5"], OUTPUT, "no/out.h5"),
            ],
            ranks=(ALONE, 2),
        )
        (self.folder / "folder.npy").mkdir()
        self.refused([(["import", self.folder / "folder.npy", "-o", "out.h5"], INPUT, "directory")], ranks=(ALONE,))
        found = self.done(["import", "folder.npy", "-o", "folder.npy"], code=USAGE)
        self.assertIn("would be overwritten", found.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
