"""Rows of data sets as JSON lines."""

from __future__ import annotations

import datetime
import decimal
import functools
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ._tensors import plain


def write_json_lines(path: Path, rows: Iterable[Mapping[str, Any]], what: str = "rows") -> str:
    """``what``: the argument they come from, for messages."""
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False,
                                  default=functools.partial(_as_json, what)) + "\n")
    return os.fspath(path)


def plain_row(what: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """With lists where NumPy's arrays and numbers are, and None where values are missing."""
    if not isinstance(row, Mapping):
        raise TypeError(f"{what}: expected rows as dicts, got {type(row).__name__}")
    return {name: None if is_missing(value) else plain(value) for name, value in row.items()}


def is_missing(value: Any) -> bool:
    """None, NaN, and pandas' NA and NaT, which compare with nothing."""
    if value is None:
        return True
    if hasattr(value, "__len__"):
        return False
    try:
        return bool(value != value)
    except TypeError:  # NA is neither true nor false
        return True


def _as_json(what: str, value: Any) -> Any:
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return float(value)
    if hasattr(value, "tolist"):
        return plain(value)
    raise TypeError(f"{what}: a value of type {type(value).__name__} has no form in JSON: "
                    f"{value!r:.50}; leave its column out")
