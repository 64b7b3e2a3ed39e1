"""What is wrong with an argument is told by the argument's name, not in the extension's words, and
changes nothing."""
import pathlib
import tempfile
import unittest
from unittest import mock

import maxsimd
import numpy as np
from maxsimd import evaluation, indexes, models, rank, scores

ITEM = np.ones((3, 4), np.float32)


class Arguments(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.model = models.ColBERT("mini", num_threads=1)

    def check(self, calls):
        for call, error, message in calls:
            with self.subTest(message):
                with self.assertRaisesRegex(error, message) as caught:
                    call()
                self.assertNotIn("incompatible function arguments", str(caught.exception))

    def test_numbers(self):
        index = indexes.Exact(self.folder).add_documents([1], [ITEM])
        plaid = indexes.PLAID(self.folder, "plaid").add_documents([1], [ITEM])
        voyager = indexes.Voyager(self.folder, "voyager").add_documents([1], [ITEM])

        def search(name, value, with_index=plaid):
            with mock.patch.object(with_index, name, value):
                with_index._search([ITEM], 1)

        self.check([
            (lambda: models.ColBERT("mini", query_length=-1), ValueError, "query_length.*got -1"),
            (lambda: models.ColBERT("mini", document_length="9"), TypeError, "document_length.*'9'"),
            (lambda: models.ColBERT("mini", num_threads=-1), ValueError, "num_threads.*got -1"),
            (lambda: models.ColBERT("mini", num_threads=10**9), ValueError, "num_threads.*10+"),
            (lambda: models.ColBERT("mini", query_prefix=1), TypeError, "query_prefix: expected a text"),
            (lambda: models.ColBERT("mini", skiplist_words=[None]), TypeError, "skiplist_words"),
            (lambda: models.ColBERT("mini", do_query_expansion="no"), TypeError, "do_query_exp"),
            (lambda: self.model.encode("a", pool_factor=0), ValueError, "pool_factor.*1 or more"),
            (lambda: self.model.encode("a", pool_factor=2.0), TypeError, "pool_factor.*2.0"),
            (lambda: self.model.encode("a", protected_tokens=-1), ValueError, "protected_tokens"),
            (lambda: maxsimd.set_num_threads(1.5), TypeError, "num_threads.*1.5"),
            (lambda: indexes.Exact(self.folder, num_threads=-1), ValueError, "num_threads"),
            (lambda: indexes.Voyager(self.folder, "new", M=-1), ValueError, "M: expected 0 or more"),
            (lambda: indexes.PLAID(self.folder, "new", nbits="4"), TypeError, "nbits.*'4'"),
            (lambda: index([ITEM], k=0), ValueError, "k: expected 1 or more"),
            (lambda: index([ITEM], k=None), TypeError, "k: expected an integer, got None"),
            (lambda: index([ITEM], k=-3), ValueError, "k.*got -3"),
            (lambda: search("n_ivf_probe", 0), ValueError, "n_ivf_probe"),
            (lambda: search("centroid_score_threshold", "x"), TypeError, "centroid_score_thr.*'x'"),
            (lambda: search("ef_search", -1, voyager), ValueError, "ef_search"),
            (lambda: voyager([ITEM], k=0), ValueError, "k: expected 1"),
            (lambda: rank.rerank([[1]], [ITEM], [[ITEM]], num_threads=-1), ValueError, "num_threads"),
        ])
        self.assertEqual(index([ITEM], k=np.int64(1))[0][0]["id"], 1)

    def test_masks_are_numbers(self):
        endless = []
        endless.append(endless)
        for mask, error, message in (("x", TypeError, "queries_mask: expected numbers, got 'x'"),
                                     ([["a"] * 3], TypeError, "expected numbers, got 'a'"),
                                     (b"xxx", TypeError, "expected numbers, got b'xxx'"),
                                     ([None] * 3, TypeError, "expected numbers, got None"),
                                     (endless, RecursionError, "nested lists of numbers")):
            with self.subTest(message), self.assertRaisesRegex(error, message):
                scores.colbert_scores([ITEM], [ITEM], queries_mask=mask)

    def test_flags_and_names(self):
        encode = self.model.encode
        self.check((
            (lambda: encode("a", is_query="a"), TypeError, "is_query: expected True or False, got .a."),
            (lambda: encode("a", normalize_embeddings="x"), TypeError, "normalize_embeddings: expected True or False"),
            (lambda: encode("a", prompt=1), TypeError, "prompt: expected a text, got 1"),
            (lambda: encode("a", prompt="\ud800"), ValueError, "prompt: .*no Unicode text"),
            (lambda: encode("a", pool_factor=2**70), ValueError, "pool_factor: expected .* or less"),
            (lambda: self.model.tokenize(["a"], "x"), TypeError, "is_query: expected True or False"),
            (lambda: self.model.describe_rows("a", is_query="x"), TypeError, "is_query: expected True"),
            (lambda: self.model.describe_rows(["a"]), TypeError, "text: expected a text"),
            (lambda: setattr(self.model, "skiplist_words", None), TypeError, "^skiplist_words: expected a list of texts, got None"),
            (lambda: setattr(self.model, "skiplist_words", "a"), TypeError, "^skiplist_words: expected a list of texts, got 'a'"),
            (lambda: setattr(self.model, "similarity_fn_name", "dot"), ValueError, "^similarity_fn_name: expected 'MaxSim', got 'dot'"),
            (lambda: setattr(self.model, "similarity_fn_name", 5), TypeError, "^similarity_fn_name: expected a text, got 5"),
            (lambda: models.ColBERT.pool_embeddings_hierarchical(None), TypeError, "^documents_embeddings: expected arrays"),
            (lambda: models.ColBERT("mini", precision=None), TypeError, "precision: expected a text"),
            (lambda: models.ColBERT("org/n", revision=5), TypeError, "revision: expected a text"),
            (lambda: models.pull_model(1), TypeError, "name: expected a text"),
            (lambda: indexes.Exact(self.folder, codec=1), TypeError, "codec: expected a text"),
            (lambda: indexes.PLAID(self.folder, nbits=2**70), ValueError, "nbits: expected .* or less"),
            (lambda: rank.rerank([["a"]], [ITEM], [[ITEM]], masking=1), TypeError, "masking: expected a text"),
        ))
        np.testing.assert_array_equal(encode("a", is_query=np.True_), encode("a"))

    def test_texts(self):
        surrogate = "a\ud800"
        self.check([
            (lambda: self.model.encode(["a", surrogate]), ValueError, "sentences: item 1"),
            (lambda: self.model.encode([["a"], "b"]), TypeError, "sentences.*got str"),
            (lambda: self.model.encode(["a", ["b"]]), TypeError, "item 1 is no text"),
            (lambda: self.model.tokenize([surrogate]), ValueError, "item 0 is no Unicode"),
            (lambda: self.model.describe_rows(surrogate), ValueError, "no Unicode"),
            (lambda: evaluation.ColBERTTripletEvaluator(["a"], [None], ["c"]), TypeError,
             "positives: item 0 is no text: None"),
            (lambda: evaluation.ColBERTDistillationEvaluator(["a"], [[3, None]], [[1, 2]]), TypeError,
             "documents of query 0: item 1"),
            (lambda: evaluation.PyLateInformationRetrievalEvaluator({"a": None}, {}, {}), TypeError,
             "queries: item 0"),
        ])

    def test_ids_and_embeddings(self):
        index = indexes.Exact(self.folder)
        self.check([
            (lambda: index.add_documents(["\ud800"], [ITEM]), ValueError, "surrogates"),
            (lambda: index.add_documents(None, [ITEM]), TypeError, "^documents_ids: .*got None"),
            (lambda: index.add_documents(["a"], None), TypeError, "^documents_embeddings: .*got None"),
            (lambda: index(None), TypeError, "^queries_embeddings: .*got None"),
            (lambda: index.remove_documents(None), TypeError, "^documents_ids: .*got None"),
            (lambda: index.add_documents([None], [ITEM]), TypeError, "^documents_ids: expected str or int, item 0 is None"),
            (lambda: scores.colbert_scores(None, [ITEM]), TypeError, "^queries_embeddings: .*got None"),
            (lambda: rank.rerank([[1]], None, [[ITEM]]), TypeError, "^queries_embeddings: .*got None"),
            (lambda: rank.rerank([[1]], [ITEM[:, :2]], [[ITEM]]), ValueError,
             "documents dim 4, got 2"),
            (lambda: scores.colbert_scores([ITEM * 1j], [ITEM]), TypeError, "^queries_embeddings: .*complex"),
        ])
        self.assertEqual(len(index), 0)

    def test_a_query_is_named_by_its_number_however_many_there_are(self):
        # Long work is done in parts; 1e8 inner products are one.
        index = indexes.Exact(self.folder)
        index.add_documents(range(20), [np.ones((5000, 2))] * 20)
        queries = [np.ones((100, 2))] * 40
        queries[33] = np.full((100, 2), np.nan)
        self.check([
            (lambda: index(queries), ValueError, "query 33"),
            (lambda: scores.colbert_scores(queries, [np.ones((50_000, 2))]), ValueError, "query 33"),
        ])
        queries[33] = queries[0]
        self.assertEqual(len(index(queries, k=1)), 40)
        got = scores.colbert_scores(queries, [np.ones((50_000, 2))])
        np.testing.assert_array_equal(got, np.full((40, 1), 200, np.float32))
        ranked = rank.rerank([[0, 1]] * 40, queries,
                             [[np.ones((50_000, 2)), np.full((1, 2), float(i))] for i in range(40)])
        self.assertEqual([[hit["id"] for hit in ranking] for ranking in ranked],
                         [[0, 1]] * 2 + [[1, 0]] * 38)

    def test_a_setting_that_is_wrong_changes_nothing(self):
        for name, value in (("query_length", "x"), ("query_length", 0), ("skiplist_words", 5)):
            with self.subTest(name), self.assertRaises((TypeError, ValueError)):
                setattr(self.model, name, value)
        self.assertEqual(self.model.query_length, 32)
        self.model.document_length = 20
        folder = pathlib.Path(self.folder) / "saved"
        self.model.save_pretrained(str(folder))
        self.assertEqual(models.ColBERT(str(folder)).document_length, 20)


if __name__ == "__main__":
    unittest.main()
