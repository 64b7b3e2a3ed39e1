"""What maxsimd train does to the folder it writes to: other people's files, killed runs, full disks, two runs at once."""
import json
import os
import resource
import signal
import subprocess
import time
import unittest

from cli_case import PROGRAM, tree
from train_case import TrainCase, weights

LOCK = ".maxsimd-train.lock"
SHORT = ("--max_steps", "1", "--save_steps", "1")


class TrainFolders(TrainCase):
    def names(self, *parts):
        return sorted(os.listdir(self.path(*parts)))

    def wait_for(self, run, *parts):
        while run.poll() is None and not os.path.exists(self.path(*parts)):
            time.sleep(0.002)
        self.assertIsNone(run.poll(), "the run is over")

    def test_checkpoints_of_others_are_never_deleted(self):
        self.write("mine/checkpoint-1/my.txt", "mine\n")
        for name in ("trainer_state.json", "optimizer.pt", "model.safetensors", "scheduler.pt"):
            self.write(f"pylate/checkpoint-2/{name}", '{"global_step": 2, "best_metric": null, "log_history": []}')
        self.write("file/checkpoint-1", "a file")
        for output, name in (("mine", "checkpoint-1"), ("pylate", "checkpoint-2"), ("file", "checkpoint-1")):
            before = tree(self.path(output))
            for more in ((), ("--overwrite_output_dir", "true"), ("--resume_from_checkpoint",)):
                message = self.fail_with(2, *self.flags(output, *SHORT, *more))
                self.assertIn(self.path(output, name) + " is there and is no checkpoint of maxsimd train", message)
                self.assertEqual(tree(self.path(output)), before)
        os.rename(self.path("mine", "checkpoint-1"), self.path("mine", "checkpoint-mine"))
        self.train("mine", *SHORT)
        self.assertTrue(os.path.exists(self.path("mine", "checkpoint-mine", "my.txt")))

    def test_a_run_killed_again_and_again_leaves_what_one_leaves(self):
        limit = ("--save_steps", "1", "--save_total_limit", "2")
        self.train("whole", *limit)
        for step in (1, 3, 4, 6):
            run = self.start("run", *limit, *(("--resume_from_checkpoint",) if step > 1 else ()))
            self.wait_for(run, "run", f"checkpoint-{step}")
            self.wait_for(run, "run", "run.json")  # written right after the first one
            run.kill()
            run.wait()
            with open(self.path("run", "run.json"), encoding="utf-8") as file:
                named = json.load(file)["model_folder"]
            self.assertTrue(os.path.exists(self.path("run", named, "modules.json")), named)
            self.run_ok("card", self.path("run"), "--out", "-")
        self.assertIn(LOCK, self.names("run"))
        self.train("run", *limit, "--resume_from_checkpoint")
        self.assertEqual(self.names("run"), self.names("whole"))
        self.assertEqual(weights(self.path("run", "final")), weights(self.path("whole", "final")))

    def test_a_full_disk_leaves_no_half_checkpoint(self):
        def shrink_disk():  # the model fits, the optimizer's state does not
            size = os.path.getsize(self.path("whole", "final", "model.safetensors"))
            resource.setrlimit(resource.RLIMIT_FSIZE, (size * 3 // 2, size * 3 // 2))
        self.train("whole", "--save_steps", "4")
        done = subprocess.run([PROGRAM, *self.flags("run", "--save_steps", "4")], capture_output=True, text=True,
                              timeout=300, preexec_fn=shrink_disk, restore_signals=False)
        self.assertEqual(done.returncode, 74, done.stderr)
        self.assertIn(f"{self.path('run', 'checkpoint-4', 'optimizer.safetensors')}: cannot write", done.stderr)
        self.assertEqual([name for name in self.names("run") if "checkpoint" in name or "tmp" in name or name == LOCK], [])
        self.train("run", "--save_steps", "4", "--resume_from_checkpoint")
        self.assertEqual(weights(self.path("run", "final")), weights(self.path("whole", "final")))

    def test_two_runs_in_one_folder_are_kept_apart(self):
        first = self.start("run", "--num_train_epochs", "200")
        self.wait_for(first, "run", "checkpoint-2")
        for more in ((), ("--overwrite_output_dir", "true"), ("--resume_from_checkpoint",)):
            message = self.fail_with(2, *self.flags("run", *SHORT, *more))
            self.assertRegex(message, r"another run \(process \d+\) is writing here")
        self.assertIsNone(first.poll())
        first.kill()
        first.wait()
        second = self.start("run", "--num_train_epochs", "200", "--resume_from_checkpoint")
        newest = max(int(name.split("-")[1]) for name in self.names("run") if name.startswith("checkpoint-"))
        self.wait_for(second, "run", f"checkpoint-{newest + 2}")
        second.send_signal(signal.SIGTERM)
        self.assertEqual(second.wait(timeout=300), 3)
        self.assertNotIn(LOCK, self.names("run"))
        with open(self.path("run", "logs.jsonl"), encoding="utf-8") as lines:
            steps = [json.loads(line)["step"] for line in lines]
        self.assertEqual(steps, list(range(1, len(steps) + 1)))

    def test_the_card_of_a_run_without_its_model_names_a_checkpoint(self):
        self.stop_after_a_step("run", "--save_steps", "1")
        with open(self.path("run", "run.json"), encoding="utf-8") as file:
            named = json.load(file)["model_folder"]
        left = named + "0"
        os.rename(self.path("run", named), self.path("run", left))
        self.assertIn(f"maxsimd card {self.path('run', left)}", self.run_error(1, "card", self.path("run")))
        os.remove(self.path("run", "run.json"))
        self.assertIn(f"maxsimd card {self.path('run', left)}", self.run_error(1, "card", self.path("run")))
        self.run_ok("card", self.path("run", left), "--out", "-")

    def test_data_or_a_checkpoint_that_changed_is_noticed(self):
        self.train("run", "--max_steps", "4")
        resume = ("--max_steps", "4", "--resume_from_checkpoint")
        with open(self.data, encoding="utf-8") as file:
            rows = file.read()
        with open(self.data, "w", encoding="utf-8") as file:
            file.write(rows.replace("mice and voles", "mice and shrews"))
        self.assertIn("the rows of train_dataset say something else", self.fail_with(2, *self.flags("run", *resume)))
        with open(self.data, "w", encoding="utf-8") as file:
            file.write(rows)
        with open(self.path("run", "checkpoint-4", "model.safetensors"), "r+b") as file:
            file.seek(100_000)
            file.write(bytes(4000))
        newest = self.path("run", "checkpoint-4")
        self.assertIn("model.safetensors is damaged", self.fail_with(
            65, *self.flags("run", "--max_steps", "4", "--resume_from_checkpoint", newest)))
        message = self.train("run", *resume)
        self.assertIn(f"{newest} is passed over: model.safetensors is damaged", message)
        self.assertIn("resumed from " + self.path("run", "checkpoint-2"), message)


if __name__ == "__main__":
    unittest.main()
