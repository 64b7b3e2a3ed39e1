#!/usr/bin/env python3
"""Makes maxsimd/training/testdata/batches.json: which rows the trainer of sentence-transformers puts into each batch.

    python3 scripts/goldens/training_batches.py > maxsimd/training/testdata/batches.json

Needs: sentence_transformers 5.3.0, transformers 5.3.0, accelerate 1.15.0, datasets, torch 2.11. Each case is a run of the
real trainer over data sets whose rows know their numbers; its loss writes down the rows it is given. "texts" are the
texts of the rows' columns as numbers; equal numbers are equal texts. "evaluation": the batches of the first data set,
as the trainer evaluates on it. "permutations": torch.randperm in both of the types that the samplers use.
"""
import contextlib
import json
import random
import sys
import tempfile

import torch
from datasets import Dataset, DatasetDict
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.models import StaticEmbedding
from tokenizers import Tokenizer
from tokenizers.models import WordLevel

CASES = [
    # sizes, named, settings
    ([10], False, {}), ([10], False, {"dataloader_drop_last": True}), ([9], False, {"seed": 7, "num_train_epochs": 3}),
    ([9], False, {"data_seed": 5}), ([11], False, {"seed": 0}), ([9], True, {}), ([9], True, {"data_seed": 5}),
    ([13, 6], True, {"num_train_epochs": 3}), ([13, 6], True, {"dataloader_drop_last": True}),
    ([5, 17, 8], True, {"seed": 3}), ([5, 17, 8], True, {"gradient_accumulation_steps": 2}),
    ([13, 6], True, {"multi_dataset_batch_sampler": "round_robin"}),
    ([8, 8, 3], True, {"multi_dataset_batch_sampler": "round_robin", "seed": 9}),
    ([8, 13, 7], True, {"multi_dataset_batch_sampler": "round_robin", "dataloader_drop_last": True}),
    ([40], False, {"batch_sampler": "no_duplicates"}),
    ([40], False, {"batch_sampler": "no_duplicates", "seed": 7, "data_seed": 5}),
    ([40], False, {"batch_sampler": "no_duplicates", "dataloader_drop_last": True}),
    ([30], True, {"batch_sampler": "no_duplicates"}),
    ([30, 21], True, {"batch_sampler": "no_duplicates", "num_train_epochs": 3}),
    ([30, 21, 9], True, {"batch_sampler": "no_duplicates", "seed": 4}),
    ([30, 21], True, {"batch_sampler": "no_duplicates", "multi_dataset_batch_sampler": "round_robin"}),
]


class RecordingTrainer(SentenceTransformerTrainer):
    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        self.batches.append(inputs)
        return next(model.parameters()).sum() * 0


class RowCollator:
    """A batch is its data set and the numbers of its rows."""
    valid_label_columns = ["label", "scores"]

    def __call__(self, rows):
        return [rows[0]["dataset"]] + [row["row"] for row in rows]


def texts_of(rng, size, many_duplicates):
    """[rows][3]: texts as numbers, of few different ones where there shall be duplicates."""
    kinds = max(3, size // 3) if many_duplicates else 10 * size
    return [[rng.randrange(kinds) for _ in range(3)] for _ in range(size)]


def dataset_of(texts, number):
    columns = {name: [f"text {row[i]}" for row in texts] for i, name in enumerate(("query", "positive", "negative"))}
    # As values these are no text of another column, so no_duplicates does not mind them.
    return Dataset.from_dict({**columns, "dataset": [1000 + number] * len(texts),
                              "row": [10**6 * (number + 1) + i for i in range(len(texts))]}).map(unlike)


def unlike(row):
    return {"dataset": f"{row['row']} of {row['dataset']}"}


def batch_of(rows):
    return [int(rows[0].split(" of ")[1]) - 1000] + [row % 10**6 for row in rows[1:]]


def model():
    return SentenceTransformer(modules=[StaticEmbedding(Tokenizer(WordLevel({"a": 0}, "a")), embedding_dim=2)])


def run(rng, sizes, named, settings):
    settings = {"num_train_epochs": 2, "seed": 42, **settings}
    texts = [texts_of(rng, size, "batch_sampler" in settings) for size in sizes]
    datasets = [dataset_of(rows, i) for i, rows in enumerate(texts)]
    train = DatasetDict({f"d{i}": dataset for i, dataset in enumerate(datasets)}) if named else datasets[0]
    with tempfile.TemporaryDirectory() as folder:
        arguments = SentenceTransformerTrainingArguments(
            folder, per_device_train_batch_size=4, per_device_eval_batch_size=4, use_cpu=True, report_to="none",
            save_strategy="no", disable_tqdm=True, logging_strategy="no", **settings)
        trainer = RecordingTrainer(model(), arguments, train_dataset=train, loss=torch.nn.Identity(),
                                   data_collator=RowCollator())
        trainer.batches = []
        trainer.train()
        evaluation = [batch_of(batch) for batch in trainer.get_eval_dataloader(datasets[0])]
        length = len(trainer.get_train_dataloader())
    return {"texts": texts, "named": named, "settings": settings, "num_batches": length,
            "batches": [batch_of(batch) for batch in trainer.batches], "evaluation": evaluation}


def permutation(size, seed, kind):
    return torch.randperm(size, generator=torch.Generator().manual_seed(seed), dtype=kind).tolist()


def main():
    rng = random.Random(20260307)
    permutations = [{"size": size, "seed": seed, "order": permutation(size, seed, torch.int64)}
                    for size, seed in ((1, 0), (10, 42), (37, 43), (64, 2**32 + 1))]
    for case in permutations:
        assert case["order"] == permutation(case["size"], case["seed"], torch.int32)
    with contextlib.redirect_stdout(sys.stderr):  # the trainer talks
        runs = [run(rng, *case) for case in CASES]
    json.dump({"permutations": permutations, "runs": runs}, sys.stdout, separators=(",", ":"))
    print()


main()
