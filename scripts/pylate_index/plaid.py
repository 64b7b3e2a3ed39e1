"""fast-plaid's indexes, alone or as PyLate's PLAID keeps them: residual codes, decoded as fast-plaid decodes them.

A vector is its centroid plus a weight for each dimension, normalised. A folder has chunks of documents:
`doclens.N.json` (vectors of each document), `N.codes.npy` (centroid numbers), `N.residuals.npy` (nbits a
dimension, packed). From 1.7 on the rows of all chunks stand in `merged_codes.npy` and
`merged_residuals.npy`, whose manifests say how many are of each chunk. A deleted document is gone from all.
"""
import array
import itertools
import json
import math
import operator
import struct

from .failure import ImportFailure, require
from .id_map import SqliteMap, read_pickle
from .npy import NpyFile

MIN_NORM = 1e-12  # as in fast-plaid's decompress_residuals
MAX_CHUNKS = 1_000_000
MAX_DOCLEN = 1 << 32
MAX_HALF = 65504.0


def find(folder):
    """(folder of the vectors, file of the ids or None), or None when this is no such index."""
    inner = folder / "fast_plaid_index"
    if not (inner / "metadata.json").is_file():
        return (folder, None) if (folder / "centroids.npy").is_file() else None
    for ending in ("pkl", "sqlite"):
        path = folder / f"plaid_ids_to_documents_ids.{ending}"
        if path.is_file():
            return inner, path
    raise ImportFailure(f"{folder}: plaid_ids_to_documents_ids.pkl is missing: PyLate keeps it beside fast_plaid_index; "
                        f"copy the whole folder, or import {inner} to have the passage numbers as ids")


class PlaidIndex:
    """ids and lengths of the documents, and their decoded vectors."""

    def __init__(self, files):
        self.folder, ids_path = files
        self.notes = []
        metadata = read_json(self.folder / "metadata.json", dict)
        self.nbits = number_in(metadata, "nbits", self.folder, (1, 2, 4, 8))
        num_chunks = number_in(metadata, "num_chunks", self.folder, range(MAX_CHUNKS + 1))
        self.doclens = [read_doclens(self.folder / f"doclens.{chunk}.json") for chunk in range(num_chunks)]
        count = sum(map(len, self.doclens))
        require(metadata.get("num_documents", count) == count, self.folder / "metadata.json",
                f"num_documents is {metadata.get('num_documents')!r}, but the doclens files have {count}")
        self._read_codebook()
        self._choose_documents(count, ids_path)

    def _read_codebook(self):
        centroids = NpyFile(self.folder / "centroids.npy", ("<f2", "<f4"), 2)
        self.num_centroids, self.dim = centroids.shape
        require(self.dim > 0 and self.dim * self.nbits % 8 == 0, centroids.path,
                f"{self.dim} dimensions of {self.nbits} bits, expected whole bytes")
        self.centroids = centroids.floats()
        self.packed_bytes = self.dim * self.nbits // 8
        weights = NpyFile(self.folder / "bucket_weights.npy", ("<f2", "<f4"), 1)
        require(weights.shape == (1 << self.nbits,), weights.path,
                f"has {weights.shape[0]} values, expected {1 << self.nbits} for nbits {self.nbits} of metadata.json")
        values = weights.floats()
        require(all(abs(value) <= MAX_HALF for value in values), weights.path, "a value is not a float16 number")
        # fast-plaid rounds them to float16 when it opens an index.
        self.weights_of = weights_of_bytes([as_half(value) for value in values], self.nbits)

    def _choose_documents(self, count, ids_path):
        """Which passages are documents: those with an id, and of an id that comes twice the last."""
        names = {passage: passage for passage in range(count)} if ids_path is None else read_names(ids_path)
        for passage in names:
            require(type(passage) is int and 0 <= passage < count, ids_path,
                    f"passage {passage!r} is not one of the {count} in {self.folder.name}",
                    "the ids and the vectors are of two indexes: copy them from one folder")
            require(isinstance(names[passage], (int, str)), ids_path,
                    f"passage {passage}: its id is a {type(names[passage]).__name__}, expected a text or an integer")
        last = {names[passage]: passage for passage in sorted(names)}
        self.wanted = sorted(last.values())
        self.ids = [names[passage] for passage in self.wanted]
        lengths = array.array("Q", itertools.chain.from_iterable(self.doclens))
        self.lengths = array.array("Q", (lengths[passage] for passage in self.wanted))
        if len(names) < count:
            self.notes.append(f"{count - len(names)} passages have no id and are left out, as PyLate does")
        if len(last) < len(names):
            self.notes.append(f"{len(names) - len(last)} older copies of documents added twice are left out")

    def documents(self):
        """The float32 values of each document, as bytes, in the order of `ids`."""
        wanted, passage = set(self.wanted), 0
        codes_rows, residual_rows = self._rows("codes", ("<i8",), 1), self._rows("residuals", ("|u1",), 2)
        for chunk, lengths in enumerate(self.doclens):
            (codes, begin), (residuals, residuals_begin) = codes_rows(chunk), residual_rows(chunk)
            require(residuals.row_bytes == self.packed_bytes, residuals.path,
                    f"has rows of {residuals.row_bytes} bytes, expected {self.packed_bytes}")
            row = 0
            for length in lengths:
                if passage in wanted:
                    yield self._decode(codes, begin + row, residuals, residuals_begin + row, length)
                row += length
                passage += 1
            codes.close()
            residuals.close()

    def _rows(self, name, kinds, dimensions):
        """A function from a chunk to (file, its first row there): the chunk's own file, else the merged one."""
        manifest_path = self.folder / f"merged_{name}.manifest.json"
        manifest = read_json(manifest_path, dict) if manifest_path.is_file() else {}
        rows = [sum(lengths) for lengths in self.doclens]
        merged_rows = [merged_rows_of(manifest, f"{chunk}.{name}.npy", rows[chunk], manifest_path) for chunk in range(len(rows))]
        begins = list(itertools.accumulate(merged_rows, initial=0))

        def open_chunk(chunk):
            path = self.folder / f"{chunk}.{name}.npy"
            if path.is_file():
                file, begin = NpyFile(path, kinds, dimensions), 0
                require(file.shape[0] == rows[chunk], path, f"has {file.shape[0]} rows, expected {rows[chunk]} (the sum of "
                        f"doclens.{chunk}.json)")
                return file, begin
            merged = self.folder / f"merged_{name}.npy"
            require(merged.is_file(), path, f"is missing, and so is {merged.name}", "copy the whole folder")
            file, begin = NpyFile(merged, kinds, dimensions), begins[chunk]
            require(merged_rows[chunk] == rows[chunk] and begin + rows[chunk] <= file.shape[0], merged,
                    f"has {file.shape[0]} rows, {merged_rows[chunk]} of them of chunk {chunk} at row {begin}; expected "
                    f"{rows[chunk]} (the sum of doclens.{chunk}.json)")
            return file, begin
        return open_chunk

    def _decode(self, codes, first_code, residuals, first_residual, length):
        """The vectors of one document: normalised (centroid + weights), in double, rounded to float32."""
        numbers = struct.unpack(f"<{length}q", codes.rows(first_code, first_code + length))
        packed = residuals.rows(first_residual, first_residual + length)
        values = array.array("f")
        for row, number in enumerate(numbers):
            require(0 <= number < self.num_centroids, codes.path,
                    f"row {first_code + row}: centroid {number}, expected below {self.num_centroids}")
            weights = map(self.weights_of.__getitem__, packed[row * self.packed_bytes:(row + 1) * self.packed_bytes])
            centroid = self.centroids[number * self.dim:(number + 1) * self.dim]
            vector = list(map(operator.add, centroid, itertools.chain.from_iterable(weights)))
            norm = max(math.hypot(*vector), MIN_NORM)
            values.extend([value / norm for value in vector])
        return values.tobytes()


