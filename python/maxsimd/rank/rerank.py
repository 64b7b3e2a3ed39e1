"""rank.rerank: documents of each query by exact MaxSim, without an index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypedDict

from .. import _maxsimd
from .._checks import items, text
from .._tensors import check_has_items, list_of_queries
from .._threads import chosen_threads


class RerankResult(TypedDict):
    """A document's id, as it was given, and its score."""

    id: int | str
    score: float


def rerank(
    documents_ids: Sequence[Sequence[int | str]],
    queries_embeddings: Any,
    documents_embeddings: Any,
    device: str | None = None,
    *,
    masking: Literal["exact", "pylate"] = "exact",
    num_threads: int | None = None,
) -> list[list[RerankResult]]:
    """Ranks the documents of each query: lists of ``{"id", "score"}``, best first.

    documents_ids
        For each query the ids of its documents, of any type.
    queries_embeddings
        A list of arrays [tokens, dim], an array [queries, tokens, dim], or one query.
    documents_embeddings
        For each query a list of arrays [tokens, dim], one an id, or an array
        [documents, tokens, dim].
    device
        Without effect.
    masking
        "pylate" gives PyLate's scores to the letter: it pads the documents of a query with zero
        vectors to the longest, so a query vector's best similarity with a shorter one is at least
        0. By default what is not there does not count, and a score does not depend on the others.

    Ties keep the order of the documents.
    """
    groups = [list(items(f"documents_ids: item {number}", ids, "ids"))
              for number, ids in enumerate(items("documents_ids", documents_ids, "lists of ids"))]
    queries = list_of_queries(queries_embeddings)
    documents = _documents(documents_embeddings, queries)
    rankings = _maxsimd.rerank(queries, documents, list(map(len, groups)), text("masking", masking),
                               chosen_threads(num_threads))
    return [[{"id": ids[number], "score": score} for number, score in ranking]
            for ids, ranking in zip(groups, rankings)]


def _documents(documents_embeddings: Any, queries: Any) -> Any:
    """Documents of a single query may come without the list around them."""
    check_has_items(documents_embeddings, "documents_embeddings")
    if getattr(documents_embeddings, "ndim", 4) == 3 and len(queries) == 1:
        return [documents_embeddings]
    return documents_embeddings
