"""training: what a run is told, and a run of a few steps where maxsimd-train is there."""
import fcntl
import json
import os
import pathlib
import pickle
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from unittest import mock

import numpy as np
from maxsimd import FormatError, IoError, evaluation, losses, models, training, utils
from maxsimd.training.program import find_train_program
from maxsimd.training.state import read_state

ROWS = [{"query": f"what is thing {i}?", "positive": f"thing {i} is {word}", "negative": "nothing"}
        for i, word in enumerate(("round", "blue", "small", "loud", "wet", "old"))]


class Arguments(unittest.TestCase):
    def test_names_defaults_and_checks(self):
        arguments = training.SentenceTransformerTrainingArguments(
            output_dir=pathlib.Path("run"), learning_rate=3e-6, bf16=True,
            batch_sampler=training.BatchSamplers.NO_DUPLICATES)
        self.assertEqual((arguments.output_dir, arguments.learning_rate, arguments.seed),
                         ("run", 3e-6, 42))
        self.assertEqual(arguments.batch_sampler, "no_duplicates")
        self.assertEqual(arguments.to_dict()["adam_epsilon"], 1e-8)
        arguments = training.TrainingArguments(max_steps=np.int64(3), bf16=np.True_, warmup_ratio=np.float32(0.5))
        self.assertEqual((arguments.max_steps, arguments.bf16, arguments.warmup_ratio), (3, True, 0.5))
        self.assertEqual(pickle.loads(pickle.dumps(arguments)).given, arguments.given)
        for name, message in (("learning_rat", "did you mean learning_rate"), ("bogus", "'bogus' is no hyper")):
            with self.assertRaisesRegex(TypeError, message):
                training.TrainingArguments(**{name: 1})
        for name, value, message in (("fp16", True, "bf16"), ("seed", 2**70, "seed: expected a number of at most 64"),
                                     ("batch_sampler", training.BatchSamplers.GROUP_BY_LABEL, "group_by_label"),
                                     ("num_train_epochs", -1, "above 0"),
                                     ("seed", "x", "integer")):
            with self.subTest(name), self.assertRaisesRegex(ValueError, message):
                training.TrainingArguments(**{name: value})
        with self.assertRaises(AttributeError):
            arguments.learning_rat


