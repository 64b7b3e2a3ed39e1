"""Prompts of models: what PyLate has by its folder and its constructor, and that they are kept."""
import json
import pathlib
import pickle
import shutil
import tempfile
import unittest

import numpy as np
from maxsimd import evaluation, models, training
from maxsimd._shipped import shipped
from parity_calls import PROMPT_ARGUMENTS, PROMPT_FOLDERS

CONFIG = "config_sentence_transformers.json"
GOLDEN = json.loads((pathlib.Path(__file__).parent / "testdata" / "pylate_prompts.json").read_text())
MULTI_VECTOR = pathlib.Path(__file__).parents[2] / "maxsimd" / "colbert" / "testdata" / "multi_vector_encoder"


class Prompts(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name).resolve()

    def model_folder(self, source, **config):
        folder = self.folder / "model"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(source, folder)
        (folder / CONFIG).write_text(json.dumps({**json.loads((folder / CONFIG).read_text()), **config}))
        return str(folder)

    def saved(self, model):
        model.save_pretrained(str(self.folder / "saved"))
        config = json.loads((self.folder / "saved" / CONFIG).read_text())
        return {name: config[name] for name in ("prompts", "default_prompt_name")}

    def test_prompts_are_pylates_and_are_kept(self):
        for of_folder, row in zip(PROMPT_FOLDERS, GOLDEN, strict=True):
            folder = self.model_folder(shipped("models/mini"), **of_folder)
            for arguments, expected in zip(PROMPT_ARGUMENTS, row, strict=True):
                with self.subTest(of_folder=of_folder, arguments=arguments):
                    if isinstance(expected, str):
                        self.assertEqual(expected, "ValueError")
                        with self.assertRaisesRegex(ValueError, "'sts' not found in the configured prompts"):
                            models.ColBERT(folder, num_threads=1, **arguments)
                        continue
                    model = models.ColBERT(folder, num_threads=1, **arguments)
                    self.assertEqual(model.prompts, expected["prompts"])
                    self.assertEqual(model.default_prompt_name, expected["default_prompt_name"])
                    self.assertEqual(self.saved(model), expected["saved"])

    def test_prompts_that_were_set_are_saved_and_come_back(self):
        model = models.ColBERT("mini", num_threads=1)
        model.prompts = {"ask": "find: "}
        model.prompts["more"] = "more: "
        model.default_prompt_name = "ask"
        self.assertEqual(self.saved(model), {"prompts": {"ask": "find: ", "more": "more: "},
                                             "default_prompt_name": "ask"})
        for again in (models.ColBERT(str(self.folder / "saved")), pickle.loads(pickle.dumps(model))):
            self.assertEqual(again.default_prompt_name, "ask")
            np.testing.assert_array_equal(again.encode("owls"), model.encode("find: owls", prompt=""))
            np.testing.assert_array_equal(again.encode("owls", prompt_name="more"),
                                          model.encode("more: owls", prompt=""))
        model.default_prompt_name = "none"
        with self.assertRaisesRegex(ValueError, "'none' not found"):
            model.save_pretrained(str(self.folder / "refused"))
        self.assertFalse((self.folder / "refused").exists())
        model.default_prompt_name = None
        model.prompts["ask"] = 5
        with self.assertRaisesRegex(TypeError, "prompts\\['ask'\\]: expected a text, got 5"):
            model.save_pretrained(str(self.folder / "refused"))

    def test_query_and_document_are_prompts_of_every_model(self):
        model = models.ColBERT("mini", num_threads=1)
        for name in ("query", "document"):
            np.testing.assert_array_equal(model.encode("owls", prompt_name=name), model.encode("owls"))
        with self.assertRaisesRegex(ValueError, "'passage' not found"):
            model.encode("owls", prompt_name="passage")
        # The first of "document", "passage" and "corpus" that is there, which "document" is.
        model = models.ColBERT("mini", prompts={"passage": "read: ", "query": "ask: "}, default_prompt_name="query")
        np.testing.assert_array_equal(model.encode_document("owls"),
                                      model.encode("owls", prompt="", is_query=False))
        np.testing.assert_array_equal(model.encode("owls"), model.encode_query("owls", prompt="ask: "))
        del model.prompts["document"]
        np.testing.assert_array_equal(model.encode_document("owls"),
                                      model.encode("read: owls", prompt="", is_query=False))

    def test_what_a_folder_puts_before_all_queries(self):
        # More than a token each, so they are no prefixes; beside sentence-transformers' vectors.
        cases = json.loads((MULTI_VECTOR / "cases.json").read_text())
        case = next(case for case in cases["cases"] if '"query: "' in case["files"].get(CONFIG, ""))
        folder = pathlib.Path(self.model_folder(MULTI_VECTOR))
        for name, text in case["files"].items():
            (folder / name).write_text(text)
        model = models.ColBERT(str(folder))
        for got, expected in ((model.encode(cases["query_texts"]), case["queries"]),
                              (model.encode_query(cases["query_texts"]), case["queries"]),
                              (model.encode(cases["document_texts"], is_query=False), case["documents"])):
            for one, other in zip(got, expected, strict=True):
                np.testing.assert_allclose(one, other, rtol=0, atol=1e-4)

    def test_a_default_that_was_taken_away_is_away(self):
        model = models.ColBERT(self.model_folder(shipped("models/mini"), **PROMPT_FOLDERS[2]))
        prompted = model.encode("owls")
        np.testing.assert_array_equal(prompted, model.encode("search: owls", prompt=""))
        model.default_prompt_name = None
        np.testing.assert_array_equal(model.encode("owls"), model.encode("owls", prompt=""))
        self.assertEqual(self.saved(model)["default_prompt_name"], None)


