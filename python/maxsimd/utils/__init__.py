"""Helpers of scripts for training and evaluation."""

from .collator import ColBERTCollator
from .iter_batch import iter_batch
from .processing import KDProcessing
from .tensor import convert_to_tensor

__all__ = ["ColBERTCollator", "KDProcessing", "convert_to_tensor", "iter_batch"]
