"""ColBERT models."""

from .colbert import ColBERT

__all__ = ["ColBERT"]
