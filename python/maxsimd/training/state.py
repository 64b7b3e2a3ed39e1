"""training.TrainerState: where a run is, read from the files that it leaves."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_CHECKPOINT = "checkpoint-"


@dataclass
class TrainerState:
    """What transformers' class of that name has, as far as a run knows it.

    log_history
        The logs, dicts with ``step`` and ``epoch``.
    global_step, epoch
        Of the last log.
    best_metric, best_global_step
        The best value of ``metric_for_best_model`` and its step, as the newest checkpoint has them;
        None where no evaluation was judged, or no checkpoint was left.
    best_model_checkpoint
        The folder of that step's checkpoint, None where there is none.
    """

    epoch: float = 0
    global_step: int = 0
    log_history: list[dict[str, Any]] = field(default_factory=list)
    best_metric: float | None = None
    best_global_step: int | None = None
    best_model_checkpoint: str | None = None


def read_state(output: Path) -> TrainerState:
    """The state of the run that lies in a folder; one that has just begun where there is none."""
    logs = output / "logs.jsonl"
    lines = logs.read_text(encoding="utf-8").splitlines() if logs.is_file() else []
    state = TrainerState(log_history=[json.loads(line) for line in lines if line])
    state.global_step = max((log.get("step", 0) for log in state.log_history), default=0)
    state.epoch = max((log.get("epoch", 0) for log in state.log_history), default=0)
    _read_best(output, state)
    return state


def _read_best(output: Path, state: TrainerState) -> None:
    steps = [int(number) for folder in output.glob(f"{_CHECKPOINT}*")
             if (number := folder.name.removeprefix(_CHECKPOINT)).isdecimal()
             and (folder / "trainer_state.json").is_file()]
    if not steps:
        return
    newest = output / f"{_CHECKPOINT}{max(steps)}" / "trainer_state.json"
    saved = json.loads(newest.read_text(encoding="utf-8"))
    state.best_metric = saved.get("best_metric")
    state.best_global_step = saved.get("best_global_step")
    folder = output / f"{_CHECKPOINT}{state.best_global_step}"
    if folder.is_dir():
        state.best_model_checkpoint = str(folder)
