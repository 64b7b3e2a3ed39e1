"""Retrieval from indexes."""

from .colbert import ColBERT
from .xtr import XTR

__all__ = ["ColBERT", "XTR"]
