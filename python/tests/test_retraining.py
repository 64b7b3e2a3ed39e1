"""compact(retrain=True): centroids of what is stored of the vectors, or of the stored texts, encoded anew by a model."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import numpy as np
from maxsimd import indexes, models
from maxsimd._shipped import shipped

LENGTH = 60  # not the model's own
SAME_TEXT = "The ice of a glacier flows down its valley under its own weight, a few metres in a year."


def command(*arguments):
    subprocess.run([sys.executable, "-m", "maxsimd", *map(str, arguments)], check=True, capture_output=True,
                   timeout=600)


class Retraining(unittest.TestCase):
    """An index with texts, made by the command, whose centroids are those of 200 copies of one text."""

    @classmethod
    def setUpClass(cls):
        made = tempfile.TemporaryDirectory()
        cls.addClassCleanup(made.cleanup)
        cls.made = pathlib.Path(made.name)
        same = cls.made / "same.tsv"
        same.write_text("".join(f"same-{i}\t{SAME_TEXT}\n" for i in range(200)))
        command("index", cls.made / "index", "--kind", "plaid", "--model", "mini", "--store-text",
                "--document-length", LENGTH, same)
        command("index", cls.made / "index", shipped("examples/data/corpus.jsonl"))
        cls.model = models.ColBERT("mini", document_length=LENGTH)

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def copy(self, name="index"):
        shutil.copytree(self.made / "index", self.folder / name)
        return indexes.PLAID(str(self.folder), name)

    def files(self, name="index"):
        """All but the lock, which names the last process, and the catalog, whose pages may lie elsewhere."""
        root = self.folder / name
        return {path.relative_to(root): path.read_bytes() for path in sorted(root.rglob("*"))
                if path.is_file() and path.name not in ("lock", "catalog.sqlite")}

    def refused(self, index, message, error=ValueError, **arguments):
        """Told, and nothing is changed."""
        name = pathlib.Path(index.index_path).name
        before = self.files(name)
        with self.assertRaisesRegex(error, message):
            index.compact(**arguments)
        self.assertTrue(self.files(name) == before)
        self.assertEqual(len(index), index.refresh().info()["documents"])

    def test_texts_encoded_by_a_model_give_what_the_command_gives(self):
        index = self.copy()
        queries = self.model.encode(["ice and snow", "who wrote plays?"], is_query=True)
        before = index(queries)
        self.assertIs(index.compact(retrain=True, model=self.model), index)
        self.copy("by-command")
        command("compact", "--retrain", self.folder / "by-command")
        self.assertTrue(self.files() == self.files("by-command"))
        expected = indexes.PLAID(str(self.folder), "by-command")
        self.assertEqual(index.documents_ids, expected.documents_ids)
        self.assertEqual(index(queries), expected(queries))
        self.assertNotEqual(index(queries), before)
        command("verify", self.folder / "index")

    def test_without_a_model_it_is_what_is_stored_of_the_vectors(self):
        self.copy().compact(retrain=True)
        self.copy("by-command")
        command("compact", "--retrain", "--from-vectors", self.folder / "by-command")
        self.assertTrue(self.files() == self.files("by-command"))

    def test_another_model_is_refused(self):
        index = self.copy()
        self.refused(index, "document_length 60, fingerprint .* is another one .*or none, and centroids are trained "
                     "on what is stored", retrain=True, model=models.ColBERT("mini"))
        self.refused(index, r"index dim 96, got 32 \(model", retrain=True,
                     model=models.ColBERT("mini", document_length=LENGTH, embedding_size=32))
        prompted = models.ColBERT("mini", document_length=LENGTH, prompts={"a": "about: "}, default_prompt_name="a")
        self.refused(index, "^model: its default prompt is not that of its folder", retrain=True, model=prompted)
        index.compact(retrain=True, model=models.ColBERT("mini", document_length=LENGTH, prompts={"query": "ask: "}))

    def test_a_model_without_texts_to_encode_is_refused(self):
        random = np.random.default_rng(1)
        items = list(random.normal(size=(600, 5, 96)).astype("f4"))
        index = self.copy().add_documents(["bare"], items[:1])
        rounded = "model: nothing is encoded, .* rounded already "
        self.refused(index, rounded + r"\(1 documents have no stored text\); leave it out", retrain=True,
                     model=self.model)
        index.remove_documents(["bare"]).compact(retrain=True, model=self.model)
        for codec, message in (("residual", rounded + r"\(texts are not stored\)"),
                               ("int8", "model: nothing is encoded, .* beside the codes, which stay as they are")):
            index = indexes.PLAID(str(self.folder), codec, codec=codec).add_documents(range(600), items).optimize()
            self.refused(index, message, retrain=True, model=self.model)

    def test_what_is_no_model_or_would_do_nothing_is_refused(self):
        index = self.copy()
        self.refused(index, "^model: is for retrain=True", model=self.model)
        for value in ("mini", 5, self.model._model, models.ColBERT):
            self.refused(index, "^model: expected a models.ColBERT", TypeError, retrain=True, model=value)


if __name__ == "__main__":
    unittest.main()
