"""The similarity functions a model may name."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from .colbert import colbert_scores, colbert_scores_pairwise


class SimilarityFunction(Enum):
    """There is one: MaxSim."""

    MAXSIM = "MaxSim"

    @classmethod
    def _missing_(cls, value: object) -> SimilarityFunction:
        raise ValueError(f"similarity_function: expected 'MaxSim', got {value!r:.50}")

    @staticmethod
    def to_similarity_fn(similarity_function: str | SimilarityFunction) -> Callable:
        SimilarityFunction(similarity_function)
        return colbert_scores

    @staticmethod
    def to_similarity_pairwise_fn(similarity_function: str | SimilarityFunction) -> Callable:
        SimilarityFunction(similarity_function)
        return colbert_scores_pairwise

    @staticmethod
    def possible_values() -> list[str]:
        return [function.value for function in SimilarityFunction]
