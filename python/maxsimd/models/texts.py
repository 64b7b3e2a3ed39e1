"""Texts as callers have them -> a list of str."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Texts(NamedTuple):
    """``texts`` in one list; ``groups`` are the lengths of the lists they came in, or None;
    ``is_single``: one text was given, not in a list."""

    texts: list[str]
    groups: list[int] | None = None
    is_single: bool = False


def read_texts(sentences: object) -> Texts:
    """Takes a text, a sequence of texts (lists, NumPy arrays, columns of pandas, Arrow and
    ``datasets``), or a sequence of such sequences."""
    if isinstance(sentences, str):
        return Texts([sentences], is_single=True)
    items = _items(sentences)
    if items and not isinstance(items[0], str) and _is_list(items[0]):
        lists = [_items(item) for item in items]
        return Texts([_text(text, i) for group in lists for i, text in enumerate(group)],
                     groups=[len(group) for group in lists])
    return Texts([_text(item, i) for i, item in enumerate(items)])


def _items(sentences: object) -> Sequence:
    if hasattr(sentences, "to_pylist"):  # Arrow
        return sentences.to_pylist()
    if not isinstance(sentences, Iterable) or isinstance(sentences, (bytes, dict)):
        raise TypeError("sentences: expected a text, a list of texts or a list of lists of texts, "
                        f"got {type(sentences).__name__}")
    return sentences if isinstance(sentences, (list, tuple)) else list(sentences)


def _is_list(item: object) -> bool:
    return isinstance(item, (list, tuple)) or (hasattr(item, "__len__") and
                                               hasattr(item, "__getitem__") and
                                               not isinstance(item, (bytes, dict)))


def _text(item: object, place: int) -> str:
    if isinstance(item, str):
        return item
    if item is None or item != item or isinstance(item, (bytes, dict)):  # missing values, NaN
        raise TypeError(f"sentences: item {place} is no text: {item!r:.50}")
    return str(item)
