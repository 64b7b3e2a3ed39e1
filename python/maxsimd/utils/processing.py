"""utils.KDProcessing: rows of ids -> rows of texts, for knowledge distillation."""

from __future__ import annotations

import ast
import logging
from typing import Any

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
        self.queries = _table(queries, split, "query_id")
        self.documents = _table(documents, split, "document_id")
        self.n_ways = n_ways
        self.queries_index = {key: i for i, key in enumerate(self.queries["query_id"])}
        self.documents_index = {key: i for i, key in enumerate(self.documents["document_id"])}
        self._query_texts = self.queries["text"]
        self._document_texts = self.documents["text"]

    def map(self, example: dict[str, Any]) -> dict[str, Any]:
        """One row: ``query``, ``documents`` and ``scores`` of ``query_id``, ``document_ids`` and
        ``scores``."""
        return {"scores": self._list(example["scores"]),
                "query": self._query(example["query_id"]),
                "documents": self._documents(self._list(example["document_ids"]))}

    def transform(self, examples: dict[str, list]) -> dict[str, list]:
        """A batch of rows, as ``Dataset.set_transform()`` hands it over."""
        examples["scores"] = [self._list(scores) for scores in examples["scores"]]
        examples["document_ids"] = [self._list(ids) for ids in examples["document_ids"]]
        examples["query"] = [self._query(query_id) for query_id in examples["query_id"]]
        examples["documents"] = [self._documents(ids) for ids in examples["document_ids"]]
        return examples

    def _list(self, value: Any) -> list:
        return list(ast.literal_eval(value) if isinstance(value, str) else value)[: self.n_ways]

    def _query(self, query_id: Any) -> str:
        return self._query_texts[self.queries_index[query_id]]

    def _documents(self, ids: list) -> list[str]:
        texts = []
        for document_id in ids:
            if document_id not in self.documents_index:
                logger.warning("Unable to find document: %s", document_id)
                texts.append("")
            else:
                texts.append(self._document_texts[self.documents_index[document_id]])
        return texts


def _table(data: Any, split: str, id_column: str) -> Any:
    """The split of a dict of tables, or the table itself."""
    columns = getattr(data, "column_names", None)
    is_table = id_column in (data if columns is None or isinstance(columns, dict) else columns)
    return data if is_table else data[split]
