"""``python -m maxsimd`` is the command ``maxsimd``."""

from ._command import main

if __name__ == "__main__":
    main()
