"""Arrays and tensors, without importing torch."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


def is_tensor(value: Any) -> bool:
    """Whether it is a PyTorch tensor, or a list that begins with one, however deep."""
    while isinstance(value, (list, tuple)) and value:
        value = value[0]
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def as_array(value: Any, what: str, ndim: int) -> np.ndarray:
    """float32 of an array, a tensor or nested lists. Raises ValueError for another shape."""
    import numpy as np

    if isinstance(value, (list, tuple)):
        value = [as_array(item, what, ndim - 1) for item in value]
    elif hasattr(value, "detach"):
        value = value.detach().cpu().float()
    array = np.asarray(value, dtype=np.float32)
    if array.ndim != ndim:
        raise ValueError(f"{what}: expected {ndim} dimensions, got the shape {array.shape}")
    return array


def like(array: np.ndarray, *arguments: Any) -> Any:
    """The array, or, when one of the arguments is of tensors, a tensor over its memory."""
    if any(is_tensor(argument) for argument in arguments):
        return sys.modules["torch"].from_numpy(array)
    return array
