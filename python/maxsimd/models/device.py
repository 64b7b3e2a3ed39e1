"""What ``model.device`` is."""

from __future__ import annotations

import sys
from typing import Any


class Device(str):
    """A device's name, with what scripts ask of a ``torch.device``, which it is equal to."""

    #: None, as of torch.device("cpu").
    index: Any = None  # type: ignore[assignment]  # str.index() looks for texts, of which there is one

    @property
    def type(self) -> str:
        return str(self)

    def __eq__(self, other: object) -> bool:
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(other, torch.device):
            return str(self) == str(other)
        return str(self) == other

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__
