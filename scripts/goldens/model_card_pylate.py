#!/usr/bin/env python3
"""Makes maxsimd/card/testdata: cards that PyLate writes, and the same runs as our run.json.

    HF_HUB_OFFLINE=1 python3 scripts/goldens/model_card_pylate.py [NAME...]

Needs: pylate 1.6.0; without a NAME all are made ("trained" takes five minutes). Three cards, each NAME.md (PyLate's, untouched) and NAME.json (the record the
card is to be rebuilt from), and for the dataset blocks NAME.rows.json (the columns they describe):
  untrained   models/mini as it is loaded
  trained     a training of six steps on models/mini, with an evaluator and a best model
  all         everything a card can have, put into PylateModelCardData by PyLate's own callbacks:
              several data sets, column types, losses and evaluators, more than 100 rows of log
The texts are made up. Also yaml_strings.json: what PyYAML makes of many strings, and
python_text.json: floats, strings and lists as Python prints them.
"""
import json
import os
import pathlib
import random
import struct
import sys
import tempfile
import types

os.environ["HF_HUB_OFFLINE"] = "1"

import datasets  # noqa: E402
import torch  # noqa: E402
import yaml  # noqa: E402
from sentence_transformers import (SentenceTransformerTrainer,  # noqa: E402
                                   SentenceTransformerTrainingArguments)
from sentence_transformers.model_card import SentenceTransformerModelCardCallback, generate_model_card  # noqa: E402
from sentence_transformers.evaluation import NanoBEIREvaluator  # noqa: E402
from sentence_transformers.util import fullname  # noqa: E402

from pylate import evaluation, losses, models, utils  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODEL = str(ROOT / "models" / "mini")

TRIPLETS = [
    ("why do leaves turn red?", "Cold nights slow the making of chlorophyll, and red pigments show.",
     "Red paint was once made of ochre."),
    ("how tall is the lighthouse | tower?", "The tower is 31 m tall | with its lamp 34 m.",
     "Lamps of the time burned rape oil."),
    ("who baked the first rye bread?", "Nobody knows;\nrye grew as a weed\r\namong wheat.",
     "Bread rises because yeast makes gas."),
    ("is <b>salt</b> & water a mixture?", "Yes: `NaCl` in H_2O is *one* phase & [clear](x).",
     "A \\ backslash, a ~tilde~ and a <code>tag</code> are no mixture."),
    ("what does the ferry cost?", "Grown-ups pay 12.50, children half. " * 40, "Ferries run all year."),
    ("wie heißt der Fluss?", "Er heißt Örtze – 62 km lang, 東へ flows east.", "Im Süden liegt die Heide. 🌾"),
    ("what is a cairn?", "A pile of stones that marks a path.", "A kern is a soldier."),
    ("when do swifts leave?", "Most leave in the first days of August.", "Swallows stay until October."),
    ("can goats swim?", "They can, and dislike it.", "Sheep cannot jump well."),
    ("how is felt made?", "Wet wool is rubbed until its fibres lock.", "Linen is spun of flax."),
    ("why is ice slippery?", "A thin layer of its surface behaves like water.", "Slippers are soft shoes."),
    ("what is  a lock  on a canal?", "  A chamber whose water level can be raised or lowered.  ", ""),
]

def trained_model():
    return models.ColBERT(MODEL, device="cpu")


def triplet_columns(rows):
    return {name: [row[i] for row in rows] for i, name in enumerate(("query", "positive", "negative"))}


def columns_for_cpp(columns, kinds):
    return [{"name": name, "kind": kinds.get(name), "values": values} for name, values in columns.items()]


def hyperparameters(card, args):
    """All of to_dict(), those that cards leave out too: leaving out is the card's part."""
    return [{"name": key, "value": str(value), "is_default": key not in card.non_default_hyperparameters}
            for key, value in args.to_dict().items()]


def versions(card):
    names = [("Python", "python"), ("Sentence Transformers", "sentence_transformers"), ("PyLate", "pylate"),
             ("Transformers", "transformers"), ("PyTorch", "torch"), ("Accelerate", "accelerate"),
             ("Datasets", "datasets"), ("Tokenizers", "tokenizers")]
    return [[shown, card.version[key]] for shown, key in names]


def evaluator_record(evaluator):
    path = fullname(evaluator)
    return {"class_path": path, "name": getattr(evaluator, "name", "") or "",
            "primary_metric": getattr(evaluator, "primary_metric", None)}


