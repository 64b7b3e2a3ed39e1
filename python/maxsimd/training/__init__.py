"""Training, by the program ``maxsimd-train``, with the names of sentence-transformers."""

from .arguments import BatchSamplers, MultiDatasetBatchSamplers, TrainingArguments
from .state import TrainerState
from .trainer import Trainer, TrainOutput

SentenceTransformerTrainer = Trainer
SentenceTransformerTrainingArguments = TrainingArguments

__all__ = ["BatchSamplers", "MultiDatasetBatchSamplers", "SentenceTransformerTrainer",
           "SentenceTransformerTrainingArguments", "TrainOutput", "Trainer", "TrainerState", "TrainingArguments"]
