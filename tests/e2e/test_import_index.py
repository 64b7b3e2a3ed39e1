"""scripts/import_index.py: PyLate's index folders become files of embeddings, and those an index."""
import json
import os
import pickle
import struct
import unittest

from import_case import ImportCase
from pylate_folders import Plaid, sqlite_dict, voyager_bytes, voyager_folder, write
from vector_case import items


class Voyager(ImportCase):
    def test_every_layout_gives_the_same_vectors(self):
        documents = items(30, 3)
        for layout in ("1.1", "1.2", "1.5"):
            with self.subTest(layout):
                folder = voyager_folder(self.path(layout, "colbert"), documents, layout)
                self.assert_same(self.imported(folder, "--force"), documents)

    def test_integer_ids_stay_integers(self):
        documents = [(number, rows) for number, (_, rows) in enumerate(items(30, 3), start=7)]
        for layout in ("1.1", "1.2", "1.5"):
            with self.subTest(layout):
                folder = voyager_folder(self.path(layout, "colbert"), documents, layout)
                self.assert_same(self.imported(folder, "--force"), documents)
                self.assertIn("--integer-ids", self.said)
        self.search_like_brute_force(documents, "--integer-ids")

    def test_the_imported_index_answers_like_brute_force(self):
        documents = items(60, 4)
        self.imported(voyager_folder(self.folder, documents, "1.5"))
        self.search_like_brute_force(documents)

    def test_vectors_of_removed_and_replaced_documents_are_left_out(self):
        gone, kept = items(2, 5), items(10, 6)
        folder = voyager_folder(self.folder, gone + kept, "1.5", deleted=range(12))
        tokens = {name: list(range(12 + 6 * n, 18 + 6 * n)) for n, (name, _) in enumerate(kept)}
        write(folder, "document_ids_to_embeddings.pkl", pickle.dumps(tokens))
        self.assert_same(self.imported(folder), kept)
        write(folder, "document_ids_to_embeddings.pkl", pickle.dumps({"back": [0, 1]}))
        os.remove(self.out)
        self.refused(folder, "index.voyager", "'back'", "deleted", "copy them from one folder")

    def test_ids_of_two_types_become_texts(self):
        rows = items(2, 7)
        folder = voyager_folder(self.folder, [(1, rows[0][1]), ("two", rows[1][1])], "1.5")
        self.assertEqual([name for name, _ in self.imported(folder)], ["1", "two"])
        self.assertIn("note: ids of two types", self.said)
        os.remove(self.out)
        twice = voyager_folder(self.path("b"), [(1, rows[0][1]), ("1", rows[1][1])], "1.5")
        self.refused(twice, "'1' is the id of two documents")

    def test_malformed_files_are_refused(self):
        documents = items(4, 8)
        vectors = [row for _, rows in documents for row in rows]
        whole = voyager_bytes(vectors)
        for content, words in (
                (b"", ("header",)), (whole[:200], ("expected at least",)), (b"VOIA" + whole[4:], ("expected b'VOYA'",)),
                (voyager_bytes(vectors, version=2), ("format version 2", "Voyager 2")),
                (voyager_bytes(vectors, space=0), ("space 0", "cosine")),
                (voyager_bytes(vectors, storage=0x10), ("storage type 0x10", "float32")),
                (whole[:8] + struct.pack("<i", 9) + whole[12:], ("laid out",)),
                (voyager_bytes(vectors[:-1]), ("'8-3'", "23")),
                (voyager_bytes([[float("nan")] * 8] + vectors[1:]), ("'8-0'", "NaN"))):
            with self.subTest(words):
                folder = voyager_folder(self.folder, documents, "1.5")
                write(folder, "index.voyager", content)
                self.refused(folder, *words)

    def test_missing_and_foreign_maps_are_refused(self):
        documents = items(4, 9)
        folder = voyager_folder(self.folder, documents, "1.5")
        os.remove(os.path.join(folder, "document_ids_to_embeddings.pkl"))
        self.refused(folder, "document_ids_to_embeddings.pkl: is missing", "copy the whole folder")
        old = voyager_folder(self.path("old", "colbert"), documents, "1.2")
        sqlite_dict(old, "other.sqlite", {number: "else" for number in range(24)})
        os.replace(os.path.join(old, "other.sqlite"), os.path.join(old, "embeddings_to_documents_ids.sqlite"))
        self.refused(old, "'else'", "two indexes")
        write(old, "document_ids_to_embeddings.sqlite", b"SQLite format 3\0 not really")
        self.refused(old, "document_ids_to_embeddings.sqlite", "SqliteDict")


