"""Gathering across processes, for scripts that call it: with torch.distributed where the script
has set it up, else there is one process. (Training gathers by itself: ``maxsimd-train --devices``.)
"""

from __future__ import annotations

import sys
from typing import Any


def _distributed() -> Any:
    """torch.distributed, if it is at work; it is not imported for that."""
    module = sys.modules.get("torch.distributed")
    return module if module and module.is_available() and module.is_initialized() else None


def get_rank() -> int:
    """Of this process; 0 where there is one."""
    distributed = _distributed()
    return distributed.get_rank() if distributed else 0


def get_world_size() -> int:
    """The number of processes."""
    distributed = _distributed()
    return distributed.get_world_size() if distributed else 1


def all_gather(tensor: Any) -> list:
    """The tensors of all processes, in the order of their ranks; this one's own is the one given,
    with its gradients. A list of the given one where there is one process."""
    distributed = _distributed()
    if distributed is None:
        return [tensor]
    gathered = [tensor.new_zeros(tensor.shape) for _ in range(distributed.get_world_size())]
    distributed.all_gather(gathered, tensor)
    gathered[distributed.get_rank()] = tensor
    return gathered


def all_gather_with_gradients(tensor: Any) -> Any:
    """The same with gradients to all of them."""
    distributed = _distributed()
    if distributed is None:
        return [tensor]
    import torch.distributed.nn

    return torch.distributed.nn.all_gather(tensor)
