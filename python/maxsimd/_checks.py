"""Arguments that are numbers, checked where they are given."""

from __future__ import annotations

import operator
from typing import Any


def count(what: str, value: Any, least: int = 0, most: int | None = None) -> int:
    """The value as an int. TypeError for what is no integer, ValueError out of bounds."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{what}: expected an integer, got {value!r:.50}") from None
    if number < least or (most is not None and number > most):
        bounds = f"{least} or more" if most is None else f"{least} to {most}"
        raise ValueError(f"{what}: expected {bounds}, got {number}")
    return number


def optional_count(what: str, value: Any, least: int = 0) -> int | None:
    return None if value is None else count(what, value, least)


def optional_number(what: str, value: Any) -> float | None:
    if value is None:
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{what}: expected a number, got {value!r:.50}") from None
