"""Ranking of given documents."""

from .rerank import RerankResult, rerank
from .xtr import score_xtr

__all__ = ["RerankResult", "rerank", "score_xtr"]
