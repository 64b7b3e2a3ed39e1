"""What evaluators of models have in common."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import _maxsimd
from .._checks import count, flag, number, optional_text, path
from .._threads import get_num_threads

if TYPE_CHECKING:
    from ..models import ColBERT

logger = logging.getLogger(__name__)


class Evaluator:
    """Measures a model by PyLate's metrics and appends a row to PyLate's CSV file."""

    #: Columns of the CSV file.
    csv_headers: list[str]

    #: Keywords of ``model.encode()`` for documents (False) and queries (True): prompts.
    _encode_options: tuple[dict[str, Any], dict[str, Any]] = ({}, {})

    def __init__(self, evaluator: _maxsimd.Evaluator, csv_file: str, batch_size: int,
                 show_progress_bar: bool, write_csv: bool) -> None:
        self._evaluator = evaluator
        self.csv_file = csv_file
        self.batch_size = count("batch_size", batch_size, 1)
        self.show_progress_bar = flag("show_progress_bar", show_progress_bar)
        self.write_csv = flag("write_csv", write_csv)
        for note in evaluator.notes:
            logger.info("%s: %s", type(self).__name__, note)

    @property
    def primary_metric(self) -> str:
        """The one that counts when models are compared."""
        return self._evaluator.primary_metric

    @property
    def greater_is_better(self) -> bool:
        return self._evaluator.greater_is_better

    def __call__(self, model: ColBERT, output_path: str | None = None, epoch: float = -1,
                 steps: int = -1) -> dict[str, float]:
        """Metrics by their names. With ``output_path`` a row is appended to ``csv_file`` there.

        ``model`` is anything with ``encode(sentences, batch_size=, show_progress_bar=, is_query=)``.
        """
        if not callable(getattr(model, "encode", None)) or isinstance(model, str):
            raise TypeError("model: expected a models.ColBERT, or anything with its encode(), got "
                            f"{model!r:.50}")

        def encode(texts: list[str], is_query: bool) -> Any:
            return model.encode(texts, batch_size=self.batch_size, is_query=is_query,
                                show_progress_bar=self.show_progress_bar,
                                **self._encode_options[is_query])

        epoch, steps = number("epoch", epoch), count("steps", steps, -1, 2**63 - 1)
        folder = ""
        if output_path is not None and path("output_path", output_path) and self.write_csv:
            folder = os.fspath(output_path)
            os.makedirs(folder, exist_ok=True)
        metrics = self._evaluator.evaluate(encode, folder, epoch, steps, get_num_threads())
        for name, value in metrics.items():
            logger.info("%s: %s: %.4f", type(self).__name__, name, value)
        return metrics

    def spec(self, folder: Path) -> dict[str, Any]:
        """What ``maxsimd train`` is told of this evaluator; its data are written to the folder."""
        raise NotImplementedError


def check_default(what: str, value: Any, *allowed: Any) -> None:
    """Refuses what would change the metrics and is not there."""
    if value not in allowed:
        raise ValueError(f"{what}: expected {allowed[0]!r}, got {value!r:.50}")


def prompts_of(queries: Mapping[str, str | None],
               documents: Mapping[str, str | None]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Without those that are None, as ``Evaluator._encode_options``."""
    for what, given in (("query", queries), ("corpus", documents)):
        for name, value in given.items():
            optional_text(f"{what}_{name}", value)
    return tuple({name: value for name, value in given.items() if value is not None}  # type: ignore[return-value]
                 for given in (documents, queries))


def with_name(name: str) -> str:
    """The name as a part of a CSV file's."""
    return f"_{name}" if name else ""
