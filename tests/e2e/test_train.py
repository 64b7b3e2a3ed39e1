"""The verb train: a few steps of mini on triplets of our own; what is written, how it stops, dies and goes on."""
import csv
import gzip
import io
import json
import os
import random
import shutil
import signal
import subprocess
import time
import unittest

from cli_case import PROGRAM, CliCase
from train_case import MINI, NAMES, ROWS, TRAINER, TrainCase, weights

STEPS = 9  # of 10 rows in batches of 4, three times


class Train(TrainCase):
    def test_what_a_run_leaves(self):
        message = self.train("run", "--eval_dataset", self.data, "--eval_triplets", self.data, "--eval_strategy",
                             "epoch", "--save_total_limit", "2")
        self.assertRegex(message, r"step 1, epoch 0\.3333: loss 0\.\d+, gradient norm [\d.]+, next lr 5e-05, [1-9]\d* tokens/s, 0:\d\d left\n")
        self.assertRegex(message, r"trained for 0:\d\d: [\d.]+ samples/s, [\d.]+ steps/s, mean loss 0\.\d{4}\n")
        self.assertRegex(message, rf"{STEPS} steps, [1-9]\d* tokens/s; the model is in {self.path('run', 'final')}")
        self.assertEqual(sorted(os.listdir(self.path("run"))), sorted(
            ["checkpoint-8", "checkpoint-9", "eval", "final", "logs.csv", "logs.jsonl", "loss.svg", "run.json"]))
        losses = self.losses("run")
        self.assertEqual(len(losses), STEPS)
        self.assertLess(sum(losses[-3:]), sum(losses[:3]))
        with open(self.path("run", "logs.csv"), encoding="utf-8") as table:
            rows = list(csv.DictReader(table))
        self.assertEqual([row["step"] for row in rows], [str(i) for i in range(1, STEPS + 1)])
        self.assertTrue(all(row["eval_loss"] for row in rows if int(row["step"]) % 3 == 0), rows)
        with open(self.path("run", "loss.svg"), encoding="utf-8") as picture:
            self.assertIn("<svg", picture.read(200))
        with open(self.path("run", "final", "README.md"), encoding="utf-8") as card:
            text = card.read()
        self.assertIn("per_device_train_batch_size", text)
        self.assertIn("what do owls eat?", text)
        vectors = self.run_ok("info", self.path("run", "final"))
        self.assertIn("24", vectors)
        self.assertNotEqual(weights(self.path("run", "final")), weights(MINI))
        documents = self.write_records("documents.jsonl", [{"_id": str(i), "text": row[1]}
                                                           for i, row in enumerate(ROWS)])
        self.run_ok("index", self.path("index"), "--model", self.path("run", "final"), documents)
        hits = json.loads(self.run_ok("search", self.path("index"), "what makes tides?", "--k", "1", "--json"))
        self.assertEqual(hits["hits"][0]["id"], "9")

    def test_stopped_by_sigterm_and_killed_a_resumed_run_is_the_whole_run(self):
        start = time.monotonic()
        self.train("whole")
        seconds = time.monotonic() - start
        wanted = weights(self.path("whole", "final"))
        self.stop_after_a_step("stopped")
        self.assertIn("resumed from", self.train("stopped", "--resume_from_checkpoint"))
        self.assertEqual(weights(self.path("stopped", "final")), wanted)
        self.assertEqual(self.losses("stopped"), self.losses("whole"))
        seed = random.randrange(2**32)
        for part in (random.Random(seed).uniform(0.2, 1), random.Random(seed + 1).uniform(0.5, 1)):
            with self.subTest(seed=seed, part=part):
                name = f"killed-{part}"
                killed = self.start(name)
                try:
                    killed.wait(timeout=part * seconds)
                except subprocess.TimeoutExpired:
                    killed.kill()
                killed.wait()
                self.train(name, "--resume_from_checkpoint")
                self.assertEqual(weights(self.path(name, "final")), wanted)
                self.assertEqual(self.losses(name), self.losses("whole"))

    def test_a_closed_terminal_leaves_a_checkpoint(self):
        for name, more in (("one", []), ("two", ["--nproc_per_node", "2"])):
            with self.subTest(name):
                self.stop_after_a_step(name, *more, by=signal.SIGHUP)
                self.assertTrue(any(part.startswith("checkpoint-") for part in os.listdir(self.path(name))))

    def test_a_reader_that_goes_away_does_not_end_a_run(self):
        run = subprocess.Popen([PROGRAM, *self.flags("run")], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_DFL))
        run.stderr.close()
        self.assertEqual(run.wait(timeout=300), 0)
        self.assertTrue(os.path.exists(self.path("run", "final", "README.md")))

    def test_a_long_evaluation_is_left_within_seconds(self):
        self.stop_in_an_evaluation("run")

    def test_formats_and_configuration_files_are_the_same_run(self):
        short = ["--max_steps", "2", "--save_strategy", "no"]
        self.train("json", *short)
        wanted = weights(self.path("json", "final"))
        with open(self.data, "rb") as plain:
            packed = self.write("triplets.jsonl.gz", gzip.compress(plain.read()))
        text = io.StringIO()
        table = csv.writer(text)
        table.writerows([("negative", "query", "positive"), *((row[2], row[0], row[1]) for row in ROWS)])
        for name, data in (("gz", packed), ("csv", self.write("triplets.csv", text.getvalue()))):
            self.train(name, *short, data=data)
            self.assertEqual(weights(self.path(name, "final")), wanted)
        flags = self.flags("yaml", *short)[1:]
        lines = [f"{name[2:]}: {value}" for name, value in zip(flags[::2], flags[1::2])]
        lines = ["save_strategy: 'no'" if line.startswith("save_strategy") else line for line in lines]
        config = self.write("run.yaml", "\n".join(["max_steps: 1", *lines[:-2]]) + "\n")
        done = self.call("train", "--config", config, "--max_steps", "2", "--save_strategy=no")
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.assertEqual(weights(self.path("yaml", "final")), wanted)

    def test_wrong_usage(self):
        for message, arguments in (
                ("did you mean", ["--learning_rat", "1"]), ("learning_rate", ["--learning_rate", "fast"]),
                ("--config", ["--config"]), ("model:", ["--train_dataset", self.data]),
                ("train_dataset:", ["--model", MINI]), ("fp16", self.flags("run", "--fp16")[1:]),
                ("eval_strategy", self.flags("run", "--eval_strategy", "steps")[1:]),
                ("output_dir: expected a folder", self.flags("run", "--output_dir", "")[1:]),
                ("--evaluator: not valid JSON:", self.flags("run", "--evaluator", '{"type":"triplet","file"')[1:])):
            self.assertIn(message, self.fail_with(2, "train", *arguments))
        self.assertIn("--train_dataset", self.run_ok("train", "--help"))
        self.assertFalse(os.path.exists(self.path("run")))

    def test_wrong_arguments_are_wrong_usage_in_a_file_too(self):
        for name, text, message in (("a.yaml", "fp16: true", "fp16: True is refused"), ("b.json", '{"max_steps": 0}', "max_steps"),
                                    ("c.yaml", "nproc_per_node: 2", "but a flag"), ("d.yaml", "learning_rat: 1", "did you mean")):
            self.assertIn(message, self.fail_with(2, "train", "--config", self.write(name, text)))
        self.assertIn("not valid YAML", self.fail_with(65, "train", "--config", self.write("e.yaml", "seed: [1")))
        self.assertIn("none.yaml", self.fail_with(74, "train", "--config", self.path("none.yaml")))
        self.assertIn("has no column 'foo'", self.fail_with(2, *self.flags("run", "--columns", "query=foo", "positive=positive")))

    def test_a_metric_that_nothing_measures_is_wrong_usage(self):
        flags = self.flags("run", "--eval_triplets", self.data, "--eval_strategy", "epoch",
                           "--metric_for_best_model", "acuracy")
        self.assertIn("no evaluation of this run measures 'acuracy'; there are: accuracy", self.fail_with(2, *flags))

    def test_devices(self):
        short = ["--max_steps", "2", "--save_strategy", "no"]
        if not os.path.exists("/dev/nvidia0"):
            message = self.fail_with(2, *self.flags("gpu", *short, "--device", "cuda"))
            self.assertRegex(message, "device: cuda: (this maxsimd-train was built without CUDA|no NVIDIA GPU answers)")
            self.assertEqual(message.count("\n"), 1, message)
            self.assertIn("ddp_backend: nccl is for GPUs", self.fail_with(2, *self.flags("gpu", "--ddp_backend", "nccl")))
            self.assertFalse(os.path.exists(self.path("gpu")))
            self.train("auto", *short)
            self.train("cpu", *short, "--device", "cpu", "--ddp_backend", "gloo", "--tf32", "true")
            self.assertEqual(weights(self.path("auto", "final")), weights(self.path("cpu", "final")))
        self.assertIn("give one of them", self.fail_with(2, *self.flags("gpu", "--device", "cuda", "--use_cpu")))
        self.assertIn("auto, cpu or cuda", self.fail_with(2, *self.flags("gpu", "--device", "cuda:1")))

    def test_a_run_that_is_over_has_no_pace(self):
        self.assertRegex(self.train("run", "--max_steps", "2"), r"\n2 steps, \d+ tokens/s; the model is in ")
        again = self.train("run", "--max_steps", "2", "--resume_from_checkpoint")
        self.assertIn("\n2 steps; the model is in ", again)
        self.assertNotIn("tokens/s", again)

    def test_the_card_of_a_run_that_was_stopped(self):
        self.stop_after_a_step("run")
        card = self.run_ok("card", self.path("run"), "--out", "-")
        newest = max(os.listdir(self.path("run")), key=lambda name: int((name.split("checkpoint-") + ["0"])[1]))
        with open(self.path("run", newest, "README.md"), encoding="utf-8") as file:
            self.assertEqual(card, file.read())
        self.train("run", "--resume_from_checkpoint")
        with open(self.path("run", "run.json"), encoding="utf-8") as file:
            self.assertEqual(json.load(file)["model_folder"], "final")

    def test_failures(self):
        self.assertIn("missing.jsonl", self.fail_with(74, *self.flags("run", data=self.path("missing.jsonl"))))
        bad = self.write("bad.jsonl", json.dumps(dict(zip(NAMES, ROWS[0]))) + '\n{"query": 3}\n')
        self.assertIn("bad.jsonl:2", self.fail_with(65, *self.flags("run", data=bad)))
        self.assertIn("no_model", self.fail_with(74, "train", "--model", self.path("no_model"), "--train_dataset",
                                                 self.data, "--output_dir", self.path("run")))
        self.assertIn("triplets.jsonl is there and is no folder", self.fail_with(74, *self.flags("triplets.jsonl")))
        config = self.write("bad.yaml", "seed: 1\nlearning_rat: 3\n")
        self.assertIn("bad.yaml:2", self.fail_with(2, "train", "--config", config))
        self.train("run", "--max_steps", "2")
        self.assertIn("holds checkpoints of a run", self.fail_with(2, *self.flags("run")))
        self.assertIn("per_device_train_batch_size was 4, now it is 5", self.fail_with(
            2, *self.flags("run", "--max_steps", "2", "--resume_from_checkpoint", "--per_device_train_batch_size", "5")))

    def test_the_best_model_is_kept_whatever_save_steps_says(self):
        self.train("run", "--eval_triplets", self.data, "--eval_strategy", "steps", "--eval_steps", "1", "--save_steps", "4",
                   "--max_steps", "5", "--load_best_model_at_end", "true", "--metric_for_best_model", "accuracy",
                   "--eval_on_start", "true")
        with open(self.path("run", "run.json"), encoding="utf-8") as file:
            best = json.load(file)["best_step"]
        kept = weights(self.path("run", f"checkpoint-{best}"))
        del kept["optimizer.safetensors"]
        self.assertEqual(weights(self.path("run", "final")), kept)
        self.assertTrue(os.path.exists(self.path("run", f"checkpoint-{best}", "README.md")))

    def test_of_kl_divergence_less_is_better(self):
        scores = [json.dumps({"query": query, "documents": [good, bad, other], "scores": [0.9, 0.3, 0.5]})
                  for (query, good, bad), (_, other, _) in zip(ROWS, ROWS[1:] + ROWS[:1])]
        data = self.write("kd.jsonl", "\n".join(scores) + "\n")
        self.train("run", "--loss", "distillation", "--eval_distillation", data, "--eval_strategy", "steps", "--eval_steps",
                   "1", "--save_steps", "1", "--max_steps", "5", "--learning_rate", "2e-5", "--load_best_model_at_end",
                   "--metric_for_best_model", "kl_divergence", data=data)
        with open(self.path("run", "run.json"), encoding="utf-8") as file:
            record = json.load(file)
        values = {event["step"]: event["metrics"][0][1] for event in record["log"] if event["type"] == "evaluator"}
        self.assertEqual(record["best_step"], min(values, key=values.get))
        self.assertLess(values[record["best_step"]], values[1])

    def test_metrics_of_other_weights_are_not_the_models(self):
        self.train("run", "--eval_triplets", self.data, "--eval_on_start", "--max_steps", "2")
        with open(self.path("run", "final", "README.md"), encoding="utf-8") as file:
            card = file.read()
        self.assertNotIn("model-index", card)
        self.assertIn("accuracy", card, "the logs have it, at step 0")
        self.train("late", "--eval_triplets", self.data, "--eval_strategy", "steps", "--eval_steps", "2", "--save_steps", "3",
                   "--max_steps", "4")
        for folder, has_metrics in (("checkpoint-3", False), ("checkpoint-4", True), ("final", True)):
            with open(self.path("late", folder, "README.md"), encoding="utf-8") as file:
                self.assertEqual("model-index" in file.read(), has_metrics, folder)

    def test_the_last_step_has_a_checkpoint(self):
        self.train("run", "--max_steps", "3", "--save_steps", "2")
        self.assertEqual(sorted(name for name in os.listdir(self.path("run")) if name.startswith("checkpoint-")),
                         ["checkpoint-2", "checkpoint-3"])

    def test_the_last_weights_are_evaluated(self):
        self.train("run", "--eval_triplets", self.data, "--eval_strategy", "steps", "--eval_steps", "2", "--max_steps", "3",
                   "--save_strategy", "no")
        with open(self.path("run", "logs.csv"), encoding="utf-8") as table:
            evaluated = [row["step"] for row in csv.DictReader(table) if row["eval_accuracy"]]
        self.assertEqual(evaluated, ["2", "3"])

    def test_evaluators_of_one_kind_have_names(self):
        other = self.write_records("other.jsonl", [dict(zip(NAMES, row)) for row in ROWS[:3]])
        self.train("run", "--eval_triplets", f"[{self.data}, {other}]", "--eval_strategy", "epoch", "--max_steps", "1",
                   "--save_strategy", "no")
        with open(self.path("run", "logs.csv"), encoding="utf-8") as table:
            columns = next(csv.reader(table))
        self.assertIn("eval_triplets_accuracy", columns)
        self.assertIn("eval_other_accuracy", columns)

    def test_evaluators_come_from_specs(self):
        named = self.write("spec.json", json.dumps({"type": "triplet", "file": self.data, "name": "mine"}))
        flags = ["--eval_strategy", "steps", "--eval_steps", "2", "--max_steps", "4", "--save_steps", "2"]
        evaluators = ["--evaluator", f"triplet:{self.data}", "--evaluator", named]
        self.stop_after_a_step("run", *flags, *evaluators)
        self.assertIn("resumed from", self.train("run", *flags, *evaluators, "--resume_from_checkpoint"))
        with open(self.path("run", "logs.csv"), encoding="utf-8") as table:
            last = list(csv.DictReader(table))[-1]
        self.assertEqual(last["eval_accuracy"], last["eval_mine_accuracy"])
        with open(self.path("run", "run.json"), encoding="utf-8") as file:
            self.assertEqual([row["name"] for row in json.load(file)["evaluators"]], ["", "mine"])
        self.assertTrue(os.path.exists(self.path("run", "eval", "triplet_evaluation_mine_results.csv")))
        config = self.write("run.yaml", f"evaluator:\n- {{type: triplet, file: {self.data}, name: yaml}}\n")
        self.train("other", *flags, "--config", config)
        self.assertTrue(os.path.exists(self.path("other", "eval", "triplet_evaluation_yaml_results.csv")))
        self.write("spec.json", json.dumps({"type": "triplet", "file": self.data, "name": "mine", "batch_size": 2}))
        self.assertIn("spec.json has been changed", self.fail_with(2, *self.flags(
            "run", *flags, *evaluators, "--resume_from_checkpoint")))
        bad = self.write("bad.json", '{"type": "triplet", "fiel": "x"}')
        self.assertIn("bad.json: evaluator: 'file' is missing", self.fail_with(2, *self.flags("bad", "--evaluator", bad)))
        self.assertIn("unknown type 'tripled'", self.fail_with(2, *self.flags("bad", "--evaluator", "tripled:x")))
        self.assertFalse(os.path.exists(self.path("bad")))

    def test_the_card_says_what_it_is_told_and_the_machine(self):
        self.train("run", "--max_steps", "1", "--save_strategy", "no", "--model_name", "Owls", "--language", "en", "de",
                   "--license", "apache-2.0", "--hub_model_id", "some/owls")
        with open(self.path("run", "final", "README.md"), encoding="utf-8") as card:
            text = card.read()
        self.assertIn("language:\n- en\n- de\nlicense: apache-2.0\n", text)
        self.assertIn("\n# Owls\n", text)
        self.assertIn("some/owls", text)
        self.assertRegex(text, r"- \*\*Hardware:\*\* \S.*, 1 thread\n")
        self.assertEqual(text, self.run_ok("card", self.path("run"), "--out", "-"))

    def test_the_card_of_a_checkpoint_and_evaluators_that_never_run(self):
        message = self.train("run", "--max_steps", "3", "--save_steps", "2", "--eval_triplets", self.data)
        self.assertIn("note: eval_triplets: given, but nothing is evaluated", message)
        for folder in (self.path("run", "checkpoint-2"), self.path("run", "final")):
            with open(os.path.join(folder, "README.md"), encoding="utf-8") as card:
                text = card.read()
            self.assertEqual(text, self.run_ok("card", folder.removesuffix("/final"), "--out", "-"))

    def test_what_is_there_is_not_replaced_unasked(self):
        short = ["--max_steps", "2", "--save_strategy", "no"]
        self.train("run", *short)
        before = weights(self.path("run", "final"))
        self.assertIn("holds the model of a run", self.fail_with(2, *self.flags("run", *short)))
        self.assertEqual(weights(self.path("run", "final")), before)
        self.train("run", *short, "--overwrite_output_dir", "true", "--seed", "7")
        self.assertNotEqual(weights(self.path("run", "final")), before)
        thesis = self.write("other/final/thesis.txt", "words")
        self.assertIn("is no model", self.fail_with(2, *self.flags("other", *short, "--overwrite_output_dir", "true")))
        self.assertTrue(os.path.exists(thesis))

    def test_columns_by_role(self):
        self.train("run", "--max_steps", "1", "--save_strategy", "no", "--columns",
                   "[query=query, positive=negative, negative=positive]")

    def test_the_trainer_is_found_by_its_name_and_on_the_path(self):
        alone = self.path("maxsimd")
        shutil.copy(PROGRAM, alone)
        path = os.environ["PATH"]
        for found in ({"MAXSIMD_TRAIN": TRAINER}, {"PATH": os.path.dirname(TRAINER) + ":" + path}):
            subprocess.run([alone, "train", "--help"], capture_output=True, check=True, env={**os.environ, **found})


class WithoutTheTrainer(CliCase):
    """Runs whether or not LibTorch was there: the program alone in a folder, as a build without it leaves it."""

    def test_it_says_what_is_needed(self):
        alone = self.path("maxsimd")
        shutil.copy(PROGRAM, alone)
        # No maxsimd-train that somebody has installed.
        unnamed = {**{name: value for name, value in os.environ.items() if name != "MAXSIMD_TRAIN"}, "PATH": self.path()}
        for arguments in (["train", "--model", MINI], ["train"], ["train", "--help"]):
            done = subprocess.run([alone, *arguments], capture_output=True, text=True, timeout=60, env=unnamed)
            self.assertEqual(done.returncode, 1)
            self.assertIn("scripts/install_deps.sh train", done.stderr)
        done = subprocess.run([alone, "train"], capture_output=True, text=True, timeout=60,
                              env={**unnamed, "MAXSIMD_TRAIN": "/no/such"})
        self.assertEqual(done.returncode, 1)
        self.assertIn("MAXSIMD_TRAIN=/no/such", done.stderr)


if __name__ == "__main__":
    unittest.main()
