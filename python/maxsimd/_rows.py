"""Rows of data sets as JSON lines."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


def write_json_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> str:
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return os.fspath(path)


def plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """With lists where NumPy's arrays and numbers are."""
    if not isinstance(row, Mapping):
        raise TypeError(f"data set: expected rows as dicts, got {type(row).__name__}")
    return {name: value.tolist() if hasattr(value, "tolist") else value
            for name, value in row.items()}
