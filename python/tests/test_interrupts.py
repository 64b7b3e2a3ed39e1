"""Ctrl-C ends every long call within seconds: each runs in a process of its own, which is sent SIGINT
in the middle of what would go on for much longer."""
import fcntl
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import numpy as np
from maxsimd import indexes

START = """
import os, signal, sys, tempfile
import numpy as np
from maxsimd import indexes, models, rank, retrieve, scores
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where a shell starts a job
random = np.random.default_rng(0)
def items(count, rows, dim=128):
    return list(random.normal(size=(count, rows, dim)).astype("f4"))
def start():
    print("start", flush=True)
"""

SECONDS = 10  # what is not ended goes on for longer, or as long on a fast machine


class Interrupts(unittest.TestCase):
    def check_ends(self, code, *arguments):
        process = subprocess.Popen([sys.executable, "-c", START + code, *arguments], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            self.assertEqual(process.stdout.readline(), "start\n", "before the call")
            time.sleep(0.5)
            self.assertIsNone(process.poll(), "too quick to be interrupted")
            process.send_signal(signal.SIGINT)
            start = time.monotonic()
            _, errors = process.communicate(timeout=120)
        finally:
            process.kill()
        self.assertLess(time.monotonic() - start, SECONDS)
        self.assertIn("KeyboardInterrupt", errors)

    def test_encoding_of_a_few_long_texts(self):
        self.check_ends("""
model = models.ColBERT("mini")
start()
while True:
    model.encode(["many words " * 100_000] * 4, is_query=False)
""")

    def test_tokenizing(self):
        self.check_ends("""
model, texts = models.ColBERT("mini"), ["many words " * 200] * 300_000
start()
model.tokenize(texts, is_query=False)
""")

    def test_searching_all_documents(self):
        self.check_ends("""
given = items(4000, 100)
index = indexes.Exact(tempfile.mkdtemp(dir=sys.argv[1])).add_documents(range(4000), given)
start()
index(given[:1000])
""", self.folder())

    def test_building_a_graph_by_the_first_search(self):
        self.check_ends("""
given = items(1000, 100)
index = indexes.Voyager(tempfile.mkdtemp(dir=sys.argv[1])).add_documents(range(1000), given)
start()
retrieve.ColBERT(index).retrieve(given[:1])
""", self.folder())

    def test_training_centroids(self):
        self.check_ends("""
given = items(6000, 100)
index = indexes.PLAID(tempfile.mkdtemp(dir=sys.argv[1])).add_documents(range(6000), given)
start()
index.optimize()
index.compact(retrain=True)
index.compact(retrain=True)
""", self.folder())

    def test_encoding_stored_texts_for_new_centroids(self):
        folder = pathlib.Path(self.folder())
        texts = folder / "texts.tsv"
        texts.write_text("".join(f"{i}\t" + f"word{i} of many " * 60 + "\n" for i in range(700)))
        subprocess.run([sys.executable, "-m", "maxsimd", "index", folder / "index", "--kind", "plaid", "--model",
                        "mini", "--precision", "int8", "--store-text", texts], check=True, capture_output=True)
        index = indexes.PLAID(str(folder), "index")
        commit = index.info()["commit"]
        self.check_ends("""
index, model = indexes.PLAID(sys.argv[1], "index"), models.ColBERT("mini", num_threads=1)
start()
index.compact(retrain=True, model=model)
""", str(folder))
        self.assertEqual(index.refresh().info()["commit"], commit)
        self.assertEqual(len(index), 700)

    def test_scores(self):
        self.check_ends("""
given = items(3000, 100)
start()
scores.colbert_scores(given, given)
""")

    def test_reranking(self):
        self.check_ends("""
queries, documents = items(40, 5000, 32), items(20, 2000, 32)
start()
rank.rerank([range(20)] * 40, queries, [documents] * 40)
""")

    def test_reading_nested_lists_of_numbers(self):
        self.check_ends("""
one = [[1.0] * 128] * 200
start()
scores.colbert_scores([one], [one] * 40_000)
""")

    def test_reading_one_nested_list_of_numbers(self):
        self.check_ends("""
row = [1.0] * 128
start()
scores.colbert_scores([row] * 8_000_000, [[row]])
""")

    def test_reading_many_arrays(self):
        self.check_ends("""
one = items(1, 1, 4)
many = one * 40_000_000
start()
scores.colbert_scores(one, many)
""")

    def test_reading_masks(self):
        self.check_ends("""
one, mask = items(1, 1, 4), [[1.0] * 10_000] * 40_000
start()
scores.colbert_scores(one, one, mask)
""")

    def test_pooling(self):
        self.check_ends("""
given = items(10_000, 180)
start()
models.ColBERT.pool_embeddings_hierarchical(given, 2)
""")

    def test_waiting_for_another_process_that_writes(self):
        folder = self.folder()
        indexes.Exact(folder, "index").add_documents([1], [np.ones((3, 4))])
        with open(pathlib.Path(folder) / "index" / "lock") as other:
            fcntl.flock(other, fcntl.LOCK_EX)
            self.check_ends("""
index = indexes.Exact(sys.argv[1], "index")
start()
index.add_documents([2], items(1, 3, 4))
""", folder)
        index = indexes.Exact(folder, "index").add_documents([3], [np.ones((3, 4))])
        self.assertEqual(index.documents_ids, [1, 3])

    def folder(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return folder.name


if __name__ == "__main__":
    unittest.main()
