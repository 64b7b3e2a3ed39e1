#!/usr/bin/env python3
"""Makes maxsimd/training/testdata/accumulation.json: two epochs of PyLate's trainer from models/mini in float32, without
dropout, where the batches of an epoch do not fill the accumulation.

    python3 scripts/goldens/training_accumulation_pylate.py models/mini > maxsimd/training/testdata/accumulation.json

Needs: pylate 1.6.0, sentence-transformers 5.3.0, transformers 5.3.0, accelerate 1.15.0 (torch on the CPU).

Seven rows in batches of 2 are 4 batches, the last one of a row; in threes, a step of 3 and a step of 1. Of each step what
the trainer logs: its loss, rounded to 4 decimals, the norm of its gradient before clipping, its epoch and learning rate.
"""
import json
import sys
import tempfile

import torch
from datasets import Dataset
from pylate import losses, models, utils
from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments

ARGUMENTS = {"num_train_epochs": 2, "per_device_train_batch_size": 2, "gradient_accumulation_steps": 3,
             "learning_rate": 3e-5, "max_grad_norm": 0.5, "logging_steps": 1, "seed": 42}
QUERY_LENGTH, DOCUMENT_LENGTH = 12, 24

ROWS = [
    ("what do owls eat", "Owls hunt mice and voles at night, mostly near fields and hedges.",
     "Owls lay round white eggs in hollow trees or old barns."),
    ("how far away is the moon", "The moon is about 384,000 kilometres from Earth: a light second and a bit.",
     "The moon has no air, so its sky is black by day."),
    ("why is the sky blue", "Air scatters blue light much more than it scatters red light from the sun.",
     "Clouds are white because their drops scatter light of all colours."),
    ("who wrote Faust", "Goethe wrote Faust, a play in two parts, over sixty years of his life.",
     "Gounod made an opera of the story for Paris in 1859."),
    ("what is bread made of", "Bread is baked from flour, water, salt and some yeast or sour dough.",
     "Beer has barley, water, hops and yeast in it, and nothing else."),
    ("how do bees find home", "Bees find their way back to the hive by the sun and by landmarks.",
     "Bees make honey from nectar and keep it in combs of wax."),
    ("when do apples ripen", "Apples ripen from July to October, each sort in weeks of its own.",
     "Apple wood burns slowly and smells of its fruit."),
]


def train(folder):
    model = models.ColBERT(folder, device="cpu", query_length=QUERY_LENGTH, document_length=DOCUMENT_LENGTH).float()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    columns = dict(zip(("query", "positive", "negative"), map(list, zip(*ROWS))))
    with tempfile.TemporaryDirectory() as output:
        trainer = SentenceTransformerTrainer(
            model=model, train_dataset=Dataset.from_dict(columns), loss=losses.Contrastive(model=model),
            data_collator=utils.ColBERTCollator(tokenize_fn=model.tokenize),
            args=SentenceTransformerTrainingArguments(output_dir=output, save_strategy="no", report_to=[], use_cpu=True,
                                                      disable_tqdm=True, **ARGUMENTS))
        trainer.train()
    return [{name: log[name] for name in ("epoch", "loss", "grad_norm", "learning_rate")}
            for log in trainer.state.log_history if "loss" in log]


def main():
    torch.set_num_threads(1)
    sys.stdout, out = sys.stderr, sys.stdout  # the trainer prints, too
    print(json.dumps({"arguments": ARGUMENTS, "query_length": QUERY_LENGTH, "document_length": DOCUMENT_LENGTH,
                      "rows": ROWS, "steps": train(sys.argv[1])}, indent=1), file=out)


main()
