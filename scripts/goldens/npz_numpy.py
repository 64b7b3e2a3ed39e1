#!/usr/bin/env python3
""".npz files by numpy for our reader, and numpy's reading of a file of ours.

    python3 scripts/goldens/npz_numpy.py make maxsimd/data/npz/testdata
    python3 scripts/goldens/npz_numpy.py check maxsimd/data/npz/testdata/written.npz

Needs: numpy (made with 2.x). `check` compares every value of what maxsimd/data/npz/npz_test.cpp writes
(written.npz is that file; the test sees that the writer still gives the same bytes).
"""
import pathlib
import sys
import zipfile

import numpy as np

ARRAYS = {
    "f2": np.array([0, 1, -2.5, 65504, 2**-24], "<f2"),
    "f4": np.array([[0, 1.5, -2], [3.25, 1e-45, 3.4e38]], "<f4"),
    "f8": np.array([0.1, -1e300, 0.5], "<f8")[::2],
    "i1": np.array([-128, 127], "i1"),
    "i2": np.array([-32768, 32767], "<i2"),
    "i4": np.array([-2**31, 2**31 - 1], "<i4"),
    "i8": np.array([-2**63, 2**63 - 1], "<i8"),
    "u1": np.array([0, 255], "u1"),
    "u2": np.array([0, 65535], "<u2"),
    "u4": np.array([0, 2**32 - 1], "<u4"),
    "u8": np.array([0, 2**63 - 1], "<u8"),
    "u8_large": np.array([2**63], "<u8"),
    "b1": np.array([True, False, True]),
    "text": np.array(["a", "", "caf\u00e9", "\u65e5\u672c\U0001f600", "x\0y"]),
    "scalar": np.array(7, "<i8"),
    "empty": np.zeros((0, 96), "<f4"),
    "no_text": np.array([], dtype=str),
    "cube": np.arange(24, dtype="<i4").reshape(2, 3, 4),
    "long": np.arange(100000, dtype="<i4") % 97,
}
REFUSED = {
    "big_endian": np.array([1], ">f4"),
    "fortran": np.asfortranarray(np.arange(6, dtype="<f4").reshape(2, 3)),
    "complex": np.array([1j]),
    "bytes": np.array([b"a"]),
    "record": np.zeros(1, dtype=[("a", "<f4")]),
}


def make(folder):
    np.savez_compressed(folder / "numpy_deflated.npz", **ARRAYS)
    small = {name: array for name, array in ARRAYS.items() if name != "long"}
    np.savez(folder / "numpy_stored.npz", **small)
    np.savez(folder / "numpy_refused.npz", object=np.array(["a", None], dtype=object), **REFUSED)


def check(path):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
    arrays = np.load(path, allow_pickle=False)
    assert arrays.files == ["values", "offsets", "ids"], arrays.files
    values, offsets, ids = (arrays[name] for name in arrays.files)
    assert values.dtype == np.float32 and values.shape == (5, 3), values
    assert (values == np.arange(15, dtype=np.float32).reshape(5, 3) / 4 - 1).all(), values
    assert offsets.dtype == np.uint64 and offsets.tolist() == [0, 2, 2, 5], offsets
    assert ids.dtype.kind == "U" and ids.tolist() == ["d1", "caf\u00e9", "\U0001f600"], ids
    print(f"{path}: numpy {np.__version__} reads what was written")


if __name__ == "__main__":
    {"make": make, "check": check}[sys.argv[1]](pathlib.Path(sys.argv[2]))
