"""Arrays of a wrong kind or with values that cannot be used are told by what was given."""
import tempfile
import unittest

import numpy as np
from maxsimd import indexes, rank, retrieve, scores

ITEM = np.ones((3, 4), np.float32)


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def check(self, error, calls):
        for call, message in calls:
            with self.subTest(message), self.assertRaisesRegex(error, "^" + message):
                call()


class Kinds(Case):
    def test_texts_beyond_ascii_are_shown_whole_characters(self):
        # Cut after 50 bytes, the message was none, and a UnicodeDecodeError came in its place.
        for text in ("\u00e9" * 60, "x" + "\u00e9" * 60):
            self.check(TypeError, [
                (lambda text=text: scores.colbert_scores(text, [ITEM]), "queries_embeddings: .*got '[x\u00e9]+$"),
                (lambda text=text: scores.colbert_scores([text], [ITEM]), "queries_embeddings: .*item 0 is '[x\u00e9]+$"),
                (lambda text=text: scores.colbert_scores([ITEM], [ITEM], [[text] * 3]), "queries_mask: .*got '[x\u00e9]+$")])


class Values(Case):
    def test_values_that_have_no_length_are_said_as_they_were_given(self):
        bad = ITEM.astype(np.float64)
        for kind in (indexes.PLAID, indexes.Voyager, indexes.Exact):
            index = kind(self.folder, kind.__name__)
            for value, message in ((np.inf, 'document "q": value inf at row 1, dimension 2: expected finite'),
                                   (-np.inf, 'document "q": value -inf at row 1'),
                                   (np.nan, 'document "q": value nan at row 1'),
                                   (1e300, r"documents_embeddings: value 1e\+300: expected values of magnitude at most 3.4"),
                                   (-1e300, r"documents_embeddings: value -1e\+300: ")):
                bad[1, 2] = value
                with self.subTest(kind.__name__, value=value), self.assertRaisesRegex(ValueError, "^" + message):
                    index.add_documents(["p", "q"], [ITEM, bad])
            self.assertEqual(len(index), 0)

    def test_large_values_have_a_length(self):
        index = indexes.Voyager(self.folder).add_documents(["a"], [1e30 * ITEM])
        np.testing.assert_allclose(index.get_documents_embeddings([["a"]])[0][0], 0.5 * ITEM, atol=0.01)