class Training(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name).resolve()

    def trainer(self, model, **more):
        arguments = training.TrainingArguments(
            output_dir=str(self.folder / "run"), per_device_train_batch_size=2, max_steps=2, save_steps=1,
            eval_strategy="steps", eval_steps=2, threads=1, learning_rate=1e-4, overwrite_output_dir=True)
        rows = [{"query": f"what is {i}?", "positive": f"{i} is a number"} for i in range(4)]
        return training.Trainer(model, arguments, rows, **more)

    def test_a_run_is_given_a_model_with_its_prompts(self):
        plain = models.ColBERT("mini", num_threads=1)
        for model, prompts in ((plain, None),
                               (models.ColBERT("mini", prompts={"query": "Q: "}), {"query": "Q: ", "document": ""})):
            folder = pathlib.Path(self.trainer(model).configuration(self.folder / "run")["model"])
            self.assertEqual(folder == plain._folder.resolve(), prompts is None)
            if prompts is not None:
                self.assertEqual(json.loads((folder / CONFIG).read_text())["prompts"], prompts)
        plain.default_prompt_name = "nope"
        with self.assertRaisesRegex(ValueError, "'nope' not found"):
            self.trainer(plain).configuration(self.folder / "run")

    def test_prompts_go_through_a_run_and_its_evaluators(self):
        try:
            training.program.find_train_program()
        except FileNotFoundError as error:
            self.skipTest(f"NOT TESTED: {error}")
        model = models.ColBERT("mini", query_length=16, document_length=24, num_threads=1)
        model.prompts["query"] = "many words that change what a text means: "
        model.default_prompt_name = "query"
        evaluator = evaluation.ColBERTDistillationEvaluator(
            ["owls", "the moon"], [["owls hunt", "bread", "a b c"]] * 2, [[0.9, 0.1, 0.2]] * 2)
        trainer = self.trainer(model, evaluator=evaluator)
        trainer.train()
        measured = trainer.evaluate()["eval_kl_divergence"]
        logged = [log["eval_kl_divergence"] for log in trainer.state.log_history if "eval_kl_divergence" in log]
        self.assertAlmostEqual(logged[-1], measured, places=5)
        for name in ("final", "checkpoint-1"):
            again = models.ColBERT(str(self.folder / "run" / name))
            self.assertEqual((again.prompts, again.default_prompt_name),
                             ({"query": model.prompts["query"], "document": ""}, "query"))
        model.default_prompt_name = None
        self.assertGreater(abs(trainer.evaluate()["eval_kl_divergence"] - measured), 1e-3)


if __name__ == "__main__":
    unittest.main()
