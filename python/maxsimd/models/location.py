"""Where a model lies."""

from __future__ import annotations

import os
from pathlib import Path

from .._maxsimd import IoError
from .._shipped import shipped
from .hub import find_on_hub


def find_model(model_name_or_path: str | os.PathLike, *, cache_folder: str | None = None,
               revision: str | None = None, local_files_only: bool = False,
               token: bool | str | None = None) -> Path:
    """The folder of a model, absolute: an existing folder, ``mini`` (the model in the package), or a
    name of the Hugging Face hub (``hub.find_on_hub``)."""
    name = os.fspath(model_name_or_path)
    if os.path.isdir(name):
        return Path(name).absolute()
    if name == "mini":
        return shipped("models/mini").absolute()
    if name.count("/") == 1 and not name.startswith((".", "/", "~")):
        return find_on_hub(name, cache_folder=cache_folder, revision=revision,
                           local_files_only=local_files_only, token=token).absolute()
    raise IoError(f"model '{name}': no such folder; expected a folder with config.json, "
                  "tokenizer.json and model.safetensors, 'mini' for the model in the package, or "
                  "a name of the Hugging Face hub (ORGANISATION/MODEL)")
