"""models.ColBERT: text -> one vector a token."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

from .. import _maxsimd
from .._checks import count, flag, path as checked_path, text as checked_text
from .._groups import split
from .._progress import ProgressBar
from .._threads import chosen_threads
from . import embeddings as _embeddings
from .folder import save_model
from .location import find_model
from .prompts import Prompts
from .row_description import RowDescription, of_characters
from .rows import encode_rows
from .texts import one_text, read_texts

if TYPE_CHECKING:
    import numpy as np

logger = logging.getLogger(__name__)


class ColBERT(Prompts):
    """A ColBERT model, loaded from a folder; PyLate's ``models.ColBERT``.

    Takes the arguments of PyLate 1.6 in its order. ``model_name_or_path`` is a folder (PyLate,
    Stanford, sentence-transformers, or a plain BERT encoder), ``"mini"`` for the model in the
    package, or a name of the hub (see ``location.find_model``). Settings that are None are the
    folder's own. ``device``, ``trust_remote_code``, ``truncate_dim``, ``truncation`` and the
    ``*_kwargs`` change nothing here: computations are on the CPU.

    Of its own:

    precision
        Arithmetic of the encoder: "f32" (PyLate's numbers), "bf16", "int8" (faster; vectors
        change slightly), "auto" (the fastest here).
    num_threads
        None: ``maxsimd.get_num_threads()``; 0: one a processor.

    Any thread may use it. It is pickled by its arguments, and works on in a forked process,
    where its first use loads it again. That, like setting an attribute, reads the folder again: it must
    stay what it was, else IoError.
    """

    def __init__(
        self,
        model_name_or_path: str | None = None,
        modules: Any = None,
        device: str | None = None,
        prompts: dict[str, str] | None = None,
        default_prompt_name: str | None = None,
        similarity_fn_name: str | None = None,
        cache_folder: str | None = None,
        trust_remote_code: bool = False,
        revision: str | None = None,
        local_files_only: bool = False,
        token: bool | str | None = None,
        use_auth_token: bool | str | None = None,
        truncate_dim: int | None = None,
        embedding_size: int | None = None,
        bias: bool = False,
        query_prefix: str | None = None,
        document_prefix: str | None = None,
        truncation: bool = True,
        query_length: int | None = None,
        document_length: int | None = None,
        do_query_expansion: bool | None = None,
        attend_to_expansion_tokens: bool | None = None,
        skiplist_words: Sequence[str] | None = None,
        model_kwargs: dict | None = None,
        tokenizer_kwargs: dict | None = None,
        config_kwargs: dict | None = None,
        model_card_data: Any = None,
        *,
        precision: Literal["f32", "bf16", "int8", "auto"] = "f32",
        num_threads: int | None = None,
    ) -> None:
        if modules is not None:
            raise ValueError("modules: PyTorch modules cannot be used; save them to a folder with "
                             "PyLate and load that")
        if model_name_or_path is None:
            raise ValueError("model_name_or_path: expected a model folder, 'mini' or a name of the "
                             "hub")
        self._check_device(device)
        self.truncate_dim = truncate_dim
        if similarity_fn_name is not None:
            self.similarity_fn_name = similarity_fn_name
        self.model_card_data = model_card_data
        self.model_name_or_path = checked_path("model_name_or_path", model_name_or_path)
        self._folder = find_model(self.model_name_or_path, cache_folder=cache_folder, revision=revision,
                                  local_files_only=local_files_only, token=token or use_auth_token)
        self._num_threads = chosen_threads(num_threads)
        self._precision = checked_text("precision", precision)
        super().__init__(
            query_prefix=query_prefix, document_prefix=document_prefix, query_length=query_length,
            document_length=document_length, do_query_expansion=do_query_expansion,
            attend_to_expansion_tokens=attend_to_expansion_tokens,
            skiplist_words=skiplist_words, embedding_size=embedding_size, bias=bias)
        self._set_prompts(prompts, default_prompt_name)
        for note in self._model.notes:
            logger.warning("%s: %s", self.model_name_or_path, note)

    @staticmethod
    def load(input_path: str) -> ColBERT:
        """``ColBERT(input_path)``."""
        return ColBERT(model_name_or_path=input_path)

    def __repr__(self) -> str:
        return (f"ColBERT({self.model_name_or_path!r}, query_length={self.query_length}, "
                f"document_length={self.document_length}, dim={self._model.dim})")

    @overload  # what comes as NumPy's float32
    def encode(self, sentences: str, prompt_name: str | None = ...,
               prompt: str | None = ..., batch_size: int = ...,
               show_progress_bar: bool | None = ..., *, padding: bool = ...,
               device: str | None = ..., normalize_embeddings: bool = ..., is_query: bool = ...,
               pool_factor: int = ..., protected_tokens: int = ...) -> np.ndarray: ...

    @overload  # what comes as NumPy's float32
    def encode(self, sentences: list[str] | tuple[str, ...], prompt_name: str | None = ...,
               prompt: str | None = ..., batch_size: int = ...,
               show_progress_bar: bool | None = ..., *, padding: bool = ...,
               device: str | None = ..., normalize_embeddings: bool = ..., is_query: bool = ...,
               pool_factor: int = ..., protected_tokens: int = ...) -> list[np.ndarray]: ...

    @overload
    def encode(
        self,
        sentences: Iterable[str] | Iterable[Iterable[str]],
        prompt_name: str | None = None,
        prompt: str | None = None,
        batch_size: int = 32,
        show_progress_bar: bool | None = None,
        precision: Literal["float32", "int8", "uint8", "binary", "ubinary"] = "float32",
        convert_to_numpy: bool = True,
        convert_to_tensor: bool = False,
        padding: bool = False,
        device: str | None = None,
        normalize_embeddings: bool = True,
        is_query: bool = True,
        pool_factor: int = 1,
        protected_tokens: int = 1,
        output_value: str | None = "token_embeddings",
    ) -> Any: ...

    def encode(
        self,
        sentences: Iterable[str] | Iterable[Iterable[str]],
        prompt_name: str | None = None,
        prompt: str | None = None,
        batch_size: int = 32,
        show_progress_bar: bool | None = None,
        precision: Literal["float32", "int8", "uint8", "binary", "ubinary"] = "float32",
        convert_to_numpy: bool = True,
        convert_to_tensor: bool = False,
        padding: bool = False,
        device: str | None = None,
        normalize_embeddings: bool = True,
        is_query: bool = True,
        pool_factor: int = 1,
        protected_tokens: int = 1,
        output_value: str | None = "token_embeddings",
    ) -> Any:
        """Encodes texts as queries (``is_query=True``, the default) or documents.

        Returns a list of float32 arrays [rows, dim], one a text and in their order; one array for
        a single text; a list of lists for lists of lists. The arrays of a call are views of one
        block of memory. A query has ``query_length`` rows (with query expansion); a document one
        for each token that is not in the skiplist.

        prompt, prompt_name
            Text to put before every text, or the name of one of ``prompts``.
        batch_size
            Without effect: batches are chosen by the number of tokens. The vectors of a text are
            the same, to the bit, in any batch.
        show_progress_bar
            None: when this package's logger is at level INFO or DEBUG.
        precision
            Number type of the result, as in PyLate; for the arithmetic see the constructor.
        convert_to_numpy, convert_to_tensor
            PyTorch tensors instead of arrays (over the same memory), when torch is installed.
        padding
            Adds zero rows up to the longest text; the arrays are then [1, rows, dim].
        normalize_embeddings
            Vectors of length 1.
        pool_factor, protected_tokens
            Documents only: keeps about 1 / pool_factor of the rows, each the mean of a cluster of
            rows; the first protected_tokens rows are kept as they are.
        output_value
            None: a dict of lists, one entry a text: ``token_embeddings`` [rows, dim] of all tokens,
            ``input_ids``, ``attention_mask`` and ``masks`` [rows], true for the rows that are
            returned otherwise. PyLate's have rows of padding, too, up to the longest of a batch.
        """
        if output_value not in ("token_embeddings", None):
            raise ValueError("output_value: expected 'token_embeddings' or None, got "
                             f"{output_value!r}")
        pool_factor = count("pool_factor", pool_factor, 1)
        if output_value is None and pool_factor > 1:
            raise ValueError("output_value=None: the rows of pool_factor > 1 stand for no token")
        self._check_device(device)
        number_type = _embeddings.check_precision(precision)
        given = read_texts(sentences)
        is_query = flag("is_query", is_query)
        options = _maxsimd.EncodeOptions(
            prompt=self._prompt(prompt, prompt_name),
            normalize_embeddings=flag("normalize_embeddings", normalize_embeddings),
            pool_factor=pool_factor,
            protected_tokens=count("protected_tokens", protected_tokens))
        count("batch_size", batch_size, 1)
        padding = flag("padding", padding)
        convert_to_tensor = flag("convert_to_tensor", convert_to_tensor)
        tensors = not flag("convert_to_numpy", convert_to_numpy) or convert_to_tensor
        bar = None
        if self._shows_progress(show_progress_bar) and given.texts:
            kind = "queries" if is_query else "documents"
            bar = ProgressBar(f"Encoding {kind} (bs={batch_size})", len(given.texts))
        if output_value is None:
            options.apply_skiplist = False
            return encode_rows(self._model, given, is_query, options, bar, padding, number_type,
                               tensors)
        items = self._model.encode(given.texts, is_query, options, bar)
        if bar is not None:
            bar.finish()
        if given.groups is None:
            items = _embeddings.finish(items, padding, number_type, tensors)
            return items[0] if given.is_single else items
        groups = [_embeddings.finish(group, padding, number_type, tensors)
                  for group in split(items, given.groups)]
        if convert_to_tensor:
            import torch

            return [torch.stack(group) for group in groups]
        return groups

    @staticmethod
    def _shows_progress(asked: bool | None) -> bool:
        if asked is not None:
            return flag("show_progress_bar", asked)
        return logger.getEffectiveLevel() in (logging.INFO, logging.DEBUG)

    def tokenize(self, texts: Sequence[str], is_query: bool = True, pad: bool = False,
                 task: str | None = None) -> dict[str, np.ndarray]:
        """Token ids as the model sees them: arrays int64 [texts, tokens] ``input_ids``,
        ``attention_mask`` and ``token_type_ids``, padded to the longest text or, with ``pad``, to
        ``document_length``; expanded queries always have ``query_length`` ids."""
        import numpy as np

        ids, mask = self._model.tokenize(read_texts(texts, "texts").texts, flag("is_query", is_query), flag("pad", pad),
                                         _maxsimd.EncodeOptions(prompt=""))
        return {"input_ids": ids, "token_type_ids": np.zeros_like(ids), "attention_mask": mask}

    def describe_rows(self, text: str, is_query: bool = True) -> list[RowDescription]:
        """What each row of ``encode(text, is_query=is_query)`` stands for (without pooling)."""
        text = one_text(text, "text")
        return of_characters(text, self._model.describe_rows(text, flag("is_query", is_query)))

    def save_pretrained(self, path: str, model_name: str | None = None,
                        create_model_card: bool = True, train_datasets: Any = None,
                        safe_serialization: bool = True) -> None:
        """Writes the model, its settings and its prompts to a folder in PyLate's layout, which PyLate
        and this package load."""
        if not flag("safe_serialization", safe_serialization):
            raise ValueError("safe_serialization=False: weights are written as safetensors only")
        target = checked_path("path", path)
        self._model.check_folder()  # what is copied from there belongs to this model
        save_model(self._model, self._folder, target,
                   flag("create_model_card", create_model_card), *self._checked_prompts())
        if os.path.samefile(target, self._folder):
            self._load(self._asked)

    save = save_pretrained

    def similarity(self, queries_embeddings: Any, documents_embeddings: Any) -> np.ndarray:
        """MaxSim of every query with every document, [queries, documents]."""
        from ..scores import colbert_scores

        return colbert_scores(queries_embeddings, documents_embeddings)

    def similarity_pairwise(self, queries_embeddings: Any, documents_embeddings: Any) -> np.ndarray:
        """MaxSim of query i with document i, [queries]."""
        from ..scores import colbert_scores_pairwise

        return colbert_scores_pairwise(queries_embeddings, documents_embeddings)
