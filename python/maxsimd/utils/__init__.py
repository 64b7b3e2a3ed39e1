"""Helpers of scripts for training and evaluation."""

from .collator import ColBERTCollator
from .distributed import all_gather, all_gather_with_gradients, get_rank, get_world_size
from .iter_batch import iter_batch
from .processing import KDProcessing
from .parquet import parquet_to_json_lines
from .tensor import convert_to_tensor

__all__ = ["ColBERTCollator", "KDProcessing", "all_gather", "all_gather_with_gradients",
           "convert_to_tensor", "get_rank", "get_world_size", "iter_batch", "parquet_to_json_lines"]
