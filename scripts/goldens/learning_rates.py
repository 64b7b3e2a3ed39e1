#!/usr/bin/env python3
"""Makes maxsimd/hyperparameters/testdata/learning_rates.json: what the schedules of transformers and torch give.

    python3 scripts/goldens/learning_rates.py > maxsimd/hyperparameters/testdata/learning_rates.json

Needs: transformers 5.3.0, torch 2.11.0. Each case is a schedule made by transformers.get_scheduler, as its trainer
does it, stepped past its end; inverse_sqrt with a timescale is made directly, for get_scheduler passes over it.
Steps: how transformers resolves ratios and counts (TrainerState.compute_steps, get_warmup_steps).
"""
import json
import random
import sys
import types

import torch
from transformers import TrainerState, TrainingArguments
from transformers.optimization import get_inverse_sqrt_schedule, get_scheduler

WSD = {"num_decay_steps": 9}
CASES = [
    # type, kwargs, learning rate, warm-up, total
    ("linear", {}, 3e-6, 4, 40), ("linear", {}, 5e-5, 0, 7), ("linear", {}, 1e-3, 10, 10), ("linear", {}, 1e-3, 20, 10),
    ("linear", {}, 2e-5, 1, 1), ("cosine", {}, 5e-5, 3, 30), ("cosine", {"num_cycles": 1.25}, 5e-5, 0, 30),
    ("cosine_with_restarts", {}, 1e-4, 2, 25), ("cosine_with_restarts", {"num_cycles": 3}, 1e-4, 2, 25),
    ("polynomial", {}, 5e-5, 3, 20), ("polynomial", {"lr_end": 1e-6, "power": 2.5}, 5e-5, 0, 20),
    ("constant", {}, 7e-6, 5, 12), ("constant_with_warmup", {}, 7e-6, 5, 12), ("inverse_sqrt", {}, 1e-3, 6, 40),
    ("inverse_sqrt", {}, 1e-3, 0, 20), ("inverse_sqrt", {"timescale": 9}, 1e-3, 6, 40),
    ("cosine_with_min_lr", {"min_lr": 1e-6}, 5e-5, 3, 30),
    ("cosine_with_min_lr", {"min_lr_rate": 0.2, "num_cycles": 1.5}, 5e-5, 0, 30),
    ("cosine_warmup_with_min_lr", {"min_lr": 1e-6}, 5e-5, 5, 30),
    ("cosine_warmup_with_min_lr", {"min_lr_rate": 0.1, "warmup_lr_rate": 0.25}, 5e-5, 5, 30),
    ("warmup_stable_decay", WSD, 5e-5, 4, 30), ("warmup_stable_decay", dict(WSD, min_lr_ratio=0.1), 5e-5, 0, 30),
    ("warmup_stable_decay", dict(WSD, num_stable_steps=5), 5e-5, 4, 30),
    ("warmup_stable_decay", dict(WSD, warmup_type="cosine", decay_type="linear", min_lr_ratio=0.05), 5e-5, 6, 30),
    ("warmup_stable_decay", dict(WSD, warmup_type="1-sqrt", decay_type="1-sqrt", num_cycles=2), 5e-5, 6, 30),
]
PLATEAUS = [{}, {"patience": 1}, {"patience": 0, "factor": 0.5, "cooldown": 2}, {"mode": "max", "patience": 1},
            {"threshold_mode": "abs", "threshold": 0.05, "patience": 0, "min_lr": 2e-6},
            {"mode": "max", "threshold_mode": "abs", "threshold": 0.02, "patience": 2, "factor": 0.3},
            {"patience": 0, "factor": 0.9, "eps": 1e-5}]


def optimizer(rate):
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate)


def stepped(kind, kwargs, rate, warmup, total):
    sgd = optimizer(rate)
    if "timescale" in kwargs:
        schedule = get_inverse_sqrt_schedule(sgd, warmup, **kwargs)
    else:
        schedule = get_scheduler(kind, sgd, warmup, total, dict(kwargs))
    rates = []
    # The schedules of cosines go on past the end; the polynomial with no decay divides by zero there.
    for _ in range(total + 4):
        rates.append(schedule.get_last_lr()[0])
        sgd.step()
        schedule.step()
    return {"type": kind, "kwargs": kwargs, "learning_rate": rate, "warmup": warmup, "total": total, "rates": rates}


def plateau(kwargs, rng):
    sgd = optimizer(5e-5)
    schedule = get_scheduler("reduce_lr_on_plateau", sgd, scheduler_specific_kwargs=dict(kwargs))
    level, metrics, rates = 1.0, [], []
    for i in range(40):
        level += rng.uniform(-0.06, 0.05) if i < 15 else rng.uniform(-0.01, 0.01)
        metrics.append(level)
        schedule.step(level)
        rates.append(sgd.param_groups[0]["lr"])
    return {"kwargs": kwargs, "metrics": metrics, "rates": rates}


def resolved(rng):
    total = rng.choice([1, 3, 7, 10, 99, 1000, 14797, 10**6])
    value = rng.choice([0.1, 0.01, 0.5, 0.3333, 1e-5, 0.999, 1, 2, 500, rng.random()])
    state = TrainerState()
    state.compute_steps(types.SimpleNamespace(logging_steps=value, eval_steps=None, save_steps=value), total)
    arguments = TrainingArguments("unused", warmup_steps=value, report_to="none", use_cpu=True)
    return {"total": total, "value": value, "steps": int(state.logging_steps),
            "warmup": arguments.get_warmup_steps(total)}


def main():
    rng = random.Random(20260301)
    json.dump({"schedules": [stepped(*case) for case in CASES], "plateaus": [plateau(case, rng) for case in PLATEAUS],
               "steps": [resolved(rng) for _ in range(60)]}, sys.stdout, separators=(",", ":"))
    print()


main()
