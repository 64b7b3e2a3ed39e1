"""evaluation.ColBERTDistillationEvaluator."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .. import _maxsimd
from .._rows import write_json_lines
from ..models.texts import list_of_texts
from .evaluator import Evaluator, with_name


class ColBERTDistillationEvaluator(Evaluator):
    """How far a model's scores of each query's documents are from a teacher's: metric
    ``kl_divergence``, less is better."""

    def __init__(self, queries: Sequence[str], documents: Sequence[Sequence[str]],
                 scores: Sequence[Sequence[float]], name: str = "", batch_size: int = 16,
                 show_progress_bar: bool = False, write_csv: bool = True,
                 truncate_dim: int | None = None, normalize_scores: bool = True) -> None:
        self.name = name
        self.queries = list_of_texts(queries, "queries")
        self.documents = [list_of_texts(texts, f"documents of query {i}")
                          for i, texts in enumerate(documents)]
        self.scores = [[float(score) for score in row] for row in scores]
        self.normalize_scores = normalize_scores
        self.csv_headers = ["epoch", "steps", "kl_divergence"]
        options = _maxsimd.DistillationEvaluatorOptions()
        options.name = name
        options.batch_size = batch_size
        options.normalize_scores = normalize_scores
        evaluator = _maxsimd.distillation_evaluator(
            self.queries, self.documents, self.scores, options)
        super().__init__(evaluator, f"distillation_evaluation{with_name(name)}_results.csv",
                         batch_size, show_progress_bar, write_csv)

    def spec(self, folder: Path) -> dict[str, Any]:
        rows = zip(self.queries, self.documents, self.scores)
        names = ("query", "documents", "scores")
        return {"type": "distillation", "name": self.name, "batch_size": self.batch_size,
                "normalize_scores": self.normalize_scores,
                "n_ways": max(map(len, self.documents), default=2),
                "file": write_json_lines(folder / "distillation.jsonl",
                                         (dict(zip(names, row)) for row in rows))}