def as_half(value):
    return struct.unpack("<e", struct.pack("<e", value))[0]


def weights_of_bytes(weights, nbits):
    """For each byte the weights of its 8 / nbits dimensions: first the high bits, each group of bits reversed."""
    def reverse(bits):
        return int(format(bits, f"0{nbits}b")[::-1], 2)
    mask = (1 << nbits) - 1
    return [tuple(weights[reverse(byte >> shift & mask)] for shift in range(8 - nbits, -1, -nbits)) for byte in range(256)]


def merged_rows_of(manifest, name, rows, path):
    """How many rows of a chunk stand in the merged file; without a manifest, as many as the chunk has."""
    if not manifest:
        return rows
    entry = manifest.get(name, {"rows": 0})
    found = entry.get("rows") if isinstance(entry, dict) else None
    require(type(found) is int and found >= 0, path, f"{name}: rows is {found!r}, expected a count")
    return found


def read_names(path):
    """{passage: document id}"""
    if path.suffix == ".pkl":
        return read_pickle(path)
    names = {}
    for key, name in SqliteMap(path).items():
        require(key.isdecimal(), path, f"key {key!r} is not the number of a passage")
        names[int(key)] = name
    return names


def read_json(path, kind):
    require(path.is_file(), path, "is missing", "copy the whole folder")
    try:
        value = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ImportFailure(f"{path}: is not JSON ({error}); copy the whole folder again") from error
    require(isinstance(value, kind), path, f"holds a {type(value).__name__}, expected a {kind.__name__}")
    return value


def number_in(metadata, key, folder, allowed):
    value = metadata.get(key)
    require(type(value) is int and value in allowed, folder / "metadata.json", f"{key} is {value!r}, expected a number "
            + (f"of {', '.join(map(str, allowed))}" if isinstance(allowed, tuple) else f"up to {MAX_CHUNKS}"))
    return value


def read_doclens(path):
    lengths = read_json(path, list)
    for document, length in enumerate(lengths):
        require(type(length) is int and 0 <= length < MAX_DOCLEN, path,
                f"document {document}: {length!r}, expected a count of vectors")
    return lengths
