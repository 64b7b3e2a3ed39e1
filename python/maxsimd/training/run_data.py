"""OUTPUT_DIR/data, what a trainer hands to its run: put there only where no other run's is lost."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LOCK = ".maxsimd-train.lock"  # which maxsimd-train holds while it runs


@contextmanager
def run_data(output: Path, may_replace: bool) -> Iterator[Path]:
    """The folder to write into. Where a ValueError or a TypeError ends the block, that is where the
    run was refused, what lay there before is there again.

    may_replace
        Whether a run that lies in ``output`` may be gone on with or written over.

    ValueError, before anything is touched: another run is at work there, or lies there.
    """
    _check_free(output)
    if not may_replace and any(output.glob("checkpoint-*")):
        raise ValueError(f"output_dir {output} holds checkpoints of a run: go on with it by "
                         "train(resume_from_checkpoint=True), give overwrite_output_dir=True, or "
                         "another folder")
    data, before = output / "data", output / "data.before"
    shutil.rmtree(before, ignore_errors=True)
    if data.exists():  # a copy: the caller's files may lie there, and names are kept
        shutil.copytree(data, before)
    data.mkdir(parents=True, exist_ok=True)
    try:
        yield data
    except (ValueError, TypeError):
        shutil.rmtree(data)
        if before.exists():
            before.rename(data)
        raise
    finally:
        shutil.rmtree(before, ignore_errors=True)


def _check_free(output: Path) -> None:
    try:
        lock = open(output / _LOCK, encoding="utf-8")
    except FileNotFoundError:
        return
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            raise ValueError(f"output_dir {output}: another run is writing here") from None