class Log:
    """The events of a run in the order they happen, for our record."""

    def __init__(self):
        self.events, self.evaluators = [], []

    def evaluator(self, evaluator, metrics, step, epoch):
        if evaluator not in self.evaluators:
            self.evaluators.append(evaluator)
        self.events.append({"type": "evaluator", "step": step, "epoch": float(epoch),
                            "evaluator": self.evaluators.index(evaluator),
                            "metrics": [[k, float(v)] for k, v in metrics.items()]})

    def train(self, step, epoch, logs):
        self.events.append({"type": "train", "step": step, "epoch": float(epoch), "loss": logs["loss"],
                            "grad_norm": logs.get("grad_norm"), "learning_rate": logs.get("learning_rate")})

    def eval_loss(self, step, epoch, name, value):
        self.events.append({"type": "eval_loss", "step": step, "epoch": float(epoch), "dataset": name,
                            "loss": value})


def record_of(card, **rest):
    return {"format": "maxsimd training run", "format_version": 1, "framework_versions": versions(card), **rest}


def save(out, name, model, record, rows=None):
    (out / f"{name}.md").write_text(generate_model_card(model), encoding="utf-8")
    dump(out / f"{name}.json", record)
    if rows is not None:
        dump(out / f"{name}.rows.json", rows)


def dump(path, value):
    lines = json.dumps(value, ensure_ascii=False, indent=None if isinstance(value, list) else 1)
    path.write_text(lines + "\n", encoding="utf-8")


def make_untrained(out):
    model = trained_model()
    save(out, "untrained", model, record_of(model.model_card_data))


def make_trained(out):
    model, log = trained_model(), Log()
    columns = triplet_columns(TRIPLETS)
    train = datasets.Dataset.from_dict(columns)
    held_out = datasets.Dataset.from_dict(triplet_columns(TRIPLETS[6:10]))
    evaluator = evaluation.ColBERTTripletEvaluator(*[list(c) for c in triplet_columns(TRIPLETS[:9]).values()],
                                                   name="dev-set_1", write_csv=False)
    log.evaluator(evaluator, evaluator(model), 0, 0)
    loss = losses.Contrastive(model=model)

    class Trainer(SentenceTransformerTrainer):
        """Writes down what happens, in the order it happens."""

        def log(self, logs, *rest, **named):
            if "loss" in logs:
                log.train(self.state.global_step, self.state.epoch, logs)
            return super().log(logs, *rest, **named)

        def evaluation_loop(self, *rest, **named):
            output = super().evaluation_loop(*rest, **named)
            step, epoch = self.state.global_step, self.state.epoch
            found = {k.removeprefix("eval_"): v for k, v in output.metrics.items() if k.endswith("_accuracy") or
                     k == "eval_accuracy"}
            log.evaluator(evaluator, found, step, epoch)
            log.eval_loss(step, epoch, "", output.metrics["eval_loss"])
            return output

    with tempfile.TemporaryDirectory() as folder:
        args = SentenceTransformerTrainingArguments(
            output_dir=folder, num_train_epochs=2, per_device_train_batch_size=4, learning_rate=3e-6,
            warmup_ratio=0.1, seed=12, eval_strategy="steps", eval_steps=2, save_steps=2, logging_steps=1,
            load_best_model_at_end=True, report_to=[], use_cpu=True, save_total_limit=1)
        trainer = Trainer(model=model, args=args, train_dataset=train, eval_dataset=held_out, loss=loss,
                          evaluator=evaluator, data_collator=utils.ColBERTCollator(model.tokenize))
        trainer.train()
        card = model.model_card_data
        record = record_of(
            card, train_datasets=[dataset_record(card.train_datasets[0])],
            eval_datasets=[dataset_record(card.eval_datasets[0])], log=log.events,
            hyperparameters=hide_folder(hyperparameters(card, args), folder),
            evaluators=[evaluator_record(e) for e in log.evaluators], best_step=card.best_model_step)
        kinds = {"query": "query", "positive": "document", "negative": "document"}
        rows = {"train": columns_for_cpp(columns, kinds),
                "eval": columns_for_cpp(triplet_columns(TRIPLETS[6:10]), kinds)}
        save(out, "trained", model, record, rows)


def hide_folder(parameters, folder):
    return [{**p, "value": p["value"].replace(folder, "out")} for p in parameters]


