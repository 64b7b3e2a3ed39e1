"""The settings of a model, and the attributes that scripts written for PyLate look at."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import _maxsimd
from .._checks import MOST, count, flag, optional_count, text
from .._tensors import as_ids, check_has_items, like
from .device import Device
from .pool import ThreadsPool
from .texts import list_of_texts, one_text


_COUNTS = ("query_length", "document_length", "embedding_size")


def _checked(name: str, value: Any) -> Any:
    if name in _COUNTS:
        return count(name, value, 1, MOST)
    if name == "skiplist_words":
        return list_of_texts(value, name)
    return one_text(value, name) if name.endswith("_prefix") else flag(name, value)


class Settings:
    """Loads the model, and again when a setting is changed: ``model.query_length = 64``. IoError where
    the folder is not what was loaded first.

    REQUIRES of the subclass: ``_folder``, ``_num_threads``, ``_precision``, ``encode``.
    """

    _folder: Path
    _num_threads: int
    _precision: str

    if TYPE_CHECKING:
        def encode(self, *args: Any, **kwargs: Any) -> Any: ...

    def __init__(self, **asked: Any) -> None:
        self._load({name: value for name, value in asked.items() if value is not None})

    def _load(self, asked: dict[str, Any]) -> None:
        """Changes nothing where it fails."""
        options = _maxsimd.CheckpointOptions()
        for name, value in asked.items():
            setattr(options, name, _checked(name, value))
        self._model = _maxsimd.Model(os.fspath(self._folder), options, self._num_threads,
                                     self._precision)
        self._asked = asked
        self._settings = self._model.settings()

    def _reload(self, folder: Path) -> None:
        """Becomes the model of another folder, which has all settings."""
        self._folder = folder
        self._load({})

    def _set(self, name: str, value: Any) -> None:
        value = _checked(name, value)
        if self._settings[name] != value:
            self._model.check_folder()
            self._load({**self._asked, name: value})

    query_prefix = property(lambda self: self._settings["query_prefix"],
                            lambda self, value: self._set("query_prefix", value))
    document_prefix = property(lambda self: self._settings["document_prefix"],
                               lambda self, value: self._set("document_prefix", value))
    query_length = property(lambda self: self._settings["query_length"],
                            lambda self, value: self._set("query_length", value))
    document_length = property(lambda self: self._settings["document_length"],
                               lambda self, value: self._set("document_length", value))
    do_query_expansion = property(lambda self: self._settings["do_query_expansion"],
                                  lambda self, value: self._set("do_query_expansion", value))
    attend_to_expansion_tokens = property(
        lambda self: self._settings["attend_to_expansion_tokens"],
        lambda self, value: self._set("attend_to_expansion_tokens", value))
    skiplist_words = property(lambda self: self._settings["skiplist_words"],
                              lambda self, value: self._set("skiplist_words", value))

    @property
    def query_prefix_id(self) -> int | None:
        return self._model.token_to_id(self.query_prefix) if self.query_prefix else None

    @property
    def document_prefix_id(self) -> int | None:
        return self._model.token_to_id(self.document_prefix) if self.document_prefix else None

    @property
    def skiplist(self) -> list[int | None]:
        """Token ids whose document vectors are dropped."""
        return [self._model.token_to_id(word) for word in self.skiplist_words]

    @property
    def precision(self) -> str:
        """Arithmetic of the encoder: "f32", "bf16" or "int8"."""
        return self._model.precision

    @property
    def num_threads(self) -> int:
        return self._model.num_threads

    @property
    def similarity_fn_name(self) -> str:
        """"MaxSim": there is no other."""
        return "MaxSim"

    @similarity_fn_name.setter
    def similarity_fn_name(self, value: Any) -> None:
        from ..scores import SimilarityFunction

        if value is not SimilarityFunction.MAXSIM and text("similarity_fn_name", value) != "MaxSim":
            raise ValueError(f"similarity_fn_name: expected 'MaxSim', got {value!r:.50}")

    @property
    def device(self) -> Device:
        """"cpu"."""
        return Device("cpu")

    def get_sentence_embedding_dimension(self) -> int:
        """The width of a token's vector."""
        return self._model.dim

    get_embedding_dimension = get_sentence_embedding_dimension

    def get_max_seq_length(self) -> int:
        """``document_length``."""
        return self.document_length

    @property
    def max_seq_length(self) -> int:
        """``document_length``. Setting it warns and does nothing else: PyLate, too, puts another
        in its place with each text."""
        return self.get_max_seq_length()

    @max_seq_length.setter
    def max_seq_length(self, value: Any) -> None:
        warnings.warn("max_seq_length: nothing is changed; set query_length or document_length",
                      stacklevel=2)

    def evaluate(self, evaluator: Any, output_path: str | None = None) -> Any:
        """``evaluator(self, output_path)``."""
        if not callable(evaluator):
            raise TypeError(f"evaluator: expected one of maxsimd.evaluation, got {evaluator!r:.50}")
        return evaluator(self, output_path)

    @staticmethod
    def insert_prefix_token(input_ids: Any, prefix_id: int) -> Any:
        """A prefix after the first id of each text, [texts, tokens + 1]."""
        import numpy as np

        ids = as_ids(input_ids, "input_ids", 2)
        if ids.shape[1] == 0:
            raise ValueError("input_ids: expected an id or more of each text, got none")
        with_prefix = np.insert(ids, 1, count("prefix_id", prefix_id), axis=1)
        return like(with_prefix.astype(np.asarray(input_ids).dtype), input_ids)

    @staticmethod
    def skiplist_mask(input_ids: Any, skiplist: Sequence[int]) -> Any:
        """Whether an id is in no skiplist, bool, shaped as the ids."""
        import numpy as np

        ids = as_ids(input_ids, "input_ids")
        return like(~np.isin(ids, as_ids(skiplist, "skiplist", 1)), input_ids)

    @staticmethod
    def pool_embeddings_hierarchical(documents_embeddings: Any, pool_factor: int = 1,
                                     protected_tokens: int = 1) -> list:
        """Arrays [tokens, dim] with about 1 / pool_factor of the rows, as
        ``encode(pool_factor=)`` gives them."""
        check_has_items(documents_embeddings, "documents_embeddings")
        pooled = _maxsimd.pool_embeddings(documents_embeddings, count("pool_factor", pool_factor, 1),
                                          count("protected_tokens", protected_tokens))
        return [like(item, documents_embeddings) for item in pooled]

    def start_multi_process_pool(self, target_devices: list[str] | None = None) -> ThreadsPool:
        """For scripts that encode with several processes: one process with threads does it."""
        return ThreadsPool()

    @staticmethod
    def stop_multi_process_pool(pool: ThreadsPool) -> None:
        """Does nothing: there are no processes."""

    def encode_multi_process(self, sentences: list[str], pool: Any, prompt_name: str | None = None,
                             prompt: str | None = None, batch_size: int = 32,
                             chunk_size: int | None = None, precision: str = "float32",
                             normalize_embeddings: bool = True, padding: bool = False,
                             is_query: bool = True, pool_factor: int = 1,
                             protected_tokens: int = 1) -> list:
        """``encode()``, by all threads. One array a sentence (PyLate 1.6 returns one a chunk)."""
        optional_count("chunk_size", chunk_size, 1)
        return self.encode(sentences, prompt_name=prompt_name, prompt=prompt, batch_size=batch_size,
                           precision=precision, normalize_embeddings=normalize_embeddings,
                           padding=padding, is_query=is_query, pool_factor=pool_factor,
                           protected_tokens=protected_tokens)

    def eval(self) -> Settings:
        """Does nothing: a model is always ready to encode."""
        return self

    def train(self, mode: bool = True) -> Settings:
        """Does nothing: ``training.Trainer`` trains."""
        return self

    def to(self, device: Any = None, *_: Any, **__: Any) -> Settings:
        """Does nothing but warn of another device than the CPU. A number type changes nothing:
        the arithmetic is chosen by the constructor's ``precision``."""
        if not str(device).startswith("torch."):  # a dtype
            self._check_device(device)
        return self

    def cpu(self) -> Settings:
        """Does nothing: it is there."""
        return self

    def cuda(self, device: Any = None) -> Settings:
        """Does nothing but warn."""
        return self.to("cuda")

    def half(self) -> Settings:
        """Does nothing: the arithmetic is chosen by the constructor's ``precision``."""
        return self

    bfloat16 = float = half

    def compile(self, *_: Any, **__: Any) -> None:
        """Does nothing: it is compiled."""

    @staticmethod
    def _check_device(device: Any) -> None:
        if device is not None and str(device).split(":")[0] != "cpu":
            warnings.warn(f"device={str(device)!r}: maxsimd computes on the CPU", stacklevel=3)

    def __getstate__(self) -> dict[str, Any]:
        self._model.check_folder()
        state = self.__dict__.copy()
        del state["_model"]
        return {**state, "fingerprint": self._model.fingerprint()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        pickled = (state.pop("fingerprint"), state.pop("_settings"))
        self.__dict__.update(state)
        self._load(self._asked)
        if (self._model.fingerprint(), self._settings) != pickled:
            raise _maxsimd.IoError(f"{self._folder}: holds another model, or other settings, than when "
                                   "the model was pickled")
