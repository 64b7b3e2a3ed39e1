"""encode(output_value=None): the rows of all tokens, and which of them encode() keeps."""

from __future__ import annotations

from typing import Any

from .. import _maxsimd


def encode_rows(model: _maxsimd.Model, texts: list[str], is_query: bool,
                options: _maxsimd.EncodeOptions, progress: Any) -> dict[str, list]:
    """``token_embeddings``, ``input_ids``, ``attention_mask`` and ``masks``, lists of arrays
    [rows, ...], one a text. REQUIRES: ``options.apply_skiplist`` is False."""
    rows = model.tokenize_rows(texts, is_query, options)
    return {"token_embeddings": model.encode(texts, is_query, options, progress),
            "input_ids": [ids for ids, _, _ in rows],
            "attention_mask": [mask for _, mask, _ in rows],
            "masks": [kept.astype(bool) for _, _, kept in rows]}
