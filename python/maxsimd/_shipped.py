"""What the package carries: the program, models and a sample of text."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def shipped(relative: str) -> Path:
    """A file or folder by its place under ``share/maxsimd``: "models/mini", "examples/data"."""
    return _PACKAGE / "share" / "maxsimd" / relative


def program() -> Path:
    """The program ``maxsimd``."""
    return _PACKAGE / "bin" / "maxsimd"
