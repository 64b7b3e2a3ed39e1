"""Writing model folders."""

from __future__ import annotations

import json
import os
from pathlib import Path

from .. import _maxsimd


def save_model(model: _maxsimd.Model, source: Path, path: str | os.PathLike,
               create_model_card: bool, prompts: dict[str, str],
               default_prompt_name: str | None) -> None:
    """Writes a model to a folder; files of a model that is there already are replaced.

    The card of the folder it was loaded from goes with it.
    """
    import shutil
    import tempfile

    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as temporary:
        fresh = Path(temporary) / "model"
        _write(model, fresh, prompts, default_prompt_name)
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


def copy_model(model: _maxsimd.Model, folder: Path, prompts: dict[str, str],
               default_prompt_name: str | None) -> Path:
    """Writes a model to a folder, anew. Returns it."""
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
    _write(model, folder, prompts, default_prompt_name)
    return folder


def _write(model: _maxsimd.Model, folder: Path, prompts: dict[str, str],
           default_prompt_name: str | None) -> None:
    model.save(os.fspath(folder))
    file = folder / "config_sentence_transformers.json"
    config = json.loads(file.read_text(encoding="utf-8"))
    config |= {"prompts": prompts, "default_prompt_name": default_prompt_name}
    file.write_text(json.dumps(config, indent=2), encoding="utf-8")  # as PyLate writes it
