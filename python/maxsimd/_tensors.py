"""Arrays and tensors, without importing torch."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


def _first_tensor(value: Any) -> Any:
    """A PyTorch tensor, or the one that a list begins with, however deep; else None."""
    while isinstance(value, (list, tuple)) and value:
        value = value[0]
    torch = sys.modules.get("torch")
    return value if torch is not None and isinstance(value, torch.Tensor) else None


def is_tensor(value: Any) -> bool:
    """Whether it is a PyTorch tensor, or a list that begins with one, however deep."""
    return _first_tensor(value) is not None


def check_needs_no_gradient(**arguments: Any) -> None:
    """ValueError for tensors that require a gradient, which would end here unsaid, where PyTorch
    records gradients."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.is_grad_enabled():
        return
    for what, value in arguments.items():
        if _requires_grad(value):
            raise ValueError(f"{what}: requires a gradient, and maxsimd computes none: give it "
                             "detached (.detach(), or under torch.no_grad()); to train, give a loss "
                             "of maxsimd.losses to training.Trainer")


def _requires_grad(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_requires_grad, value))
    return bool(getattr(value, "requires_grad", False))


def plain(value: Any) -> Any:
    """Python's numbers, and lists of them, for NumPy's numbers and for arrays and tensors of any
    package; the value itself where it is none of them."""
    return value.tolist() if hasattr(value, "tolist") else value


def check_has_items(embeddings: Any, what: str) -> None:
    """TypeError for what holds no arrays: a number, a text, a dict."""
    if isinstance(embeddings, (str, bytes, Mapping)) or not hasattr(embeddings, "__iter__"):
        raise TypeError(f"{what}: expected arrays [tokens, dim]; got {embeddings!r:.50}")


def list_of_queries(queries_embeddings: Any) -> Any:
    """What can be counted and cut into parts: of one query [tokens, dim] a list of it, of what only
    hands out its items a list. TypeError for what has none."""
    if getattr(queries_embeddings, "ndim", 3) == 2:
        return [queries_embeddings]
    check_has_items(queries_embeddings, "queries_embeddings")
    if hasattr(queries_embeddings, "__len__") and hasattr(queries_embeddings, "__getitem__"):
        return queries_embeddings
    return list(queries_embeddings)


def as_array(value: Any, what: str, ndim: int) -> np.ndarray:
    """float32 of an array, a tensor or nested lists. TypeError for what holds something else,
    ValueError for another shape."""
    import numpy as np

    if isinstance(value, (list, tuple)):
        value = [as_array(item, what, ndim - 1) for item in value]
    elif hasattr(value, "detach"):
        value = value.detach().cpu().float()
    try:
        array = np.asarray(value, dtype=np.float32)
    except (TypeError, ValueError) as error:
        if isinstance(value, list):  # of arrays
            raise ValueError(f"{what}: expected items of one shape: {error}") from None
        raise TypeError(f"{what}: expected numbers, got {value!r:.50}") from None
    if array.ndim != ndim:
        raise ValueError(f"{what}: expected {ndim} dimensions, got the shape {array.shape}")
    return array


def as_ids(value: Any, what: str, ndim: int | None = None) -> np.ndarray:
    """int64 of token ids. TypeError for what holds something else, ValueError for another shape."""
    import numpy as np

    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{what}: expected lists of one length, got {value!r:.50}") from None
    if array.dtype.kind not in "iu" and (array.size or array.ndim == 0):
        raise TypeError(f"{what}: expected token ids, got {value!r:.50}")
    if ndim is not None and array.ndim != ndim:
        raise ValueError(f"{what}: expected {ndim} dimensions, got the shape {array.shape}")
    return array.astype(np.int64)


def like(array: np.ndarray, *arguments: Any) -> Any:
    """The array, or, when one of the arguments is of tensors, a tensor over its memory."""
    if any(is_tensor(argument) for argument in arguments):
        return sys.modules["torch"].from_numpy(array)
    return array


def scores_like(scores: np.ndarray, *embeddings: Any) -> Any:
    """``like()``, with the number type that PyTorch gives to a product of these tensors."""
    first, *others = [tensor for value in embeddings if (tensor := _first_tensor(value)) is not None] or [None]
    if first is None:
        return scores
    torch = sys.modules["torch"]
    kind = first.dtype
    for other in others:
        kind = torch.promote_types(kind, other.dtype)
    result = torch.from_numpy(scores)
    return result.to(kind) if kind.is_floating_point else result
