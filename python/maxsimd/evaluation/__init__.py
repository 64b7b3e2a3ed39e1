"""Evaluation: evaluators of models, metrics of rankings, BEIR data."""

from .beir import evaluate, get_beir_triples, load_beir, load_custom_dataset
from .colbert_distillation import ColBERTDistillationEvaluator
from .colbert_triplet import ColBERTTripletEvaluator
from .information_retrieval import PyLateInformationRetrievalEvaluator
from .nano_beir import NanoBEIREvaluator

__all__ = ["ColBERTDistillationEvaluator", "ColBERTTripletEvaluator", "NanoBEIREvaluator",
           "PyLateInformationRetrievalEvaluator", "evaluate", "get_beir_triples",
           "load_beir", "load_custom_dataset"]
