from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

import numpy
from numpy.typing import NDArray


class IoError(OSError):
    """The system refused: a file cannot be opened, read, mapped or written."""

class FormatError(ValueError):
    """The bytes of a file are not what their format demands."""

class CheckpointOptions:
    def __init__(self) -> None: ...

    @property
    def query_prefix(self) -> str | None: ...

    @query_prefix.setter
    def query_prefix(self, arg: str | None, /) -> None: ...

    @property
    def document_prefix(self) -> str | None: ...

    @document_prefix.setter
    def document_prefix(self, arg: str | None, /) -> None: ...

    @property
    def query_length(self) -> int | None: ...

    @query_length.setter
    def query_length(self, arg: int | None, /) -> None: ...

    @property
    def document_length(self) -> int | None: ...

    @document_length.setter
    def document_length(self, arg: int | None, /) -> None: ...

    @property
    def do_query_expansion(self) -> bool | None: ...

    @do_query_expansion.setter
    def do_query_expansion(self, arg: bool | None, /) -> None: ...

    @property
    def attend_to_expansion_tokens(self) -> bool | None: ...

    @attend_to_expansion_tokens.setter
    def attend_to_expansion_tokens(self, arg: bool | None, /) -> None: ...

    @property
    def skiplist_words(self) -> list[str] | None: ...

    @skiplist_words.setter
    def skiplist_words(self, arg: Sequence[str] | None, /) -> None: ...

    @property
    def embedding_size(self) -> int | None: ...

    @embedding_size.setter
    def embedding_size(self, arg: int | None, /) -> None: ...

    @property
    def bias(self) -> bool: ...

    @bias.setter
    def bias(self, arg: bool, /) -> None: ...

class EncodeOptions:
    def __init__(self, prompt: str | None = None, normalize_embeddings: bool = True, pool_factor: int = 1, protected_tokens: int = 1, apply_skiplist: bool = True) -> None: ...

    @property
    def apply_skiplist(self) -> bool: ...

    @apply_skiplist.setter
    def apply_skiplist(self, arg: bool, /) -> None: ...

def pool_embeddings(documents_embeddings: object, pool_factor: int, protected_tokens: int) -> list:
    """Each document's rows clustered, a list of arrays."""

class Model:
    """A model folder, loaded. maxsimd.models.ColBERT is its face."""

    def __init__(self, folder: str, checkpoint: CheckpointOptions, num_threads: int = 0, precision: str = 'f32') -> None: ...

    def encode(self, texts: Sequence[str], is_query: bool, options: EncodeOptions, progress: object | None = None) -> list:
        """A list of float32 arrays [rows, dim], one a text."""

    def tokenize(self, texts: Sequence[str], is_query: bool, pad: bool, options: EncodeOptions) -> tuple:
        """(input_ids, attention_mask), int64 [texts, length]."""

    def tokenize_rows(self, texts: Sequence[str], is_query: bool, options: EncodeOptions) -> list:
        """(input ids, attention mask, kept) of each text, arrays [rows]."""

    def settings(self) -> dict: ...

    def check_folder(self) -> None:
        """Raises IoError where the folder is not what the model was loaded from."""

    def describe_rows(self, text: str, is_query: bool) -> list:
        """
        (token id, token, first byte, end byte) of each row that encode() keeps of a text.
        """

    def save(self, folder: str) -> list[str]:
        """
        Writes the model in PyLate's layout; returns notes. The folder must be absent or empty.
        """

    def token_to_id(self, arg: str, /) -> int | None: ...

    def id_to_token(self, arg: int, /) -> str | None: ...

    def fingerprint(self) -> str: ...

    @property
    def dim(self) -> int: ...

    @property
    def padding_id(self) -> int: ...

    @property
    def vocab_size(self) -> int: ...

    @property
    def num_threads(self) -> int: ...

    @property
    def precision(self) -> str: ...

    @property
    def notes(self) -> list[str]: ...

class IndexSettings:
    def __init__(self, kind: str, codec: str | None, embedding_size: int = 0, nbits: int = 4, M: int = 64, ef_construction: int = 200) -> None: ...

class Index:
    """An index folder. maxsimd.indexes is its face."""

    def __init__(self, folder: str, settings: IndexSettings, num_threads: int = 0, seed: int = 42) -> None: ...

    def search(self, queries_embeddings: object | None, arguments: SearchArguments, subset: object | None = None) -> list:
        """Lists of {'id', 'score'}, best first, one a query."""

    def nearest(self, queries_embeddings: object | None, k: int, ef_search: int) -> tuple:
        """Ids and cosines of the token vectors nearest to each query vector."""

    def add(self, documents_ids: object | None, documents_embeddings: object | None, normalize: bool = False) -> None:
        """
        Adds documents, replacing those of the same ids, and commits. With normalize their vectors are stored with length 1.
        """

    def remove(self, documents_ids: object | None, all_or_none: bool = False) -> list:
        """Removes documents; returns the ids that were not there."""

    def vectors(self, document_id: object | None) -> object: ...

    def contains(self, document_id: object | None) -> bool: ...

    def ids(self) -> list:
        """The documents' ids, in the order of adding."""

    def info(self) -> dict: ...

    def optimize(self, progress: object | None = None) -> None: ...

    def compact(self, retrain: bool = False, model: Model | None = None) -> tuple:
        """Returns the bytes before and after."""

    @staticmethod
    def remove_folder(folder: str) -> None:
        """Deletes the index of a folder, if there is one."""

    def refresh(self) -> None: ...

    def __len__(self) -> int: ...

