"""evaluation.NanoBEIREvaluator."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .. import _maxsimd
from .evaluator import Evaluator
from .information_retrieval import retrieval_options


class NanoBEIREvaluator(Evaluator):
    """Retrieval from the small data sets of NanoBEIR, and the mean over them:
    ``NanoBEIR_mean_MaxSim_ndcg@10``.

    The data sets are read from a folder (nothing is downloaded): ``dataset_id``, in one of the
    layouts of docs/evaluation.md. ``dataset_names`` chooses some of them ("scifact", "SciFact" or
    "NanoSciFact").
    """

    def __init__(self, dataset_names: Sequence[str] | None = None,
                 dataset_id: str = "evaluation_datasets/NanoBEIR", mrr_at_k: Sequence[int] = (10,),
                 ndcg_at_k: Sequence[int] = (10,), accuracy_at_k: Sequence[int] = (1, 3, 5, 10),
                 precision_recall_at_k: Sequence[int] = (1, 3, 5, 10),
                 map_at_k: Sequence[int] = (100,), show_progress_bar: bool = False,
                 batch_size: int = 32, write_csv: bool = True, truncate_dim: int | None = None,
                 **ignored: Any) -> None:
        self._spec: dict[str, Any] = {
            "mrr_at_k": list(mrr_at_k), "ndcg_at_k": list(ndcg_at_k),
            "accuracy_at_k": list(accuracy_at_k),
            "precision_recall_at_k": list(precision_recall_at_k), "map_at_k": list(map_at_k)}
        options = retrieval_options("", **self._spec)
        names = list(dataset_names or ())
        evaluator = _maxsimd.nano_beir_evaluator(str(Path(dataset_id)), names, options)
        self._spec |= {"folder": str(Path(dataset_id).resolve()), "dataset_names": names}
        self.name = evaluator.name
        super().__init__(evaluator, "NanoBEIR_evaluation_mean_results.csv", batch_size,
                         show_progress_bar, write_csv)

    def spec(self, folder: Path) -> dict[str, Any]:
        return {"type": "nanobeir", **self._spec}
