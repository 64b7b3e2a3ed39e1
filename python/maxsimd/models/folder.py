"""Writing model folders."""

from __future__ import annotations

import os
from pathlib import Path

from .. import _maxsimd


def save_model(model: _maxsimd.Model, source: Path, path: str | os.PathLike,
               create_model_card: bool) -> None:
    """Writes a model to a folder; files of a model that is there already are replaced.

    The card of the folder it was loaded from goes with it.
    """
    import shutil
    import tempfile

    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as temporary:
        fresh = Path(temporary) / "model"
        model.save(os.fspath(fresh))
        card = source / "README.md"
        if create_model_card and card.is_file():
            shutil.copyfile(card, fresh / "README.md")
        _move_into(fresh, target)


def _move_into(fresh: Path, target: Path) -> None:
    if not target.exists():
        os.replace(fresh, target)
        return
    for entry in sorted(fresh.rglob("*")):
        place = target / entry.relative_to(fresh)
        if entry.is_dir():
            place.mkdir(exist_ok=True)
        else:
            os.replace(entry, place)


def copy_model(model: _maxsimd.Model, folder: Path) -> Path:
    """Writes a model to a folder, anew. Returns it."""
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
    model.save(os.fspath(folder))
    return folder
