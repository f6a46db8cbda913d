"""Writes what fuzzing begins with: small inputs of every kind that each reader takes.

usage: seeds.py FOLDER        makes FOLDER/<target>/<name>; the corpora of corpus/ grew from these
"""

import gzip
import io
import sys
from pathlib import Path

import h5py
import numpy as np

RECORDS = np.array([[1.5, -2], [0, 4], [2.25, 1e-3], [7, 8], [1, 1]])
SPARSE = {"indptr": [0, 2, 2, 5], "indices": [0, 2, 0, 1, 3], "data": [1, 2, 3, 1, 1]}
TEXTS = {
    b"\0": "2 0:1 3:2\n0\n1 2:5\n",
    b"\1": "2\n3\n3\n1 1 2\n1 3 1\n2 2 4\n",
    b"\2": "+1 1:2 3:1 # comment\n-1 qid:3 2:1.0\n",
    b"\3": "%%MatrixMarket matrix coordinate integer general\n% comment\n2 3 2\n1 1 2\n2 3 1\n",
    b"\4": "The cat sat.\nÉtude für δοκιμή, здесь\n",
}
TABLES = ["a,b\n1,2\n3,4\n", '"x ""y""";z\r\n"1,5";-2e3\r\n\r\n', "1 2  3\n4 5\t6\n", "\ufeffn|m\n0x10|nan\n", "1\n2\n"]
CONFIGS = ["components = 3\nrestarts = 5 # more\n\n[section]\n", "strict = true\ntolerance=1e-9\ncovariance = diag\n"]


def hdf5(fill, **options):
    memory = io.BytesIO()
    with h5py.File(memory, "w", **options) as file:
        fill(file)
    return memory.getvalue()


def dataset(values=RECORDS, dtype=None, names=None, **options):
    def fill(file):
        made = file.create_dataset("data", data=np.asarray(values, dtype), **options)
        if names:
            made.attrs["feature_names"] = names

    return fill


def low_level(layout, **extent):
    """A data set that h5py has no word for."""

    def fill(file):
        creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        layout(creation)
        space = h5py.h5s.create_simple(RECORDS.shape, **extent)
        h5py.h5d.create(file.id, b"data", h5py.h5t.IEEE_F64LE, space, dcpl=creation).write(
            h5py.h5s.ALL, h5py.h5s.ALL, RECORDS
        )

    return fill


def compact(creation):
    creation.set_layout(h5py.h5d.COMPACT)


def virtual(file):
    file["part"] = RECORDS[:, 0]
    layout = h5py.VirtualLayout(shape=(5, 1), dtype="f8")
    layout[:, 0] = h5py.VirtualSource(file["part"])
    file.create_virtual_dataset("data", layout)


def weighted(file):
    file["data"] = RECORDS.astype(">f4")
    file["weights"] = np.ones(5)
    file["link"] = h5py.SoftLink("/data")
    file["nowhere"] = h5py.ExternalLink("none.h5", "/data")


def records():
    yield "contiguous", hdf5(dataset())
    yield "latest", hdf5(dataset(), libver="latest")
    yield "chunks", hdf5(dataset(dtype="f4", chunks=(2, 2), names=["a", "b"]))
    yield "filters", hdf5(dataset(dtype="i8", chunks=(2, 1), compression="gzip", shuffle=True, fletcher32=True))
    yield "latest-chunks", hdf5(dataset(chunks=(2, 2), maxshape=(None, 2), compression="lzf"), libver="latest")
    yield "short", hdf5(dataset(dtype=">i2"))
    yield "scaled", hdf5(dataset(dtype="u4", values=abs(RECORDS), chunks=(5, 2), scaleoffset=0))
    yield "compact", hdf5(low_level(compact))
    yield "virtual", hdf5(virtual, libver="latest")
    yield "weighted", hdf5(weighted)
    yield "unwritten", hdf5(lambda file: file.create_dataset("data", (6, 2), "f8", chunks=(2, 2)))
    yield "group", hdf5(lambda file: file.create_group("a/b").create_dataset("data", data=RECORDS, track_order=True))


def sparse(group="corpus", names=None, shape_attribute=False, dtype="i4", **options):
    def fill(file):
        made = file.create_group(group) if group != "/" else file
        for name, values in SPARSE.items():
            made.create_dataset(name, data=np.asarray(values, dtype), **options)
        if shape_attribute:
            made.attrs["shape"] = [3, 4]
            made.attrs["encoding-type"] = "csr_matrix"
        else:
            made["shape"] = [3, 4]
        if names is not None:
            made["vocabulary"] = names
        if group == "X":
            file["var/_index"] = ["a", "b", "c", "d"]
            file["var"].attrs["_index"] = "_index"

    return fill


def corpora():
    yield "plain", hdf5(sparse())
    yield "named", hdf5(sparse(names=["a", "b", "c", "d"]))
    yield "fixed-names", hdf5(sparse(names=np.array([b"a", b"bb", b"c", b"d"])))
    yield "anndata", hdf5(sparse("X", shape_attribute=True, dtype="f4"))
    yield "chunks", hdf5(sparse("/", dtype="u8", chunks=(2,), compression="gzip"))
    yield "latest", hdf5(sparse(), libver="latest")


def parameters(file):
    file["parameters/means"] = RECORDS
    file["parameters/weights"] = [0.5, 0.5]
    file["data/feature_names"] = ["a", "b"]
    file["trace/iteration"] = np.arange(3)
    file.create_group("config").attrs.update({"model": "gmm", "seed": 7, "tolerance": 1e-8})


def scalar(file):
    file["x"] = 1.0
    file.create_dataset("nothing", data=h5py.Empty("f8"))
    file.attrs["text"] = np.bytes_(b"fixed")


def models():
    for name, fill in {"parameters": parameters, "scalar": scalar}.items():
        for version in "earliest", "latest":
            yield f"{name}-{version}", hdf5(fill, userblock_size=512, libver=version)[512:]


def arrays():
    for values in RECORDS, RECORDS.astype(">f4"), np.asfortranarray(RECORDS), np.arange(5, dtype="u1"), RECORDS > 1:
        memory = io.BytesIO()
        np.save(memory, values)
        yield f"{values.dtype.str[1:]}-{values.ndim}-{values.flags.f_contiguous:d}", memory.getvalue()


def tables():
    for number, table in enumerate(TABLES):
        yield f"table-{number}", b"\0" + table.encode()
        yield f"pieces-{number}", b"\x40" + table.encode()


def documents():
    for choice, text in TEXTS.items():
        yield f"text-{choice[0]}", choice + text.encode()
        yield f"gzip-{choice[0]}", choice + gzip.compress(text.encode(), mtime=0)


def configs():
    for number, config in enumerate(CONFIGS):
        yield f"config-{number}", config.encode()


SEEDS = {
    "records": records,
    "corpus": corpora,
    "model": models,
    "csv": tables,
    "npy": arrays,
    "documents": documents,
    "config": configs,
}


def write_seeds(folder):
    for target, seeds in SEEDS.items():
        own = Path(folder) / target
        own.mkdir(parents=True, exist_ok=True)
        for name, content in seeds():
            (own / name).write_bytes(content)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    write_seeds(sys.argv[1])
