"""What encode() makes of the vectors: padding, smaller number types, tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_PRECISIONS = ("float32", "int8", "uint8", "binary", "ubinary")


def check_precision(precision: str | None) -> str:
    if precision in (None, "float32"):
        return "float32"
    if precision not in _PRECISIONS:
        raise ValueError(f"precision: expected one of {', '.join(_PRECISIONS)}, got "
                         f"{precision!r} (the arithmetic of the model is chosen by "
                         "ColBERT(precision=))")
    return precision


def finish(given: Sequence, padding: bool, precision: str, tensors: bool) -> list:
    """What encode() returns for arrays [rows, dim] of its."""
    items = list(given)
    if padding:
        items = pad(items)
    if precision != "float32":
        items = quantize(items, precision)
    return to_tensors(items) if tensors else items


def pad(embeddings: Sequence[np.ndarray], value: int = 0) -> list[np.ndarray]:
    """Rows of ``value`` up to the longest item: arrays [1, rows, ...], views of one block."""
    import numpy as np

    if not embeddings:
        return []
    rows = max(len(item) for item in embeddings)
    padded = np.full((len(embeddings), rows, *embeddings[0].shape[1:]), value, embeddings[0].dtype)
    for place, item in zip(padded, embeddings):
        place[: len(item)] = item
    return [padded[i : i + 1] for i in range(len(padded))]


def quantize(embeddings: Sequence[np.ndarray], precision: str) -> list[np.ndarray]:
    """As sentence-transformers' quantize_embeddings(): int8 and uint8 by 255 steps between the
    least and the largest value, binary and ubinary by the sign, 8 values a byte.

    The range of a value is that of its token position and dimension over all items when they
    are equally long, as in sentence-transformers; of its dimension over all tokens otherwise.
    """
    import numpy as np

    if precision in ("binary", "ubinary"):
        bits = [np.packbits(item > 0, axis=-1) for item in embeddings]
        return bits if precision == "ubinary" else [
            (item.astype(np.int16) - 128).astype(np.int8) for item in bits]
    if not embeddings:
        return []
    is_even = len({item.shape for item in embeddings}) == 1
    values = np.stack(embeddings) if is_even else np.concatenate(embeddings)
    low, high = values.min(axis=0), values.max(axis=0)
    steps = (high - low) / 255
    steps[steps == 0] = 1
    if precision == "uint8":
        return [((item - low) / steps).astype(np.uint8) for item in embeddings]
    return [((item - low) / steps - 128).astype(np.int8) for item in embeddings]


def to_tensors(embeddings: Sequence[np.ndarray]) -> list:
    """Tensors over the same memory."""
    try:
        import torch
    except ImportError:
        raise ImportError("convert_to_tensor=True gives PyTorch tensors, and torch is not "
                          "installed; leave it out for NumPy arrays") from None
    return [torch.from_numpy(item) for item in embeddings]
