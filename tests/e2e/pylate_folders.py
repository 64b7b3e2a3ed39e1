"""Writes small index folders in the layouts of PyLate, byte by byte, without PyLate."""
import json
import os
import pickle
import random
import sqlite3
import struct

from cli_case import npy

LINKS = 4  # links of a vector on level 0
COSINE, FLOAT32 = 2, 0x20


def write(folder, name, content):
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, name)
    with open(path, "wb") as out:
        out.write(content)
    return path


def sqlite_dict(folder, name, items):
    """A file of the SqliteDict library: keys as texts, values pickled one by one."""
    os.makedirs(folder, exist_ok=True)
    database = sqlite3.connect(os.path.join(folder, name))
    database.execute('CREATE TABLE "unnamed" (key TEXT PRIMARY KEY, value BLOB)')
    database.executemany('INSERT INTO "unnamed" VALUES (?, ?)',
                         [(key, sqlite3.Binary(pickle.dumps(value, pickle.HIGHEST_PROTOCOL))) for key, value in items.items()])
    database.commit()
    database.close()


def voyager_bytes(vectors, deleted=(), version=1, space=COSINE, storage=FLOAT32):
    """A .voyager file; vector i has the label i, but stands where a thread of Voyager might have put it."""
    dim = len(vectors[0])
    values_at = 4 * (LINKS + 1)
    label_at = values_at + 4 * dim
    data = struct.pack("<4siiBBf?", b"VOYA", version, dim, space, storage, 0.0, False)
    data += struct.pack("<6QiI3QdQ", 0, len(vectors), len(vectors), label_at + 8, label_at, values_at,
                        0, 0, LINKS // 2, LINKS, LINKS // 2, 1.0, 200)
    labels = list(range(len(vectors)))
    random.Random(5).shuffle(labels)
    for label in labels:
        data += struct.pack("<I", 0x10000 if label in deleted else 0) + bytes(4 * LINKS)
        data += struct.pack(f"<{dim}fQ", *vectors[label], label)
    return data + bytes(4 * len(vectors))


def voyager_maps(items):
    """(vectors, document id -> token ids, token id -> document id) of [(id, rows)]."""
    vectors, documents, tokens = [], {}, {}
    for name, rows in items:
        documents[name] = list(range(len(vectors), len(vectors) + len(rows)))
        tokens.update(dict.fromkeys(documents[name], name))
        vectors += rows
    return vectors, documents, tokens


def voyager_folder(folder, items, layout, **settings):
    """`layout`: "1.1" (files beside each other), "1.2" (a folder with SQLite maps), "1.5" (pickles)."""
    vectors, documents, tokens = voyager_maps(items)
    place, prefix = (os.path.dirname(folder), os.path.basename(folder) + "_") if layout == "1.1" else (folder, "")
    name = os.path.basename(folder) + ".voyager" if layout == "1.1" else "index.voyager"
    write(place, name, voyager_bytes(vectors, **settings))
    for name, content in (("document_ids_to_embeddings", documents), ("embeddings_to_documents_ids", tokens)):
        if layout == "1.5":
            write(place, name + ".pkl", pickle.dumps(content))
        else:
            sqlite_dict(place, f"{prefix}{name}.sqlite", content)
    return folder


class Plaid:
    """A fast-plaid index of random codes, and what its vectors are by the definition."""

    def __init__(self, lengths, dim=16, nbits=4, num_centroids=6, seed=1):
        numbers = random.Random(seed)
        self.lengths, self.dim, self.nbits = lengths, dim, nbits
        self.centroids = [[as_float16(numbers.gauss(0, 0.3)) for _ in range(dim)] for _ in range(num_centroids)]
        self.weights = [(index - (1 << nbits) / 2) / (1 << nbits) / 4 for index in range(1 << nbits)]
        count = sum(lengths)
        self.codes = [numbers.randrange(num_centroids) for _ in range(count)]
        self.buckets = [[numbers.randrange(1 << nbits) for _ in range(dim)] for _ in range(count)]

    def packed(self, buckets):
        """The low bit of each bucket comes first, and the first bit is the high one of its byte."""
        bits = "".join(format(bucket, f"0{self.nbits}b")[::-1] for bucket in buckets)
        return bytes(int(bits[at:at + 8], 2) for at in range(0, len(bits), 8))

    def documents(self):
        """[rows of each document], decoded."""
        rows = []
        for code, buckets in zip(self.codes, self.buckets):
            row = [center + self.weights[bucket] for center, bucket in zip(self.centroids[code], buckets)]
            norm = sum(value * value for value in row) ** 0.5
            rows.append([value / norm for value in row])
        cut = [sum(self.lengths[:n]) for n in range(len(self.lengths) + 1)]
        return [rows[begin:end] for begin, end in zip(cut, cut[1:])]

    def write(self, folder, chunks=1, merged=False):
        """The files of fast-plaid 1.4 (a file for each chunk) or 1.7 (`merged`)."""
        per_chunk = -(-len(self.lengths) // chunks)
        write(folder, "metadata.json", json.dumps({"nbits": self.nbits, "num_chunks": chunks,
                                                   "num_documents": len(self.lengths)}).encode())
        flat = [value for centroid in self.centroids for value in centroid]
        write(folder, "centroids.npy", npy("<f2", (len(self.centroids), self.dim), struct.pack(f"<{len(flat)}e", *flat)))
        write(folder, "bucket_weights.npy", npy("<f4", (1 << self.nbits,), struct.pack(f"<{1 << self.nbits}f", *self.weights)))
        begin, rows = 0, []
        for chunk in range(chunks):
            lengths = self.lengths[chunk * per_chunk:(chunk + 1) * per_chunk]
            write(folder, f"doclens.{chunk}.json", json.dumps(lengths).encode())
            rows.append(sum(lengths))
            if not merged:
                self._write_rows(folder, f"{chunk}.", begin, begin + rows[-1], 0)
            begin += rows[-1]
        if merged:
            self._write_rows(folder, "merged_", 0, begin, 3)  # fast-plaid pads the end
            for name in ("codes", "residuals"):
                write(folder, f"merged_{name}.manifest.json", json.dumps(
                    {f"{chunk}.{name}.npy": {"rows": count, "merged": True, "mtime": None} for chunk, count in enumerate(rows)}
                ).encode())
        return folder

    def _write_rows(self, folder, prefix, begin, end, padding):
        codes = self.codes[begin:end] + [0] * padding
        residuals = b"".join(map(self.packed, self.buckets[begin:end] + [[0] * self.dim] * padding))
        write(folder, f"{prefix}codes.npy", npy("<i8", (len(codes),), struct.pack(f"<{len(codes)}q", *codes)))
        write(folder, f"{prefix}residuals.npy", npy("|u1", (len(codes), self.dim * self.nbits // 8), residuals))


def as_float16(value):
    return struct.unpack("<e", struct.pack("<e", value))[0]
