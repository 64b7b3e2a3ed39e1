"""encode(output_value=None): the rows of all tokens, and which of them encode() keeps."""

from __future__ import annotations

from typing import Any

from .. import _maxsimd
from .._groups import split
from .embeddings import pad, quantize, to_tensors
from .texts import Texts


def encode_rows(model: _maxsimd.Model, given: Texts, is_query: bool,
                options: _maxsimd.EncodeOptions, bar: Any, padding: bool, number_type: str,
                tensors: bool) -> Any:
    """A dict as ``ColBERT.encode()`` describes it, of values for a single text; a list of dicts
    for lists of lists. REQUIRES: ``options.apply_skiplist`` is False."""
    lists = _all_rows(model, given.texts, is_query, options, bar)
    if bar is not None:
        bar.finish()
    results = []
    for group in split(list(zip(*lists.values())), given.groups or [len(given.texts)]):
        result = {name: [row[i] for row in group] for i, name in enumerate(lists)}
        for name, values in result.items():
            if padding:
                values = pad(values, model.padding_id if name == "input_ids" else 0)
            if name == "token_embeddings" and number_type != "float32":
                values = quantize(values, number_type)
            result[name] = to_tensors(values) if tensors else values
        results.append(result)
    if given.groups is not None:
        return results
    if given.is_single:
        return {name: values[0] for name, values in results[0].items()}
    return results[0]


def _all_rows(model: _maxsimd.Model, texts: list[str], is_query: bool,
              options: _maxsimd.EncodeOptions, progress: Any) -> dict[str, list]:
    """Lists of arrays [rows, ...], one a text."""
    rows = model.tokenize_rows(texts, is_query, options)
    return {"token_embeddings": model.encode(texts, is_query, options, progress),
            "input_ids": [ids for ids, _, _ in rows],
            "attention_mask": [mask for _, mask, _ in rows],
            "masks": [kept.astype(bool) for _, _, kept in rows]}
