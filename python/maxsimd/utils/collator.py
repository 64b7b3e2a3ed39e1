"""utils.ColBERTCollator: rows of a data set -> one batch of token ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .._checks import items, mapping, text
from ..models.texts import one_text, read_texts


class ColBERTCollator:
    """Tokenizes the columns of rows by PyLate's rules.

    Columns with ``_id`` in their names are passed over; the first of ``valid_label_columns`` that
    is there becomes ``label``; a column whose name holds "query" or "anchor" is tokenized as
    queries, any other (a column called ``question``, too) as documents, all padded to the model's
    lengths. A batch has ``{column}_input_ids``, ``{column}_attention_mask`` and
    ``{column}_token_type_ids``, arrays int64 [texts, tokens].

    tokenize_fn
        ``models.ColBERT.tokenize``.
    prompts
        Text put before the texts of all columns, of a column ``{column: text}``, or by data set
        ``{dataset_name: {column: text}}``.
    """

    def __init__(self, tokenize_fn: Callable, valid_label_columns: Sequence[str] | None = None,
                 router_mapping: Mapping | None = None,
                 prompts: str | Mapping[str, Any] | None = None,
                 include_prompt_lengths: bool = False,
                 all_special_ids: set[int] | None = None) -> None:
        if not callable(tokenize_fn):
            raise TypeError("tokenize_fn: expected the tokenize() of a models.ColBERT, got "
                            f"{tokenize_fn!r:.50}")
        self.tokenize_fn = tokenize_fn
        labels = () if valid_label_columns is None else items(
            "valid_label_columns", valid_label_columns, "names of columns")
        self.valid_label_columns = [text("valid_label_columns", column) for column in labels] or [
            "label", "scores"]
        if prompts is not None and not isinstance(prompts, str):
            mapping("prompts", prompts, "texts by columns, or dicts of them by data sets")
        self.prompts = prompts or {}

    def __call__(self, features: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        rows = list(items("features", features, "rows"))
        columns = self._columns(rows)
        batch: dict[str, Any] = {"return_loss": True}
        if "dataset_name" in columns:
            columns.remove("dataset_name")
            batch["dataset_name"] = rows[0]["dataset_name"]
        for column in self.valid_label_columns:
            if column in columns:
                batch["label"] = _labels(column, [row[column] for row in rows])
                columns.remove(column)
                break
        prompts = self._prompts_of(batch.get("dataset_name"))
        for column in columns:
            if "_id" in column:
                continue
            texts = read_texts([row[column] for row in rows], f"features: column {column!r}").texts
            prompt = prompts if isinstance(prompts, str) else prompts.get(column, "")
            one_text(prompt, f"prompts[{column!r}]")
            is_query = "query" in column or "anchor" in column
            tokenized = self.tokenize_fn([prompt + text for text in texts], is_query=is_query,
                                         pad=True)
            for key, value in tokenized.items():
                batch[f"{column}_{key}"] = value
        return batch

    @staticmethod
    def _columns(rows: list[Mapping[str, Any]]) -> list[str]:
        """Those of the first row, which all rows have."""
        if not rows:
            raise ValueError("features: expected a row or more, got none")
        columns: list[str] = []
        for i, row in enumerate(rows):
            names = mapping(f"features: row {i}", row, "values by columns")
            columns = columns or [text("features: a column's name", name) for name in names]
            missing = [column for column in columns if column not in names]
            if missing:
                raise ValueError(f"features: row {i}: expected the columns of the first, "
                                 f"{', '.join(columns)}; there is no {missing[0]!r}")
        return columns

    def _prompts_of(self, dataset_name: str | None) -> str | Mapping[str, str]:
        if isinstance(self.prompts, str):
            return self.prompts
        if dataset_name is not None and dataset_name in self.prompts:
            found = self.prompts[dataset_name]
            return found if isinstance(found, str) else mapping(
                f"prompts[{dataset_name!r}]", found, "texts by columns")
        if any(isinstance(prompt, Mapping) for prompt in self.prompts.values()):
            if dataset_name is None:
                raise ValueError("prompts: they are by data set, and the rows have no dataset_name")
            return {}
        return self.prompts


def _labels(column: str, values: list) -> Any:
    """One array of numbers, [rows] or [rows, scores of a row]."""
    import numpy as np

    try:
        labels = np.asarray(values)
    except ValueError:
        raise ValueError(f"features: column {column!r}: expected as many numbers in each row") from None
    if labels.dtype.kind not in "biuf":
        raise TypeError(f"features: column {column!r}: expected numbers, got {values!r:.50}")
    return labels
