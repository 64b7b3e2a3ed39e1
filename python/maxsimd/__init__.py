"""Late-interaction (ColBERT) retrieval with PyLate's names, without PyTorch.

    from maxsimd import indexes, models, retrieve

    model = models.ColBERT("mini")
    index = indexes.PLAID(index_folder="indexes", index_name="docs", override=True)
    index.add_documents(["1", "2"], model.encode(["a text", "another"], is_query=False))
    retrieve.ColBERT(index).retrieve(model.encode(["a query"], is_query=True), k=10)

The modules are imported when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # "as": so type checkers see that they are there for others.
    from . import evaluation as evaluation, indexes as indexes, losses as losses
    from . import models as models, rank as rank, retrieve as retrieve, scores as scores
    from . import training as training, utils as utils
    from ._maxsimd import FormatError as FormatError, IoError as IoError
    from ._threads import get_num_threads as get_num_threads, set_num_threads as set_num_threads

    __version__: str

_MODULES = ("evaluation", "indexes", "losses", "models", "rank", "retrieve", "scores", "training",
            "utils")
_NAMES = {"FormatError": "_maxsimd", "IoError": "_maxsimd", "__version__": "_maxsimd",
          "get_num_threads": "_threads", "set_num_threads": "_threads"}

__all__ = ["FormatError", "IoError", "__version__", "evaluation", "get_num_threads", "indexes", "losses",
           "models", "rank", "retrieve", "scores", "set_num_threads", "training", "utils"]


def __getattr__(name: str):
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _NAMES:
        return getattr(importlib.import_module(f"{__name__}.{_NAMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
