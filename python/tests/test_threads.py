"""Eight threads that search and encode by one object, with documents added and removed beside them.

MAXSIMD_THREADS_SECONDS says for how long (default 3).
"""
import os
import tempfile
import threading
import time
import unittest

import numpy as np
from maxsimd import indexes, models, retrieve

SECONDS = float(os.environ.get("MAXSIMD_THREADS_SECONDS", "3"))
NUM_THREADS = 8
SUBJECTS = ("owls", "tides", "bread", "steel", "glaciers", "printing", "penguins", "glass")
DOCUMENTS = [f"{subject} are the subject of text {i}, which says {'a little ' * (i % 5)}more"
             for i, subject in enumerate(SUBJECTS * 5)]
QUERIES = [f"which text is about {subject}?" for subject in SUBJECTS]
STAY = len(DOCUMENTS) // 2  # documents that are never touched


def score(query, document):
    return float((query @ document.T).max(axis=1).sum())


class Threads(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.model = models.ColBERT("mini", num_threads=2)
        self.documents = self.model.encode(DOCUMENTS, is_query=False)
        self.queries = self.model.encode(QUERIES)
        self.end = time.monotonic() + SECONDS
        self.failures, self.counts = [], [0, 0, 0]

    def run_threads(self, index, tolerance):
        index.add_documents(list(range(len(DOCUMENTS))), self.documents)
        retriever = retrieve.ColBERT(index)

        def searches(number):
            place = number % len(QUERIES)
            query = self.queries[place]
            hits = retriever.retrieve([query], k=len(DOCUMENTS))[0]
            found = {hit["id"]: hit["score"] for hit in hits}
            missing = set(range(STAY)) - set(found)
            self.assertFalse(missing, "documents that were never touched")
            for document, value in found.items():
                self.assertAlmostEqual(value, score(query, self.documents[document]),
                                       delta=tolerance)
            values = [hit["score"] for hit in hits]
            self.assertEqual(values, sorted(values, reverse=True))
            self.counts[0] += 1

        def encodes(number):
            place = number % len(DOCUMENTS)
            got = self.model.encode(DOCUMENTS[place:place + 6], is_query=False)
            for one, other in zip(got, self.documents[place:]):
                np.testing.assert_array_equal(one, other)
            np.testing.assert_array_equal(self.model.encode(QUERIES[number % 8]),
                                          self.queries[number % 8])
            self.counts[1] += 1

        def changes(number):
            some = [STAY + (number * 3 + i) % (len(DOCUMENTS) - STAY) for i in range(4)]
            index.remove_documents(some)
            index.add_documents(some, [self.documents[i] for i in some])
            self.assertEqual(len(index), len(DOCUMENTS))
            np.testing.assert_allclose(index.get_documents_embeddings([[0]])[0][0],
                                       self.documents[0], atol=tolerance)
            self.counts[2] += 1

        def work(task, number):
            try:
                while time.monotonic() < self.end and not self.failures:
                    task(number)
                    number += NUM_THREADS
            except BaseException as error:  # noqa: BLE001 - told in the main thread
                self.failures.append(error)

        tasks = [searches, encodes] * 3 + [searches, changes]
        threads = [threading.Thread(target=work, args=(task, i)) for i, task in enumerate(tasks)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.failures:
            raise self.failures[0]
        self.assertTrue(all(self.counts), self.counts)
        self.assertEqual(sorted(index.documents_ids), list(range(len(DOCUMENTS))))

    def test_exact(self):
        self.run_threads(indexes.Exact(self.folder, num_threads=2), 1e-3)

    def test_voyager(self):
        self.run_threads(indexes.Voyager(self.folder, ef_search=2000, num_threads=2), 0.2)

    def test_plaid(self):
        self.run_threads(indexes.PLAID(self.folder, n_ivf_probe=10_000, n_full_scores=10_000,
                                       num_threads=2), 1.5)


if __name__ == "__main__":
    unittest.main()
