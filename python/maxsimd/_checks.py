"""Arguments, checked where they are given: TypeError for another kind of thing, ValueError for what is
out of bounds, both with the argument's name, what was expected and what came."""

from __future__ import annotations

import math
import operator
import os
import sys
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ._tensors import plain

#: More vectors than an index can hold: as a count of what a search looks at, or of what a model
#: reads, a mistake.
MOST = 2**32 - 1


def count(what: str, value: Any, least: int = 0, most: int = sys.maxsize) -> int:
    """The value as an int. TypeError for what is no integer, ValueError out of bounds."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{what}: expected an integer, got {value!r:.50}") from None
    if number < least or number > most:
        bounds = f"{least} or more" if number < least else f"{most} or less"
        raise ValueError(f"{what}: expected {bounds}, got {number}")
    return number


def flag(what: str, value: Any) -> bool:
    """The value as a bool: Python's and NumPy's, integers, and None, which PyLate takes for False.
    TypeError for what is none."""
    truth = False if value is None else plain(value)
    if isinstance(truth, int):
        return bool(truth)
    raise TypeError(f"{what}: expected True or False, got {value!r:.50}")


def text(what: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    raise TypeError(f"{what}: expected a text, got {value!r:.50}")


def part_of_path(what: str, value: Any) -> str:
    """The path of a file or folder, or what is joined to one. It may be empty."""
    if not isinstance(value, (str, os.PathLike)):
        raise TypeError(f"{what}: expected a path, got {value!r:.50}")
    return os.fsdecode(value)


def path(what: str, value: Any) -> str:
    """The path of a file or folder. ValueError for an empty one."""
    if value == "":
        raise ValueError(f"{what}: expected a path, got ''; '.' is the current folder")
    return part_of_path(what, value)


def number(what: str, value: Any) -> float:
    """The value as a float; text is none. It may be infinite or NaN."""
    try:
        if not isinstance(value, (str, bytes)):
            return float(value)
    except (TypeError, ValueError, OverflowError):
        pass
    raise TypeError(f"{what}: expected a number, got {value!r:.50}")


def finite_number(what: str, value: Any) -> float:
    found = number(what, value)
    if not math.isfinite(found):
        raise ValueError(f"{what}: expected a finite number, got {found}")
    return found


def mapping(what: str, value: Any, of: str) -> Mapping:
    """``of``: what it maps, for the message: "texts by their ids"."""
    if isinstance(value, Mapping):
        return value
    raise TypeError(f"{what}: expected a dict ({of}), got {value!r:.50}")


def has_items(value: Any) -> bool:
    """Lists, arrays, columns, sets, and what only hands out its items. Texts and dicts have none."""
    is_one = isinstance(value, (str, bytes, Mapping)) or getattr(value, "ndim", 1) == 0
    return not is_one and isinstance(value, Iterable)


def items(what: str, value: Any, of: str) -> Collection:
    """What has items; a list of what only hands them out. ``of``: what they are, for the message."""
    if not has_items(value):
        raise TypeError(f"{what}: expected a list of {of}, got {value!r:.50}")
    return value if isinstance(value, Collection) else list(value)


def optional_count(what: str, value: Any, least: int = 0, most: int = sys.maxsize) -> int | None:
    return None if value is None else count(what, value, least, most)


def optional_number(what: str, value: Any) -> float | None:
    return None if value is None else number(what, value)


def optional_text(what: str, value: Any) -> str | None:
    return None if value is None else text(what, value)
