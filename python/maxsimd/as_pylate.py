"""``python -m maxsimd.as_pylate SCRIPT.py [ARGUMENTS]``: runs a script that was written for PyLate.

``import pylate`` and its modules give maxsimd's, and ``sentence_transformers`` the trainer and its
arguments, whatever is installed under these names. ``torch.compile(model)`` gives the model.
"""

from __future__ import annotations

import functools
import importlib
import importlib.abc
import importlib.util
import os
import pkgutil
import runpy
import sys
import types
from typing import Any

import maxsimd

_MODULES = ("evaluation", "indexes", "losses", "models", "rank", "retrieve", "scores", "utils")

#: Names that scripts import from sentence_transformers and its modules -> where they are here.
_SENTENCE_TRANSFORMERS = {
    "sentence_transformers": ("SentenceTransformerTrainer", "SentenceTransformerTrainingArguments"),
    "sentence_transformers.trainer": ("SentenceTransformerTrainer",),
    "sentence_transformers.training_args": ("BatchSamplers", "MultiDatasetBatchSamplers",
                                            "SentenceTransformerTrainingArguments"),
}


class _TorchFinder(importlib.abc.MetaPathFinder):
    """Changes torch.compile() when, and if, the script imports torch."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        if fullname != "torch":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_and_change(module: types.ModuleType) -> None:
                execute(module)
                _pass_models_through_compile(module)

            spec.loader.exec_module = execute_and_change  # type: ignore[method-assign]
        return spec


def _pass_models_through_compile(torch: Any) -> None:
    compiled = torch.compile

    @functools.wraps(compiled)
    def compile_unless_model(model: Any = None, **options: Any) -> Any:
        is_model = isinstance(model, maxsimd.models.ColBERT)
        return model if is_model else compiled(model, **options)

    torch.compile = compile_unless_model


def register() -> None:
    """Puts maxsimd in the place of pylate for imports that follow."""
    if "torch" in sys.modules:
        _pass_models_through_compile(sys.modules["torch"])
    else:
        sys.meta_path.insert(0, _TorchFinder())
    sys.modules["pylate"] = maxsimd
    for found in pkgutil.walk_packages(maxsimd.__path__, "maxsimd."):
        name = found.name.partition(".")[2]
        # Under both names one module: pylate.models.colbert, too.
        if name.startswith(_MODULES):
            sys.modules[f"pylate.{name}"] = importlib.import_module(found.name)
    training = importlib.import_module("maxsimd.training")
    for path, names in _SENTENCE_TRANSFORMERS.items():
        module = types.ModuleType(path, "maxsimd.training under the name of sentence-transformers")
        module.__path__ = []  # a package: it has modules
        for name in names:
            setattr(module, name, getattr(training, name))
        sys.modules[path] = module
        parent, _, child = path.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__, file=sys.stderr if not arguments else sys.stdout)
        return 0 if arguments else 2
    if not os.path.exists(arguments[0]):
        print(f"as_pylate: {arguments[0]}: no such file", file=sys.stderr)
        return 2
    register()
    sys.argv = arguments
    sys.path[0] = os.path.dirname(os.path.abspath(arguments[0]))
    runpy.run_path(arguments[0], run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
