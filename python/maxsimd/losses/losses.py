"""The losses of ``maxsimd train`` under PyLate's names and arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._checks import flag
from .._maxsimd import HyperparameterSet
from .._tensors import plain
from ..models import ColBERT
from ..scores import ColBERTScores, colbert_kd_scores, colbert_scores

_FLAGS = ("size_average", "gather_across_devices", "normalize_scores")


class _Loss:
    """``hyperparameters``: what docs/hyperparameters.md calls the loss and its parameters. A value
    that a run would refuse is a ValueError at once. The parameters are attributes, too."""

    hyperparameters: dict[str, Any]

    def __init__(self, model: ColBERT, **hyperparameters: Any) -> None:
        if not isinstance(model, ColBERT):
            raise TypeError(f"model: expected a models.ColBERT, got {model!r:.50}")
        self.model = model
        self.hyperparameters = {}
        for name, value in hyperparameters.items():
            self._set(name, value)

    def _set(self, name: str, value: Any) -> None:
        checked = flag(name, value) if name in _FLAGS else plain(value)
        HyperparameterSet().set(name, checked)
        self.hyperparameters[name] = checked

    def __getattr__(self, name: str) -> Any:
        if name in self.__dict__.get("hyperparameters", ()):
            return self.hyperparameters[name]
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.__dict__.get("hyperparameters", ()):
            return self._set(name, value)
        super().__setattr__(name, value)

    def _check_score_metric(self, score_metric: Callable | None, allowed: tuple) -> None:
        is_one = any(score_metric is one for one in allowed)
        if score_metric is None or is_one or isinstance(score_metric, ColBERTScores):
            return
        raise ValueError(f"score_metric: {type(self).__name__} scores by MaxSim; leave it out")


class Contrastive(_Loss):
    """Cross entropy of each query's positive among all documents of the batch."""

    def __init__(self, model: ColBERT, score_metric: Callable | None = None,
                 score_mini_batch_size: int | None = None, size_average: bool = True,
                 gather_across_devices: bool = False, temperature: float = 1.0) -> None:
        self._check_score_metric(score_metric, (colbert_scores,))
        super().__init__(model, loss="contrastive", score_mini_batch_size=score_mini_batch_size,
                         size_average=size_average,
                         gather_across_devices=gather_across_devices,
                         temperature=temperature)


class CachedContrastive(_Loss):
    """The same loss and gradients in the memory of ``mini_batch_size`` texts (GradCache)."""

    def __init__(self, model: ColBERT, score_metric: Callable | None = None, mini_batch_size: int = 32,
                 score_mini_batch_size: int | None = None, size_average: bool = True,
                 gather_across_devices: bool = False, show_progress_bar: bool = False,
                 temperature: float = 1.0) -> None:
        self._check_score_metric(score_metric, (colbert_scores,))
        flag("show_progress_bar", show_progress_bar)
        super().__init__(model, loss="cached_contrastive", mini_batch_size=mini_batch_size,
                         score_mini_batch_size=score_mini_batch_size,
                         size_average=size_average,
                         gather_across_devices=gather_across_devices,
                         temperature=temperature)


class Distillation(_Loss):
    """KL divergence of the scores of a query's documents from a teacher's."""

    def __init__(self, model: ColBERT, score_metric: Callable | None = None, size_average: bool = True,
                 normalize_scores: bool = True) -> None:
        self._check_score_metric(score_metric, (colbert_kd_scores,))
        super().__init__(model, loss="distillation", size_average=size_average,
                         normalize_scores=normalize_scores)
