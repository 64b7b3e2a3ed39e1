"""utils.KDProcessing: rows of ids -> rows of texts, for knowledge distillation."""

from __future__ import annotations

import ast
import logging
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from .._checks import count, items, text

_FIELDS = ("query_id", "document_ids", "scores")

logger = logging.getLogger(__name__)


class KDProcessing:
    """Puts the texts of queries and documents into rows that name them by id.

    queries
        A table with the columns ``query_id`` and ``text``: a ``datasets.Dataset``, or a dict of
        lists.
    documents
        The same with ``document_id`` and ``text``.
    split
        Which one of a dict of tables (``datasets.DatasetDict``).
    n_ways
        Documents of a row that count, the first so many.

    Lists may be text, as CSV files have them: "[1, 2]". A document that is not there is "".
    """

    def __init__(self, queries: Any, documents: Any, split: str = "train", n_ways: int = 32) -> None:
        self.queries = _table("queries", queries, split, "query_id")
        self.documents = _table("documents", documents, split, "document_id")
        self.n_ways = count("n_ways", n_ways, 1)
        self.queries_index = {key: i for i, key in enumerate(self.queries["query_id"])}
        self.documents_index = {key: i for i, key in enumerate(self.documents["document_id"])}
        self._query_texts = self.queries["text"]
        self._document_texts = self.documents["text"]

    def map(self, example: dict[str, Any]) -> dict[str, Any]:
        """One row: ``query``, ``documents`` and ``scores`` of ``query_id``, ``document_ids`` and
        ``scores``."""
        query_id, ids, scores = _fields("example", example)
        return {"scores": self._list("scores", scores), "query": self._query(query_id),
                "documents": self._documents(self._list("document_ids", ids))}

    def transform(self, examples: dict[str, list]) -> dict[str, list]:
        """A batch of rows, as ``Dataset.set_transform()`` hands it over."""
        query_ids, ids, scores = (items(f"examples[{name!r}]", column, "rows") for name, column
                                  in zip(_FIELDS, _fields("examples", examples)))
        examples["scores"] = [self._list("scores", row) for row in scores]
        examples["document_ids"] = [self._list("document_ids", row) for row in ids]
        examples["query"] = [self._query(query_id) for query_id in query_ids]
        examples["documents"] = [self._documents(row) for row in examples["document_ids"]]
        return examples

    def _list(self, what: str, value: Any) -> list:
        if isinstance(value, str):
            try:
                value = ast.literal_eval(value)
            except (ValueError, SyntaxError, MemoryError, RecursionError):
                raise ValueError(f"{what}: expected a list, or its text as in '[1, 2]', got "
                                 f"{value!r:.50}") from None
        return list(items(what, value, "ids" if what == "document_ids" else "numbers"))[: self.n_ways]

    def _query(self, query_id: Any) -> str:
        if not isinstance(query_id, Hashable) or query_id not in self.queries_index:
            raise ValueError(f"query_id: {query_id!r:.50} is none of the queries")
        return self._query_texts[self.queries_index[query_id]]

    def _documents(self, ids: list) -> list[str]:
        texts = []
        for document_id in ids:
            if not isinstance(document_id, Hashable):
                raise TypeError(f"document_ids: expected ids, got {document_id!r:.50}")
            if document_id not in self.documents_index:
                logger.warning("Unable to find document: %s", document_id)
                texts.append("")
            else:
                texts.append(self._document_texts[self.documents_index[document_id]])
        return texts


def _table(what: str, data: Any, split: str, id_column: str) -> Any:
    """The split of a dict of tables, or the table itself. TypeError for what is none, ValueError for
    one without the columns."""
    table = data
    if not _has(what, data, id_column):
        if text("split", split) not in _names(what, data):
            raise ValueError(f"{what}: expected the columns {id_column!r} and 'text', or a dict of "
                             f"tables with the split {split!r}; there are {list(_names(what, data))}")
        table = data[split]
    if not (_has(what, table, id_column) and _has(what, table, "text")):
        raise ValueError(f"{what}: expected the columns {id_column!r} and 'text', got "
                         f"{list(_names(what, table))}")
    return table


def _has(what: str, data: Any, column: str) -> bool:
    return column in _names(what, data)


def _names(what: str, data: Any) -> Iterable:
    """Of the columns of a table, or of the tables of a dict."""
    columns = getattr(data, "column_names", None)
    if columns is not None and not isinstance(columns, dict):
        return columns
    names = data if isinstance(data, Mapping) else getattr(data, "columns", None)
    if names is None:
        raise TypeError(f"{what}: expected a table or a dict of tables, got {data!r:.50}")
    return names


def _fields(what: str, example: Any) -> list:
    if not hasattr(example, "keys"):  # dicts, and rows and tables of pandas
        raise TypeError(f"{what}: expected a dict with {', '.join(_FIELDS)}, got {example!r:.50}")
    for name in _FIELDS:
        if name not in example:
            raise ValueError(f"{what}: expected {', '.join(_FIELDS)}, got {list(example.keys())}")
    return [example[name] for name in _FIELDS]
