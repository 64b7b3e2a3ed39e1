"""A progress bar on stderr."""

from __future__ import annotations

import sys
import time

_WIDTH = 30


class ProgressBar:
    """Shows ``desc``, a bar, the count and the time left. Draws over its line on a terminal;
    elsewhere only the finished line is written."""

    def __init__(self, desc: str, total: int | None = None) -> None:
        self._desc = desc
        self._total = total
        self._done = 0
        self._start = time.monotonic()
        self._is_terminal = sys.stderr.isatty()

    def __call__(self, done: int, total: int) -> None:
        self._done, self._total = done, total
        if self._is_terminal:
            self._write(f"\r{self._line()}")

    def finish(self) -> None:
        if self._total is not None:
            self._done = self._total
        self._write(f"\r{self._line()}\n" if self._is_terminal else f"{self._line()}\n")

    def _line(self) -> str:
        seconds = time.monotonic() - self._start
        if not self._total:
            return f"{self._desc}: {self._done} in {seconds:.1f} s"
        share = self._done / self._total
        bar = "#" * int(_WIDTH * share)
        left = f", {seconds * (1 - share) / share:.0f} s left" if 0 < share < 1 else ""
        return (f"{self._desc}: [{bar:<{_WIDTH}}] {self._done}/{self._total} "
                f"in {seconds:.1f} s{left}")

    @staticmethod
    def _write(text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()
