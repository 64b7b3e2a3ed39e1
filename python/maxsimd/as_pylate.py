"""``python -m maxsimd.as_pylate SCRIPT.py [ARGUMENTS]``: runs a script that was written for PyLate.

``import pylate`` and its modules give maxsimd's, and ``sentence_transformers`` has maxsimd's trainer
and its arguments: in the place of its own, or alone where it is not installed.
``torch.compile(model)`` gives the model.
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
from collections.abc import Callable
from typing import Any

import maxsimd

_MODULES = ("evaluation", "indexes", "losses", "models", "rank", "retrieve", "scores", "utils")

#: The version whose names and arguments these are.
_PYLATE_VERSION = (1, 6, 0)

#: Modules of PyLate that have other names here, and, where their names differ, PyLate's -> ours.
_RENAMED: dict[str, tuple[str, dict[str, str]]] = {
    "evaluation.custom_dataset": ("evaluation.beir", {}),
    "evaluation.nano_beir_evaluator": ("evaluation.nano_beir", {}),
    "evaluation.pylate_information_retrieval_evaluator": ("evaluation.information_retrieval", {}),
    "indexes.fast_plaid": ("indexes.plaid", {"FastPlaid": "PLAID"}),
    "indexes.stanford_plaid": ("indexes.plaid", {"StanfordPLAID": "PLAID"}),
    "losses.cached_contrastive": ("losses.losses", {}),
    "losses.contrastive": ("losses.losses", {}),
    "losses.distillation": ("losses.losses", {}),
    "rank.rank": ("rank", {}),
}

#: Tells processes that multiprocessing starts anew which script they belong to.
_SCRIPT = "MAXSIMD_AS_PYLATE_SCRIPT"

#: Names that scripts import from sentence_transformers and its modules -> where they are here.
_SENTENCE_TRANSFORMERS = {
    "sentence_transformers": ("SentenceTransformerTrainer", "SentenceTransformerTrainingArguments"),
    "sentence_transformers.trainer": ("SentenceTransformerTrainer",),
    "sentence_transformers.training_args": ("BatchSamplers", "MultiDatasetBatchSamplers",
                                            "SentenceTransformerTrainingArguments"),
}


class _Changes(importlib.abc.MetaPathFinder):
    """Changes modules when, and if, they are imported."""

    def __init__(self, changes: dict[str, Callable[[types.ModuleType], None]]) -> None:
        self._changes = changes

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        change = self._changes.pop(fullname, None)
        if change is None:
            return None
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_and_change(module: types.ModuleType) -> None:
                execute(module)
                change(module)

            spec.loader.exec_module = execute_and_change  # type: ignore[method-assign]
        return spec


def _pass_models_through_compile(torch: Any) -> None:
    compiled = torch.compile

    @functools.wraps(compiled)
    def compile_unless_model(model: Any = None, **options: Any) -> Any:
        is_model = isinstance(model, maxsimd.models.ColBERT)
        return model if is_model else compiled(model, **options)

    torch.compile = compile_unless_model


def _put_training_in(module: types.ModuleType) -> None:
    training = importlib.import_module("maxsimd.training")
    for name in _SENTENCE_TRANSFORMERS[module.__name__]:
        setattr(module, name, getattr(training, name))


def _put_training_in_all(_: types.ModuleType) -> None:
    """Of the package, which has been imported: its own modules have taken what is theirs."""
    for path in _SENTENCE_TRANSFORMERS:
        _put_training_in(importlib.import_module(path))


def _register_stand_ins() -> None:
    for path in _SENTENCE_TRANSFORMERS:
        module = types.ModuleType(path, "maxsimd.training under the name of sentence-transformers")
        module.__path__ = []  # a package: it has modules
        _put_training_in(module)
        sys.modules[path] = module
        parent, _, child = path.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)


def _put_in(path: str, module: types.ModuleType) -> None:
    """Under PyLate's name, and as an attribute of the module above it, where that has no such name."""
    parent, _, child = path.rpartition(".")
    sys.modules[path] = module
    if parent and not hasattr(sys.modules[parent], child):
        setattr(sys.modules[parent], child, module)


def _register_pylate() -> None:
    package = types.ModuleType("pylate", maxsimd.__doc__)
    package.__path__ = []  # a package: it has modules
    package.__getattr__ = lambda name: getattr(maxsimd, name)  # type: ignore[method-assign]
    version = types.ModuleType("pylate.__version__")
    vars(version).update(VERSION=_PYLATE_VERSION, __version__=".".join(map(str, _PYLATE_VERSION)))
    vars(package).update(__version__=vars(version)["__version__"], __all__=[*_MODULES, "__version__"])
    sys.modules.update({"pylate": package, version.__name__: version})
    for found in pkgutil.walk_packages(maxsimd.__path__, "maxsimd."):
        name = found.name.partition(".")[2]
        # Under both names one module: pylate.models.colbert, too.
        if name.startswith(_MODULES):
            sys.modules[f"pylate.{name}"] = importlib.import_module(found.name)
    for name, (ours, renamed) in _RENAMED.items():
        module: Any = sys.modules[f"pylate.{ours}"]
        if renamed:
            module = types.ModuleType(f"pylate.{name}", module.__doc__)
            for theirs, own in renamed.items():
                setattr(module, theirs, getattr(sys.modules[f"pylate.{ours}"], own))
        _put_in(f"pylate.{name}", module)


def register() -> None:
    """Puts maxsimd in the place of pylate for imports that follow."""
    _register_pylate()
    changes: dict[str, Callable[[types.ModuleType], None]] = {"torch": _pass_models_through_compile}
    if importlib.util.find_spec("sentence_transformers") is None:
        _register_stand_ins()
    else:
        changes["sentence_transformers"] = _put_training_in_all
    for path in changes.keys() & sys.modules.keys():
        changes.pop(path)(sys.modules[path])
    sys.meta_path.insert(0, _Changes(changes))


def _run(script: str) -> None:
    """As ``python SCRIPT`` does, but that ``__main__`` says it came by this module's name: by that
    name processes that multiprocessing starts anew import it, and come to ``_run_in_child()``."""
    main = types.ModuleType("__main__")
    main.__file__ = script
    main.__spec__ = importlib.util.find_spec("maxsimd.as_pylate")
    with open(script, "rb") as file:
        code = compile(file.read(), script, "exec")
    before = sys.modules["__main__"]
    sys.modules["__main__"] = main
    try:
        exec(code, vars(main))
    finally:
        sys.modules["__main__"] = before


def _run_in_child() -> dict[str, Any]:
    """What the script defines where it is not the main one."""
    register()
    return runpy.run_path(os.environ[_SCRIPT], run_name="__mp_main__")


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__, file=sys.stderr if not arguments else sys.stdout)
        return 0 if arguments else 2
    if not os.path.isfile(arguments[0]):
        print(f"as_pylate: {arguments[0]}: no such file", file=sys.stderr)
        return 2
    register()
    script = os.path.abspath(arguments[0])
    os.environ[_SCRIPT] = script
    sys.argv = arguments
    sys.path[0] = os.path.dirname(script)
    _run(script)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
if __name__ == "__mp_main__":
    globals().update(_run_in_child())
