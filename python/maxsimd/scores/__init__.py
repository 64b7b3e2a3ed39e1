"""MaxSim scores."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .colbert import ColBERTScores, colbert_kd_scores, colbert_scores, colbert_scores_pairwise
from .similarity_functions import SimilarityFunction

if TYPE_CHECKING:
    from .xtr import XTRKDScores, XTRScores, xtr_kd_scores, xtr_scores

_XTR = ("XTRKDScores", "XTRScores", "xtr_kd_scores", "xtr_scores")

__all__ = ["ColBERTScores", "SimilarityFunction", "XTRKDScores", "XTRScores", "colbert_kd_scores",
           "colbert_scores", "colbert_scores_pairwise", "xtr_kd_scores", "xtr_scores"]


def __getattr__(name: str) -> Any:
    if name in _XTR:  # which need NumPy when they are imported
        return getattr(importlib.import_module(f"{__name__}.xtr"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