class SearchArguments:
    def __init__(self) -> None: ...

    @property
    def k(self) -> int: ...

    @k.setter
    def k(self, arg: int, /) -> None: ...

    @property
    def n_ivf_probe(self) -> int | None: ...

    @n_ivf_probe.setter
    def n_ivf_probe(self, arg: int | None, /) -> None: ...

    @property
    def n_full_scores(self) -> int | None: ...

    @n_full_scores.setter
    def n_full_scores(self, arg: int | None, /) -> None: ...

    @property
    def k_token(self) -> int | None: ...

    @k_token.setter
    def k_token(self, arg: int | None, /) -> None: ...

    @property
    def ef_search(self) -> int | None: ...

    @ef_search.setter
    def ef_search(self, arg: int | None, /) -> None: ...

    @property
    def centroid_score_threshold(self) -> float | None: ...

    @centroid_score_threshold.setter
    def centroid_score_threshold(self, arg: float | None, /) -> None: ...

def colbert_scores(queries_embeddings: object | None, documents_embeddings: object | None, queries_mask: object | None = None, documents_mask: object | None = None, num_threads: int = 0) -> Annotated[NDArray[numpy.float32], dict(order='C')]:
    """
    MaxSim of every query with every document, float32 [queries, documents].
    """

def colbert_scores_pairwise(queries_embeddings: object | None, documents_embeddings: object | None, num_threads: int = 0) -> Annotated[NDArray[numpy.float32], dict(order='C')]:
    """MaxSim of query i with document i, float32 [queries]."""

def colbert_kd_scores(queries_embeddings: object | None, documents_embeddings: object | None, queries_mask: object | None = None, documents_mask: object | None = None, num_threads: int = 0) -> Annotated[NDArray[numpy.float32], dict(order='C')]:
    """
    MaxSim of each query with its own documents, float32 [queries, documents a query].
    """

def rerank(queries_embeddings: object | None, documents_embeddings: object | None, num_ids: Sequence[int], masking: str = 'exact', num_threads: int = 0) -> list:
    """Lists of (number of the candidate, score), best first, one a query."""

class RetrievalEvaluatorOptions:
    def __init__(self) -> None: ...

    @property
    def name(self) -> str: ...

    @name.setter
    def name(self, arg: str, /) -> None: ...

    @property
    def ignore_identical_ids(self) -> bool: ...

    @ignore_identical_ids.setter
    def ignore_identical_ids(self, arg: bool, /) -> None: ...

    @property
    def corpus_chunk_size(self) -> int: ...

    @corpus_chunk_size.setter
    def corpus_chunk_size(self, arg: int, /) -> None: ...

    def set_cutoffs(self, arg0: Sequence[int], arg1: Sequence[int], arg2: Sequence[int], arg3: Sequence[int], arg4: Sequence[int], /) -> None: ...

class DistillationEvaluatorOptions:
    def __init__(self) -> None: ...

    @property
    def name(self) -> str: ...

    @name.setter
    def name(self, arg: str, /) -> None: ...

    @property
    def batch_size(self) -> int: ...

    @batch_size.setter
    def batch_size(self, arg: int, /) -> None: ...

    @property
    def normalize_scores(self) -> bool: ...

    @normalize_scores.setter
    def normalize_scores(self, arg: bool, /) -> None: ...

class Evaluator:
    def evaluate(self, encode: Callable, output_path: str = '', epoch: float = -1.0, steps: int = -1, num_threads: int = 0) -> dict: ...

    @property
    def class_path(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def metric_names(self) -> list[str]: ...

    @property
    def primary_metric(self) -> str: ...

    @property
    def greater_is_better(self) -> bool: ...

    @property
    def notes(self) -> list[str]: ...

def triplet_evaluator(anchors: Sequence[str], positives: Sequence[str], negatives: Sequence[str], name: str, batch_size: int) -> Evaluator: ...

def distillation_evaluator(queries: Sequence[str], documents: Sequence[Sequence[str]], scores: Sequence[Sequence[float]], options: DistillationEvaluatorOptions) -> Evaluator: ...

def retrieval_evaluator(query_ids: Sequence[str], queries: Sequence[str], document_ids: Sequence[str], documents: Sequence[str], relevant_docs: Mapping[str, Sequence[str]], options: RetrievalEvaluatorOptions) -> Evaluator: ...

def nano_beir_evaluator(folder: str, dataset_names: Sequence[str], options: RetrievalEvaluatorOptions) -> Evaluator: ...

def evaluate_rankings(qrels: Mapping[str, Mapping[str, int]], run: Mapping[str, Sequence[str]], metrics: Sequence[str]) -> list[float]: ...

def read_beir_folder(folder: str, split: str) -> tuple:
    """
    (document ids, texts, query ids, texts, {query id: {document id: grade}}).
    """

class HubOptions:
    def __init__(self, cache: str, endpoint: str, token: str, revision: str, offline: bool) -> None: ...

def cached_model(name: str, options: HubOptions) -> str | None:
    """The folder of a model that the cache has whole, or None. Asks nobody."""

def pull_model(name: str, options: HubOptions, progress: object | None = None) -> str:
    """Downloads what the cache lacks; returns the model's folder."""

class HyperparameterSet:
    def __init__(self) -> None: ...

    def set(self, name: str, value: object | None) -> None:
        """
        ValueError for an unknown name, a value of another type or out of bounds, or refused.
        """

    def get(self, name: str) -> object: ...

    def notes(self) -> list[str]: ...

    def to_json(self) -> str: ...

def hyperparameter_names() -> list[str]: ...
