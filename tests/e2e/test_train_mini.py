"""The recipe of models/mini (examples/train_mini/run.sh), run on the sample's questions with a few steps."""
import csv
import json
import os
import subprocess
import unittest

from cli_case import PROGRAM, SAMPLE, SOURCE
from train_case import MINI, TrainCase

RECIPE = os.path.join(SOURCE, "examples", "train_mini", "run.sh")
PAIRS, HELD_OUT, STEPS = 48, 8, 3


def records(name):
    with open(os.path.join(SAMPLE, name), encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


class TrainMini(TrainCase):
    def pairs(self):
        """Questions of the sample, each with a paragraph that answers it."""
        questions = {record["_id"]: record["text"] for record in records("queries.jsonl")}
        texts = {record["_id"]: record["text"] for record in records("corpus.jsonl")}
        with open(os.path.join(SAMPLE, "qrels", "test.tsv"), encoding="utf-8") as lines:
            answers = dict(line.split("\t")[:2] for line in list(lines)[1:])
        rows = [{"question": questions[query], "answer": texts[document]} for query, document in answers.items()]
        self.assertGreaterEqual(len(rows), PAIRS)
        return self.write_records("pairs.jsonl", rows[:PAIRS])

    def rows_of(self, name):
        with open(self.path("work", name), encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    def run_recipe(self, pairs):
        done = subprocess.run(
            [RECIPE, PROGRAM, MINI, pairs, str(HELD_OUT), "--per_device_train_batch_size", "8", "--max_steps", str(STEPS),
             "--logging_steps", "1", "--eval_steps", "2", "--save_steps", "2", "--document_length", "32", "--threads", "1"],
            cwd=self.path("work"), capture_output=True, text=True, timeout=500)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stderr

    def test_the_recipe_leaves_a_model_with_its_card_and_curve(self):
        os.mkdir(self.path("work"))
        pairs = self.pairs()
        self.run_recipe(pairs)
        self.assertEqual(len(self.rows_of("training_pairs.jsonl")), PAIRS - HELD_OUT)
        triplets = self.rows_of("triplets.jsonl")
        self.assertGreater(len(triplets), STEPS * 8)  # those without a hard negative are left out
        self.assertEqual(list(triplets[0]), ["question", "answer", "negative_1"])
        self.assertTrue(all(row["negative_1"] != row["answer"] for row in triplets))
        held_out = len(self.rows_of("heldout.jsonl"))
        self.assertGreater(held_out, 0)
        self.assertLessEqual(held_out, HELD_OUT)
        self.assertEqual(sorted(os.listdir(self.path("work", "run"))), [
            "checkpoint-2", "checkpoint-3", "eval", "final", "logs.csv", "logs.jsonl", "loss.svg", "mini", "run.json"])
        with open(self.path("work", "run", "logs.csv"), encoding="utf-8") as table:
            logged = list(csv.DictReader(table))
        self.assertEqual([row["step"] for row in logged], [str(i) for i in range(STEPS + 1)])
        self.assertEqual([bool(row["eval_accuracy"]) for row in logged], [True, False, True, True])
        with open(self.path("work", "run", "loss.svg"), encoding="utf-8") as picture:
            self.assertIn("<polyline", picture.read())
        with open(self.path("work", "run", "mini", "README.md"), encoding="utf-8") as file:
            card = file.read()
        for part in ("language:\n- en\nlicense: apache-2.0\n", "# maxsimd mini\n", "CLAPNQ", "| **accuracy** |",
                     "### Training Logs", "- **Hardware:** "):
            self.assertIn(part, card)
        self.assertNotIn(triplets[0]["question"], card)  # describe.py takes the texts of the data out
        model = json.loads(self.run_ok("info", self.path("work", "run", "mini"), "--json"))
        self.assertEqual(model["document_length"], 300)
        self.assertLess(os.path.getsize(self.path("work", "run", "mini", "model.safetensors")),
                        0.6 * os.path.getsize(self.path("work", "run", "final", "model.safetensors")))

        # Run again it goes on from what is there.
        message = self.run_recipe(pairs)
        self.assertIn("resumed from", message)
        self.assertEqual(self.rows_of("triplets.jsonl"), triplets)


if __name__ == "__main__":
    unittest.main()
