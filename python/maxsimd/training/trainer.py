"""training.Trainer: a training run with the interface of sentence-transformers' trainer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .._checks import items, path, text
from ..evaluation.evaluator import Evaluator
from ..losses import Contrastive
from ..models import ColBERT
from ..models.folder import copy_model
from .arguments import TrainingArguments
from .data import dataset_files
from .program import run_training
from .run_data import run_data
from .state import TrainerState, read_state

#: Settings of a model that the program takes as arguments.
_SETTINGS = ("query_length", "document_length", "query_prefix", "document_prefix",
             "do_query_expansion", "attend_to_expansion_tokens", "embedding_size")


class TrainOutput(NamedTuple):
    global_step: int
    training_loss: float
    metrics: dict[str, float]


class Trainer:
    """Writes the configuration of a run, and the data sets where they are no files, to
    OUTPUT_DIR/data, and lets ``maxsimd-train`` do the rest (docs/training.md).

    model
        The model to start from. After ``train()`` it is the trained one.
    args
        ``TrainingArguments``. What they say of losses and data sets is overruled by the others.
    train_dataset, eval_dataset
        Files or rows: see ``data.dataset_files``. The columns: question, query or anchor; answer
        or positive; negative*; or query, documents and scores for distillation.
    loss
        One of ``losses``; None: ``losses.Contrastive``. A dict must hold the same loss for each
        data set.
    evaluator
        One of ``evaluation``, or a list of them.
    data_collator
        ``utils.ColBERTCollator``, for scripts that pass it: its prompts count, nothing else.
    callbacks
        transformers' EarlyStoppingCallback only.

    ``state``: ``TrainerState``, that of the run after ``train()``.
    """

    def __init__(self, model: ColBERT | None = None, args: TrainingArguments | None = None,
                 train_dataset: Any = None, eval_dataset: Any = None, loss: Any = None,
                 evaluator: Any = None, data_collator: Any = None, tokenizer: Any = None,
                 model_init: Any = None, compute_metrics: Any = None,
                 callbacks: Sequence[Any] | None = None, optimizers: Any = (None, None),
                 preprocess_logits_for_metrics: Any = None) -> None:
        if model is None and model_init is None:
            raise ValueError("model: expected a models.ColBERT")
        if optimizers not in ((None, None), [None, None], None):
            raise ValueError("optimizers: the optimizer is AdamW; its parameters are in args")
        if compute_metrics is not None or preprocess_logits_for_metrics is not None:
            raise ValueError("compute_metrics: give an evaluator instead")
        self.model = _expected("model", model_init() if model is None else model, ColBERT)
        self.args = _expected("args", TrainingArguments(output_dir="tmp_trainer")
                              if args is None else args, TrainingArguments)
        self.train_dataset = train_dataset
        self.eval_dataset = eval_dataset
        self.loss = _one_loss(loss) or Contrastive(self.model)
        self.evaluators = _as_list(evaluator)
        self.data_collator = data_collator
        self.callbacks = [] if callbacks is None else list(items("callbacks", callbacks, "callbacks"))
        self.state = TrainerState()

    def add_callback(self, callback: Any) -> None:
        """transformers' EarlyStoppingCallback; ``train()`` refuses others."""
        self.callbacks.append(callback)

    def train(self, resume_from_checkpoint: bool | str | None = None, trial: Any = None,
              ignore_keys_for_eval: list[str] | None = None) -> TrainOutput:
        """Trains. ``resume_from_checkpoint``: True for the newest checkpoint in ``output_dir``, or
        a checkpoint's folder. ``trial`` and ``ignore_keys_for_eval`` change nothing."""
        if not (resume_from_checkpoint is None or isinstance(resume_from_checkpoint, bool)):
            resume_from_checkpoint = path("resume_from_checkpoint", resume_from_checkpoint)
        output = Path(self.args.output_dir).resolve()
        may_replace = bool(resume_from_checkpoint or self.args.given.get("overwrite_output_dir"))
        with run_data(output, may_replace) as data:
            config = self.configuration(output, resume_from_checkpoint)
            file = data / "config.json"
            file.write_text(json.dumps(config, indent=2, ensure_ascii=False), encoding="utf-8")
            try:
                run_training(file)
            except ValueError:  # refused: the logs are another run's
                raise
            except BaseException:
                self.state = read_state(output)
                raise
        self.state = read_state(output)
        self.model._reload(output / "final")
        summary: dict[str, Any] = next((log for log in reversed(self.state.log_history) if "train_loss" in log), {})
        return TrainOutput(self.state.global_step, summary.get("train_loss", float("nan")), summary)

    def evaluate(self, eval_dataset: Any = None, ignore_keys: Any = None,
                 metric_key_prefix: str = "eval") -> dict[str, float]:
        """What the evaluators say of the model, as it is now: ``eval_accuracy`` ...
        ``ignore_keys`` changes nothing."""
        if eval_dataset is not None:
            raise ValueError("eval_dataset: the loss on a data set is computed in a run alone; give "
                             "it to the Trainer, with eval_strategy")
        if not self.evaluators:
            raise ValueError("evaluate(): the trainer was given no evaluator")
        text("metric_key_prefix", metric_key_prefix)
        return {f"{metric_key_prefix}_{name}": value for evaluator in self.evaluators
                for name, value in evaluator(self.model).items()}

    def configuration(self, output: Path, resume_from_checkpoint: Any = None) -> dict[str, Any]:
        """What the run is told; data that are no files are written to OUTPUT/data."""
        data = output / "data"
        data.mkdir(parents=True, exist_ok=True)
        config = {"model": str(self._model_folder(data)),
                  **{name: self.model._asked[name] for name in _SETTINGS
                     if name in self.model._asked}}
        prompts = getattr(self.data_collator, "prompts", None)
        if prompts:
            config["prompts"] = prompts
        config |= self._early_stopping()
        config |= self.args.given
        config["output_dir"] = str(output)
        if self.train_dataset is not None:
            config["train_dataset"] = dataset_files("train_dataset", self.train_dataset, data, "train")
        if self.eval_dataset is not None:
            config["eval_dataset"] = dataset_files("eval_dataset", self.eval_dataset, data, "eval")
        config |= {name: value for name, value in self.loss.hyperparameters.items()
                   if value is not None}
        if self.evaluators:
            config["evaluator"] = [self._spec(evaluator, data / f"evaluator-{i}")
                                   for i, evaluator in enumerate(self.evaluators)]
        if resume_from_checkpoint:
            config["resume_from_checkpoint"] = resume_from_checkpoint
        return config

    def save_model(self, output_dir: str | None = None) -> None:
        """Writes the model, the trained one after ``train()``, to a folder."""
        self.model.save_pretrained(self.args.output_dir if output_dir is None else output_dir)

    def _model_folder(self, data: Path) -> Path:
        """The folder of the model; of one with settings that are no arguments, or with prompts that
        are not the folder's, a copy."""
        self.model._model.check_folder()
        are_arguments = set(self.model._asked) <= {*_SETTINGS, "bias"} and not self.model._asked.get("bias")
        if are_arguments and not self.model._has_prompts_of_its_own():
            return self.model._folder.resolve()
        return copy_model(self.model._model, data / "model", *self.model._checked_prompts())

    @staticmethod
    def _spec(evaluator: Any, folder: Path) -> dict[str, Any]:
        folder.mkdir(parents=True, exist_ok=True)
        return evaluator.spec(folder)

    def _early_stopping(self) -> dict[str, Any]:
        found = {}
        for callback in self.callbacks:
            patience = getattr(callback, "early_stopping_patience", None)
            if patience is None:
                raise ValueError(f"callbacks: {type(callback).__name__} cannot be called from "
                                 "maxsimd-train; EarlyStoppingCallback alone is understood")
            found = {"early_stopping_patience": patience,
                     "early_stopping_threshold":
                     getattr(callback, "early_stopping_threshold", None) or 0.0}
        return found


def _expected(what: str, value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{what}: expected {kind.__module__.split('.')[1]}.{kind.__name__}, got "
                        f"{value!r:.50}")
    return value


def _one_loss(loss: Any) -> Any:
    if loss is None:
        return None
    for one in loss.values() if isinstance(loss, Mapping) else [loss]:
        if not hasattr(one, "hyperparameters"):
            raise TypeError(f"loss: expected one of maxsimd.losses, got {one!r:.50}")
    if not isinstance(loss, Mapping):
        return loss
    settings = [(type(one), one.hyperparameters) for one in loss.values()]
    if any(other != settings[0] for other in settings[1:]):
        raise ValueError("loss: expected the same loss with the same parameters for all data sets")
    return next(iter(loss.values()), None)


def _as_list(evaluator: Any) -> list:
    if evaluator is None:
        return []
    evaluators = list(evaluator) if isinstance(evaluator, (list, tuple)) else [evaluator]
    return [_expected("evaluator", one, Evaluator) for one in evaluators]
