"""What a retriever asks of an index."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any


class Base(ABC):
    """PyLate's interface of indexes; a class of your own may derive from it."""

    @property
    @abstractmethod
    def is_end_to_end_index(self) -> bool:
        """Whether a call ranks documents: ``index(queries_embeddings, k=, subset=)``. Otherwise it
        finds the token vectors nearest to each query token, and the retriever ranks."""

    @abstractmethod
    def add_documents(self, documents_ids: list, documents_embeddings: Any, **kwargs: Any) -> Base:
        """Adds documents: one id and one array [tokens, dim] each."""

    @abstractmethod
    def remove_documents(self, documents_ids: list) -> Base:
        """Removes documents by their ids."""

    @abstractmethod
    def __call__(self, queries_embeddings: Any, k: int = 10) -> Any:
        ...

    @abstractmethod
    def get_documents_embeddings(self, document_ids: list[list]) -> list[list]:
        """Arrays [tokens, dim] of documents, in lists as the ids are."""
