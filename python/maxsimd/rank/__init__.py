"""Ranking of given documents."""

from .rerank import RerankResult, rerank

__all__ = ["RerankResult", "rerank"]
