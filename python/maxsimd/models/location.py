"""Where a model lies."""

from __future__ import annotations

import os
from pathlib import Path

from .._maxsimd import IoError
from .._shipped import shipped


def find_model(model_name_or_path: str | os.PathLike, *, cache_folder: str | None = None,
               revision: str | None = None, local_files_only: bool = False,
               token: bool | str | None = None) -> Path:
    """The folder of a model: an existing folder, ``mini`` (the model in the package), or a
    name of the Hugging Face hub, when the package ``huggingface_hub`` is installed."""
    name = os.fspath(model_name_or_path)
    if os.path.isdir(name):
        return Path(name)
    if name == "mini":
        return shipped("models/mini")
    if name.count("/") == 1 and not name.startswith((".", "/", "~")):
        return _find_on_hub(name, cache_folder, revision, local_files_only, token)
    raise IoError(f"model '{name}': no such folder; expected a folder with config.json, "
                  "tokenizer.json and model.safetensors, 'mini' for the model in the package, or "
                  "a name of the Hugging Face hub (ORGANISATION/MODEL)")


def _find_on_hub(name: str, cache_folder: str | None, revision: str | None,
                 local_files_only: bool, token: bool | str | None) -> Path:
    try:
        from huggingface_hub import snapshot_download
    except ImportError:
        raise IoError(f"model '{name}': no such folder; to load a model of the Hugging Face hub "
                      "install the package huggingface_hub, or download the model and give its "
                      "folder") from None
    cache_folder = cache_folder or os.environ.get("SENTENCE_TRANSFORMERS_HOME")
    return Path(snapshot_download(
        name, revision=revision, cache_dir=cache_folder, token=token,
        local_files_only=local_files_only, library_name="maxsimd",
        allow_patterns=["*.json", "*.safetensors", "*.txt", "*.metadata", "*.md"]))
