"""XTR's scores beside PyLate's, and a search by them beside its definition."""
import json
import pathlib
import tempfile
import unittest

import numpy as np
from maxsimd import indexes, models, rank, retrieve, scores
from parity_calls import DOCUMENTS, QUERIES, xtr_arguments

GOLDEN = np.load(pathlib.Path(__file__).parent / "testdata" / "pylate.npz")
FACTS = json.loads(str(GOLDEN["facts"]))


class Scores(unittest.TestCase):
    def test_training_scores_are_pylates(self):
        queries, documents, queries_mask, documents_mask = xtr_arguments()
        for name, arguments in (("plain", ()), ("masked", (queries_mask, documents_mask))):
            with self.subTest(name):
                got = scores.XTRScores(k=9)(queries, documents, *arguments)
                np.testing.assert_allclose(got, GOLDEN[f"xtr_{name}"], rtol=1e-5, atol=1e-6)
                got = scores.XTRKDScores(k=9)(queries, documents, *arguments)
                np.testing.assert_allclose(got, GOLDEN[f"xtr_kd_{name}"], rtol=1e-5, atol=1e-6)
        with self.assertRaisesRegex(ValueError, "expected 1 to 90"):
            scores.xtr_scores(queries, documents)
        with self.assertRaisesRegex(ValueError, "queries_embeddings: expected 3 dimensions"):
            scores.xtr_scores(queries[0], documents)

    def test_score_xtr_is_pylates(self):
        for name, call in FACTS["score_xtr"].items():
            with self.subTest(name):
                got = rank.score_xtr(call["ids"], call["scores"], k=call["k"])
                self.assertEqual([hit["id"] for hit in got], [hit["id"] for hit in call["expected"]])
                np.testing.assert_allclose([hit["score"] for hit in got],
                                           [hit["score"] for hit in call["expected"]], rtol=1e-5)
        with self.assertRaises(ValueError):
            rank.score_xtr([["a"]], [], k=1)
        with self.assertRaises(ValueError):
            rank.score_xtr([["a"]], [[0.1, 0.2]], k=1)


class Retrieval(unittest.TestCase):
    def test_over_voyager(self):
        model = models.ColBERT("mini")
        documents = model.encode(DOCUMENTS, is_query=False)
        queries = model.encode(QUERIES[:3])
        vectors = np.concatenate(documents)
        owners = np.repeat(np.arange(len(documents)), [len(item) for item in documents])
        with tempfile.TemporaryDirectory() as folder:
            index = indexes.Voyager(folder).add_documents(range(len(documents)), documents)
            got = retrieve.XTR(index).retrieve(queries, k=3, k_token=20)
            alone = retrieve.XTR(index).retrieve(queries[0], k=3, k_token=20)
            self.assertEqual(alone, got[:1])
            self.assertEqual(len(retrieve.XTR(index).retrieve(queries, k=3)), 3)  # 10,000 a vector
            with self.assertRaises(NotImplementedError):
                retrieve.XTR(index).retrieve(queries, subset=[1])
        for query, hits in zip(queries, got):
            similarities = query @ vectors.T
            best = np.argsort(-similarities, axis=1)[:, :20]
            expected = rank.score_xtr(owners[best].tolist(),
                                      np.take_along_axis(similarities, best, 1).tolist(), k=3)
            self.assertEqual(hits[0]["id"], expected[0]["id"])
            self.assertAlmostEqual(hits[0]["score"], expected[0]["score"], delta=0.2)

    def test_an_index_that_ranks_is_asked(self):
        model = models.ColBERT("mini")
        documents, queries = model.encode(DOCUMENTS, is_query=False), model.encode(QUERIES[:2])
        with tempfile.TemporaryDirectory() as folder:
            index = indexes.Exact(folder).add_documents(range(len(documents)), documents)
            self.assertEqual(retrieve.XTR(index).retrieve(queries, k=2), index(queries, k=2))


if __name__ == "__main__":
    unittest.main()
