"""indexes.Voyager: graphs over token vectors."""

from __future__ import annotations

from typing import Any

from .._checks import count
from .stored import StoredIndex, search_parameter


class Voyager(StoredIndex):
    """Finds documents by graphs over their token vectors (HNSW), as PyLate's Voyager index.

    Vectors are stored with length 1, as int8; those of pooled documents (``pool_factor``), too. See
    ``StoredIndex`` for what all indexes have in common.

    index_folder, index_name
        The index lies in INDEX_FOLDER/INDEX_NAME.
    override
        Removes the index that is there. Otherwise it is opened, and ``M`` and ``ef_construction``
        are those it was made with.
    embedding_size
        The width of the vectors. None: that of the first documents.
    M
        Links of a vector in a graph. More find more, and take more space.
    ef_construction
        Vectors looked at for the links of each. More find more; building takes longer.
    ef_search
        How many of the best a search of the graph keeps. None: what ``maxsimd tune`` has found,
        or 200.
    """

    is_end_to_end_index = False
    _unknown_ids_are_errors = True
    _normalizes = True
    _search_parameters = ("ef_search",)

    def __init__(
        self,
        index_folder: str = "indexes",
        index_name: str = "colbert",
        override: bool = False,
        embedding_size: int | None = None,
        M: int = 64,
        ef_construction: int = 200,
        ef_search: int | None = None,
        *,
        num_threads: int | None = None,
        seed: int = 42,
    ) -> None:
        settings = {"embedding_size": 0 if embedding_size is None else embedding_size, "M": M,
                    "ef_construction": ef_construction}
        self.ef_search = search_parameter("ef_search", ef_search)
        super().__init__(index_folder, index_name, override, "hnsw", None, settings, num_threads,
                         seed)

    def __call__(  # type: ignore[override]  # it ranks nothing, as PyLate's
            self, queries_embeddings: Any, k: int = 10) -> dict[str, list]:
        """The k token vectors nearest to each query vector, as PyLate's index gives them. Documents
        are ranked by ``retrieve.ColBERT``.

        Returns ``documents_ids``: for each query, for each of its vectors, the documents' ids; and
        ``distances``: in the same way arrays of 1 - cosine, ascending.
        """
        ids, cosines = self._index.nearest(queries_embeddings, count("k", k, 1),
                                           search_parameter("ef_search", self.ef_search) or 200)
        return {"documents_ids": ids,
                "distances": [[1 - values for values in query] for query in cosines]}