class Configuration(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name).resolve()
        self.model = models.ColBERT("mini", query_length=16, document_length=24, num_threads=1)

    def arguments(self, **more):
        return training.TrainingArguments(output_dir=str(self.folder / "run"), **more)

    def configuration(self, **more):
        trainer = training.Trainer(self.model, self.arguments(), **more)
        return trainer.configuration(self.folder / "run")

    def test_losses_and_settings(self):
        got = self.configuration(
            train_dataset=ROWS, loss=losses.CachedContrastive(self.model, mini_batch_size=4,
                                                              temperature=0.5),
            data_collator=utils.ColBERTCollator(self.model.tokenize, prompts="p: "))
        self.assertEqual((got["loss"], got["mini_batch_size"], got["temperature"]),
                         ("cached_contrastive", 4, 0.5))
        self.assertEqual((got["query_length"], got["document_length"], got["prompts"]),
                         (16, 24, "p: "))
        with self.assertRaisesRegex(ValueError, "MaxSim"):
            losses.Contrastive(self.model, score_metric=max)

    def test_data_sets(self):
        class Frame:  # as pandas'
            iloc = None

            def to_dict(self, orient):
                return ROWS if orient == "records" else None

        columns = {name: [row[name] for row in ROWS] for name in ROWS[0]}
        for data in (ROWS, columns, Frame(), iter(ROWS)):
            path = self.configuration(train_dataset=data)["train_dataset"]
            lines = pathlib.Path(path).read_text().splitlines()
            self.assertEqual([json.loads(line) for line in lines], ROWS)
        arrays = {name: np.array(column) for name, column in columns.items()}
        path = self.configuration(train_dataset=arrays)["train_dataset"]
        self.assertEqual(json.loads(pathlib.Path(path).read_text().splitlines()[-1]), ROWS[-1])
        with self.assertRaisesRegex(ValueError, "columns of one length, got {'query': 1, 'positive': 2}"):
            self.configuration(train_dataset={"query": ["a"], "positive": ["b", "c"]})
        scored = [{"query": "a", "documents": ["b", "c"], "scores": [np.float32(0.5), np.float32(1)]}]
        path = self.configuration(train_dataset=scored)["train_dataset"]
        self.assertEqual(json.loads(pathlib.Path(path).read_text())["scores"], [0.5, 1])
        files = self.configuration(train_dataset={"a": "x.jsonl", "b": ["y.csv"]})["train_dataset"]
        self.assertEqual(files, {"a": os.path.realpath("x.jsonl"), "b": [os.path.realpath("y.csv")]})
        with self.assertRaises(TypeError):
            self.configuration(train_dataset=["row"] + [1])

    def test_settings_that_are_no_arguments_go_with_the_model(self):
        self.model = models.ColBERT("mini", skiplist_words=["a"])
        folder = self.configuration(train_dataset=ROWS)["model"]
        self.assertEqual(models.ColBERT(folder).skiplist_words, ["a"])

    def test_the_newest_checkpoint_knows_the_best(self):
        output = self.folder / "run"
        self.assertEqual(read_state(output), training.TrainerState())
        for name, best in (("checkpoint-9", {"best_metric": 0.25, "best_global_step": 9}),
                           ("checkpoint-10", {"best_metric": 0.5, "best_global_step": 3}),
                           ("checkpoint-old", {"best_metric": 7, "best_global_step": 1})):
            (output / name).mkdir(parents=True)
            (output / name / "trainer_state.json").write_text(json.dumps(best))
        (output / "checkpoint-11").mkdir()  # begun, and not written
        (output / "logs.jsonl").write_text('{"step": 9, "epoch": 0.9, "loss": 1}\n{"step": 10, "epoch": 1.0}\n')
        state = read_state(output)
        self.assertEqual((state.best_metric, state.best_global_step, state.best_model_checkpoint), (0.5, 3, None))
        self.assertEqual((state.global_step, state.epoch), (10, 1.0))
        (output / "checkpoint-3").mkdir()
        self.assertEqual(read_state(output).best_model_checkpoint, str(output / "checkpoint-3"))

    def test_what_cannot_be(self):
        with self.assertRaisesRegex(ValueError, "EarlyStopping"):
            self.configuration(train_dataset=ROWS, callbacks=[object()])
        for arguments, message in (({"model": "mini"}, "model: expected models.ColBERT, got 'mini'"),
                                   ({"args": {}}, "args: expected training.TrainingArguments"),
                                   ({"loss": max}, "loss: expected one of maxsimd.losses"),
                                   ({"evaluator": [max]}, "evaluator: expected evaluation")):
            with self.subTest(message), self.assertRaisesRegex(TypeError, message):
                training.Trainer(**{"model": self.model, **arguments})
        with self.assertRaisesRegex(TypeError, "^train_dataset: expected a file or rows, got 5"):
            self.configuration(train_dataset=5)
        with self.assertRaisesRegex(ValueError, "no evaluator"):
            training.Trainer(self.model).evaluate()
        with self.assertRaisesRegex(ValueError, "eval_dataset: "):
            training.Trainer(self.model).evaluate(ROWS)
        with self.assertRaisesRegex(ValueError, "AdamW"):
            training.Trainer(self.model, optimizers=(object(), None))
        with mock.patch.dict(os.environ, {"MAXSIMD_TRAIN": "/nowhere"}):
            with self.assertRaisesRegex(FileNotFoundError, "MAXSIMD_TRAIN=/nowhere"):
                find_train_program()
        with mock.patch.dict(os.environ, {"PATH": ""}), \
                mock.patch("maxsimd.training.program.program", lambda: pathlib.Path("/nowhere/x")):
            os.environ.pop("MAXSIMD_TRAIN", None)
            with self.assertRaisesRegex(FileNotFoundError, "LibTorch"):
                find_train_program()


