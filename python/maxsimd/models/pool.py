"""What start_multi_process_pool() returns."""

from __future__ import annotations

from typing import Any


class ThreadsPool(dict):
    """Stands where PyLate has processes and their queues."""

    def __init__(self) -> None:
        super().__init__(processes=[None], input=None, output=None)

    def __reduce__(self) -> Any:
        return ThreadsPool, ()
