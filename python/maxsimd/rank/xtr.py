"""rank.score_xtr: documents of a query by the token vectors that were found, and no others."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from .._checks import count, items, number
from .._tensors import plain
from .rerank import RerankResult


def score_xtr(query_doc_ids: Sequence[Sequence[int | str]], query_scores: Sequence[Sequence[float]],
              k: int, device: str | None = None) -> list[RerankResult]:
    """The best k documents, ``{"id", "score"}``, best first; ties keep the order in which they were
    found.

    query_doc_ids, query_scores
        For each query vector the documents of the token vectors found for it, and their
        similarities (larger is nearer).
    device
        Without effect.

    A document's score adds, over the query vectors, its best similarity; where none of its vectors
    was found, the least that was found for that query vector (Lee et al. 2023).
    """
    count("k", k, 1)
    query_doc_ids = list(items("query_doc_ids", query_doc_ids, "lists of ids"))
    query_scores = list(items("query_scores", query_scores, "lists of similarities"))
    if len(query_doc_ids) != len(query_scores):
        raise ValueError(f"query_scores: expected those of {len(query_doc_ids)} query vectors, got "
                         f"those of {len(query_scores)}")
    totals: dict[int | str, float] = {}
    missing = 0.0  # what a document has that no query vector found so far
    for token, (ids, scores) in enumerate(zip(query_doc_ids, query_scores)):
        ids = list(items(f"query_doc_ids[{token}]", ids, "ids"))
        found = plain(items(f"query_scores[{token}]", scores, "similarities"))
        scores = [score if type(score) is float else number(f"query_scores[{token}]", score)
                  for score in found]
        if len(ids) != len(scores):
            raise ValueError(f"query_scores: expected {len(ids)} of query vector {token}, got "
                             f"{len(scores)}")
        if not all(isinstance(document_id, Hashable) for document_id in ids):
            raise TypeError(f"query_doc_ids[{token}]: expected ids, got {ids!r:.50}")
        least = min(scores, default=0.0)
        best: dict[int | str, float] = {}
        for document_id, score in zip(ids, scores):
            best[document_id] = max(best.get(document_id, least), score)
        for document_id in best:
            totals.setdefault(document_id, missing)
        for document_id in totals:
            totals[document_id] += best.get(document_id, least)
        missing += least
    ranked = sorted(totals.items(), key=lambda item: -item[1])[:k]
    return [{"id": document_id, "score": score} for document_id, score in ranked]
