"""Lists of lists, flat and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def split(items: Sequence, groups: Sequence[int]) -> Iterator[Sequence]:
    """Consecutive parts of the given lengths."""
    start = 0
    for count in groups:
        yield items[start : start + count]
        start += count
