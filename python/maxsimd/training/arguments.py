"""training.TrainingArguments: Hugging Face's hyperparameters."""

from __future__ import annotations

import os
from enum import Enum
from typing import Any

from .. import _maxsimd
from .._tensors import plain


class BatchSamplers(str, Enum):
    """Which rows make up a batch."""

    BATCH_SAMPLER = "batch_sampler"
    NO_DUPLICATES = "no_duplicates"
    NO_DUPLICATES_HASHED = "no_duplicates_hashed"
    GROUP_BY_LABEL = "group_by_label"  #: refused, with the reason


class MultiDatasetBatchSamplers(str, Enum):
    """How batches of several data sets are mixed."""

    PROPORTIONAL = "proportional"
    ROUND_ROBIN = "round_robin"


class TrainingArguments:
    """Hyperparameters by Hugging Face's names, and some of maxsimd (docs/hyperparameters.md).

    Each works, or has no effect by design, or is refused with a reason: ValueError, at once, also
    for values out of bounds; TypeError for unknown names. Those that are not given have their defaults.

        args = TrainingArguments(output_dir="run", per_device_train_batch_size=32, bf16=True)
        args.learning_rate    # 5e-05
    """

    def __init__(self, output_dir: str = "trainer_output", **hyperparameters: Any) -> None:
        self._given: dict[str, Any] = {}
        self._set = _maxsimd.HyperparameterSet()
        for name, value in {"output_dir": output_dir, **hyperparameters}.items():
            try:
                setattr(self, name, value)
            except ValueError as error:
                if hasattr(self, name):
                    raise
                raise TypeError(str(error)) from None  # as of any argument that is unexpected

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            return super().__setattr__(name, value)
        plain = _plain(value)
        self._set.set(name, plain)
        self._given[name] = plain

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self._set.get(name)
        except KeyError:
            raise AttributeError(f"there is no hyperparameter {name!r}") from None

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *_maxsimd.hyperparameter_names()})

    @property
    def given(self) -> dict[str, Any]:
        """Those that were given, by name."""
        return dict(self._given)

    def to_dict(self) -> dict[str, Any]:
        """All of them."""
        return {name: self._set.get(name) for name in _maxsimd.hyperparameter_names()}

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self._given.items())
        return f"{type(self).__name__}({given})"

    def __reduce__(self) -> Any:
        return _restore, (type(self), self._given)


def _restore(kind: type[TrainingArguments], given: dict[str, Any]) -> TrainingArguments:
    return kind(**given)


def _plain(value: Any) -> Any:
    """Without enumerations, paths, and NumPy's numbers and arrays."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, dict):
        return {_plain(key): _plain(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(element) for element in value]
    return plain(value)