class Run(Configuration):
    def setUp(self):
        try:
            find_train_program()
        except FileNotFoundError as error:
            self.skipTest(f"NOT TESTED: {error}")
        super().setUp()

    test_the_newest_checkpoint_knows_the_best = None
    test_losses_and_settings = test_data_sets = test_what_cannot_be = None
    test_settings_that_are_no_arguments_go_with_the_model = None

    def test_a_run(self):
        before = self.model.encode("what is round?")
        positives = [row["positive"] for row in ROWS]
        evaluators = [
            evaluation.ColBERTTripletEvaluator([row["query"] for row in ROWS], positives,
                                               ["nothing"] * len(ROWS), name="mine"),
            evaluation.PyLateInformationRetrievalEvaluator(
                {"q": ROWS[0]["query"]}, {str(i): text for i, text in enumerate(positives)},
                {"q": ["0"]}),
            evaluation.ColBERTDistillationEvaluator(["q"], [positives[:2]], [[0.1, 0.9]])]
        arguments = self.arguments(per_device_train_batch_size=2, num_train_epochs=1, threads=1,
                                   learning_rate=1e-4, logging_steps=1, eval_strategy="steps",
                                   eval_steps=3, save_steps=3)
        trainer = training.Trainer(self.model, arguments, ROWS, evaluator=evaluators,
                                   loss=losses.Contrastive(self.model))
        output = trainer.train()
        self.assertEqual(output.global_step, 3)
        self.assertTrue(np.isfinite(output.training_loss))
        logs = trainer.state.log_history
        self.assertEqual([log["step"] for log in logs if "loss" in log], [1, 2, 3])
        measured = {name for log in logs for name in log if name.startswith("eval_")}
        self.assertLessEqual({"eval_accuracy", "eval_MaxSim_ndcg@10", "eval_kl_divergence"}, measured)
        last = {name: value for log in logs for name, value in log.items() if name == "eval_accuracy"}
        self.assertEqual(trainer.evaluate()["eval_accuracy"], last["eval_accuracy"])
        # The model is the trained one, as it lies in final/.
        after = self.model.encode("what is round?")
        self.assertFalse((after == before).all())
        again = models.ColBERT(str(self.folder / "run" / "final"))
        np.testing.assert_array_equal(again.encode("what is round?"), after)
        self.assertEqual(self.model.query_length, 16)
        trainer.save_model(str(self.folder / "saved"))
        self.assertIn("Contrastive", (self.folder / "saved" / "README.md").read_text())

    def test_the_state_is_that_of_the_run(self):
        evaluator = evaluation.ColBERTTripletEvaluator([row["query"] for row in ROWS],
                                                       [row["positive"] for row in ROWS], ["nothing"] * len(ROWS))
        arguments = dict(per_device_train_batch_size=2, max_steps=4, threads=1, eval_strategy="steps", eval_steps=1,
                         logging_steps=1)
        judged = self.arguments(**arguments, save_steps=1, learning_rate=1e-3, metric_for_best_model="accuracy",
                                load_best_model_at_end=True)
        trainer = training.Trainer(self.model, judged, ROWS, evaluator=evaluator)
        self.assertEqual(trainer.state, training.TrainerState())
        self.assertEqual((trainer.state.best_metric, trainer.state.best_model_checkpoint), (None, None))
        trainer.train()
        state = trainer.state
        values = {log["step"]: log["eval_accuracy"] for log in state.log_history if "eval_accuracy" in log}
        self.assertEqual(list(values), [1, 2, 3, 4])
        self.assertEqual(state.best_metric, max(values.values()))
        self.assertEqual(values[state.best_global_step], state.best_metric)
        self.assertEqual(state.best_model_checkpoint, str(self.folder / "run" / f"checkpoint-{state.best_global_step}"))
        np.testing.assert_array_equal(models.ColBERT(state.best_model_checkpoint).encode("a"), self.model.encode("a"))
        self.assertEqual((state.global_step, state.epoch), (4, state.log_history[-1]["epoch"]))
        plain = self.arguments(**arguments, save_strategy="no", overwrite_output_dir=True)
        trainer = training.Trainer(self.model, plain, ROWS, evaluator=evaluator)
        trainer.train()
        self.assertEqual((trainer.state.best_metric, trainer.state.best_model_checkpoint), (None, None))
        with self.assertRaises(TypeError):
            trainer.train(resume=True)

    def test_rows_of_a_transform_hold_ids_and_texts(self):
        queries = {"query_id": [1], "text": ["what is round?"]}
        documents = {"document_id": [5, 6], "text": ["a ball", "a box"]}
        transform = utils.KDProcessing(queries, documents).transform
        rows = transform({"query_id": [1] * 2, "document_ids": [[5, 6]] * 2, "scores": [[1.0, 0.5]] * 2})
        self.assertEqual(sorted(rows), ["document_ids", "documents", "query", "query_id", "scores"])
        arguments = self.arguments(per_device_train_batch_size=2, num_train_epochs=1, threads=1)
        trainer = training.Trainer(self.model, arguments, rows, loss=losses.Distillation(self.model))
        self.assertEqual(trainer.train().global_step, 1)

    def test_a_refused_run_leaves_the_first_ones_files(self):
        arguments = dict(per_device_train_batch_size=2, max_steps=2, save_steps=1, threads=1)
        training.Trainer(self.model, self.arguments(**arguments), ROWS).train()
        data = self.folder / "run" / "data"
        before = {path.name: path.read_bytes() for path in data.iterdir() if path.is_file()}
        others = [{**row, "positive": "other"} for row in ROWS[:3]]
        for resume, message in ((None, "overwrite_output_dir=True"), (True, "is of another run")):
            trainer = training.Trainer(self.model, self.arguments(**arguments), others)
            with self.assertRaisesRegex(ValueError, message):
                trainer.train(resume_from_checkpoint=resume)
            self.assertEqual({path.name: path.read_bytes() for path in data.iterdir() if path.is_file()}, before)
            self.assertEqual(trainer.state.log_history, [])
            self.assertEqual(sorted(path.name for path in self.folder.glob("run/data*")), ["data"])
        with open(self.folder / "run" / ".maxsimd-train.lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            again = training.Trainer(self.model, self.arguments(overwrite_output_dir=True, **arguments), others)
            with self.assertRaisesRegex(ValueError, "another run is writing here"):
                again.train()
        self.assertEqual((data / "train.jsonl").read_bytes(), before["train.jsonl"])

    def test_a_run_that_has_evaluated_goes_on(self):
        def trainer(steps):
            arguments = self.arguments(per_device_train_batch_size=2, max_steps=steps, save_steps=1, threads=1,
                                       eval_strategy="steps", eval_steps=1, lr_scheduler_type="constant")
            evaluator = evaluation.ColBERTTripletEvaluator(["what is round?"], ["a ball"], ["nothing"], name="mine")
            return training.Trainer(self.model, arguments, ROWS, evaluator=evaluator)
        stopped = trainer(3)
        stopped.train()
        shutil.rmtree(self.folder / "run" / "checkpoint-3")
        shutil.rmtree(self.folder / "run" / "final")
        self.model = models.ColBERT("mini", query_length=16, document_length=24, num_threads=1)
        self.assertEqual(trainer(3).train(resume_from_checkpoint=True).global_step, 3)

    def test_what_ends_the_script_stops_the_run_with_a_checkpoint(self):
        script = self.folder / "script.py"
        script.write_text("import sys\nfrom maxsimd import models, training\n"
                          "rows = [{'query': f'q {i}', 'positive': f'p {i}'} for i in range(40)]\n"
                          "arguments = training.TrainingArguments(output_dir=sys.argv[1], max_steps=100_000, threads=1,\n"
                          "    per_device_train_batch_size=2, logging_steps=1)\n"
                          "training.Trainer(models.ColBERT('mini'), arguments, rows).train()\n")
        output = self.folder / "run"
        with subprocess.Popen([sys.executable, script, output], stderr=subprocess.DEVNULL) as process:
            while not (output / "logs.jsonl").exists():
                self.assertIsNone(process.poll())
                time.sleep(0.05)
            process.terminate()
        with open(output / ".maxsimd-train.lock", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # which the run gives back when it ends
        self.assertEqual(len(list(output.glob("checkpoint-*"))), 1)

    def test_a_program_that_is_killed_is_told_as_that(self):
        program = self.folder / "program"
        program.write_text("#!/bin/sh\necho 'step 9, loss 2' >&2\nkill -9 $$\n")
        program.chmod(0o755)
        with mock.patch.dict(os.environ, {"MAXSIMD_TRAIN": str(program)}):
            with self.assertRaisesRegex(RuntimeError, "ended by signal 9 .SIGKILL.; the last it said: step 9"):
                training.Trainer(self.model, self.arguments(), ROWS).train()

    def test_errors_come_through_by_their_kind(self):
        half = self.folder / "half.jsonl"
        half.write_text('{"query": "a", "positive": "b"}\n{"query":\n')
        for dataset, kind, message in (
                ([{"a": "b"}], ValueError, "no column 'question'"),
                (str(half), FormatError, "half.jsonl:2"),
                (str(self.folder / "no.jsonl"), IoError, "no.jsonl")):
            trainer = training.Trainer(self.model, self.arguments(), train_dataset=dataset)
            with self.assertRaisesRegex(kind, message):
                trainer.train()


if __name__ == "__main__":
    unittest.main()
