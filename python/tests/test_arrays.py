"""Embeddings in whatever form they come."""
import unittest

import numpy as np
from maxsimd import rank, scores

RANDOM = np.random.default_rng(3)


class OnlyDLPack:
    """An array of some other package."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self, **keywords):
        return self.array.__dlpack__(**keywords)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


def maxsim(query, document):
    return float((np.asarray(query, np.float64) @ np.asarray(document, np.float64).T).max(1).sum())


class Arrays(unittest.TestCase):
    def setUp(self):
        # Sixteenths: exact in half precision, too.
        self.items = [np.round(RANDOM.normal(size=(n, 6)) * 8).astype(np.float32) / 16
                      for n in (3, 5, 5)]
        self.expected = [[maxsim(q, d) for d in self.items] for q in self.items]

    def check(self, items, documents=None):
        got = scores.colbert_scores(items, self.items if documents is None else documents)
        self.assertEqual(got.dtype, np.float32)
        np.testing.assert_allclose(got, self.expected, rtol=1e-6, atol=1e-6)

    def test_number_types(self):
        for kind in (np.float16, np.float32, np.float64, np.longdouble):
            with self.subTest(kind.__name__):
                self.check([item.astype(kind) for item in self.items])

    def test_integers(self):
        whole = [np.round(item * 16) for item in self.items]
        for kind in (np.int8, np.int16, np.int32, np.int64):
            got = scores.colbert_scores([item.astype(kind) for item in whole], self.items)
            np.testing.assert_allclose(got, np.array(self.expected) * 16, rtol=1e-5)
        positive = [np.abs(item) for item in whole]
        expected = scores.colbert_scores(positive, self.items)
        for kind in (np.uint8, np.uint16, np.uint32, np.uint64):
            got = scores.colbert_scores([item.astype(kind) for item in positive], self.items)
            np.testing.assert_array_equal(got, expected)

    def test_strides_and_order(self):
        self.check([np.asfortranarray(item) for item in self.items])
        self.check([np.repeat(item, 2, axis=1)[:, ::2] for item in self.items])
        self.check([item[::-1][::-1] for item in self.items])

    def test_containers(self):
        self.check(tuple(self.items))
        self.check([item.tolist() for item in self.items])
        self.check([item[None] for item in self.items])  # as encode(padding=True) gives them
        self.check([OnlyDLPack(item) for item in self.items])
        self.check([memoryview(item) for item in self.items])
        ragged = np.empty(3, dtype=object)
        ragged[:] = self.items
        self.check(ragged)

    def test_read_only_arrays(self):
        for item in self.items:
            item.flags.writeable = False
        self.check(self.items)

    def test_a_stack_and_a_single_item(self):
        stack = np.stack(self.items[1:])
        got = scores.colbert_scores(stack, self.items)
        np.testing.assert_allclose(got, self.expected[1:], rtol=1e-6)
        got = scores.colbert_scores(self.items[0], self.items)
        np.testing.assert_allclose(got, self.expected[:1], rtol=1e-6)

    def test_what_is_wrong_is_told(self):
        other = np.zeros((2, 7), np.float32)
        for bad, error, message in (([self.items[0], other], ValueError, "item 1 has vectors of dim 7"),
                                    ([np.zeros((2, 2, 2, 2))], ValueError, "shape"), ("text", TypeError, "got 'text'"),
                                    ([["a"]], TypeError, "arrays of numbers"),
                                    ([np.zeros((2, 6), complex)], TypeError, "complex numbers"),
                                    ([np.full((1, 6), np.nan)], ValueError, "finite")):
            with self.subTest(message), self.assertRaisesRegex(error, message):
                scores.colbert_scores(bad, self.items)
        with self.assertRaisesRegex(ValueError, "one value for each of 13 token vectors, got 2"):
            scores.colbert_scores(self.items, self.items, documents_mask=[1, 2])

    def test_docstring_examples_of_pylate(self):
        queries = [[[1.], [0.], [0.], [0.]], [[0.], [2.], [0.], [0.]], [[0.], [0.], [3.], [0.]]]
        documents = [[[10.], [0.], [1.]], [[0.], [100.], [10.]], [[1.], [0.], [1000.]]]
        queries_mask = [[1., 1., 1., 1.], [1., 1., 1., 1.], [1., 1., 0., 1.]]
        documents_mask = [[1., 1., 1.], [1., 0., 1.], [1., 1., 1.]]
        got = scores.colbert_scores(queries, documents, queries_mask, documents_mask)
        np.testing.assert_array_equal(got, [[10, 10, 1000], [20, 20, 2000], [0, 0, 0]])
        groups = [[[[10.], [0.], [1.]], [[20.], [0.], [1.]], [[30.], [0.], [1.]]],
                  [[[0.], [100.], [1.]], [[0.], [200.], [1.]], [[0.], [300.], [1.]]],
                  [[[1.], [0.], [1000.]], [[1.], [0.], [2000.]], [[10.], [0.], [3000.]]]]
        masks = np.ones((3, 3, 3))
        masks[0, 0, 0] = 0
        got = scores.colbert_kd_scores(queries, groups, queries_mask, masks)
        np.testing.assert_array_equal(got, [[1, 20, 30], [200, 400, 600], [0, 0, 0]])


class Rerank(unittest.TestCase):
    def test_ids_are_returned_as_given(self):
        query = np.eye(2, dtype=np.float32)
        documents = [np.array([[1., 0]]), np.array([[2., 2]]), np.array([[0., 1.]])]
        ids = [("any", "thing"), 7, "seven"]
        got = rank.rerank([ids], [query], [documents])
        self.assertEqual(got, [[{"id": 7, "score": 4.0}, {"id": ("any", "thing"), "score": 1.0},
                                {"id": "seven", "score": 1.0}]])  # ties keep their order
        self.assertEqual(rank.rerank([ids], query, [documents]), got)
        self.assertEqual(rank.rerank([ids], query[None], np.stack(documents)[None]), got)

    def test_masking(self):
        query = np.array([[1., 0.]])
        documents = [np.array([[-1., 0.]]), np.array([[-2., 0.], [-3., 0.]])]
        exact = rank.rerank([["a", "b"]], [query], [documents])
        self.assertEqual([hit["score"] for hit in exact[0]], [-1.0, -2.0])
        padded = rank.rerank([["a", "b"]], [query], [documents], masking="pylate")
        self.assertEqual([hit["score"] for hit in padded[0]], [0.0, -2.0])

    def test_counts_that_do_not_fit(self):
        query, document = np.eye(2), np.eye(2)
        with self.assertRaisesRegex(ValueError, "each of 1 queries, got those of 2"):
            rank.rerank([["a"]], [query], [[document], [document]])
        with self.assertRaisesRegex(ValueError, "an id for each of 2 documents"):
            rank.rerank([["a"]], [query], [[document, document]])
        self.assertEqual(rank.rerank([[], ["a"]], [query, query], [[], [document]])[0], [])


if __name__ == "__main__":
    unittest.main()
