"""Arrays in numpy's formats without numpy: headers of .npy files are read, an .npz of embeddings is written."""
import array
import ast
import os
import pathlib
import struct
import zipfile

from .failure import require

MAGIC = b"\x93NUMPY"
MAX_HEADER_BYTES = 1 << 16
ITEM_BYTES = {"<f2": 2, "<f4": 4, "<i8": 8, "|u1": 1}
HALVES_AT_ONCE = 1 << 16


class NpyFile:
    """The shape of a .npy file and its rows, read in pieces. `kind` is one of ITEM_BYTES."""

    def __init__(self, path, kinds, dimensions):
        require(path.is_file(), path, "is missing", "copy the whole folder")
        self.path, self.file = path, open(path, "rb")
        header = self._header()
        self.shape = header.get("shape")
        # fast-plaid writes bytes as <u1 too.
        self.kind = {"<u1": "|u1"}.get(header.get("descr"), header.get("descr"))
        require(self.kind in kinds, path, f"descr is {self.kind!r}, expected {' or '.join(kinds)}")
        require(header.get("fortran_order") is False, path, "fortran_order is not False, rows are expected to follow each other")
        require(isinstance(self.shape, tuple) and len(self.shape) == dimensions
                and all(type(size) is int and size >= 0 for size in self.shape), path,
                f"shape is {self.shape!r}, expected {dimensions} dimension{'s' * (dimensions > 1)}")
        self.row_bytes = ITEM_BYTES[self.kind] * (self.shape[1] if dimensions > 1 else 1)
        needed = self.begin + self.shape[0] * self.row_bytes
        size = path.stat().st_size
        require(size >= needed, path, f"has {size} bytes, expected {needed} for the shape {self.shape}")

    def _header(self):
        start = self.file.read(10)
        require(len(start) == 10 and start[:6] == MAGIC and start[6] in (1, 2), self.path, "is not a .npy file")
        if start[6] == 1:
            length = struct.unpack("<H", start[8:])[0]
        else:
            length = int.from_bytes(start[8:] + self.file.read(2), "little")
        require(length <= MAX_HEADER_BYTES, self.path, f"its header has {length} bytes, expected at most {MAX_HEADER_BYTES}")
        text = self.file.read(length)
        self.begin = self.file.tell()
        try:
            header = ast.literal_eval(text.decode("latin-1").strip())
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            header = None
        require(isinstance(header, dict), self.path, "its header is not a dict")
        return header

    def rows(self, begin, end):
        """The bytes of the rows [begin, end)."""
        self.file.seek(self.begin + begin * self.row_bytes)
        data = self.file.read((end - begin) * self.row_bytes)
        require(len(data) == (end - begin) * self.row_bytes, self.path, f"ends before row {end}")
        return data

    def floats(self):
        """All values as array('f'); `kind` is <f2 or <f4."""
        values = array.array("f")
        per_row = self.row_bytes // ITEM_BYTES[self.kind]
        rows_at_once = max(1, HALVES_AT_ONCE // max(1, per_row))
        layout = {"<f2": "e", "<f4": "f"}[self.kind]
        for begin in range(0, self.shape[0], rows_at_once):
            piece = self.rows(begin, min(begin + rows_at_once, self.shape[0]))
            values.extend(struct.unpack(f"<{len(piece) // ITEM_BYTES[self.kind]}{layout}", piece))
        return values

    def close(self):
        self.file.close()


def npy_header(descr, shape):
    """The beginning of a .npy file, padded as numpy does it."""
    header = repr({"descr": descr, "fortran_order": False, "shape": shape}).encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return MAGIC + b"\x01\x00" + struct.pack("<H", len(header)) + header


def write_npz(path, dim, ids, lengths, documents):
    """Writes `values`, `offsets` and `ids`; `documents` yields the float32 bytes of each. All or nothing."""
    path = pathlib.Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "xb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
                _write_arrays(archive, dim, ids, lengths, documents)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _write_arrays(archive, dim, ids, lengths, documents):
    with archive.open("values.npy", "w", force_zip64=True) as out:
        out.write(npy_header("<f4", (sum(lengths), dim)))
        for document in documents:
            out.write(document)
    with archive.open("offsets.npy", "w", force_zip64=True) as out:
        out.write(npy_header("<u8", (len(lengths) + 1,)))
        end = 0
        out.write(struct.pack("<Q", end))
        for length in lengths:
            end += length
            out.write(struct.pack("<Q", end))
    with archive.open("ids.npy", "w", force_zip64=True) as out:
        if isinstance(ids[0], int):
            out.write(npy_header("<i8", (len(ids),)))
            for number in ids:
                out.write(struct.pack("<q", number))
            return
        width = max(map(len, ids))
        out.write(npy_header(f"<U{width}", (len(ids),)))
        for text in ids:
            out.write(text.encode("utf-32-le").ljust(4 * width, b"\0"))
