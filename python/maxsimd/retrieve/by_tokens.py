"""Retrieval from an index of somebody else's that only finds token vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._tensors import list_of_queries
from ..rank import rerank

if TYPE_CHECKING:
    from ..indexes.base import Base
    from ..rank import RerankResult


def retrieve_by_tokens(index: Base, queries_embeddings: Any, k: int, k_token: int,
                       batch_size: int) -> list[list[RerankResult]]:
    """The documents of the k_token vectors nearest to each query vector, ranked by MaxSim."""
    queries_embeddings = list_of_queries(queries_embeddings)
    results: list[list[RerankResult]] = []
    for start in range(0, len(queries_embeddings), batch_size):
        queries = queries_embeddings[start : start + batch_size]
        found = index(queries_embeddings=queries, k=k_token)["documents_ids"]
        candidates = [list(dict.fromkeys(document_id for token in query for document_id in token))
                      for query in found]
        ranked = rerank(candidates, queries, index.get_documents_embeddings(candidates))
        results.extend(ranking[:k] for ranking in ranked)
    return results
