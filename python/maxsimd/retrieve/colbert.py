"""retrieve.ColBERT: the best documents of an index for each query."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from .._checks import count, optional_count
from ..indexes.base import Base
from ..indexes.stored import StoredIndex
from .by_tokens import retrieve_by_tokens

if TYPE_CHECKING:
    from ..rank import RerankResult

logger = logging.getLogger(__name__)


def checked_index(index: Any) -> Base:
    """TypeError for what is no index: one of ``indexes``, or what has the members of ``Base``."""
    if not callable(index) or not hasattr(index, "is_end_to_end_index"):
        raise TypeError(f"index: expected one of maxsimd.indexes, got {index!r:.50}")
    return index


def checked_counts(k: Any, k_token: Any,
                   batch_size: Any) -> tuple[int, int | None, int | None]:
    """TypeError for what is no integer, ValueError below 1."""
    return (count("k", k, 1), optional_count("k_token", k_token, 1),
            optional_count("batch_size", batch_size, 1))


def at_least(k: int, k_token: int) -> int:
    """k_token, or k where that is more, with a warning."""
    if k <= k_token:
        return k_token
    logger.warning("k (%d) is greater than k_token (%d), setting k_token to k.", k, k_token)
    return k


class ColBERT:
    """Retrieves documents from an index: one of ``indexes``, or of your own (``indexes.Base``)."""

    default_k_token = 100
    default_batch_size = 50

    def __init__(self, index: Base) -> None:
        self.index = checked_index(index)

    def retrieve(
        self,
        queries_embeddings: Any,
        k: int = 10,
        k_token: int | None = None,
        device: str | None = None,
        batch_size: int | None = None,
        subset: list[list] | list | None = None,
    ) -> list[list[RerankResult]]:
        """The best k documents of each query, best first: lists of ``{"id", "score"}``.

        queries_embeddings
            What ``models.ColBERT.encode()`` returns for queries: a list of arrays [tokens, dim],
            an array [queries, tokens, dim], or one array [tokens, dim], which is one query.
        k_token
            Of ``indexes.Voyager``: token vectors nearest to each query vector whose documents are
            candidates; at least k. None: what ``maxsimd tune`` has found, or 100.
        subset
            Ids that may be found: one list for all queries, or one for each; for any index of this
            package. Unknown ids are passed over; an empty list allows nothing.
        device, batch_size
            Without effect.
        """
        k, k_token, batch_size = checked_counts(k, k_token, batch_size)
        if k_token is not None:
            k_token = at_least(k, k_token)
        if isinstance(self.index, StoredIndex):
            return self.index._search(queries_embeddings, k, subset, k_token)
        if self.index.is_end_to_end_index:
            index: Any = self.index  # one that ranks takes a subset
            return index(queries_embeddings=queries_embeddings, k=k, subset=subset)
        return retrieve_by_tokens(self.index, queries_embeddings, k,
                                  max(k, k_token or self.default_k_token),
                                  batch_size or self.default_batch_size)
