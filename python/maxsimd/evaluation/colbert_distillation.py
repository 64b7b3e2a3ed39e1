"""evaluation.ColBERTDistillationEvaluator."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .. import _maxsimd
from .._checks import count, flag, items, number, text
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
        self.name = text("name", name)
        self.queries = list_of_texts(queries, "queries")
        self.documents = [list_of_texts(texts, f"documents of query {i}")
                          for i, texts in enumerate(items("documents", documents,
                                                          "lists of texts"))]
        self.scores = [[number(f"scores of query {i}", score)
                        for score in items(f"scores of query {i}", row, "numbers")]
                       for i, row in enumerate(items("scores", scores, "lists of numbers"))]
        self.normalize_scores = flag("normalize_scores", normalize_scores)
        self.csv_headers = ["epoch", "steps", "kl_divergence"]
        options = _maxsimd.DistillationEvaluatorOptions()
        options.name = name
        options.batch_size = count("batch_size", batch_size, 1)
        options.normalize_scores = self.normalize_scores
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
