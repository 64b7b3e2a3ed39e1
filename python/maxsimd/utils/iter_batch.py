"""utils.iter_batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .._checks import count, flag, text
from .._progress import ProgressBar


def iter_batch(X: Sequence, batch_size: int, tqdm_bar: bool = True,
               desc: str = "") -> Iterator[Sequence]:
    """Consecutive parts of ``batch_size``; the last one may be shorter."""
    count("batch_size", batch_size, 1)
    if not hasattr(X, "__len__") or not hasattr(X, "__getitem__") or isinstance(X, Mapping):
        raise TypeError(f"X: expected a list, a text or an array, got {X!r:.50}")
    bar = ProgressBar(text("desc", desc) or "Batches", len(X)) if flag("tqdm_bar", tqdm_bar) else None
    for start in range(0, len(X), batch_size):
        yield X[start : start + batch_size]
        if bar is not None:
            bar(min(start + batch_size, len(X)), len(X))
    if bar is not None:
        bar.finish()
