"""scripts/import_index.py takes plain data from pickles and never executes anything."""
import os
import pickle
import random
import unittest

from import_case import ImportCase
from pylate_folders import Plaid, sqlite_dict, voyager_folder, write
from vector_case import items


class Call:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (self.path, "w")


class Pickles(ImportCase):
    def test_a_pickle_that_calls_something_is_refused_and_calls_nothing(self):
        called = self.path("called")
        for protocol in range(6):
            with self.subTest(protocol):
                content = pickle.dumps({"a": Call(called)}, protocol)
                folder = voyager_folder(self.folder, items(2, 1), "1.5")
                write(folder, "document_ids_to_embeddings.pkl", content)
                self.refused(folder, "document_ids_to_embeddings.pkl: byte", "is refused", "nothing is ever executed")
                self.assertFalse(os.path.exists(called))
        pickle.loads(content)["a"].close()  # Python's own reader does call it
        self.assertTrue(os.path.exists(called))

    def test_a_value_in_sqlite_that_calls_something_is_refused_and_calls_nothing(self):
        called = self.path("called")
        folder = voyager_folder(self.folder, items(2, 1), "1.2")
        os.remove(os.path.join(folder, "document_ids_to_embeddings.sqlite"))
        sqlite_dict(folder, "document_ids_to_embeddings.sqlite", {"a": Call(called)})
        self.refused(folder, "document_ids_to_embeddings.sqlite: key 'a': byte", "is refused")
        self.assertFalse(os.path.exists(called))

    def test_other_data_and_broken_pickles_are_refused(self):
        whole = pickle.dumps({"a": [1, 2]})
        for content, words in (
                (b"", "is empty"), (whole[:-1], "ends in the middle"), (whole[:20], "ends in the middle"),
                (b"\x80\x04.", "one value"),
                (b"\x80\x04K\x01.", "expected a dict"), (b"\x80\x04}e.", "a mark is missing"), (b"\x80\x04}a.", "no list"),
                (b"\x80\x04h\x07.", "never stored"), (b"\x80\x04s.", "missing"), (b"\x80\x04" + b"(" * 5000, "on the stack"),
                (b"\x80\x04\x8a\x09" + bytes(9) + b".", "64 bits"), (b"\x80\x04r\xff\xff\xff\xff.", "missing"),
                (b"\x80\x04X\xff\xff\xff\xff", "ends in the middle"), (pickle.dumps({"a": {}}), "dict within a dict"),
                (pickle.dumps({"a": ["b"]}), "something else than 64-bit integers"), (pickle.dumps({"a": [2**63]}), "64"),
                (pickle.dumps({"a": 7}), "expected a list of token ids"), (pickle.dumps({"a": [-1]}), "vector -1"),
                (pickle.dumps({"a": (1, 2)}), "refused"), (pickle.dumps({None: [1]}), "refused"),
                (pickle.dumps({}), "no documents")):
            with self.subTest(content[:24]):
                folder = voyager_folder(self.folder, items(2, 1), "1.5")
                write(folder, "document_ids_to_embeddings.pkl", content)
                self.refused(folder, words)

    def test_pickles_of_every_binary_protocol_are_read(self):
        documents = [(f"{'é' * (n % 90 + 1)}{n}", rows) for n, (_, rows) in enumerate(items(1200, 2))]
        folder = voyager_folder(self.folder, documents, "1.5")
        with open(os.path.join(folder, "document_ids_to_embeddings.pkl"), "rb") as file:
            tokens = pickle.load(file)
        for protocol in (2, 3, 4, 5):
            with self.subTest(protocol):
                write(folder, "document_ids_to_embeddings.pkl", pickle.dumps(tokens, protocol))
                self.assert_same(self.imported(folder, "--force"), documents)


class BrokenBytes(ImportCase):
    def test_changed_and_cut_files_never_end_in_a_traceback(self):
        numbers = random.Random(11)
        plaid = self.path("plaid")
        Plaid([3, 2, 4]).write(os.path.join(plaid, "fast_plaid_index"), merged=True)
        write(plaid, "plaid_ids_to_documents_ids.pkl", pickle.dumps({n: f"d{n}" for n in range(3)}))
        folders = [voyager_folder(self.path(layout), items(3, 1), layout) for layout in ("1.2", "1.5")] + [plaid]
        files = [(folder, os.path.join(base, name)) for folder in folders for base, _, names in os.walk(folder) for name in names]
        for folder, path in files * 8:
            with open(path, "rb") as file:
                whole = file.read()
            at = numbers.randrange(min(len(whole), 300))
            broken = whole[:at] if numbers.random() < 0.2 else whole[:at] + bytes([numbers.randrange(256)]) + whole[at + 1:]
            write(os.path.dirname(path), os.path.basename(path), broken)
            with self.subTest(path=path, at=at):
                done = self.script(folder, "--force")
                self.assertIn(done.returncode, (0, 1))
                self.assertNotIn("Traceback", done.stderr)
            write(os.path.dirname(path), os.path.basename(path), whole)


if __name__ == "__main__":
    unittest.main()
