"""The scores that XTR is trained with (Lee et al. 2023, "Rethinking the Role of Token Retrieval in
Multi-Vector Retrieval"): only the k document vectors nearest to a query vector count.

NumPy does it, in float32 and without gradients: for evaluation and experiments, not for large
collections.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .._checks import count, optional_count
from .._tensors import as_array, check_needs_no_gradient, scores_like


class XTRScores:
    """Every query with the documents of all queries, which come in groups.

    k
        Document vectors that count for each query vector, of all documents together.
    document_chunk_size
        Without effect.
    """

    def __init__(self, k: int = 256, document_chunk_size: int | None = None) -> None:
        self.k = count("k", k, 1)
        optional_count("document_chunk_size", document_chunk_size, 1)
        self.document_chunk_size = document_chunk_size

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """Does nothing: there is no PyTorch program."""

    def __call__(self, queries_embeddings: Any, documents_embeddings: Any, queries_mask: Any = None,
                 documents_mask: Any = None) -> Any:
        """[queries, groups * n], document k of group j in column j * n + k: the mean, over the query
        vectors that found the document at all, of the best similarity they found in it.

        queries_embeddings, queries_mask
            [queries, tokens, dim], [queries, tokens].
        documents_embeddings, documents_mask
            [groups, n, tokens, dim], [groups, n, tokens].
        """
        check_needs_no_gradient(queries_embeddings=queries_embeddings,
                                documents_embeddings=documents_embeddings)
        queries = as_array(queries_embeddings, "queries_embeddings", 3)
        documents = as_array(documents_embeddings, "documents_embeddings", 4)
        shape = documents.shape
        documents = documents.reshape(-1, *shape[2:])
        scores = _xtr(queries, documents, self.k, _mask(queries_mask, "queries_mask", queries.shape[:2]),
                      _mask(documents_mask, "documents_mask", shape[:3]))
        return scores_like(scores, queries_embeddings, documents_embeddings)


class XTRKDScores(XTRScores):
    """Each query with the documents of its own group, [queries, n]."""

    def __call__(self, queries_embeddings: Any, documents_embeddings: Any, queries_mask: Any = None,
                 documents_mask: Any = None) -> Any:
        scores = super().__call__(queries_embeddings, documents_embeddings, queries_mask,
                                  documents_mask)
        queries = len(scores)
        if scores.shape[1] % max(queries, 1) or not scores.shape[1]:
            raise ValueError(f"documents_embeddings: expected a group for each of {queries} queries")
        return scores.reshape(queries, queries, -1)[range(queries), range(queries)]


def _mask(given: Any, what: str, shape: tuple[int, ...]) -> np.ndarray | None:
    if given is None:
        return None
    ndim = getattr(given, "ndim", len(shape))
    mask = as_array(given, what, ndim if 0 < ndim < len(shape) else len(shape))
    if len(shape) == 3 and mask.shape == (shape[0] * shape[1], shape[2]):  # a row a document
        return mask.reshape(shape)
    try:
        return np.broadcast_to(mask, shape)
    except ValueError:
        raise ValueError(f"{what}: expected the shape {shape}, got {mask.shape}") from None


def _xtr(queries: np.ndarray, documents: np.ndarray, k: int, queries_mask: np.ndarray | None,
         documents_mask: np.ndarray | None) -> np.ndarray:
    num_documents, length, dim = documents.shape
    if queries.shape[-1] != dim:
        raise ValueError(f"queries_embeddings: expected vectors of dim {dim}, as the documents', got "
                         f"{queries.shape[-1]}")
    similarities = queries @ documents.reshape(-1, dim).T  # [queries, tokens, documents * tokens]
    if documents_mask is not None:
        similarities = np.where(documents_mask.reshape(-1) != 0, similarities,
                                np.finfo(np.float32).min)
    if not 1 <= count("k", k) <= similarities.shape[-1]:
        raise ValueError(f"k: expected 1 to {similarities.shape[-1]}, the document vectors there "
                         f"are, got {k}")
    found = np.argpartition(similarities, -k, axis=-1)[..., -k:]
    counted = np.zeros_like(similarities)
    np.put_along_axis(counted, found, np.take_along_axis(similarities, found, -1), -1)
    best = counted.reshape(*similarities.shape[:2], num_documents, length).max(-1)
    if queries_mask is not None:
        best = best * queries_mask[..., None]
    hits = np.maximum((best > 0).sum(axis=1), np.float32(1e-3))
    return (best.sum(axis=1) / hits).astype(np.float32)


xtr_scores = XTRScores()
xtr_kd_scores = XTRKDScores()
