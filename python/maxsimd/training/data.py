"""Data sets as callers have them -> files that ``maxsimd train`` reads."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from .._rows import plain_row, write_json_lines
from ..utils.parquet import parquet_to_json_lines


def dataset_files(dataset: Any, folder: Path, name: str) -> Any:
    """What the hyperparameter ``train_dataset`` takes: a file, a list of files, or files by name.

    dataset
        A file (or a list of them); rows, as a list of dicts, a ``datasets.Dataset``, a pandas
        DataFrame or an Arrow table; or a dict of these by name (``datasets.DatasetDict``). Rows
        are written to FOLDER/NAME.jsonl.
    """
    if isinstance(dataset, (str, os.PathLike)):
        return _file(dataset, folder)
    if isinstance(dataset, (list, tuple)) and dataset and isinstance(dataset[0], (str, os.PathLike)):
        return [_file(path, folder) for path in dataset]
    if isinstance(dataset, Mapping) and not _is_columns(dataset):
        return {key: dataset_files(part, folder, f"{name}-{key}") for key, part in dataset.items()}
    folder.mkdir(parents=True, exist_ok=True)
    return write_json_lines(folder / f"{name}.jsonl", map(plain_row, _rows(dataset)))


def _file(path: str | os.PathLike, folder: Path) -> str:
    source = Path(path)
    if source.suffix != ".parquet":
        return os.fspath(source.resolve())
    return os.fspath(parquet_to_json_lines(source, folder / f"{source.stem}.jsonl"))


def _is_columns(dataset: Mapping) -> bool:
    """Lists of equal length by column, not data sets by name."""
    first = next(iter(dataset.values()), None)
    return isinstance(first, (list, tuple)) and not (first and isinstance(first[0], Mapping))


def _rows(dataset: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(dataset, Mapping):
        return (dict(zip(dataset, row)) for row in zip(*dataset.values()))
    if hasattr(dataset, "to_pylist"):  # Arrow
        return iter(dataset.to_pylist())
    if hasattr(dataset, "to_dict") and hasattr(dataset, "iloc"):  # pandas
        return iter(dataset.to_dict("records"))
    if not isinstance(dataset, Iterable):
        raise TypeError(f"data set: expected a file or rows, got {dataset!r:.50}")
    return iter(dataset)
