"""utils.convert_to_tensor."""

from __future__ import annotations

from typing import Any

from .._tensors import is_tensor, like


def convert_to_tensor(x: Any) -> Any:
    """One array of what may be a list: float32 of lists, an array or a tensor as it is. Lists of
    tensors are stacked to a tensor; nothing else becomes one, since PyTorch is not needed here."""
    import numpy as np

    if is_tensor(x) and not isinstance(x, (list, tuple)):
        return x
    if isinstance(x, np.ndarray):
        return x
    try:
        return like(np.asarray(x, dtype=np.float32), x)
    except (TypeError, ValueError) as error:
        raise ValueError(f"x: expected numbers, in lists of one length at each depth: {error}") from None
