"""The command ``maxsimd``: becomes the program that the package carries."""

from __future__ import annotations

import os
import sys

from ._shipped import program


def main() -> None:
    path = os.fspath(program())
    os.execv(path, ["maxsimd", *sys.argv[1:]])
