"""indexes.Exact: every document is scored."""

from __future__ import annotations

from typing import Literal

from .stored import StoredIndex


class Exact(StoredIndex):
    """Scores every document: nothing is missed, and time grows with the collection. The right
    choice up to about 20,000 documents. See ``StoredIndex`` for what all indexes share.

    index_folder, index_name, override, embedding_size, num_threads
        As in ``Voyager``.
    codec
        How vectors are stored: "float32", "float16", "int8", or "residual" with ``nbits``.
    """

    def __init__(
        self,
        index_folder: str = "indexes",
        index_name: str = "colbert",
        override: bool = False,
        embedding_size: int | None = None,
        codec: Literal["float32", "float16", "int8", "residual"] = "float32",
        nbits: int = 4,
        *,
        num_threads: int | None = None,
        seed: int = 42,
    ) -> None:
        settings = {"embedding_size": 0 if embedding_size is None else embedding_size, "nbits": nbits}
        super().__init__(index_folder, index_name, override, "exact", codec, settings, num_threads,
                         seed)
