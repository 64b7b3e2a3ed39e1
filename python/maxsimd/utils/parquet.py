"""utils.parquet_to_json_lines: data sets of the hub in a form that every command reads."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .._checks import path as checked_path
from .._rows import plain_row, write_json_lines


def parquet_to_json_lines(source: str | os.PathLike, target: str | os.PathLike | None = None) -> Path:
    """Writes the rows of a Parquet file as JSON objects, one a line; needs pyarrow. Returns the file.

    target
        None: beside the source, with the ending ``.jsonl``.
    """
    source = Path(checked_path("source", source))
    path = source.with_suffix(".jsonl") if target is None else Path(checked_path("target", target))
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    try:
        write_json_lines(temporary, (plain_row("source", row) for row in _rows(source)), "source")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        import pyarrow.parquet
    except ImportError:
        raise ImportError(f"{path}: to read Parquet files install pyarrow, or convert it to JSON "
                          "lines") from None
    with pyarrow.parquet.ParquetFile(path) as file:
        for batch in file.iter_batches():
            yield from batch.to_pylist()