def dataset_record(found):
    """A data set without its statistics and samples: the test makes those from the rows."""
    record = {"name": found.get("name") or "", "size": found["size"], "loss": found["loss"]["fullname"]}
    for key in ("id", "revision"):
        if found.get(key):
            record[key] = found[key]
    return record


def make_all(out):
    model, log = trained_model(), Log()
    card = model.model_card_data
    card.local_files_only = True
    card.base_model, card.base_model_revision = "some-org/some_encoder", "0123456789abcdef0123456789abcdef01234567"
    card.language, card.license, card.model_id = ["en", "de"], "apache-2.0", "some-org/some-colbert"
    random.seed(5)
    rows = {
        "birds": triplet_columns(TRIPLETS),
        "scored_pairs": {"query": ["a", "b c", "d"], "score": [0.25, 1.0, 0.126], "label": [0, 1, 0]},
        "distil-lists": {"query": ["one", "two"], "documents": [
            ["it's", 'say "so"', "tab\there", "both ' and \"", "zero\u200bwidth", "sixth"], ["no-break\u00a0space"]],
            "scores": [[0.5, 1.0], [1e-05, 2.5]]},
    }
    train = datasets.DatasetDict({name: datasets.Dataset.from_dict(columns) for name, columns in rows.items()})
    loss = {"birds": losses.Contrastive(model=model), "scored_pairs": losses.CachedContrastive(model=model),
            "distil-lists": losses.Distillation(model=model)}
    card.train_datasets = [
        {"name": "birds", "id": "some-org/birds", "revision": "f" * 8 + "0" * 32}, {"name": "scored_pairs"},
        {"name": "distil-lists", "id": "some-org/lists"}]
    card.eval_datasets = [{"name": "birds"}, {"name": "two words"}]
    held_out = datasets.DatasetDict({name: datasets.Dataset.from_dict({"query": texts, "text": texts[::-1]})
                                     for name, texts in (("birds", ["x", "y", "z", "w"]), ("two words", ["p"]))})
    eval_loss = {"birds": loss["birds"], "two words": loss["birds"]}
    args = SentenceTransformerTrainingArguments(output_dir="out", prompts={"query": "find: "}, bf16=False,
                                                learning_rate=1e-5, dataloader_num_workers=3, use_cpu=True)
    callback = SentenceTransformerModelCardCallback(SentenceTransformerTrainingArguments("unused").to_dict())
    trainer = types.SimpleNamespace(
        train_dataset=train, eval_dataset=held_out, loss=loss,
        callback_handler=types.SimpleNamespace(callbacks=[]))
    trainer_args = (args, types.SimpleNamespace(global_step=0, epoch=0), None)
    eval_dataset, trainer.eval_dataset = trainer.eval_dataset, None
    callback.on_init_end(*trainer_args, model=model, trainer=trainer)
    card.eval_datasets = card.extract_dataset_metadata(eval_dataset, card.eval_datasets, eval_loss, "eval")
    callback.on_train_begin(*trainer_args, model=model)
    card.datasets = ["some-org/birds", "some-org/lists"]  # as if the hub knew them
    run_log(model, callback, log)
    model.tokenize(["the last text"], is_query=False)  # what a real evaluator ends with
    record = record_of(
        card, base_model=card.base_model, base_model_revision=card.base_model_revision, language=card.language,
        license=card.license, model_id=card.model_id, hyperparameters=hyperparameters(card, args),
        train_datasets=[dataset_record(d) for d in card.train_datasets],
        eval_datasets=[dataset_record(d) for d in card.eval_datasets], log=log.events,
        evaluators=[evaluator_record(e) for e in log.evaluators], best_step=card.best_model_step)
    kinds = {"query": "query", "positive": "document", "negative": "document", "text": "document"}
    described = {f"train/{name}": columns_for_cpp(columns, kinds) for name, columns in rows.items()}
    described.update({f"eval/{name}": columns_for_cpp(d.to_dict(), kinds) for name, d in held_out.items()})
    save(out, "all", model, record, described)


