"""What all indexes share: a folder with documents' token vectors, and its search."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from .. import _maxsimd
from .._checks import (MOST, count, flag, has_items, items, optional_count, optional_number, part_of_path,
                       text)
from .._tensors import plain
from .._threads import chosen_threads
from .base import Base

if TYPE_CHECKING:
    import numpy as np

    from ..models import ColBERT
    from ..rank import RerankResult

logger = logging.getLogger(__name__)

Ids = Sequence[Any]  # of str or int, all of one type


def _ids(what: str, value: Any) -> Any:
    if hasattr(value, "to_pylist"):  # Arrow
        return value.to_pylist()
    return plain(items(what, value, "ids"))


def _list_of(documents_ids: str | int | Ids) -> Any:
    return _ids("documents_ids", [documents_ids] if isinstance(documents_ids, (str, int)) else documents_ids)


def _subset(subset: Ids | Sequence[Ids]) -> list:
    """A list of ids, or, where one of its items has items, a list of lists of ids."""
    entries = list(_ids("subset", subset))
    if not any(not isinstance(entry, (str, int)) and has_items(entry) for entry in entries):
        return entries
    return [list(_ids(f"subset: item {number}", entry)) for number, entry in enumerate(entries)]


def _encoder_of_texts(model: Any, retrain: bool) -> _maxsimd.Model:
    """The model that encodes stored texts for new centroids."""
    from ..models import ColBERT

    if not isinstance(model, ColBERT):
        raise TypeError(f"model: expected a models.ColBERT, got {model!r:.50}")
    if not retrain:
        raise ValueError("model: is for retrain=True, which encodes texts")
    if model._puts_its_own_before_documents():
        raise ValueError("model: its default prompt is not that of its folder, by which stored texts are "
                         "encoded; give a model with that one")
    return model._model


def search_parameter(name: str, value: Any) -> Any:
    """A value of ``StoredIndex._search_parameters``, or None. Its name says which numbers it may be."""
    if name.endswith("_threshold"):
        return optional_number(name, value)
    return optional_count(name, value, 1, MOST)


class StoredIndex(Base):
    """An index in INDEX_FOLDER/INDEX_NAME, made by the first documents, kept there by every call
    that changes it: a crash at any instant leaves the index before or after the call.

    Ids are str or int, all of an index of one type, and come back as they were given. Adding an id
    that is there replaces its document. The width of the vectors is that of the first documents.

    Any thread may use it; changes wait for each other, also those of other processes. A forked
    process opens it again. ``maxsimd inspect FOLDER`` and the other commands work on the folder.
    """

    is_end_to_end_index = True
    _unknown_ids_are_errors = False
    _ignores_arguments = False  #: Whether add_documents() takes any, as PyLate's.
    _normalizes = False  #: Whether vectors are stored with length 1.

    #: Attributes that say how much of the index a search looks at.
    _search_parameters: tuple[str, ...] = ()

    def __init__(self, index_folder: str, index_name: str, override: bool, kind: str,
                 codec: str | None, settings: dict[str, Any], num_threads: int | None,
                 seed: int) -> None:
        self.index_folder = index_folder
        self.index_name = index_name
        self.index_path = os.path.join(part_of_path("index_folder", index_folder),
                                       part_of_path("index_name", index_name))
        settings = {name: count(name, value, most=MOST) for name, value in settings.items()}
        if codec is not None:
            text("codec", codec)
        self._opened_with = (os.path.abspath(self.index_path), kind, codec, settings,
                             chosen_threads(num_threads), count("seed", seed, most=2**64 - 1))
        self._settings()  # refused before anything is removed
        if flag("override", override):
            _maxsimd.Index.remove_folder(self._opened_with[0])
        self._open()

    def _settings(self) -> _maxsimd.IndexSettings:
        _, kind, codec, settings, _, _ = self._opened_with
        return _maxsimd.IndexSettings(kind, codec, **settings)

    def _open(self) -> None:
        folder, _, _, _, threads, seed = self._opened_with
        self._index = _maxsimd.Index(folder, self._settings(), threads, seed)

    def add_documents(self, documents_ids: str | int | Ids, documents_embeddings: Any,
                      batch_size: int = 2000, **kwargs: Any) -> StoredIndex:
        """Adds documents: one id and one array [tokens, dim] each. Durable when it returns.

        Documents may be added in any number of calls: what makes searches fast (centroids and
        codes, graphs) is computed by ``optimize()``, or else by the first search that finds many
        new documents. ``batch_size`` is without effect.
        """
        if kwargs and not self._ignores_arguments:
            raise TypeError(f"add_documents() got an unexpected keyword argument {next(iter(kwargs))!r}")
        optional_count("batch_size", batch_size, 1)
        if hasattr(documents_embeddings, "to_pylist"):  # Arrow
            documents_embeddings = documents_embeddings.to_pylist()
        self._index.add(_list_of(documents_ids), documents_embeddings, self._normalizes)
        return self

    def remove_documents(self, documents_ids: str | int | Ids) -> StoredIndex:
        """Removes documents. Ids that are not there are passed over with a warning (Voyager:
        KeyError, and nothing is removed)."""
        unknown = self._index.remove(_list_of(documents_ids), self._unknown_ids_are_errors)
        if unknown and self._unknown_ids_are_errors:
            raise KeyError(unknown[0] if len(unknown) == 1 else tuple(unknown))
        if unknown:
            logger.warning("%s: %d ids to remove are not in the index (%r ...)", self.index_path,
                           len(unknown), unknown[0])
        return self

    def update_documents(self, documents_ids: Ids, documents_embeddings: Any) -> StoredIndex:
        """``add_documents()``: documents that are there are replaced."""
        return self.add_documents(documents_ids, documents_embeddings)

    def __call__(self, queries_embeddings: Any, k: int = 10,
                 subset: Ids | Sequence[Ids] | None = None) -> list[list[RerankResult]]:
        """The best k documents of each query, best first: lists of ``{"id", "score"}``.

        queries_embeddings
            A list of arrays [tokens, dim], an array [queries, tokens, dim], or one query.
        subset
            Ids that may be found: one list for all queries, or one for each. Unknown ids are
            passed over; an empty list allows nothing.
        """
        return self._search(queries_embeddings, k, subset)

    def _search(self, queries_embeddings: Any, k: int, subset: Any = None,
                k_token: int | None = None) -> list[list[RerankResult]]:
        arguments = _maxsimd.SearchArguments()
        arguments.k = count("k", k, 1)
        for name in self._search_parameters:
            setattr(arguments, name, search_parameter(name, getattr(self, name)))
        arguments.k_token = optional_count("k_token", k_token, 1)
        return self._index.search(queries_embeddings, arguments,
                                  None if subset is None else _subset(subset))

    def get_documents_embeddings(self, document_ids: Sequence[Ids]) -> list[list[np.ndarray]]:
        """The stored vectors of documents, arrays [tokens, dim], in lists as the ids are. They are
        what searches score: rounded by the index's codec. KeyError for an id that is not there."""
        return [list(self._vectors(group)) for group in items("document_ids", document_ids,
                                                              "lists of ids")]

    def _vectors(self, documents_ids: Ids) -> Iterator[np.ndarray]:
        for document_id in items("document_ids: an item", documents_ids, "ids"):
            vectors: Any = self._index.vectors(document_id)
            if vectors is None:
                raise KeyError(document_id)
            yield vectors

    @property
    def documents_ids(self) -> list[str] | list[int]:
        """All ids, in the order of adding."""
        return self._index.ids()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.index_path!r}, documents={len(self)})"

    def __len__(self) -> int:
        """The number of documents."""
        return len(self._index)

    def __bool__(self) -> bool:
        return True

    def __contains__(self, document_id: object) -> bool:
        """What is no id is not there."""
        try:
            return self._index.contains(document_id)
        except (TypeError, ValueError):
            return False

    def info(self) -> dict[str, Any]:
        """Counts, sizes and settings, as ``maxsimd inspect --json`` names them."""
        return self._index.info()

    def optimize(self) -> StoredIndex:
        """Makes searches of what was added fast, now rather than by the first search."""
        self._index.optimize()
        return self

    def compact(self, retrain: bool = False, model: ColBERT | None = None) -> StoredIndex:
        """Takes the space of removed documents back.

        retrain
            Also trains PLAID's centroids anew and codes all documents by them: on what is stored of
            the vectors, which rounds codes once more, or on the texts, where there is a ``model``.
        model
            The model the index was made with, to encode the stored texts anew (``maxsimd index
            --store-text``), as the command ``maxsimd compact --retrain`` does: the index is then what
            one built of the texts is. ValueError for a model with another fingerprint, and where a
            document has no stored text or vectors are stored beside their codes: there is nothing
            to encode then. An index too small for centroids has none to train, and asks for no model.
        """
        retrain = flag("retrain", retrain)
        self._index.compact(retrain, None if model is None else _encoder_of_texts(model, retrain))
        return self

    def refresh(self) -> StoredIndex:
        """Searches go through the last commit from now on, whichever process made it."""
        self._index.refresh()
        return self

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        del state["_index"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._open()
