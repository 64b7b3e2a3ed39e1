"""Models by their name on the Hugging Face hub, in the cache that Hugging Face's tools share.

What the environment says, as for those tools and for the command ``maxsimd pull``: HF_HOME,
HF_HUB_CACHE, XDG_CACHE_HOME (where the cache is; ~ and $NAME are taken in all paths), HF_ENDPOINT (a
mirror), HF_TOKEN, HF_TOKEN_PATH (private models), HF_HUB_OFFLINE (no requests),
HF_HUB_DISABLE_PROGRESS_BARS. HUGGINGFACE_HUB_CACHE and HUGGING_FACE_HUB_TOKEN are older names.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

from .. import _maxsimd
from .._checks import flag, path, text
from .._progress import ProgressBar

logger = logging.getLogger(__name__)


def find_on_hub(name: str, *, cache_folder: str | os.PathLike | None = None,
                revision: str | None = None, local_files_only: bool = False,
                token: bool | str | None = None) -> Path:
    """The folder of a model: what the cache has, else what is downloaded now."""
    options = _options(cache_folder, revision, flag("local_files_only", local_files_only) or
                       _is_on("HF_HUB_OFFLINE"), token)
    cached = _maxsimd.cached_model(name, options)
    return Path(cached) if cached is not None else _pull(name, options, None)


def pull_model(name: str, *, revision: str | None = None,
               cache_folder: str | os.PathLike | None = None, token: bool | str | None = None,
               show_progress: bool | None = None) -> Path:
    """Downloads a model of the hub, or what has changed of it, and returns its folder.

    revision
        Branch, tag or commit. None: "main".
    token
        For private models. None or True: that of the environment; False: none.
    show_progress
        None: when stderr is a terminal.

    Any thread may call it. Ctrl-C ends it; what has come is kept, and the next call goes on there.
    """
    options = _options(cache_folder, revision, _is_on("HF_HUB_OFFLINE"), token)
    return _pull(name, options, show_progress)


def _pull(name: str, options: _maxsimd.HubOptions, show_progress: bool | None) -> Path:
    text("name", name)
    if show_progress is None:
        show_progress = sys.stderr.isatty() and not _is_on("HF_HUB_DISABLE_PROGRESS_BARS")
    bar = ProgressBar(f"Pulling {name} (bytes)") if flag("show_progress", show_progress) else None
    logger.info("asking the hub for %s", name)
    folder = _maxsimd.pull_model(name, options, bar)
    if bar is not None:
        bar.finish()
    return Path(folder)


def _options(cache_folder: str | os.PathLike | None, revision: str | None, offline: bool,
             token: bool | str | None) -> _maxsimd.HubOptions:
    home = _home()
    if token is not None and not isinstance(token, (bool, str)):
        raise TypeError(f"token: expected a text, True, False or None, got {token!r:.50}")
    named = (os.environ.get("SENTENCE_TRANSFORMERS_HOME") or os.environ.get("HF_HUB_CACHE") or
             os.environ.get("HUGGINGFACE_HUB_CACHE"))
    cache = _expanded(named) if named else home / "hub"
    if cache_folder is not None:
        cache = Path(path("cache_folder", cache_folder)).expanduser()
    return _maxsimd.HubOptions(
        cache=str(cache),
        endpoint=os.environ.get("HF_ENDPOINT") or "https://huggingface.co",
        token=token if isinstance(token, str) else "" if token is False else _token(home),
        revision="main" if revision is None else text("revision", revision), offline=offline)


def _home() -> Path:
    home = os.environ.get("HF_HOME")
    if home:
        return _expanded(home)
    return _expanded(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface"


def _expanded(folder: str) -> Path:
    return Path(os.path.expandvars(os.path.expanduser(folder)))


def _token(home: Path) -> str:
    token = (os.environ.get("HF_TOKEN", "").strip() or
             os.environ.get("HUGGING_FACE_HUB_TOKEN", "").strip())
    file = _expanded(os.environ.get("HF_TOKEN_PATH") or str(home / "token"))
    return token or (file.read_text(encoding="utf-8").strip() if file.is_file() else "")


def _is_on(variable: str) -> bool:
    return os.environ.get(variable, "").upper() in ("1", "ON", "YES", "TRUE")
