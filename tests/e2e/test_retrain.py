"""compact --retrain: centroids of the stored texts, encoded anew, or of what is stored of the vectors; it says which."""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import unittest

from cli_case import PROGRAM, SAMPLE, SOURCE, CliCase, tree, write_npz
from vector_case import VectorCase

ANEW = "texts are encoded anew by the model '{}'; centroids are trained on their vectors\n"
ROUNDED = "centroids are trained on what is stored of the vectors, which is rounded already ({})\n"
SAME_TEXT = "The ice of a glacier flows down its valley under its own weight, a few metres in a year."
QUERIES = 40
LENGTH = ("--document-length", "60")  # not the model's own


class Retrain(CliCase):
    """An index whose centroids have seen 200 copies of one text, before the sample corpus was added."""

    FORM = ("--kind", "plaid", "--model", "mini", "--store-text", *LENGTH)

    @classmethod
    def setUpClass(cls):
        made = tempfile.TemporaryDirectory()
        cls.addClassCleanup(made.cleanup)
        cls.drifted, cls.fresh, same = (os.path.join(made.name, name) for name in ("idx", "fresh", "same.jsonl"))
        with open(same, "w", encoding="utf-8") as out:
            out.writelines(json.dumps({"_id": f"same-{i}", "text": SAME_TEXT}) + "\n" for i in range(200))
        corpus = os.path.join(SAMPLE, "corpus.jsonl")
        for command in ((cls.drifted, *cls.FORM, same), (cls.drifted, corpus), (cls.fresh, *cls.FORM, same, corpus)):
            subprocess.run([PROGRAM, "index", *command], check=True, capture_output=True, timeout=300)

    def setUp(self):
        super().setUp()
        self.index = self.path("idx")
        shutil.copytree(self.drifted, self.index)
        with open(os.path.join(SAMPLE, "queries.jsonl"), encoding="utf-8") as lines:
            self.queries = self.write("queries.jsonl", "".join(list(lines)[:QUERIES]))

    def inspect(self):
        return json.loads(self.run_ok("inspect", self.index, "--json"))

    def files(self):
        """All but the lock, which names the last process."""
        return {name: content for name, content in tree(self.index).items() if name != "lock"}

    def search(self, index, *flags):
        lines = self.run_ok("search", index, "--queries", self.queries, "--json", *flags).splitlines()
        return [json.loads(line)["hits"] for line in lines]

    def retrain(self, *flags):
        """What it says first."""
        done = self.call("compact", "--retrain", self.index, *flags)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.assertIn("ok: ", self.run_ok("verify", self.index))
        self.assertEqual(self.inspect()["drift"], 1.0)
        said = [line for line in done.stderr.decode().splitlines(True) if "centroids" in line]
        self.assertEqual(len(said), 1, done.stderr.decode())
        self.assertTrue(said[0].startswith(self.index + ": "))
        return said[0].removeprefix(self.index + ": ")

    def test_texts_are_encoded_anew_and_found_as_in_a_fresh_index(self):
        before = self.inspect()
        self.assertNotEqual(self.search(self.index), self.search(self.fresh))
        self.assertEqual(self.retrain(), ANEW.format("mini"))
        for flags in ((), ("--exact", "--text")):
            self.assertEqual(self.search(self.index, *flags), self.search(self.fresh, *flags))
        after = self.inspect()
        for name in ("documents", "tokens", "model", "fingerprint", "document_length", "kind", "codec", "nbits"):
            self.assertEqual(after[name], before[name])
        self.assertEqual(after["segments"], 1)

    def test_from_vectors_encodes_no_text(self):
        self.assertEqual(self.retrain("--from-vectors"), ROUNDED.format("asked with --from-vectors"))
        self.assertNotEqual(self.search(self.index), self.search(self.fresh))
        self.assertEqual(self.retrain(), ANEW.format("mini"))
        self.assertEqual(self.search(self.index), self.search(self.fresh))

    def test_a_model_that_was_moved_is_named_and_a_copy_of_it_is_taken(self):
        model = self.path("model")
        shutil.copytree(os.path.join(SOURCE, "models", "mini"), model)
        small = self.path("small")
        self.run_ok("index", small, "--kind", "plaid", "--model", model, "--store-text",
                    os.path.join(SAMPLE, "corpus.jsonl"))
        shutil.rmtree(model)
        self.index = small
        message = self.run_error(1, "compact", "--retrain", self.index)
        self.assertIn(f"made with the model '{model}', which is not there", message)
        self.assertIn("--model", message)
        self.assertEqual(self.retrain("--model", "mini"), ANEW.format("mini"))

    def test_another_model_is_refused_and_nothing_is_changed(self):
        before = self.files()
        message = self.run_error(1, "compact", "--retrain", self.index, "--document-length", "20")
        self.assertIn("document_length 20", message)
        self.assertIn("or --from-vectors", message)
        self.assertTrue(self.files() == before)

    def test_a_document_without_a_text_leaves_all_to_the_vectors(self):
        bare = write_npz(self.path("bare.npz"), [("bare", [[1.0] + [0.0] * 95])])
        self.run_ok("index", self.index, "--embeddings", bare)
        self.assertEqual(self.retrain(), ROUNDED.format("1 documents have no stored text"))
        message = self.run_error(1, "compact", "--retrain", self.index, "--model", "mini")
        self.assertIn("1 documents have no stored text", message)
        self.run_ok("remove", self.index, "bare")
        self.assertEqual(self.retrain(), ANEW.format("mini"))

    def test_interrupted_it_leaves_the_old_index(self):
        before, commit = self.search(self.index), self.inspect()["commit"]
        with subprocess.Popen([PROGRAM, "compact", "--retrain", self.index], stderr=subprocess.PIPE) as running:
            line = running.stderr.readline().decode()
            while line and "encoded anew" not in line:
                line = running.stderr.readline().decode()
            running.send_signal(signal.SIGINT)
            running.communicate(timeout=60)
        self.assertNotEqual(running.returncode, 0)
        self.assertEqual(self.search(self.index), before)
        self.assertEqual(self.inspect()["commit"], commit)
        self.assertEqual(self.retrain(), ANEW.format("mini"))
        self.assertEqual(len(os.listdir(os.path.join(self.index, "segments"))), 1)

    def test_an_index_too_small_for_centroids_has_none_to_be_replaced(self):
        few = self.write("few.jsonl", json.dumps({"_id": "a", "text": SAME_TEXT}) + "\n")
        small = self.path("small")
        self.run_ok("index", small, few, *self.FORM)
        for flags in ((), ("--model", "mini"), ("--from-vectors",)):
            done = self.call("compact", "--retrain", small, *flags)
            self.assertEqual(done.returncode, 0, done.stderr.decode())
            self.assertIn("there are no centroids yet to be replaced; no text is encoded\n", done.stderr.decode())

    def test_flags_that_would_do_nothing_are_refused(self):
        for flags in (("--from-vectors",), ("--model", "mini"), ("--document-length", "40"),
                      ("--retrain", "--from-vectors", "--model", "mini")):
            self.run_error(2, "compact", self.index, *flags)


class RetrainVectors(VectorCase):
    def said(self, *flags):
        done = self.call("compact", "--retrain", self.index, *flags)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stderr.decode().splitlines(True)[0].removeprefix(self.index + ": ")

    def test_an_index_of_embeddings_has_no_texts(self):
        self.build("--kind", "plaid")
        self.assertEqual(self.said(), ROUNDED.format("texts are not stored"))
        self.assertEqual(self.said("--from-vectors"), ROUNDED.format("asked with --from-vectors"))
        message = self.run_error(1, "compact", "--retrain", self.index, "--model", "mini")
        self.assertIn("--model: nothing is encoded", message)
        self.assertIn("texts are not stored", message)

    def test_vectors_beside_their_codes_stay_as_they_are(self):
        self.build("--kind", "plaid", "--codec", "float32")
        before = self.search("--exact")
        self.assertEqual(self.said(),
                         "centroids are trained on the vectors stored beside the codes, which stay as they are\n")
        self.assertEqual(self.search("--exact"), before)


if __name__ == "__main__":
    unittest.main()
