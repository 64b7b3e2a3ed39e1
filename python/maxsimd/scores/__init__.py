"""MaxSim scores."""

from .colbert import ColBERTScores, colbert_kd_scores, colbert_scores, colbert_scores_pairwise
from .similarity_functions import SimilarityFunction

__all__ = ["ColBERTScores", "SimilarityFunction", "colbert_kd_scores", "colbert_scores",
           "colbert_scores_pairwise"]
