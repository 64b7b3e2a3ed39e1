"""Retrieval from indexes."""

from .colbert import ColBERT

__all__ = ["ColBERT"]
