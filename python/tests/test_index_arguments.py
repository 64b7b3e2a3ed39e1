"""What is wrong with an index's settings and ids is refused before anything is removed or done."""
import os
import tempfile
import unittest

import numpy as np
from maxsimd import indexes, retrieve

ITEM = np.ones((3, 4), np.float32)
KINDS = (indexes.Exact, indexes.PLAID, indexes.Voyager)


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name


class Settings(Case):
    def test_an_index_with_wrong_settings_is_not_made_and_removes_none(self):
        for kind, wrong, message in (
                (indexes.PLAID, {"nbits": 8}, "nbits: expected 1, 2 or 4 .*got 8"),
                (indexes.PLAID, {"nbits": 3}, "nbits: expected 1, 2 or 4 .*got 3"),
                (indexes.PLAID, {"codec": "f4"}, "codec: expected one of 'residual', 'int8', 'float16', "
                                                 "'float32', got 'f4'"),
                (indexes.Voyager, {"M": 0}, "M: expected 2 to 1024, got 0"),
                (indexes.Voyager, {"M": 10**6}, "M: expected 2 to 1024, got 1000000"),
                (indexes.Voyager, {"ef_construction": 0}, "ef_construction: expected 1 to 65536, got 0"),
                (indexes.Voyager, {"embedding_size": 10**6}, "embedding_size: expected 1 to 65536, got 1000000"),
                (indexes.Exact, {"codec": "residual", "nbits": 5}, "nbits: expected 1, 2 or 4 .*got 5")):
            with self.subTest(kind.__name__, **wrong):
                kept = kind(self.folder, "kept", override=True).add_documents(["a"], [ITEM])
                with self.assertRaisesRegex(ValueError, "^" + message):
                    kind(self.folder, "kept", override=True, **wrong)
                self.assertEqual(kept.refresh().documents_ids, ["a"])
                with self.assertRaisesRegex(ValueError, "^" + message):
                    kind(self.folder, "new", **wrong)
                self.assertEqual(os.listdir(self.folder), ["kept"])

    def test_arguments_without_effect_are_checked(self):
        for name, error, value in (("kmeans_niters", TypeError, "4"), ("kmeans_niters", ValueError, 0),
                                   ("max_points_per_centroid", TypeError, 2.5), ("n_samples_kmeans", TypeError, "x"),
                                   ("batch_size", TypeError, None), ("show_progress", TypeError, "no"),
                                   ("use_fast", TypeError, "x"), ("low_memory", TypeError, [])):
            with self.subTest(name), self.assertRaisesRegex(error, f"^{name}: expected"):
                indexes.PLAID(self.folder, **{name: value})
        indexes.PLAID(self.folder, n_samples_kmeans=None, use_triton=None, show_progress=0)

    def test_unknown_arguments_are_refused_where_pylate_refuses_them(self):
        for kind in (indexes.Exact, indexes.Voyager):
            index = kind(self.folder, kind.__name__)
            with self.assertRaisesRegex(TypeError, r"add_documents\(\) got an unexpected keyword argument 'bsize'"):
                index.add_documents(["a"], [ITEM], bsize=3)
            self.assertEqual(len(index), 0)
        self.assertEqual(len(indexes.PLAID(self.folder).add_documents(["a"], [ITEM], bsize=3)), 1)


class Ids(Case):
    def make(self, kind, ids=("1", "0", "10", "3")):
        return kind(self.folder, kind.__name__, override=True).add_documents(list(ids), [ITEM] * len(ids))

    def found(self, index, subset, queries=2):
        hits = retrieve.ColBERT(index).retrieve([ITEM] * queries, k=9, subset=subset)
        return [sorted(hit["id"] for hit in ranking) for ranking in hits]

    def test_a_text_is_no_list_of_ids(self):
        for kind in KINDS:
            index = self.make(kind)
            for text in ("10", b"10", {"1": 0, "0": 0}):
                with self.subTest(kind.__name__, text=text):
                    for subset in ([["1"], text], [text, ["1"]], text):
                        with self.assertRaisesRegex(TypeError, "^subset: .*expected a list of ids, got"):
                            self.found(index, subset)
                    if isinstance(text, str):
                        continue  # one id
                    with self.assertRaisesRegex(TypeError, "^documents_ids: expected a list of ids, got"):
                        index.add_documents(text, [ITEM] * 2)
                    with self.assertRaisesRegex(TypeError, "^documents_ids: expected a list of ids, got"):
                        index.remove_documents(text)
            self.assertEqual(len(index), 4)

    def test_sets_and_arrays_of_ids_in_every_place(self):
        for kind in KINDS:
            index = self.make(kind)
            for first, second in (({"1"}, ["0", "3"]), (["1"], {"0", "3"}), (np.array(["1"]), ("0", "3")),
                                  (iter(["1"]), frozenset(("0", "3"))), ({"1": 0}.keys(), {"0": 0, "3": 0}.keys())):
                with self.subTest(kind.__name__, first=first):
                    self.assertEqual(self.found(index, [first, second]), [["1"], ["0", "3"]])
            self.assertEqual(self.found(index, {"1", "3"}), [["1", "3"]] * 2)
            self.assertEqual(self.found(index, [[], ["3"]]), [[], ["3"]])
            index.remove_documents({"1", "3"})
            self.assertEqual(index.documents_ids, ["0", "10"])

    def test_ids_of_the_other_kind_are_unknown(self):
        for kind in KINDS:
            for ids, others in ((["3", "7"], [3, 7]), ([3, 7], ["3", "7"])):
                with self.subTest(kind.__name__, ids=ids):
                    index = self.make(kind, ids)
                    self.assertEqual(self.found(index, others), [[], []])
                    self.assertEqual(self.found(index, [others, ids]), [[], sorted(ids)])
                    if kind is indexes.Voyager:
                        with self.assertRaisesRegex(KeyError, "3.*7"):
                            index.remove_documents(others)
                    else:
                        with self.assertLogs("maxsimd", "WARNING") as logs:
                            index.remove_documents(others)
                        self.assertIn(f"2 ids to remove are not in the index ({others[0]!r}", logs.output[0])
                    self.assertEqual(index.documents_ids, ids)
                    self.assertEqual(index.refresh().documents_ids, ids)
                    self.assertNotIn(others[0], index)
                    with self.assertRaises(KeyError):
                        index.get_documents_embeddings([others])


if __name__ == "__main__":
    unittest.main()
