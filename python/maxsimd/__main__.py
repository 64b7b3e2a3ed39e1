"""``python -m maxsimd`` is the command ``maxsimd``."""

from ._command import main

main()
