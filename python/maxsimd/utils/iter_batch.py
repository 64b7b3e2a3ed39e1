"""utils.iter_batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .._progress import ProgressBar


def iter_batch(X: Sequence, batch_size: int, tqdm_bar: bool = True,
               desc: str = "") -> Iterator[Sequence]:
    """Consecutive parts of ``batch_size``; the last one may be shorter."""
    bar = ProgressBar(desc or "Batches", len(X)) if tqdm_bar else None
    for start in range(0, len(X), batch_size):
        yield X[start : start + batch_size]
        if bar is not None:
            bar(min(start + batch_size, len(X)), len(X))
    if bar is not None:
        bar.finish()
