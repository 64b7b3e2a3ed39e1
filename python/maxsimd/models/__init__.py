"""ColBERT models."""

from .colbert import ColBERT
from .hub import pull_model
from .row_description import RowDescription

__all__ = ["ColBERT", "RowDescription", "pull_model"]
