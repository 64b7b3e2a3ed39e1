"""indexes and retrieve.ColBERT."""
import json
import multiprocessing
import os
import pathlib
import pickle
import tempfile
import threading
import unittest

import numpy as np
from maxsimd import indexes, retrieve

KINDS = (indexes.Exact, indexes.PLAID, indexes.Voyager)
DIM = 16


def documents_of(count, seed=1):
    """Unit vectors, a few a document."""
    random = np.random.default_rng(seed)
    rows = [random.normal(size=(random.integers(2, 9), DIM)) for _ in range(count)]
    return [(row / np.linalg.norm(row, axis=1, keepdims=True)).astype(np.float32) for row in rows]


def brute_force(query, documents, k):
    values = [float((query @ document.T).max(1).sum()) for document in documents]
    return sorted(range(len(values)), key=lambda i: -values[i])[:k]


def search(index, query, k):
    return retrieve.ColBERT(index).retrieve(query, k=k)[0]


def search_in_child(index, query, queue):
    queue.put([hit["id"] for hit in search(index, query, 3)])


class IndexCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def make(self, kind, name="index", **arguments):
        return kind(self.folder, name, num_threads=2, **arguments)


class AllKinds(IndexCase):
    def test_best_documents_are_found(self):
        documents = documents_of(900)
        ids = [f"id {i}" for i in range(len(documents))]
        for kind in KINDS:
            with self.subTest(kind.__name__):
                index = self.make(kind, kind.__name__)
                self.assertIs(index.add_documents(ids, documents), index)
                queries = [documents[7] + 0.01, documents[450] + 0.01]
                got = retrieve.ColBERT(index).retrieve(queries, k=5)
                self.assertEqual([hits[0]["id"] for hits in got], ["id 7", "id 450"])
                for query, hits in zip(queries, got):
                    self.assertEqual(len(hits), 5)
                    expected = {ids[i] for i in brute_force(query, documents, 5)}
                    self.assertGreaterEqual(len({hit["id"] for hit in hits} & expected), 4)
                    values = [hit["score"] for hit in hits]
                    self.assertEqual(values, sorted(values, reverse=True))
                    self.assertTrue(all(isinstance(value, float) for value in values))

    def test_replacing_removing_and_opening_again(self):
        documents = documents_of(40)
        for kind in KINDS:
            with self.subTest(kind.__name__):
                index = self.make(kind, kind.__name__)
                index.add_documents(list(range(30)), documents[:30])
                index.add_documents(np.arange(30, 40), documents[30:])
                self.assertEqual((len(index), index.documents_ids), (40, list(range(40))))
                self.assertEqual(search(index, documents[3], 1)[0]["id"], 3)
                index.add_documents(3, [documents[4]])  # replaces
                index.update_documents([4], [documents[3]])
                self.assertEqual(len(index), 40)
                self.assertEqual(search(index, documents[3], 1)[0]["id"], 4)
                index.remove_documents([4, 5])
                self.assertEqual((4 in index, 3 in index), (False, True))
                again = self.make(kind, kind.__name__)
                self.assertEqual(len(again), 38)
                ids = [hit["id"] for hit in search(again, documents[3], 100)]
                self.assertEqual(sorted(ids), [i for i in range(40) if i not in (4, 5)])
                index.compact()
                self.assertEqual((len(index), index.info()["deleted"]), (38, 0))

    def test_unknown_ids(self):
        documents = documents_of(3)
        for kind in KINDS:
            index = self.make(kind, kind.__name__).add_documents(["a", "b", "c"], documents)
            with self.assertRaises(KeyError):
                index.get_documents_embeddings([["a", "x"]])
            if kind is indexes.Voyager:
                with self.assertRaisesRegex(KeyError, "x"):
                    index.remove_documents(["a", "x"])
                self.assertEqual(len(index), 3)  # nothing was removed
            else:
                with self.assertLogs("maxsimd", "WARNING"):
                    index.remove_documents(["a", "x"])
                self.assertEqual(index.documents_ids, ["b", "c"])

    def test_subsets(self):
        documents = documents_of(20)
        for kind in KINDS:
            with self.subTest(kind.__name__):
                index = self.make(kind, kind.__name__).add_documents(list(range(20)), documents)
                retriever = retrieve.ColBERT(index)

                def ids(subset, queries=2):
                    hits = retriever.retrieve(documents[:queries], k=9, subset=subset)
                    return [sorted(hit["id"] for hit in ranking) for ranking in hits]

                self.assertEqual(ids([3, 5, 999]), [[3, 5], [3, 5]])
                self.assertEqual(ids([[3], [4, 6]]), [[3], [4, 6]])
                self.assertEqual(ids([]), [[], []])
                with self.assertRaisesRegex(ValueError, "2 queries, got 3"):
                    ids([[1], [2], [3]])

    def test_ids(self):
        documents = documents_of(2)
        for good in (["ä", "with space"], (1, -2), range(2), np.array([5, 6], np.uint8)):
            index = self.make(indexes.Exact, override=True).add_documents(good, documents)
            got = index.documents_ids
            self.assertEqual(got, list(good))
            self.assertIn(type(got[0]), (str, int))
        for bad, error in (([1, "1"], TypeError), ([1.5, 2.5], TypeError), ([True, False], TypeError),
                           ([None, "a"], TypeError), (["", "a"], ValueError), (["a", "a\0"], ValueError)):
            with self.subTest(bad), self.assertRaises(error):
                self.make(indexes.Exact, override=True).add_documents(bad, documents)
        index = self.make(indexes.Exact, override=True).add_documents([1, 2], documents)
        with self.assertRaisesRegex(ValueError, "integers"):
            index.add_documents(["3"], documents[:1])
        self.assertNotIn("1", index)
        with self.assertRaisesRegex(ValueError, "each of 1 documents_ids, got 2"):
            index.add_documents([3], documents)

    def test_what_is_no_id_is_not_in_an_index(self):
        index = self.make(indexes.Exact)
        for documents in ([], documents_of(1)):
            if documents:
                index.add_documents(["None"], documents)
                self.assertIn("None", index)
            for nothing in (None, 1.5, True, [], {}, b"None", 0, -1, 2**80, "\ud800", ""):
                with self.subTest(nothing):
                    self.assertNotIn(nothing, index)

    def test_empty_indexes(self):
        for kind in KINDS:
            with self.subTest(kind.__name__):
                index = self.make(kind, kind.__name__)
                self.assertEqual((len(index), index.documents_ids, index.info()), (0, [], {}))
                with self.assertRaisesRegex(ValueError, "empty"):
                    index(documents_of(1))
                index.add_documents([], [])
                index.add_documents(["a"], documents_of(1)).remove_documents(["a"])
                with self.assertRaisesRegex(ValueError, "empty"):
                    index(documents_of(1))

    def test_plaid_may_keep_the_vectors_beside_their_codes(self):
        documents = documents_of(900)
        queries = [documents[7] + 0.01, documents[450] + 0.01]
        exact = self.make(indexes.Exact, "exact", codec="int8")
        plaid = self.make(indexes.PLAID, "plaid", codec="int8", nbits=1)
        units = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in documents]
        for index in (exact, plaid):
            index.add_documents(list(range(900)), units)
        got = plaid(queries, k=5)
        self.assertEqual(got, exact(queries, k=5))
        self.assertLess(len(os.listdir(self.folder)), 3)
        again = self.make(indexes.PLAID, "plaid")  # keeps the codec
        self.assertEqual(again(queries, k=5), got)
        with self.assertRaisesRegex(ValueError, "codec: expected one of .*'int8'.*got 'int4'"):
            self.make(indexes.PLAID, "other", codec="int4")

    def test_what_was_tuned_is_used_until_the_index_has_outgrown_it(self):
        documents = documents_of(1300)
        index = self.make(indexes.PLAID).add_documents(list(range(600)), documents[:600]).optimize()
        queries = [document + 0.3 for document in documents[:20]]
        default = index(queries, k=20)
        tuned = {"format": "maxsimd search parameters", "n_ivf_probe": 1, "n_full_scores": 20, "k": 10,
                 "recall": 0.5, "documents": 600}
        (pathlib.Path(index.index_path) / "search.json").write_text(json.dumps(tuned))
        found = index.refresh()(queries, k=20)
        self.assertNotEqual(found, default)
        self.assertEqual(found, self.make(indexes.PLAID, n_ivf_probe=1, n_full_scores=20)(queries, k=20))
        self.assertEqual(self.make(indexes.PLAID, n_ivf_probe=8, n_full_scores=192)(queries, k=20), default)
        index.add_documents(list(range(600, 1300)), documents[600:])
        self.assertEqual(index(queries, k=20),
                         self.make(indexes.PLAID, n_ivf_probe=8, n_full_scores=192)(queries, k=20))

    def test_override(self):
        documents = documents_of(6)
        self.make(indexes.Voyager).add_documents(["a"], documents[:1])
        with self.assertRaisesRegex(ValueError, "of kind hnsw, asked was plaid"):
            self.make(indexes.PLAID)
        index = self.make(indexes.PLAID, override=True)
        self.assertEqual(len(index), 0)
        index.add_documents([1, 2], documents[:2])
        self.assertEqual(self.make(indexes.PLAID).documents_ids, [1, 2])
        self.assertEqual(os.listdir(self.folder), ["index"])

    def test_a_folder_of_somebody_else_is_left_alone(self):
        other = pathlib.Path(self.folder) / "index"
        other.mkdir()
        (other / "index.voyager").write_bytes(b"PyLate's")
        for override in (False, True):
            with self.assertRaisesRegex(ValueError, "not an index"):
                self.make(indexes.Voyager, override=override)
        self.assertEqual((other / "index.voyager").read_bytes(), b"PyLate's")

    def test_widths(self):
        index = self.make(indexes.Exact, embedding_size=8)
        with self.assertRaisesRegex(ValueError, "16"):
            index.add_documents(["a"], documents_of(1))
        index = self.make(indexes.Exact).add_documents(["a"], documents_of(1))
        with self.assertRaisesRegex(ValueError, "dim"):
            index(np.zeros((2, 5), np.float32))
        with self.assertRaisesRegex(ValueError, "embedding_size=5"):
            self.make(indexes.Exact, embedding_size=5)

    def test_vectors_come_back(self):
        documents = documents_of(5)
        for kind, tolerance in ((indexes.Exact, 0), (indexes.Voyager, 0.006)):
            index = self.make(kind, kind.__name__).add_documents(list("abcde"), documents)
            got = index.get_documents_embeddings([["b"], [], ["e", "a"]])
            self.assertEqual([len(group) for group in got], [1, 0, 2])
            np.testing.assert_allclose(got[2][0], documents[4], rtol=0, atol=tolerance)

    def test_voyager_and_plaid_count_vectors_with_length_1(self):
        documents = documents_of(40)
        random = np.random.default_rng(3)
        longer = [document * random.uniform(0.2, 5, size=(len(document), 1)).astype(np.float32)
                  for document in documents]
        longer[7][0] = documents[7][0] = 0  # has no direction, and stays
        queries = [document + 0.1 for document in documents[:5]]
        for kind in KINDS:
            with self.subTest(kind.__name__):
                one = kind(self.folder, "one", override=True).add_documents(range(40), documents)
                other = kind(self.folder, "other", override=True).add_documents(range(40), longer)
                found, expected = (retrieve.ColBERT(index).retrieve(queries, k=5) for index in (other, one))
                if kind is indexes.Exact:
                    np.testing.assert_array_equal(other.get_documents_embeddings([[3]])[0][0], longer[3])
                    self.assertGreater(abs(found[0][0]["score"] - expected[0][0]["score"]), 0.5)
                    continue
                for hits, unit in zip(found, expected, strict=True):
                    self.assertEqual([hit["id"] for hit in hits], [hit["id"] for hit in unit])
                    np.testing.assert_allclose([hit["score"] for hit in hits], [hit["score"] for hit in unit],
                                               atol=0.02)
                stored = other.get_documents_embeddings([[3, 7]])[0]
                np.testing.assert_allclose(np.linalg.norm(stored[0], axis=1), 1, atol=0.02)
                self.assertLess(np.abs(stored[1][0]).max(), 0.3)

    def test_a_snapshot_is_refreshed_when_asked(self):
        documents = documents_of(2)
        writer = self.make(indexes.Exact).add_documents(["a"], documents[:1])
        reader = self.make(indexes.Exact)
        writer.add_documents(["b"], documents[1:])
        self.assertEqual((len(reader), len(writer)), (1, 2))
        self.assertEqual(len(reader.refresh()), 2)