class FastPlaid(ImportCase):
    LENGTHS = [3, 1, 0, 7, 2, 5, 4, 6, 3, 2, 8, 1]

    def pylate_folder(self, plaid, names, **layout):
        plaid.write(os.path.join(self.folder, "fast_plaid_index"), **layout)
        write(self.folder, "plaid_ids_to_documents_ids.pkl", pickle.dumps(names))
        return self.folder

    def test_every_number_of_bits_and_both_layouts(self):
        for nbits in (1, 2, 4, 8):
            for chunks, merged in ((1, False), (3, False), (3, True)):
                with self.subTest(nbits=nbits, chunks=chunks, merged=merged):
                    plaid = Plaid(self.LENGTHS, nbits=nbits)
                    folder = plaid.write(self.path(f"{nbits}-{chunks}-{merged}"), chunks, merged)
                    self.assert_same(self.imported(folder, "--force"), list(enumerate(plaid.documents())))

    def test_the_imported_index_answers_like_brute_force(self):
        plaid = Plaid([4] * 40)
        names = {number: f"doc {number}" for number in range(40)}
        self.imported(self.pylate_folder(plaid, names, chunks=2))
        self.search_like_brute_force([(names[number], rows) for number, rows in enumerate(plaid.documents())])

    def test_ids_in_sqlite(self):
        plaid = Plaid(self.LENGTHS)
        folder = self.pylate_folder(plaid, {})
        os.remove(os.path.join(folder, "plaid_ids_to_documents_ids.pkl"))
        sqlite_dict(folder, "plaid_ids_to_documents_ids.sqlite", {number: f"d{number}" for number in range(12)})
        self.assert_same(self.imported(folder), [(f"d{number}", rows) for number, rows in enumerate(plaid.documents())])

    def test_of_a_document_added_twice_the_last_stays_and_nameless_passages_are_left_out(self):
        plaid = Plaid(self.LENGTHS)
        names = {number: f"d{number}" for number in range(11)} | {10: "d3"}
        found = self.imported(self.pylate_folder(plaid, names))
        rows = plaid.documents()
        self.assert_same(found, [(f"d{number}", rows[number]) for number in range(10) if number != 3] + [("d3", rows[10])])
        self.assertIn("note: 1 passages have no id", self.said)
        self.assertIn("note: 1 older copies", self.said)

    def test_a_staged_chunk_beside_merged_ones(self):
        plaid = Plaid(self.LENGTHS)
        folder = plaid.write(self.path("mixed"), chunks=3)
        for chunk in (0, 2):
            for name in ("codes", "residuals"):
                os.remove(os.path.join(folder, f"{chunk}.{name}.npy"))
        plaid.write(folder, chunks=3, merged=True)
        self.assert_same(self.imported(folder), list(enumerate(plaid.documents())))

    def test_malformed_files_are_refused(self):
        plaid = Plaid(self.LENGTHS)
        one = b"\x93NUMPY\x01\x00\x02\x00{}"
        for name, content, words in (
                ("metadata.json", b"{", ("not JSON",)), ("metadata.json", b"[]", ("expected a dict",)),
                ("metadata.json", b'{"nbits": 3, "num_chunks": 1}', ("nbits is 3", "1, 2, 4, 8")),
                ("metadata.json", b'{"nbits": 4}', ("num_chunks is None",)),
                ("metadata.json", b'{"nbits": 4, "num_chunks": 1, "num_documents": 9}', ("num_documents is 9", "12")),
                ("metadata.json", b'{"nbits": 4, "num_chunks": 2}', ("doclens.1.json: is missing",)),
                ("metadata.json", b'{"nbits": 2, "num_chunks": 1}', ("bucket_weights.npy", "expected 4")),
                ("doclens.0.json", b"[3, -1]", ("doclens.0.json: document 1: -1",)),
                ("doclens.0.json", json.dumps([3] + self.LENGTHS[1:-1] + [2]).encode(), ("0.codes.npy", "expected 43")),
                ("centroids.npy", b"", ("not a .npy file",)), ("centroids.npy", one, ("descr is None",)),
                ("0.residuals.npy", b"\x93NUMPY\x01\x00\xff\xff", ("header is not a dict",)),
                ("0.codes.npy", None, ("0.codes.npy: is missing",))):
            with self.subTest(name=name, words=words):
                folder = os.path.join(self.pylate_folder(plaid, {n: n for n in range(12)}), "fast_plaid_index")
                write(folder, name, content or b"")
                if content is None:
                    os.remove(os.path.join(folder, name))
                self.refused(self.folder, *words)

    def test_codes_and_ids_out_of_range_are_refused(self):
        plaid = Plaid(self.LENGTHS)
        plaid.codes[9] = 6
        folder = self.pylate_folder(plaid, {number: number for number in range(12)})
        self.refused(folder, "0.codes.npy", "row 9: centroid 6, expected below 6")
        self.refused(self.pylate_folder(plaid, {12: "x"}), "passage 12 is not one of the 12")
        self.refused(self.pylate_folder(plaid, {0: [1]}), "passage 0", "expected a text or an integer")
        self.refused(self.pylate_folder(plaid, {0: ""}), "the id ''")
        os.remove(os.path.join(folder, "plaid_ids_to_documents_ids.pkl"))
        self.refused(folder, "plaid_ids_to_documents_ids.pkl is missing")


class Output(ImportCase):
    def test_a_file_is_replaced_only_with_force_and_only_by_a_whole_one(self):
        folder = voyager_folder(self.folder, items(3, 1), "1.5")
        write(self.path(), "vectors.npz", b"mine")
        self.refused(folder, "exists already", "--force")
        write(folder, "index.voyager", b"")
        self.assertEqual(self.script(folder, "--force").returncode, 1)
        with open(self.out, "rb") as file:
            self.assertEqual(file.read(), b"mine")
        voyager_folder(self.folder, items(3, 1), "1.5")
        self.assertEqual(len(self.imported(folder, "--force")), 3)

    def test_other_folders_are_refused(self):
        os.makedirs(self.path("empty"))
        write(self.path("stanford"), "centroids.pt", b"")
        self.refused(self.path("empty"), "no index of PyLate's", "index_folder/index_name")
        self.refused(self.path("nowhere"), "no such folder")
        self.refused(self.path("stanford"), "Stanford PLAID", "use_fast=True")


if __name__ == "__main__":
    unittest.main()
