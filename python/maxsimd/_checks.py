"""Arguments that are numbers, checked where they are given."""

from __future__ import annotations

import operator
import sys
from typing import Any


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
    """The value as a bool: Python's and NumPy's, and numbers. TypeError for what is none."""
    if isinstance(value, (bool, int)) or type(value).__module__ == "numpy":
        return bool(value)
    raise TypeError(f"{what}: expected True or False, got {value!r:.50}")


def text(what: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    raise TypeError(f"{what}: expected a text, got {value!r:.50}")


def optional_count(what: str, value: Any, least: int = 0) -> int | None:
    return None if value is None else count(what, value, least)


def optional_number(what: str, value: Any) -> float | None:
    if value is None:
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{what}: expected a number, got {value!r:.50}") from None
