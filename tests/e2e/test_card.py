"""maxsimd card: the README.md of a run folder, its front matter, its snippets, its errors."""
import json
import os
import re
import subprocess
import unittest

from cli_case import PROGRAM, SAMPLE, SOURCE, CliCase

GOLDENS = os.path.join(SOURCE, "maxsimd", "card", "testdata")
CLASS = "pylate.evaluation.colbert_triplet.ColBERTTripletEvaluator"


def golden(name):
    with open(os.path.join(GOLDENS, name), "rb") as file:
        return file.read()


class Card(CliCase):
    def run_folder(self, record):
        """A run folder whose model is models/mini."""
        self.write("run/run.json", json.dumps({"format": "maxsimd training run", "format_version": 1,
                                               **record}))
        os.makedirs(self.path("run", "final"))
        for name in os.listdir(os.path.join(SOURCE, "models", "mini")):
            if name != "README.md":
                os.symlink(os.path.join(SOURCE, "models", "mini", name), self.path("run", "final", name))
        return self.path("run")

    def small_run(self):
        return self.run_folder({
            "model_folder": "final", "model_id": "some-org/some-model", "base_model": "some-org/base",
            "model_name": "A card: #1, with 'quotes' & \"more\" – and a name that is longer than the eighty columns",
            "language": ["no"], "license": "apache-2.0", "tags": ["1e5", "yes"],
            "train_datasets": [{"name": "made up", "id": "some-org/made-up", "size": 2,
                                "loss": "pylate.losses.contrastive.Contrastive",
                                "columns": [{"name": "query", "dtype": "string", "details": [["min", "3 tokens"]]}],
                                "samples": [["a | b"], ["<i>c</i>"]]}],
            "evaluators": [{"class_path": CLASS, "name": "dev_set", "primary_metric": "accuracy"}],
            "log": [{"type": "evaluator", "step": 0, "epoch": 0.0, "evaluator": 0, "metrics": [["accuracy", 1e-05]]},
                    {"type": "train", "step": 1, "epoch": 0.5, "loss": 0.25}]})

    def test_it_writes_the_readme_of_the_model(self):
        folder = self.small_run()
        self.assertEqual(self.run_ok("card", folder), "")
        with open(os.path.join(folder, "final", "README.md"), encoding="utf-8") as file:
            text = file.read()
        self.assertEqual(text, self.run_ok("card", folder, "--out", "-"))
        self.assertIn("| <code>a \\| b</code>", text)
        self.assertIn("| <code>&lt;i&gt;c&lt;/i&gt;</code>", text)
        other = self.path("other.md")
        self.run_ok("card", folder, "--out", other, "--pylate")
        with open(other, encoding="utf-8") as file:
            self.assertIn("| <code><i>c</i></code>", file.read())

    def test_what_the_user_says_stands_in_place_of_the_record(self):
        folder = self.small_run()
        text = self.run_ok("card", folder, "--out", "-", "--model-name", "Owls", "--language", "en", "--language", "de",
                           "--license", "mit", "--hub-model-id", "some/owls")
        self.assertIn("language:\n- en\n- de\nlicense: mit\n", text)
        self.assertIn("\n# Owls\n", text)
        self.assertIn("some/owls", text)
        self.assertNotIn("some-org/some-model", text)
        self.assertIn("one line", self.run_error(2, "card", folder, "--license", "a\nb"))

    def test_pylates_letter(self):
        folder = self.run_folder({**json.loads(golden("untrained.json")), "model_folder": "final"})
        self.assertEqual(self.run_ok("card", folder, "--pylate", "--out", "-").encode(), golden("untrained.md"))

    def test_front_matter_is_yaml_that_says_the_same(self):
        try:
            import yaml
        except ImportError:
            self.skipTest("PyYAML is not installed")
        folder = self.small_run()
        for flags in ((), ("--pylate",)):
            text = self.run_ok("card", folder, "--out", "-", *flags)
            data = yaml.safe_load(text.split("---\n")[1])
            self.assertEqual(data["language"], ["no"])
            self.assertEqual(data["datasets"], ["some-org/made-up"])
            for tag in ("1e5", "yes", "dataset_size:2", "loss:Contrastive", "generated_from_trainer"):
                self.assertIn(tag, data["tags"])
            index = data["model-index"][0]
            with open(os.path.join(folder, "run.json"), encoding="utf-8") as file:
                self.assertEqual(index["name"], json.load(file)["model_name"])
            self.assertEqual(index["results"][0]["dataset"], {"name": "dev set", "type": "dev_set"})
            self.assertEqual(index["results"][0]["metrics"],
                             [{"type": "accuracy", "value": 1e-05, "name": "Accuracy"}])

    def test_the_shell_snippet_runs(self):
        text = self.run_ok("card", self.small_run(), "--out", "-")
        snippet = re.search(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)[1]
        os.symlink(os.path.join(SOURCE, "models", "mini"), self.path("some-model"))
        for name in ("corpus.jsonl", "queries.jsonl"):
            os.symlink(os.path.join(SAMPLE, name), self.path(name))
        with open(self.path("queries.jsonl"), encoding="utf-8") as file:
            query = json.loads(file.readline())["_id"]
        with open(self.path("corpus.jsonl"), encoding="utf-8") as file:
            documents = [json.loads(file.readline())["_id"] for _ in range(3)]
        self.write("candidates.trec", "".join(f"{query} Q0 {name} {rank} {9 - rank} x\n"
                                              for rank, name in enumerate(documents, 1)))
        environment = {**os.environ, "PATH": os.path.dirname(PROGRAM) + os.pathsep + os.environ["PATH"]}
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", snippet], cwd=self.path(), env=environment,
                              capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(done.stdout.splitlines()), 10 + 3, done.stdout)

    def test_a_model_id_looks_like_one(self):
        folder = self.small_run()
        for name in ("not an id", "a/b/c", "-a/b", "a--b"):
            done = self.call("card", folder, "--hub-model-id", name)
            self.assertEqual(done.returncode, 2)
            self.assertIn("expected ORG/NAME", done.stderr.decode())
        self.assertIn("my-team/my-model", self.run_ok("card", folder, "--hub-model-id", "my-team/my-model", "--out", "-"))

    def test_what_is_missing_or_broken_is_said(self):
        self.assertIn("run.json does not exist; expected the output folder of 'maxsimd train'",
                      self.run_error(1, "card", self.path("nowhere")))
        folder = self.run_folder({"model_folder": "final", "best_step": "two"})
        self.assertIn("run.json: best_step: expected a whole number from 0, got \"two\"",
                      self.run_error(1, "card", folder))
        self.write("run/run.json", "{")
        self.assertIn("run.json", self.run_error(1, "card", folder))
        self.write("run/run.json", json.dumps({"format": "maxsimd training run", "format_version": 1,
                                               "model_folder": "gone"}))
        self.assertIn("gone", self.run_error(1, "card", folder))
        self.write("run/run.json", json.dumps({"format": "maxsimd training run", "format_version": 1,
                                               "model_folder": "final"}))
        self.assertIn("would be overwritten", self.run_error(1, "card", folder, "--out",
                                                             os.path.join(folder, "run.json")))
        self.assertIn("language: expected en", self.run_error(2, "card", folder, "--language", ""))
        self.run_error(2, "card")


if __name__ == "__main__":
    unittest.main()
