"""Texts as callers have them -> a list of str."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from .. import _checks
from .._rows import is_missing


class Texts(NamedTuple):
    """``texts`` in one list; ``groups`` are the lengths of the lists they came in, or None;
    ``is_single``: one text was given, not in a list."""

    texts: list[str]
    groups: list[int] | None = None
    is_single: bool = False


def read_texts(sentences: object, what: str = "sentences") -> Texts:
    """Takes a text, a sequence of texts (lists, NumPy arrays, columns of pandas, Arrow and
    ``datasets``), or a sequence of such sequences. TypeError, naming ``what`` and the item, for
    what is no text; ValueError for text that is no Unicode (a lone surrogate)."""
    if isinstance(sentences, str):
        return Texts([_text(sentences, 0, what)], is_single=True)
    items = _items(sentences, what)
    if items and _is_list(items[0]):
        lists = [_items(item, what) for item in items]
        return Texts([_text(text, i, what) for group in lists for i, text in enumerate(group)],
                     groups=[len(group) for group in lists])
    return Texts([_text(item, i, what) for i, item in enumerate(items)])


def one_text(text: object, what: str) -> str:
    """TypeError for what is no str."""
    return _text(_checks.text(what, text), 0, what)


def list_of_texts(texts: object, what: str) -> list[str]:
    """A sequence of texts, as a list."""
    read = read_texts(_checks.items(what, texts, "texts"), what)
    if read.groups is not None:
        raise TypeError(f"{what}: expected a list of texts, got {texts!r:.50}")
    return read.texts


def _items(sentences: object, what: str) -> Sequence:
    if hasattr(sentences, "to_pylist") and not hasattr(sentences, "columns"):  # Arrow
        return sentences.to_pylist()
    if (not isinstance(sentences, Iterable) or isinstance(sentences, (str, bytes, Mapping)) or
            hasattr(sentences, "columns")):  # a table
        raise TypeError(f"{what}: expected a text, a list of texts or a list of lists of texts, "
                        f"got {type(sentences).__name__}")
    return sentences if isinstance(sentences, (list, tuple)) else list(sentences)


def _is_list(item: object) -> bool:
    if isinstance(item, (str, bytes, Mapping)):
        return False
    return isinstance(item, (list, tuple)) or (hasattr(item, "__len__") and
                                               hasattr(item, "__getitem__"))


def _text(item: object, place: int, what: str) -> str:
    if not isinstance(item, str):
        # Missing values, NaN, and lists among texts.
        if isinstance(item, (bytes, Mapping)) or _is_list(item) or is_missing(item):
            raise TypeError(f"{what}: item {place} is no text: {item!r:.50}")
        item = str(item)
    if not item.isascii():
        try:
            item.encode()
        except UnicodeEncodeError as error:
            raise ValueError(f"{what}: item {place} is no Unicode text: {error}") from None
    return item
