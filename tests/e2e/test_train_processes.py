"""maxsimd train as several processes, which talk through gloo: what they train is what one process trains."""
import array
import glob
import json
import math
import os
import signal
import struct
import subprocess
import time
import unittest

from train_case import MINI, NAMES, ROWS, TRAINER, TrainCase, weights

TWO = ("--nproc_per_node", "2")


def tensors_of(folder):
    """name -> values of all of a model's tensors."""
    values = {}
    for path in glob.glob(os.path.join(folder, "**", "*.safetensors"), recursive=True):
        with open(path, "rb") as file:
            data = file.read()
        size, = struct.unpack("<Q", data[:8])
        for name, tensor in json.loads(data[8:8 + size]).items():
            if name == "__metadata__":
                continue
            begin, end = (8 + size + offset for offset in tensor["data_offsets"])
            kind = {"F32": "f", "F16": "e"}[tensor["dtype"]]
            values[name] = array.array("f", data[begin:end] if kind == "f" else
                                       struct.pack(f"<{(end - begin) // 2}f", *struct.unpack(f"<{(end - begin) // 2}e", data[begin:end])))
    return values


def norm(values):
    return math.sqrt(sum(value * value for value in values))


class TrainProcesses(TrainCase):
    def setUp(self):
        super().setUp()
        # Batches that come out even: the end of an epoch would be filled up with rows of its beginning.
        self.data = self.write_records("triplets.jsonl", [dict(zip(NAMES, row)) for row in ROWS[:8]])

    def batches_of(self, size):
        return "--per_device_train_batch_size", str(size)

    def gradient_norms(self, output):
        with open(self.path(output, "logs.jsonl"), encoding="utf-8") as lines:
            return [row["grad_norm"] for row in map(json.loads, lines) if "grad_norm" in row]

    def expect_equal_runs(self, name, *arguments, data=None):
        """One process at a batch of four, two at two each: without dropout the same run, to rounding."""
        both = ("--dropout", "0", "--save_strategy", "no", "--max_grad_norm", "0", *arguments)
        self.train(f"{name}-one", *both, *self.batches_of(4), data=data)
        self.train(f"{name}-two", *both, *self.batches_of(2), *TWO, data=data)
        one, two = self.losses(f"{name}-one"), self.losses(f"{name}-two")
        self.assertEqual(len(one), 6)
        for left, right in zip(one, two):  # the logs have four digits
            self.assertAlmostEqual(left, right, delta=2e-4)
        # AdamW would hide a factor of the gradients; their norms before the first update do not.
        one, two = self.gradient_norms(f"{name}-one"), self.gradient_norms(f"{name}-two")
        # Rounding: measured 2e-7 of the first, 5e-6 of all.
        self.assertAlmostEqual(one[0], two[0], delta=1e-6 * one[0])
        for left, right in zip(one, two):
            self.assertAlmostEqual(left, right, delta=2e-5 * left)
        start = tensors_of(MINI)
        trained = tensors_of(self.path(f"{name}-one", "final"))
        differences = []
        for tensor, values in tensors_of(self.path(f"{name}-two", "final")).items():
            if tensor.endswith("key.bias"):  # its gradient is zero but for rounding, and AdamW makes it large
                continue
            change = norm([a - b for a, b in zip(trained[tensor], start[tensor])])
            difference = norm([a - b for a, b in zip(values, trained[tensor])])
            differences.append(difference / max(change, 1e-12))
        self.assertGreater(len(differences), 90)
        self.assertLess(max(differences), 2e-4)  # measured 7e-5, of the word embeddings

    def test_two_processes_that_gather_negatives_are_one_at_twice_the_batch(self):
        self.expect_equal_runs("contrastive", "--gather_across_devices", "true")

    def test_gathered_negatives_of_the_cached_loss(self):
        self.expect_equal_runs("cached", "--gather_across_devices", "true", "--loss", "cached_contrastive",
                               "--mini_batch_size", "1")

    def test_distillation_needs_no_gathering(self):
        rows = [{"query": row[0], "documents": [*row[1:], ROWS[i + 1][1]], "scores": [3.0 + i / 4, 1.5, 0.5]}
                for i, row in enumerate(ROWS[:8])]
        self.expect_equal_runs("distillation", "--loss", "distillation", "--n_ways", "3",
                               data=self.write_records("distillation.jsonl", rows))

    def test_without_gathering_each_process_has_its_own_negatives(self):
        short = ("--max_steps", "1", "--dropout", "0", "--save_strategy", "no")
        self.train("apart", *short, *self.batches_of(2), *TWO)
        self.train("together", *short, *self.batches_of(2), *TWO, "--gather_across_devices", "true")
        self.assertLess(self.losses("apart")[0], self.losses("together")[0] - 0.003)

    def test_stopped_and_resumed_processes_are_the_whole_run(self):
        small = (*self.batches_of(2), *TWO)  # dropout on: each process draws its own
        self.train("whole", *small)
        self.stop_after_a_step("stopped", *small)
        self.assertIn("the number of processes was 2, now it is 1", self.fail_with(
            2, *self.flags("stopped", *self.batches_of(2), "--resume_from_checkpoint")))
        self.train("stopped", *small, "--resume_from_checkpoint")
        self.assertEqual(weights(self.path("stopped", "final")), weights(self.path("whole", "final")))
        self.assertEqual(self.losses("stopped"), self.losses("whole"))

    def test_processes_that_wait_for_an_evaluation_stop_with_it(self):
        self.stop_in_an_evaluation("run", *self.batches_of(2), *TWO)

    def test_when_one_process_dies_all_end_and_the_run_can_go_on(self):
        long = (*self.batches_of(2), *TWO, "--num_train_epochs", "12")  # not over before the signal comes
        run = self.start("run", *long)
        while run.poll() is None and not os.path.exists(self.path("run", "checkpoint-2", "trainer_state.json")):
            time.sleep(0.005)
        with open(f"/proc/{run.pid}/task/{run.pid}/children", encoding="ascii") as children:
            os.kill(int(children.read().split()[-1]), signal.SIGKILL)
        message = run.stderr.read().decode()
        self.assertEqual(run.wait(timeout=60), 1, message)
        self.assertEqual(message.count("another process of the run has ended"), 1, message)
        self.assertNotRegex(message, r"(?i)gloo|\.cc|\.cpp|socket")
        self.assertIn("resumed from", self.train("run", *long, "--resume_from_checkpoint"))

    def test_processes_whose_starter_is_killed_leave_a_checkpoint(self):
        run = self.start("run", *self.batches_of(2), *TWO, "--max_steps", "100000", "--save_strategy", "no")
        logs = self.path("run", "logs.jsonl")
        while run.poll() is None and not (os.path.exists(logs) and os.path.getsize(logs)):
            time.sleep(0.01)
        run.kill()
        # The processes hold the other end of stderr: it ends when they do.
        self.assertIn(b"stopped after step", run.stderr.read())
        self.assertEqual(len(glob.glob(self.path("run", "checkpoint-*"))), 1)

    def test_an_error_is_told_once(self):
        bad = self.write("bad.jsonl", json.dumps(dict(zip(NAMES, ROWS[0]))) + '\n{"query": 3}\n')
        for code, wanted, arguments in (
                (65, "bad.jsonl:2", self.flags("run", data=bad)),
                (2, "did you mean", self.flags("run", "--learning_rat", "1")),
                # Only the first process sees this one; the others lose it.
                (2, "is no model", self.flags("other", *self.batches_of(1)))):
            self.write("other/final/thesis.txt", "words")
            message = self.fail_with(code, *arguments, "--nproc_per_node", "3")
            self.assertEqual(message.count("maxsimd train: "), 1, message)
            self.assertIn(wanted, message)

    def test_the_environment_of_torchrun(self):
        environment = {**os.environ, "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "1"}
        for name, value, message in (("RANK", "2", "from 0 to 1"), ("RANK", "", "RANK is not set"),
                                     ("WORLD_SIZE", "many", "WORLD_SIZE=many")):
            done = subprocess.run([TRAINER, *self.flags("run")[1:]], env={**environment, name: value},
                                  capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(message, done.stderr)
        for count in ("0", "x", "-1"):
            self.assertIn("--nproc_per_node: expected a number of processes", self.fail_with(
                2, *self.flags("run"), f"--nproc-per-node={count}"))


if __name__ == "__main__":
    unittest.main()
