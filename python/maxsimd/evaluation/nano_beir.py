"""evaluation.NanoBEIREvaluator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .. import _maxsimd
from .._checks import optional_text, path, text
from ..models.texts import list_of_texts
from .evaluator import Evaluator, check_default, prompts_of
from .information_retrieval import checked_cutoffs, retrieval_options


class NanoBEIREvaluator(Evaluator):
    """Retrieval from the small data sets of NanoBEIR, and the mean over them:
    ``NanoBEIR_mean_MaxSim_ndcg@10``.

    The data sets are read from a folder (nothing is downloaded): ``dataset_id``, in one of the
    layouts of docs/evaluation.md. ``dataset_names`` chooses some of them ("scifact", "SciFact" or
    "NanoSciFact"). ``query_prompts`` and ``corpus_prompts`` are put before all queries and documents;
    by data set they must be the same for all. The mean is the mean, and scores are MaxSim.
    """

    def __init__(self, dataset_names: Sequence[str] | None = None,
                 dataset_id: str = "evaluation_datasets/NanoBEIR", mrr_at_k: Sequence[int] = (10,),
                 ndcg_at_k: Sequence[int] = (10,), accuracy_at_k: Sequence[int] = (1, 3, 5, 10),
                 precision_recall_at_k: Sequence[int] = (1, 3, 5, 10),
                 map_at_k: Sequence[int] = (100,), show_progress_bar: bool = False,
                 batch_size: int = 32, write_csv: bool = True, truncate_dim: int | None = None,
                 score_functions: Any = None, main_score_function: Any = None,
                 aggregate_fn: Any = None, aggregate_key: str = "mean",
                 query_prompts: str | Mapping[str, str] | None = None,
                 corpus_prompts: str | Mapping[str, str] | None = None,
                 write_predictions: bool = False) -> None:
        for what, value, *allowed in (
                ("score_functions", score_functions, None),
                ("main_score_function", main_score_function, None, "MaxSim"),
                ("aggregate_fn", aggregate_fn, None), ("aggregate_key", aggregate_key, "mean"),
                ("write_predictions", write_predictions, False)):
            check_default(what, value, *allowed)
        self._encode_options = prompts_of({"prompt": _one_prompt("query_prompts", query_prompts)},
                                          {"prompt": _one_prompt("corpus_prompts", corpus_prompts)})
        cutoffs = checked_cutoffs(
            mrr_at_k=mrr_at_k, ndcg_at_k=ndcg_at_k, accuracy_at_k=accuracy_at_k,
            precision_recall_at_k=precision_recall_at_k, map_at_k=map_at_k)
        names = [] if dataset_names is None else list_of_texts(dataset_names, "dataset_names")
        folder = path("dataset_id", dataset_id)
        evaluator = _maxsimd.nano_beir_evaluator(folder, names, retrieval_options("", cutoffs))
        self._spec: dict[str, Any] = {**cutoffs, "folder": str(Path(folder).resolve()),
                                      "dataset_names": names}
        self.name = evaluator.name
        super().__init__(evaluator, "NanoBEIR_evaluation_mean_results.csv", batch_size,
                         show_progress_bar, write_csv)

    def spec(self, folder: Path) -> dict[str, Any]:
        check_default("evaluator: prompts in a training run", self._encode_options, ({}, {}))
        return {"type": "nanobeir", **self._spec}


def _one_prompt(what: str, prompts: str | Mapping[str, str] | None) -> str | None:
    if not isinstance(prompts, Mapping):
        return optional_text(what, prompts)
    different = sorted({text(f"{what}[{name!r}]", prompt) for name, prompt in prompts.items()})
    if len(different) > 1:
        raise ValueError(f"{what}: expected the same prompt for all data sets, got {different}; give "
                         "dataset_names and make an evaluator for each prompt")
    return different[0] if different else None
