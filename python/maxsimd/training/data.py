"""Data sets as callers have them -> files that ``maxsimd train`` reads."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from .._rows import plain_row, write_json_lines
from ..utils.parquet import parquet_to_json_lines


def dataset_files(what: str, dataset: Any, folder: Path, name: str) -> Any:
    """What the hyperparameter ``train_dataset`` takes: a file, a list of files, or files by name.

    what
        The argument, for messages.
    dataset
        A file (or a list of them); rows, as a list of dicts, a ``datasets.Dataset``, a pandas
        DataFrame, an Arrow table or a dict of columns; or a dict of these by name
        (``datasets.DatasetDict``). Rows are written to FOLDER/NAME.jsonl. ValueError for columns
        of several lengths.
    """
    if isinstance(dataset, (str, os.PathLike)):
        return _file(dataset, folder)
    if isinstance(dataset, (list, tuple)) and dataset and isinstance(dataset[0], (str, os.PathLike)):
        return [_file(path, folder) for path in dataset]
    if isinstance(dataset, Mapping) and not _is_columns(dataset):
        return {key: dataset_files(f"{what}[{key!r}]", part, folder, f"{name}-{key}")
                for key, part in dataset.items()}
    folder.mkdir(parents=True, exist_ok=True)
    rows = (plain_row(what, row) for row in _rows(what, dataset))
    return write_json_lines(folder / f"{name}.jsonl", rows, what)


def _file(path: str | os.PathLike, folder: Path) -> str:
    source = Path(path)
    if source.suffix != ".parquet":
        return os.fspath(source.resolve())
    return os.fspath(parquet_to_json_lines(source, folder / f"{source.stem}.jsonl"))


def _is_columns(dataset: Mapping) -> bool:
    """Columns by name, not data sets: lists, arrays, and columns of pandas, Arrow, ``datasets``."""
    first = next(iter(dataset.values()), None)
    if isinstance(first, (list, tuple)):
        return not (first and isinstance(first[0], Mapping))
    is_table = isinstance(first, (str, os.PathLike, Mapping)) or any(
        hasattr(first, name) for name in ("column_names", "columns"))
    return not is_table and hasattr(first, "__len__")


def _rows_of_columns(what: str, columns: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    lists = {name: column.to_pylist() if hasattr(column, "to_pylist") else list(column)
             for name, column in columns.items()}
    lengths = {name: len(column) for name, column in lists.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"{what}: expected columns of one length, got {lengths}")
    return (dict(zip(lists, row)) for row in zip(*lists.values()))


def _rows(what: str, dataset: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(dataset, Mapping):
        return _rows_of_columns(what, dataset)
    if hasattr(dataset, "to_pylist"):  # Arrow
        return iter(dataset.to_pylist())
    if hasattr(dataset, "to_dict") and hasattr(dataset, "iloc"):  # pandas
        return iter(dataset.to_dict("records"))
    if not isinstance(dataset, Iterable):
        raise TypeError(f"{what}: expected a file or rows, got {dataset!r:.50}")
    return iter(dataset)
