"""evaluation.ColBERTTripletEvaluator."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .. import _maxsimd
from .._checks import count, text
from .._rows import write_json_lines
from ..models.texts import list_of_texts
from .evaluator import Evaluator, with_name


class ColBERTTripletEvaluator(Evaluator):
    """The share of triplets whose positive scores more than the negative: metric ``accuracy``.
    A tie counts as wrong."""

    def __init__(self, anchors: Sequence[str], positives: Sequence[str],
                 negatives: Sequence[str], name: str = "", batch_size: int = 32,
                 show_progress_bar: bool = False, write_csv: bool = True,
                 truncate_dim: int | None = None) -> None:
        self.anchors = list_of_texts(anchors, "anchors")
        self.positives = list_of_texts(positives, "positives")
        self.negatives = list_of_texts(negatives, "negatives")
        self.name = text("name", name)
        self.metrics = ["accuracy"]
        self.csv_headers = ["epoch", "steps", "accuracy"]
        evaluator = _maxsimd.triplet_evaluator(self.anchors, self.positives, self.negatives, name,
                                               max(256, count("batch_size", batch_size, 1)))
        super().__init__(evaluator, f"triplet_evaluation{with_name(name)}_results.csv", batch_size,
                         show_progress_bar, write_csv)

    def spec(self, folder: Path) -> dict[str, Any]:
        rows = zip(self.anchors, self.positives, self.negatives)
        names = ("query", "positive", "negative")
        return {"type": "triplet", "name": self.name, "batch_size": self.batch_size,
                "file": write_json_lines(folder / "triplets.jsonl",
                                         (dict(zip(names, row)) for row in rows))}
