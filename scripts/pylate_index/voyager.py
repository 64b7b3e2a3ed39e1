"""PyLate's Voyager indexes: the maps of ids and the vectors inside the .voyager file.

A .voyager file, little-endian, as Voyager 2 writes it (version 1 of the format): a header, then for each
vector one record of its links, its values and its label, then the links of the upper levels. PyLate's
token ids are the labels.
"""
import array
import mmap
import struct

from .failure import ImportFailure, require
from .id_map import SqliteMap, read_pickle

# magic, version, dimensions, space, storage type, max norm, order-preserving transform
METADATA = struct.Struct("<4siiBBf?")
# offset of level 0, capacity, vectors, bytes a record, offset of the label, of the values, top level,
# entry point, M, M of level 0, M again, 1 / ln M, ef_construction
GRAPH = struct.Struct("<6QiI3QdQ")
COSINE, FLOAT32 = 2, 0x20
LABEL_BYTES, LINK_BYTES = 8, 4
DELETED_BYTE = 2  # of a record: bit 0 is the mark of a deleted vector


def find(folder):
    """(vectors, map of documents, map of tokens) of the three layouts, or None."""
    new = folder / "index.voyager"
    old = folder.with_name(folder.name + ".voyager")
    if new.is_file():
        documents = folder / "document_ids_to_embeddings.sqlite"
        if documents.is_file() and not documents.with_suffix(".pkl").is_file():
            return new, documents, folder / "embeddings_to_documents_ids.sqlite"
        return new, documents.with_suffix(".pkl"), None
    if old.is_file():
        return (old, folder.with_name(folder.name + "_document_ids_to_embeddings.sqlite"),
                folder.with_name(folder.name + "_embeddings_to_documents_ids.sqlite"))
    return None


class VoyagerIndex:
    """ids and lengths of the documents, and their vectors, copied bit by bit."""

    def __init__(self, files):
        self.path, documents_path, tokens_path = files
        for path in filter(None, (documents_path, tokens_path)):
            require(path.is_file(), path, "is missing: PyLate writes it beside the vectors when documents are added",
                    "copy the whole folder")
        documents = read_documents(documents_path, tokens_path)
        self.notes = []
        if tokens_path is None and documents_path.with_suffix(".sqlite").is_file():
            self.notes.append("the .sqlite maps of an older PyLate are passed over, as PyLate 1.5 does")
        self.ids = list(documents)
        self.tokens = list(documents.values())
        for name, tokens in documents.items():
            require(isinstance(tokens, array.array), documents_path,
                    f"document {name!r}: expected a list of token ids, found {type(tokens).__name__}")
        self.lengths = array.array("Q", map(len, self.tokens))
        self._open()
        self._find_labels()

    def _open(self):
        size = self.path.stat().st_size
        header_bytes = METADATA.size + GRAPH.size
        require(size >= header_bytes, self.path, f"has {size} bytes, expected a header of {header_bytes}")
        with open(self.path, "rb") as file:
            self.data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        magic, version, self.dim, space, storage, _, _ = METADATA.unpack_from(self.data, 0)
        require(magic == b"VOYA", self.path, f"begins with {magic!r}, expected b'VOYA'")
        require(version == 1, self.path, f"format version {version}, expected 1", "make the index again with Voyager 2")
        require(space == COSINE, self.path, f"space {space}, expected {COSINE} (cosine), the only one PyLate makes")
        require(storage == FLOAT32, self.path, f"storage type {storage:#x}, expected {FLOAT32:#x} (float32)")
        _, _, self.count, self.record_bytes, self.label_at, self.values_at, _, _, _, links, _, _, _ = GRAPH.unpack_from(
            self.data, METADATA.size)
        self.records_at = header_bytes
        values_at = LINK_BYTES * (links + 1)
        label_at = values_at + 4 * self.dim
        found = (self.values_at, self.label_at, self.record_bytes)
        expected = (values_at, label_at, label_at + LABEL_BYTES)
        require(0 < self.dim and found == expected, self.path,
                f"records are laid out as {found}, expected {expected} for {self.dim} dimensions and {links} links")
        needed = header_bytes + self.count * (self.record_bytes + LINK_BYTES)
        require(size >= needed, self.path, f"has {size} bytes, expected at least {needed} for {self.count} vectors")

    def _find_labels(self):
        """Records stand in the order in which Voyager's threads took them, so their labels are looked up."""
        self.record_of = array.array("q", [-1]) * self.count
        at = self.records_at + self.label_at
        for record in range(self.count):
            label = int.from_bytes(self.data[at:at + LABEL_BYTES], "little")
            require(label < self.count and self.record_of[label] < 0, self.path,
                    f"vector {record}: label {label} is out of range or given twice, expected each below {self.count} once")
            self.record_of[label] = record
            at += self.record_bytes

    def documents(self):
        """The float32 values of each document, as bytes, in the order of `ids`."""
        for name, tokens in zip(self.ids, self.tokens):
            yield b"".join([self._values(name, token) for token in tokens])

    def _values(self, name, token):
        if not 0 <= token < self.count:
            raise ImportFailure(f"{self.path}: document {name!r} has the vector {token}, but the file holds {self.count}; "
                                "the map and the vectors are of two indexes: copy them from one folder")
        begin = self.records_at + self.record_of[token] * self.record_bytes
        if self.data[begin + DELETED_BYTE] & 1:
            raise ImportFailure(f"{self.path}: vector {token} of document {name!r} is deleted; "
                                "the map and the vectors are of two indexes: copy them from one folder")
        return self.data[begin + self.values_at:begin + self.label_at]


def read_documents(documents_path, tokens_path):
    """{document id: its token ids}; ids keep their types."""
    if tokens_path is None:
        return read_pickle(documents_path)
    # SqliteDict keys are texts; the type of an id is kept by the map from tokens to ids.
    by_token = SqliteMap(tokens_path)
    documents = {}
    for key, tokens in SqliteMap(documents_path).items():
        require(isinstance(tokens, array.array), documents_path,
                f"document {key!r}: expected a list of token ids, found {type(tokens).__name__}")
        name = by_token.get(tokens[0]) if tokens else key
        require(str(name) == key, tokens_path, f"vector {tokens[0] if tokens else None} belongs to {name!r}, expected {key!r}",
                "the two maps are of two indexes: copy them from one folder")
        documents[name] = tokens
    return documents
