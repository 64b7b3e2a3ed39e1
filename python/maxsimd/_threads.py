"""How many threads computations use where they are not told."""

from __future__ import annotations

import os
from typing import Any

from ._checks import count

#: More than any machine has processors; a mistake otherwise.
_MOST = 4096

_num_threads: int | None = None


def get_num_threads() -> int:
    """Threads of what is made without ``num_threads``; 0 means one a processor.

    At first the environment variable MAXSIMD_NUM_THREADS, else 0.
    """
    if _num_threads is None:
        given = os.environ.get("MAXSIMD_NUM_THREADS") or "0"
        if not given.strip().isdecimal() or int(given) > _MOST:
            raise ValueError("MAXSIMD_NUM_THREADS, the environment variable: expected an integer from 0 to "
                             f"{_MOST}, got {given!r:.50}")
        set_num_threads(int(given))
    return _num_threads or 0


def set_num_threads(num_threads: int) -> None:
    """Sets it for models and indexes made from now on, and for ``rank`` and ``scores``."""
    global _num_threads
    _num_threads = count("num_threads", num_threads, most=_MOST)


def chosen_threads(num_threads: Any) -> int:
    """What an argument ``num_threads`` says; None: ``get_num_threads()``."""
    return get_num_threads() if num_threads is None else count("num_threads", num_threads, most=_MOST)
