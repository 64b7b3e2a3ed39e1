"""retrieve.XTR: documents ranked by the token vectors that an index finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._tensors import list_of_queries
from ..indexes.base import Base
from ..indexes.voyager import Voyager
from ..rank.xtr import score_xtr
from .colbert import at_least, checked_counts, checked_index

if TYPE_CHECKING:
    from ..rank import RerankResult


class XTR:
    """Ranks documents by the token vectors found, without reading the others (``rank.score_xtr``).

    For ``indexes.Voyager``, whose distances are turned into similarities (PyLate takes them as they
    are, which ranks the farthest first), and indexes of your own (``indexes.Base``) whose
    "distances" are similarities. An index that ranks by itself is asked for its ranking.
    """

    default_k_token = 10_000
    default_batch_size = 1

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
        """The best k documents of each query, as ``retrieve.ColBERT.retrieve()`` gives them.

        k_token
            Token vectors found for each query vector.
        subset
            For indexes that rank by themselves.
        """
        k, k_token, batch_size = checked_counts(k, k_token, batch_size)
        if self.index.is_end_to_end_index:
            index: Any = self.index  # one that ranks takes a subset
            return index(queries_embeddings=queries_embeddings, k=k, subset=subset)
        if subset is not None:
            raise NotImplementedError("subset: not with XTR; retrieve.ColBERT takes it")
        k_token = at_least(k, self.default_k_token if k_token is None else k_token)
        queries_embeddings = list_of_queries(queries_embeddings)
        step = batch_size or self.default_batch_size
        results: list[list[RerankResult]] = []
        for start in range(0, len(queries_embeddings), step):
            found = self.index(queries_embeddings=queries_embeddings[start : start + step],
                               k=k_token)
            for ids, values in zip(found["documents_ids"], found["distances"]):
                if isinstance(self.index, Voyager):
                    values = [1 - distances for distances in values]
                results.append(score_xtr(ids, values, k))
        return results
