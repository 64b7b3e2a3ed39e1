"""MaxSim between queries and documents: for each query vector the largest dot product with any
vector of the document, added up.

Embeddings are padded arrays or lists of arrays of any lengths. Scores come as NumPy arrays of
float32, or as tensors when tensors were given, of their number type (they are computed in float32).
They have no gradient: tensors that require one are refused where PyTorch records gradients. A masked
vector's similarities are 0, as in PyLate (they are multiplied by the mask): they count where all
others are negative.
"""

from __future__ import annotations

from typing import Any

from .. import _maxsimd
from .._checks import text
from .._tensors import check_has_items, check_needs_no_gradient, scores_like
from .._threads import get_num_threads


_BACKENDS = ("auto", "torch", "flash", "lik")  # PyLate's


def _check_backend(backend: Any) -> None:
    if backend is None:
        return
    name = text("backend", backend).lower()
    if name not in _BACKENDS:
        raise ValueError(f"backend: expected one of {', '.join(map(repr, _BACKENDS))}, got {backend!r:.50}")
    if name in ("flash", "lik"):
        raise ValueError(f"backend: {name!r} computes on a GPU, and maxsimd on the CPU; leave it out")


def colbert_scores(queries_embeddings: Any, documents_embeddings: Any, queries_mask: Any = None,
                   documents_mask: Any = None, backend: str | None = None) -> Any:
    """Every query with every document, [queries, documents].

    queries_embeddings, documents_embeddings
        [items, tokens, dim], or lists of arrays [tokens, dim].
    queries_mask, documents_mask
        [items, tokens].
    backend
        Without effect; PyLate's "flash" and "lik", which need a GPU, are refused.
    """
    _check_backend(backend)
    check_needs_no_gradient(queries_embeddings=queries_embeddings,
                            documents_embeddings=documents_embeddings)
    scores = _maxsimd.colbert_scores(queries_embeddings, documents_embeddings, queries_mask,
                                     documents_mask, get_num_threads())
    return scores_like(scores, queries_embeddings, documents_embeddings)


def colbert_scores_pairwise(queries_embeddings: Any, documents_embeddings: Any,
                            backend: str | None = None) -> Any:
    """Query i with document i, [queries]."""
    _check_backend(backend)
    check_needs_no_gradient(queries_embeddings=queries_embeddings,
                            documents_embeddings=documents_embeddings)
    scores = _maxsimd.colbert_scores_pairwise(queries_embeddings, documents_embeddings,
                                              get_num_threads())
    return scores_like(scores, queries_embeddings, documents_embeddings)


def colbert_kd_scores(queries_embeddings: Any, documents_embeddings: Any, queries_mask: Any = None,
                      documents_mask: Any = None, backend: str | None = None) -> Any:
    """Each query with its own documents, [queries, documents of a query].

    documents_embeddings
        [queries, documents of a query, tokens, dim], or for each query a list of arrays.
    documents_mask
        [queries, documents of a query, tokens].
    """
    _check_backend(backend)
    check_has_items(documents_embeddings, "documents_embeddings")
    check_needs_no_gradient(queries_embeddings=queries_embeddings,
                            documents_embeddings=documents_embeddings)
    scores = _maxsimd.colbert_kd_scores(queries_embeddings, documents_embeddings, queries_mask,
                                        documents_mask, get_num_threads())
    return scores_like(scores, queries_embeddings, documents_embeddings)


class ColBERTScores:
    """Every query with the documents of all queries, which come in groups."""

    def __call__(self, queries_embeddings: Any, documents_embeddings: Any,
                 queries_mask: Any = None, documents_mask: Any = None,
                 backend: str | None = None) -> Any:
        """[queries, groups * n], document k of group j in column j * n + k.

        documents_embeddings
            [groups, n, tokens, dim], or lists of lists of arrays.
        """
        check_has_items(documents_embeddings, "documents_embeddings")
        documents: list[Any] = []
        for group in documents_embeddings:  # once: it may be a generator
            check_has_items(group, "documents_embeddings: a group")
            documents.extend(group)
        return colbert_scores(queries_embeddings, documents, queries_mask, documents_mask, backend)