class Kinds(Case):
    def test_another_kind_than_arrays_is_a_type_error(self):
        index = indexes.Exact(self.folder).add_documents(["a"], [ITEM])
        search, rerank = retrieve.ColBERT(index).retrieve, rank.rerank
        self.check(TypeError, [
            (lambda: index.add_documents(["q"], None), "documents_embeddings: expected arrays .*got None"),
            (lambda: index.add_documents(["q"], "abc"), "documents_embeddings: expected arrays .*got 'abc'"),
            (lambda: index.add_documents(["q"], ["abc"]), "documents_embeddings: expected arrays .*item 0 is 'abc'"),
            (lambda: index.add_documents(["q"], [None]), "documents_embeddings: expected arrays .*item 0 is None"),
            (lambda: index.add_documents(["q"], [[["a"]]]), "documents_embeddings: expected arrays of numbers: "),
            (lambda: index.add_documents(["q"], [{"a": 1}]), "documents_embeddings: expected arrays of numbers: "),
            (lambda: index.add_documents(["q"], [ITEM * 1j]), "documents_embeddings: expected arrays .*complex"),
            (lambda: index.add_documents(None, [ITEM]), "documents_ids: expected a list of ids, got None"),
            (lambda: index.add_documents([None], [ITEM]), "documents_ids: expected str or int, item 0 is None"),
            (lambda: index.remove_documents([1.5]), "documents_ids: expected str or int, item 0 is 1.5"),
            (lambda: index.get_documents_embeddings([[1.5]]), "document_ids: expected str or int"),
            (lambda: search([ITEM], subset=[1.5]), "subset: expected str or int, item 0 is 1.5"),
            (lambda: search([ITEM], subset=[["a", 1]]), "subset: expected all of them str or all of them int"),
            (lambda: search("abc"), "queries_embeddings: expected arrays .*got 'abc'"),
            (lambda: search(None), "queries_embeddings: expected arrays .*got None"),
            (lambda: retrieve.XTR(indexes.Voyager(self.folder, "v")).retrieve(None), "queries_embeddings: expected arrays"),
            (lambda: rerank([["a"]], None, [[ITEM]]), "queries_embeddings: expected arrays .*got None"),
            (lambda: rerank([["a"]], [ITEM], None), "documents_embeddings: expected arrays .*got None"),
            (lambda: rerank([["a"]], [ITEM], [None]), "documents_embeddings: expected arrays .*got None"),
            (lambda: rerank(["a"], [ITEM], [[ITEM]]), "documents_ids: item 0: expected a list of ids, got 'a'"),
            (lambda: scores.ColBERTScores()([ITEM], [5]), "documents_embeddings: a group: expected arrays .*got 5")])
        self.assertEqual(index.documents_ids, ["a"])

    def test_another_shape_is_a_value_error(self):
        index = indexes.Exact(self.folder)
        self.check(ValueError, [
            (lambda: index.add_documents(["q"], [[[1, 2], [3]]]), "documents_embeddings: expected arrays of numbers: .*shape"),
            (lambda: index.add_documents(["q"], [ITEM[:, :0]]), "documents_embeddings: .*item 0 has vectors of dim 0"),
            (lambda: index.add_documents(["q"], [5]), r"documents_embeddings: expected arrays .*item 0 has the shape \[\]"),
            (lambda: index.add_documents(["q"], [ITEM[None, None]]), r"documents_embeddings: .*the shape \[1, 1, 3, 4\]")])

    def test_rows_of_lists_are_read_as_arrays_are(self):
        want = scores.colbert_scores([ITEM], [ITEM, 2 * ITEM])
        for given in ([ITEM.tolist(), (2 * ITEM).tolist()], [list(ITEM), tuple(2 * ITEM)],
                      np.stack([ITEM, 2 * ITEM]).tolist(), [[list(map(int, row)) for row in ITEM], (2 * ITEM).tolist()]):
            np.testing.assert_array_equal(scores.colbert_scores([ITEM], given), want)
        np.testing.assert_array_equal(scores.colbert_scores(ITEM.tolist(), ITEM.tolist()), want[:, :1])


class Counts(Case):
    def test_ids_are_counted_before_documents_are_scored(self):
        # Scoring would refuse the NaN.
        many = [np.ones((2, 64), np.float32)] * 500
        self.check(ValueError, [
            (lambda: rank.rerank([range(500), range(499)], [np.ones((3, 64)), np.full((3, 64), np.nan)], [many] * 2),
             "documents_ids: item 1: expected an id for each of 500 documents of the query, got 499"),
            (lambda: rank.rerank([range(500)], [np.ones((3, 64)), np.full((3, 64), np.nan)], [many] * 2),
             "documents_ids: expected the ids of each of 2 queries, got those of 1")])


class Backends(Case):
    def test_pylates_names_alone_are_taken(self):
        pair = ([ITEM], [ITEM])
        for function in (scores.colbert_scores, scores.colbert_scores_pairwise,
                         lambda queries, documents, backend: scores.colbert_kd_scores(queries, [documents], backend=backend),
                         lambda queries, documents, backend: scores.ColBERTScores()(queries, [documents], backend=backend)):
            for name in (None, "auto", "torch", "Torch"):
                np.testing.assert_array_equal(np.ravel(function(*pair, backend=name)), [12])
            self.check(ValueError, [
                (lambda: function(*pair, backend="cuda"), "backend: expected one of 'auto', 'torch', 'flash', 'lik', got 'cuda'"),
                (lambda: function(*pair, backend="flash"), "backend: 'flash' computes on a GPU, and maxsimd on the CPU"),
                (lambda: function(*pair, backend="lik"), "backend: 'lik' computes on a GPU")])
            self.check(TypeError, [(lambda: function(*pair, backend=5), "backend: expected a text, got 5")])


if __name__ == "__main__":
    unittest.main()
