"""The package beside PyLate 1.6: the same calls, their results compared with those PyLate gave
(testdata/pylate.npz, written by scripts/goldens/python_api_pylate.py).

Differences on purpose, with their tests: rank.rerank leaves absent rows absent unless
masking="pylate"; evaluators' values are doubles.
"""
import json
import pathlib
import tempfile
import unittest

import numpy as np
from maxsimd import evaluation, indexes, models, rank, retrieve, scores, utils
from parity_calls import DOCUMENTS, NEGATIVES, QUERIES, encode_calls, mask_arguments, sample

GOLDEN = np.load(pathlib.Path(__file__).parent / "testdata" / "pylate.npz")
FACTS = json.loads(str(GOLDEN["facts"]))

# Per value; the two encoders agree to about 1e-6 (docs: 1e-3).
TOLERANCE = 2e-5
# Of a MaxSim over 32 query rows.
SCORE_TOLERANCE = 1e-3


class Parity(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = models.ColBERT("mini")
        cls.queries = cls.model.encode(QUERIES, is_query=True)
        cls.documents = cls.model.encode(DOCUMENTS, is_query=False)

    def assert_close(self, got, expected, tolerance):
        self.assertEqual(np.shape(got), np.shape(expected))
        np.testing.assert_allclose(got, expected, rtol=0, atol=tolerance)

    def assert_rankings(self, got, expected, tolerance):
        self.assertEqual(len(got), len(expected))
        for one, other in zip(got, expected):
            self.assertEqual([hit["id"] for hit in one], [hit["id"] for hit in other])
            self.assert_close([hit["score"] for hit in one], [hit["score"] for hit in other],
                              tolerance)


class EncodeParity(Parity):
    def test_encode_with_every_option(self):
        for name, sentences, arguments in encode_calls():
            with self.subTest(name):
                result = self.model.encode(sentences, **arguments)
                if name.startswith("single"):
                    self.assertIsInstance(result, np.ndarray)
                    items = [result]
                elif name.startswith("nested"):
                    self.assertEqual([len(group) for group in result], [len(s) for s in sentences])
                    items = [item for group in result for item in group]
                else:
                    items = result
                self.assertIsInstance(items, list)
                self.assertEqual([list(item.shape) for item in items], FACTS[name])
                self.assertTrue(all(item.dtype == np.float32 for item in items))
                if "padded" not in name:  # of those there are the shapes
                    flat = np.concatenate([item.reshape(-1) for item in items])
                    self.assert_close(flat, GOLDEN[name], TOLERANCE * (
                        30 if name == "not_normalized" else 1))

    def test_rows_of_all_tokens(self):
        for name, sentences, is_query in (("rows_documents", DOCUMENTS[:4], False),
                                          ("rows_query", QUERIES[0], True)):
            rows = self.model.encode(sentences, is_query=is_query, output_value=None)
            self.assertEqual(list(rows), ["token_embeddings", "input_ids", "attention_mask", "masks"])
            for key, got in rows.items():
                with self.subTest(f"{name} {key}"):
                    got = got if isinstance(got, list) else [got]
                    shapes = FACTS[f"{name}_{key}"]
                    sizes = np.cumsum([0, *(int(np.prod(shape)) for shape in shapes)])
                    for item, start, shape in zip(got, sizes, shapes):
                        whole = GOLDEN[f"{name}_{key}"][start:][:int(np.prod(shape))].reshape(shape)
                        # PyLate's have rows of the batch's padding behind them.
                        self.assert_close(item.astype(np.float32),
                                          whole[:len(item)].astype(np.float32), TOLERANCE)
                        self.assertEqual(item.dtype, whole.dtype)
                        if key != "token_embeddings":
                            self.assertFalse(whole[len(item):].any() and key != "input_ids")
        again = self.model.encode(DOCUMENTS[:4], is_query=False, output_value=None)
        for vectors, mask, kept in zip(again["token_embeddings"], again["masks"], self.documents):
            np.testing.assert_array_equal(vectors[mask], kept)
        padded = self.model.encode(DOCUMENTS[:4], is_query=False, output_value=None, padding=True)
        self.assertEqual({value.shape for value in padded["input_ids"]},
                         {(1, max(len(item) for item in again["input_ids"]))})
        with self.assertRaisesRegex(ValueError, "pool_factor"):
            self.model.encode("a", is_query=False, output_value=None, pool_factor=2)

    def test_pooling_of_given_vectors(self):
        for factor, protected in ((2, 1), (4, 3)):
            got = self.model.pool_embeddings_hierarchical(self.documents, factor, protected)
            expected = self.model.encode(DOCUMENTS, is_query=False, pool_factor=factor,
                                         protected_tokens=protected)
            for one, other in zip(got, expected):
                np.testing.assert_array_equal(one, other)

    def test_padding_adds_zero_rows(self):
        padded = self.model.encode(DOCUMENTS, is_query=False, padding=True)
        for item, plain in zip(padded, self.documents):
            np.testing.assert_array_equal(item[0, : len(plain)], plain)
            self.assertFalse(item[0, len(plain):].any())

    def test_tokenize(self):
        got = self.model.tokenize(DOCUMENTS[:3], is_query=False)
        self.assertEqual(list(got), [key.removeprefix("tokenize_") for key in GOLDEN
                                     if key.startswith("tokenize_")])
        for key, value in got.items():
            np.testing.assert_array_equal(value, GOLDEN[f"tokenize_{key}"])

    def test_collator(self):
        rows = [{"query": QUERIES[i], "positive": DOCUMENTS[i], "documents": DOCUMENTS[i + 1:i + 3],
                 "scores": row} for i, row in enumerate(([.5, 1.], [.1, .2]))]
        batch = utils.ColBERTCollator(self.model.tokenize)(rows)
        self.assertEqual(list(batch), FACTS["collator"])
        self.assertIs(batch.pop("return_loss"), True)
        for key, value in batch.items():
            np.testing.assert_allclose(value, GOLDEN[f"collator_{key}"])


class ScoresParity(Parity):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.padded_queries = np.concatenate(cls.model.encode(QUERIES, padding=True))
        cls.padded_documents = np.concatenate(
            cls.model.encode(DOCUMENTS, is_query=False, padding=True))
        cls.masks = mask_arguments(cls.padded_queries.shape, cls.padded_documents.shape)

    def test_scores(self):
        self.assert_close(scores.colbert_scores(self.padded_queries, self.padded_documents),
                          GOLDEN["scores"], SCORE_TOLERANCE)

    def test_scores_with_masks(self):
        got = scores.colbert_scores(self.padded_queries, self.padded_documents, *self.masks)
        self.assert_close(got, GOLDEN["scores_masked"], SCORE_TOLERANCE)

    def test_pairwise(self):
        got = scores.colbert_scores_pairwise(self.queries, self.documents[:len(QUERIES)])
        self.assert_close(got, GOLDEN["pairwise"], SCORE_TOLERANCE)

    def test_distillation_scores_with_masks(self):
        n = len(QUERIES)
        documents = self.padded_documents[: 2 * n]
        got = scores.colbert_kd_scores(
            self.padded_queries, documents.reshape(n, 2, *documents.shape[1:]), self.masks[0],
            self.masks[1][: 2 * n].reshape(n, 2, -1))
        self.assert_close(got, GOLDEN["kd"], SCORE_TOLERANCE)

    def test_scores_of_groups(self):
        n = len(QUERIES)
        documents = self.padded_documents[: 2 * n]
        got = scores.ColBERTScores()(self.padded_queries,
                                     documents.reshape(n, 2, *documents.shape[1:]))
        self.assert_close(got, GOLDEN["grouped"], SCORE_TOLERANCE)


class RankingParity(Parity):
    def groups(self):
        return ([[10, 11, 12, 13], list(range(len(DOCUMENTS) - 3))], self.queries[:2],
                [self.documents[:4], self.documents[3:]])

    def test_rerank_with_pylates_masking(self):
        self.assert_rankings(rank.rerank(*self.groups(), masking="pylate"), FACTS["rerank"],
                             SCORE_TOLERANCE)

    def test_rerank_leaves_absent_rows_absent(self):
        ids, queries, groups = self.groups()
        expected = []
        for query, names, documents in zip(queries, ids, groups):
            values = [float((query @ document.T).max(axis=1).sum()) for document in documents]
            order = sorted(range(len(values)), key=lambda i: -values[i])
            expected.append([{"id": names[i], "score": values[i]} for i in order])
        self.assert_rankings(rank.rerank(*self.groups()), expected, SCORE_TOLERANCE)

    def retrieved(self, kind):
        """The first three documents of each query, by an index of all."""
        with tempfile.TemporaryDirectory() as folder:
            index = kind(folder).add_documents(range(len(DOCUMENTS)), self.documents)
            return retrieve.ColBERT(index).retrieve(self.queries, k=3)

    def test_retrieval_by_voyager(self):
        # Vectors of int8: a score is the sum of 32 of them.
        self.assert_rankings(self.retrieved(indexes.Voyager), FACTS["voyager"], 0.05)

    def test_retrieval_by_plaid(self):
        # PyLate's codes are others, and its scores farther from those of the vectors than ours: ids
        # are the same, but for their order where scores are near each other.
        exact = {(q, hit["id"]): hit["score"] for q, hits in enumerate(rank.rerank(
            [range(len(DOCUMENTS))] * len(QUERIES), self.queries, [self.documents] * len(QUERIES))) for hit in hits}
        own_error, pylates_error = [], []
        for q, (one, other) in enumerate(zip(self.retrieved(indexes.PLAID), FACTS["plaid"], strict=True)):
            self.assertEqual({hit["id"] for hit in one}, {hit["id"] for hit in other})
            self.assertEqual(one[0]["id"], other[0]["id"])
            pylates = {hit["id"]: hit["score"] for hit in other}
            for hit in one:
                self.assertAlmostEqual(hit["score"], pylates[hit["id"]], delta=0.7)
                own_error.append(abs(hit["score"] - exact[q, hit["id"]]))
                pylates_error.append(abs(pylates[hit["id"]] - exact[q, hit["id"]]))
        self.assertLess(max(own_error), 0.01)
        self.assertLess(np.mean(own_error), np.mean(pylates_error))

    @classmethod
    def vectors_of_sample(cls):
        """Those of the documents, and of the queries; encoded once."""
        if not hasattr(cls, "sample_vectors"):
            texts, queries, _ = sample()
            cls.sample_vectors = (cls.model.encode(list(texts.values()), is_query=False), cls.model.encode(queries))
        return cls.sample_vectors

    def search_of_sample(self, kind, **arguments):
        vectors, queries = self.vectors_of_sample()
        k = sample()[2]
        with tempfile.TemporaryDirectory() as folder:
            index = kind(folder, **arguments).add_documents(list(range(len(vectors))), vectors)
            found = retrieve.ColBERT(index).retrieve(queries, k=k)
        ids = np.array([[hit["id"] for hit in hits] for hits in found])
        return ids, np.array([[hit["score"] for hit in hits] for hits in found]), vectors, queries

    @staticmethod
    def overlap(one, other):
        return float(np.mean([len(set(a) & set(b)) / len(a) for a, b in zip(one, other)]))

    def test_exact_search_of_a_collection_is_pylates_maxsim(self):
        ids, values, _, _ = self.search_of_sample(indexes.Exact)
        self.assert_close(values, GOLDEN["sample_exact_scores"], SCORE_TOLERANCE)
        # Documents of almost one score change places.
        self.assertGreater(self.overlap(ids, GOLDEN["sample_exact"]), 0.999)

    def test_voyager_of_a_collection_finds_what_pylates_maxsim_does(self):
        ids, values, _, _ = self.search_of_sample(indexes.Voyager)
        self.assertGreater(self.overlap(ids, GOLDEN["sample_exact"]), 0.99)
        errors = np.abs(values - GOLDEN["sample_exact_scores"])  # by place, of vectors of int8
        self.assertLess(errors.max(), 0.1)
        self.assertLess(errors.mean(), 0.02)

    def test_plaid_of_a_collection_loses_no_more_than_pylates(self):
        ids, values, vectors, queries = self.search_of_sample(indexes.PLAID)
        exact = GOLDEN["sample_exact"]
        own, pylates = self.overlap(ids, exact), self.overlap(GOLDEN["sample_plaid"], exact)
        self.assertGreater(pylates, 0.9)
        self.assertGreaterEqual(own, pylates - 0.005)
        self.assertGreater(self.overlap(ids, GOLDEN["sample_plaid"]), 0.9)

        def errors(places, scores):
            """Of the scores by codes, beside those of the vectors themselves."""
            return np.array([[score - float((query @ vectors[place].T).max(axis=1).sum())
                              for place, score in zip(row, row_scores)]
                             for query, row, row_scores in zip(queries, places, scores)])

        own_error = np.abs(errors(ids, values)).mean()
        pylates_error = np.abs(errors(GOLDEN["sample_plaid"], GOLDEN["sample_plaid_scores"])).mean()
        self.assertLess(own_error, pylates_error * 1.1)

    def test_nearest_tokens_of_voyager(self):
        with tempfile.TemporaryDirectory() as folder:
            index = indexes.Voyager(folder).add_documents(range(len(DOCUMENTS)), self.documents)
            found = index(self.queries[:1], k=5)
        self.assertEqual(list(found), ["documents_ids", "distances"])
        ids, distances = found["documents_ids"][0], found["distances"][0]
        golden = GOLDEN["voyager_distances"]
        # Stored as int8: the distances are off by a hundredth at most, and ids of like ones change.
        self.assert_close(np.stack(distances), golden, 0.01)
        for own, other, values in zip(ids, FACTS["voyager_tokens"], golden):
            apart = values[1] - values[0] > 0.02
            self.assertTrue(own[0] == other[0] or not apart)
            self.assertEqual(len(own), 5)

    def test_triplet_evaluator(self):
        evaluator = evaluation.ColBERTTripletEvaluator(QUERIES, DOCUMENTS[:len(QUERIES)], NEGATIVES,
                                                       name="parity")
        with tempfile.TemporaryDirectory() as folder:
            got = evaluator(self.model, output_path=folder)
            csv = (pathlib.Path(folder) / evaluator.csv_file).read_text()
        self.assertEqual(list(got), list(FACTS["triplet"]))
        self.assertAlmostEqual(got["accuracy"], FACTS["triplet"]["accuracy"], places=6)
        self.assertEqual(evaluator.csv_file, FACTS["triplet_file"])
        head, row = csv.splitlines()
        golden_head, golden_row = FACTS["triplet_csv"].splitlines()
        self.assertEqual(head, golden_head)
        self.assertEqual(row.split(",")[:2], golden_row.split(",")[:2])


del Parity  # not a test by itself

if __name__ == "__main__":
    unittest.main()
