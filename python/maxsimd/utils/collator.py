"""utils.ColBERTCollator: rows of a data set -> one batch of token ids."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any


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
        self.tokenize_fn = tokenize_fn
        self.valid_label_columns = list(valid_label_columns or ("label", "scores"))
        self.prompts = prompts or {}

    def __call__(self, features: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        import numpy as np

        columns = list(features[0])
        batch: dict[str, Any] = {"return_loss": True}
        if "dataset_name" in columns:
            columns.remove("dataset_name")
            batch["dataset_name"] = features[0]["dataset_name"]
        for column in self.valid_label_columns:
            if column in columns:
                batch["label"] = np.asarray([row[column] for row in features])
                columns.remove(column)
                break
        prompts = self._prompts_of(batch.get("dataset_name"))
        for column in columns:
            if "_id" in column:
                continue
            texts = [row[column] for row in features]
            if isinstance(texts[0], (list, tuple)):
                texts = list(itertools.chain.from_iterable(texts))
            prompt = prompts if isinstance(prompts, str) else prompts.get(column, "")
            is_query = "query" in column or "anchor" in column
            tokenized = self.tokenize_fn([prompt + text for text in texts], is_query=is_query,
                                         pad=True)
            for key, value in tokenized.items():
                batch[f"{column}_{key}"] = value
        return batch

    def _prompts_of(self, dataset_name: str | None) -> str | Mapping[str, str]:
        if isinstance(self.prompts, str):
            return self.prompts
        if dataset_name is not None and dataset_name in self.prompts:
            return self.prompts[dataset_name]
        if any(isinstance(prompt, Mapping) for prompt in self.prompts.values()):
            if dataset_name is None:
                raise ValueError("prompts: they are by data set, and the rows have no dataset_name")
            return {}
        return self.prompts