def run_log(model, callback, log):
    """120 steps of made-up numbers, told to PyLate by its own callbacks."""
    rng = random.Random(3)
    named = [evaluation.ColBERTTripletEvaluator(["a"], ["b"], ["c"], name=name) for name in ("one", "two", "three")]
    plain = evaluation.ColBERTDistillationEvaluator(["a"], [["b", "c"]], [[1.0, 0.0]], name="kd")
    nano = object.__new__(evaluation.NanoBEIREvaluator)
    nano.name, nano.primary_metric = "NanoBEIR_mean", "NanoBEIR_mean_MaxSim_ndcg@10"
    nano.get_config_dict = lambda: {}
    card = model.model_card_data
    for step in range(1, 121):
        state = types.SimpleNamespace(global_step=step, epoch=step / 120)
        logs = {"loss": round(rng.random() / step, 4), "grad_norm": rng.random(), "learning_rate": 1e-5 / step}
        callback.on_log(None, state, None, model=model, logs=logs)
        log.train(step, state.epoch, logs)
        if step % 40 == 0:
            for evaluator in named:
                tell(card, log, evaluator, {"accuracy": rng.choice([0.5, 0.25, rng.random()])}, state)
            tell(card, log, plain, {"kd_kl_divergence": rng.random()}, state)
            tell(card, log, nano, {f"NanoBEIR_mean_MaxSim_{metric}": rng.random() for metric in
                                   ("accuracy@1", "ndcg@10", "map@100")}, state)
            for name in ("birds", "two words"):
                value = rng.random() * 1e-4
                callback.on_evaluate(None, state, None, model=model, metrics={f"eval_{name}_loss": value})
                log.eval_loss(step, state.epoch, name, value)
    card.set_best_model_step(80)


def tell(card, log, evaluator, metrics, state):
    card.set_evaluation_metrics(evaluator, metrics)
    log.evaluator(evaluator, metrics, state.global_step, state.epoch)


def yaml_strings(rng):
    """What PyYAML makes of strings, as huggingface_hub calls it."""
    words = ["plain", "it's", "a: b", "- x", "#no", "no #comment", "a #comment", "'q'", '"d"', "yes", "No", "null",
             "~", "1", "-1.5", "1e3", "0x1f", "2024-01-01", "12:30", "", " lead", "trail ", "a\nb", "a\n\nb ", "é",
             "東", "🌾", "tab\t", "\\", "[x]", "{y}", "%z", "@w", "`v`", "?", "? k", ":", "::", "a:", "---", "...",
             "--- a", "&a", "*a", "!t", "|", ">", "=", "<<", ".5", ".inf", "\u0085", "\u2028", "\ufeff", "\x00", "\x7f"]
    strings = list(words)
    for _ in range(150):
        strings.append(rng.choice(["", " ", "-"]).join(rng.choices(words, k=rng.randrange(1, 25))))
    for _ in range(30):
        strings.append(" ".join("w" * rng.randrange(1, 30) for _ in range(rng.randrange(2, 30))))
    dump_yaml = lambda value: yaml.dump(value, allow_unicode=True, sort_keys=False)  # noqa: E731
    return [{"text": text, "yaml": dump_yaml({"key": text, "list": [{"name": text}]})} for text in strings]


def python_text(rng):
    floats = [0.0, -0.0, 1.0, 0.1, 3e-06, 1e-08, 1e16, 1e15, 123456789012345680.0, 1e22, 5e-324, 1.7976931348623157e308,
              0.0001, 0.00001, 1.5e-07, 2.5, 0.125, 0.00005, 0.12345, 1e-5, 100.0, 1e100]
    floats += [struct.unpack("<d", struct.pack("<Q", rng.getrandbits(64)))[0] for _ in range(150)]
    floats += [rng.random() * 10.0 ** rng.randrange(-8, 8) for _ in range(150)]
    floats = [f for f in floats if f == f and abs(f) != float("inf")]
    from transformers.modelcard import _maybe_round
    return {
        "floats": [[f, repr(f), repr(round(f, 2)), repr(round(f, 4)), _maybe_round(f)] for f in floats],
        "strings": [[s, repr(s)] for s in ("", "it's", '"', "'\"", "\\", "\n\r\t\x00\x1f\x7f", "é\u00a0\u00ad",
                                           "\u200b\u2028\u3000", "東🌾", "\ufeff\ue000\ufffe", "\U000e0001\U0001f33e")]}


def main():
    out = ROOT / "maxsimd" / "card" / "testdata"
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    makers = {"untrained": make_untrained, "all": make_all, "trained": make_trained,
              "yaml_strings": lambda out: dump(out / "yaml_strings.json", yaml_strings(random.Random(7))),
              "python_text": lambda out: dump(out / "python_text.json", python_text(random.Random(8)))}
    for name in sys.argv[1:] or makers:
        makers[name](out)


main()
