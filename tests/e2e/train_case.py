"""What the tests of the verb train share: triplets of our own, and runs of a few steps of mini on them."""
import hashlib
import json
import os
import signal
import subprocess
import time
import unittest

from cli_case import PROGRAM, SOURCE, CliCase, tree

MINI = os.path.join(SOURCE, "models", "mini")
TRAINER = os.path.join(os.path.dirname(PROGRAM), "maxsimd-train")

ROWS = [
    ("what do owls eat?", "Owls hunt mice and voles at night.", "Owls lay white eggs."),
    ("how far away is the moon?", "The moon is 384,000 kilometres from Earth.", "The moon has no air."),
    ("why is the sky blue?", "Air scatters blue light more than red light.", "Clouds are made of water."),
    ("who wrote Faust?", "Goethe wrote Faust, a play in two parts.", "Mozart wrote operas."),
    ("what is bread made of?", "Bread is baked from flour, water and salt.", "Bakers get up early."),
    ("where do penguins live?", "Penguins live in the south, most on ice.", "Penguins cannot fly."),
    ("how do bees find home?", "Bees find their way by the sun.", "Bees make honey."),
    ("what is steel?", "Steel is iron with a little carbon.", "Iron rusts in damp air."),
    ("when do leaves fall?", "Leaves fall in autumn, when days grow short.", "Leaves are green."),
    ("what makes tides?", "The pull of the moon makes the tides.", "Ships sail on the sea."),
]
NAMES = ("query", "positive", "negative")


def weights(folder):
    """path -> hash of every file of weights below a folder: bytes would fill the screen when they differ."""
    return {name: hashlib.sha256(data).hexdigest() for name, data in tree(folder).items()
            if name.endswith(".safetensors")}


class TrainCase(CliCase):
    """A test that trains mini for a few steps on ten triplets."""

    @classmethod
    def setUpClass(cls):
        if not os.path.exists(TRAINER):
            raise unittest.SkipTest("SKIPPED: maxsimd-train is not built (LibTorch not found)")

    def setUp(self):
        super().setUp()
        self.data = self.write_records("triplets.jsonl", [dict(zip(NAMES, row)) for row in ROWS])

    def flags(self, output, *more, data=None):
        return ["train", "--model", MINI, "--train_dataset", data or self.data, "--output_dir", self.path(output),
                "--per_device_train_batch_size", "4", "--num_train_epochs", "3", "--learning_rate", "1e-4",
                "--warmup_steps", "2", "--save_steps", "2", "--logging_steps", "1", "--threads", "1",
                "--query_length", "16", "--document_length", "24", *more]

    def train(self, output, *more, data=None):
        done = self.call(*self.flags(output, *more, data=data))
        self.assertEqual(done.returncode, 0, done.stderr.decode(errors="replace"))
        self.assertEqual(done.stdout, b"")
        return done.stderr.decode()

    def start(self, output, *more):
        process = subprocess.Popen([PROGRAM, *self.flags(output, *more)], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def stop_after_a_step(self, output, *more, by=signal.SIGTERM):
        """SIGTERM, or another signal, once the first step is logged; the run must have left a checkpoint and no model."""
        stopped = self.start(output, *more)
        logs = self.path(output, "logs.jsonl")
        while stopped.poll() is None and not (os.path.exists(logs) and os.path.getsize(logs)):
            time.sleep(0.005)
        stopped.send_signal(by)
        message = stopped.stderr.read().decode()
        self.assertEqual(stopped.wait(timeout=300), 3, message)
        self.assertEqual(message.count("go on with --resume_from_checkpoint"), 1, message)
        self.assertFalse(os.path.exists(self.path(output, "final")))

    def stop_in_an_evaluation(self, output, *more):
        """SIGTERM in the middle of an evaluation of many minutes; it must be left within seconds."""
        rows = [{"_id": str(i), "text": f"{ROWS[i % 10][1]} {i}"} for i in range(50_000)]
        self.write_records("beir/corpus.jsonl", rows)
        self.write_records("beir/queries.jsonl", [{"_id": "q", "text": ROWS[0][0]}])
        self.write("beir/qrels/test.tsv", "query-id\tcorpus-id\tscore\nq\t0\t1\n")
        stopped = self.start(output, "--eval_beir", self.path("beir"), "--eval_triplets", self.data,
                             "--eval_strategy", "steps", "--eval_steps", "1", *more)
        table = self.path(output, "eval", "triplet_evaluation_results.csv")
        while stopped.poll() is None and not os.path.exists(table):  # the other one is at work now
            time.sleep(0.005)
        time.sleep(0.5)
        start = time.monotonic()
        stopped.send_signal(signal.SIGTERM)
        message = stopped.stderr.read().decode()
        self.assertEqual(stopped.wait(timeout=300), 3, message)
        self.assertLess(time.monotonic() - start, 10)
        self.assertIn("stopped after step 1;", message)
        self.assertFalse(os.path.exists(table))
        with open(self.path(output, "logs.jsonl"), encoding="utf-8") as lines:
            self.assertNotIn("eval_", lines.read())
        self.assertTrue(os.path.exists(self.path(output, "checkpoint-1", "trainer_state.json")))

    def losses(self, output):
        with open(self.path(output, "logs.jsonl"), encoding="utf-8") as lines:
            return [row["loss"] for row in map(json.loads, lines) if "loss" in row]

    def fail_with(self, code, *arguments):
        done = self.call(*arguments)
        message = done.stderr.decode()
        self.assertEqual(done.returncode, code, message)
        return message
