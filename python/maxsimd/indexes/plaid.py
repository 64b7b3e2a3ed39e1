"""indexes.PLAID: centroids, then residual codes."""

from __future__ import annotations

import warnings
from typing import Any, Literal

from .._checks import count, flag, optional_count
from .stored import StoredIndex, search_parameter

_OF_STANFORD = ("embedding_size", "nranks", "index_bsize", "ndocs", "centroid_score_threshold",
                "ncells", "search_batch_size")


class PLAID(StoredIndex):
    """Finds documents by the centroids near the query's vectors and scores them from residual
    codes of few bits, as PyLate's PLAID index. Vectors count with length 1, those of pooled documents
    (``pool_factor``), too. See ``StoredIndex`` for what all indexes share.

    index_folder, index_name, override
        As in ``Voyager``; an index that is opened keeps its ``nbits`` and its ``codec``.
    nbits
        Bits a value of a residual code: 4, 2 or 1.
    codec
        "residual": the codes are all that is stored. "int8", "float16", "float32": vectors are
        stored beside them, and the best documents scored by these: nearer to exact search (0.99
        of its best ten instead of 0.97 on SciFact), in larger files. Not PyLate's.
    seed
        Of the sample that the centroids are trained on.
    n_ivf_probe
        Centroids whose documents are candidates, of each query vector. None: what
        ``maxsimd tune`` has found, or 8.
    n_full_scores
        Documents scored from all their codes, or by their vectors. None: what ``maxsimd tune`` has found, or 192.
    centroid_score_threshold
        Probed centroids with a lower best score are passed over.
    num_threads
        None: ``maxsimd.get_num_threads()``; 0: one a processor.

    The other arguments are PyLate's and change nothing here.
    """

    _ignores_arguments = True
    _normalizes = True
    _search_parameters = ("n_ivf_probe", "n_full_scores", "centroid_score_threshold")

    def __init__(
        self,
        index_folder: str = "indexes",
        index_name: str = "colbert",
        override: bool = False,
        use_fast: bool = True,
        nbits: int = 4,
        kmeans_niters: int = 4,
        max_points_per_centroid: int = 256,
        n_samples_kmeans: int | None = None,
        seed: int = 42,
        use_triton: bool | None = None,
        n_ivf_probe: int | None = None,
        n_full_scores: int | None = None,
        batch_size: int = 1 << 18,
        num_threads: int | None = None,
        show_progress: bool = True,
        device: str | list[str] | None = None,
        low_memory: bool = False,
        *,
        codec: Literal["residual", "int8", "float16", "float32"] = "residual",
        **kwargs: Any,
    ) -> None:
        for name in kwargs:
            if name not in _OF_STANFORD:
                raise TypeError(f"PLAID() got an unexpected keyword argument {name!r}")
        ignored = [name for name in kwargs
                   if name not in ("centroid_score_threshold", "ncells", "ndocs")]
        if ignored:
            warnings.warn(f"without effect: {', '.join(ignored)}", FutureWarning, stacklevel=2)
        for name, value in (("kmeans_niters", kmeans_niters), ("batch_size", batch_size),
                            ("max_points_per_centroid", max_points_per_centroid)):
            count(name, value, 1)
        optional_count("n_samples_kmeans", n_samples_kmeans, 1)
        for name, given in (("use_fast", use_fast), ("use_triton", use_triton),
                            ("show_progress", show_progress), ("low_memory", low_memory)):
            flag(name, given)
        settings = {"nbits": nbits}
        self.n_ivf_probe = search_parameter("n_ivf_probe", kwargs.get("ncells", n_ivf_probe))
        self.n_full_scores = search_parameter("n_full_scores", kwargs.get("ndocs", n_full_scores))
        self.centroid_score_threshold = search_parameter("centroid_score_threshold",
                                                         kwargs.get("centroid_score_threshold"))
        super().__init__(index_folder, index_name, override, "plaid", codec, settings, num_threads,
                         seed)