class Processes(IndexCase):
    def test_fork_spawn_and_pickle(self):
        documents = documents_of(700)
        for kind in KINDS:
            index = self.make(kind, kind.__name__).add_documents(range(700), documents)
            expected = [hit["id"] for hit in search(index, documents[9], 3)]
            self.assertEqual([hit["id"] for hit in search(
                pickle.loads(pickle.dumps(index)), documents[9], 3)], expected)
            for method in ("fork", "spawn"):
                with self.subTest(kind=kind.__name__, method=method):
                    context = multiprocessing.get_context(method)
                    queue = context.Queue()
                    child = context.Process(target=search_in_child,
                                            args=(index, documents[9], queue))
                    child.start()
                    self.assertEqual(queue.get(timeout=60), expected)
                    child.join(timeout=60)
                    self.assertEqual(child.exitcode, 0)

    def test_threads_search_while_documents_are_added(self):
        documents = documents_of(1200)
        for kind in KINDS:
            with self.subTest(kind.__name__):
                index = self.make(kind, kind.__name__).add_documents(range(600), documents[:600])
                errors, done = [], threading.Event()

                def search_often(start):
                    number = start
                    while not done.is_set():
                        number = (number + 7) % 600
                        best = search(index, documents[number], 1)[0]
                        if best["id"] != number:
                            errors.append((number, best))

                threads = [threading.Thread(target=search_often, args=(i,)) for i in range(6)]
                for thread in threads:
                    thread.start()
                for first in range(600, 1200, 100):
                    index.add_documents(range(first, first + 100), documents[first:first + 100])
                done.set()
                for thread in threads:
                    thread.join()
                self.assertEqual(errors, [])
                self.assertEqual(len(index), 1200)


if __name__ == "__main__":
    unittest.main()
