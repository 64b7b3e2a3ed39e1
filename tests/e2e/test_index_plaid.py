"""Indexes of kind plaid, and exact ones of residual vectors, as a user makes and keeps them."""
import json
import os
import pathlib
import unittest

from cli_case import write_npz
from vector_case import VectorCase, items


class Plaid(VectorCase):
    def test_a_build_ends_in_residuals_and_finds_what_an_exact_one_finds(self):
        self.build("--kind", "plaid", "--threads", "1")
        facts = self.inspect()
        self.assertEqual((facts["kind"], facts["codec"], facts["nbits"], facts["documents"], facts["segments"]),
                         ("plaid", "residual", 4, 400, 1))
        self.assertGreater(facts["centroids"], 1)
        self.assertEqual(facts["drift"], 1.0)
        self.assertRegex(self.run_ok("inspect", self.index), r"nbits +4\n")
        self.assertIn("ok: ", self.run_ok("verify", self.index))
        exact = self.path("exact")
        self.build(index=exact)
        self.assertEqual((self.inspect(exact)["centroids"], self.inspect(exact)["drift"]), (None, None))
        for found, expected in zip(self.search(), self.search(index=exact)):
            self.assertEqual(found[0][0], expected[0][0])
            self.assertAlmostEqual(found[0][1], expected[0][1], delta=0.05 * expected[0][1])
        size = sum(os.path.getsize(os.path.join(folder, name))
                   for folder, _, names in os.walk(self.index) for name in names if name != "lock")
        self.assertEqual(facts["bytes"], size)

    def test_threads_and_an_interrupted_build_change_nothing(self):
        other = self.path("other")
        self.build("--kind", "plaid", "--threads", "1")
        self.build("--kind", "plaid", "--threads", "2", index=other)
        self.assertEqual(self.search(), self.search(index=other))
        # The build went as far as the first 200 documents, and never trained.
        resumed = self.path("resumed")
        few = write_npz(self.path("few.npz"), self.items[:200])
        self.build("--kind", "plaid", index=resumed, npz=few)
        self.assertIsNone(self.inspect(resumed)["centroids"])
        self.build("--resume", index=resumed)
        self.assertEqual(self.search(), self.search(index=resumed))

    def test_documents_that_drift_away_are_told_of_and_retraining_helps(self):
        self.build("--kind", "plaid", "--nbits", "2")
        done = self.call("inspect", self.index)
        self.assertNotIn(b"--retrain", done.stderr)
        done = self.call("index", self.index, "--embeddings", write_npz(self.path("far.npz"), items(100, 2, 5.0)))
        self.assertIn("note: the 600 token vectors", done.stderr.decode())
        self.assertGreater(self.inspect()["drift"], 1.5)
        done = self.call("inspect", self.index)
        self.assertEqual(done.returncode, 0)
        self.assertIn("600 token vectors", done.stderr.decode())
        self.assertIn("maxsimd compact --retrain", done.stderr.decode())
        done = self.call("compact", "--retrain", "--threads", "1", self.index)
        self.assertEqual(done.returncode, 0)
        self.assertIn("what is stored of the vectors", done.stderr.decode())
        self.assertEqual(self.inspect()["drift"], 1.0)
        self.assertEqual(self.call("inspect", self.index).stderr, b"")
        self.assertIn("ok: ", self.run_ok("verify", self.index))
        self.assertEqual(self.inspect()["documents"], 500)

    def test_documents_after_many_equal_ones_are_found_and_retraining_is_advised(self):
        equal = [(f"blank-{number}", self.items[0][1]) for number in range(400)]
        for flags in (("--kind", "plaid"), ("--codec", "residual"), ("--kind", "plaid", "--codec", "int8")):
            self.build(*flags, "--override", npz=write_npz(self.path("equal.npz"), equal))
            self.assertEqual(self.inspect()["drift"], 1.0)
            done = self.call("index", self.index, "--embeddings", self.npz)
            self.assertEqual(done.returncode, 0)
            self.assertIn("maxsimd compact --retrain", done.stderr.decode())
            found = [hits[0][0] for hits in self.search()[1:]]
            self.assertEqual(found, [name for name, _ in self.items[1:20]], flags)
            self.run_ok("compact", "--retrain", self.index)
            found = [hits[0][0] for hits in self.search()[1:]]
            self.assertEqual(found, [name for name, _ in self.items[1:20]], flags)

    def test_what_was_tuned_for_few_documents_is_told_of_and_not_used_for_many(self):
        self.build("--kind", "plaid", npz=write_npz(self.path("few.npz"), self.items[:40]))
        self.run_ok("tune", self.index, "--query-embeddings", self.queries, "--k", "2")
        tuned = json.loads(pathlib.Path(self.index, "search.json").read_text())
        self.assertEqual((tuned["documents"], tuned["k"]), (40, 2))
        command = ("search", self.index, "--query-embeddings", self.queries, "--k")
        self.assertEqual(self.call(*command, "2").stderr, b"")
        self.assertIn("tuned for the first 2 hits", self.call(*command, "3").stderr.decode())
        self.assertEqual(self.call(*command, "3", "--exact").stderr, b"")
        self.build(npz=write_npz(self.path("more.npz"), self.items[40:]))
        done = self.call(*command, "2")
        self.assertIn("tuned when it had 40 documents and has 400", done.stderr.decode())
        pathlib.Path(self.index, "search.json").unlink()
        self.assertEqual(self.call(*command, "2").stdout, done.stdout)

    def test_tuning_without_an_answer_to_find_is_refused(self):
        self.build("--kind", "plaid")
        self.run_ok("remove", self.index, *[name for name, _ in self.items])
        done = self.call("tune", self.index, "--query-embeddings", self.queries)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("no query has an answer", done.stderr.decode())
        self.assertFalse(os.path.exists(os.path.join(self.index, "search.json")))

    def test_a_damaged_result_of_tuning_says_what_to_do_and_exact_search_needs_none(self):
        self.build("--kind", "plaid")
        pathlib.Path(self.index, "search.json").write_text("{}")
        command = ("search", self.index, "--query-embeddings", self.queries)
        done = self.call(*command)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("delete the file", done.stderr.decode())
        self.assertEqual(self.call(*command, "--exact").returncode, 0)

    def test_an_exact_index_of_residuals_has_no_lists_and_is_searched(self):
        self.build("--codec", "residual", "--nbits", "1")
        facts = self.inspect()
        self.assertEqual((facts["kind"], facts["codec"], facts["nbits"]), ("exact", "residual", 1))
        self.assertEqual([hits[0][0] for hits in self.search()], [name for name, _ in self.items[:20]])
        self.run_ok("verify", self.index)

    def test_it_is_replaced_emptied_and_filled_again(self):
        self.build("--kind", "plaid")
        self.build("--override", "--codec", "int8")
        self.assertFalse([name for name in os.listdir(self.index) if name.startswith("centroids-")])
        self.build("--override", "--kind", "plaid")
        self.run_ok("remove", self.index, *[name for name, _ in self.items])
        self.assertEqual(self.search(), [[]] * 20)
        self.run_ok("compact", self.index)
        self.run_ok("verify", self.index)
        self.build()
        self.assertEqual(self.search()[3][0][0], self.items[3][0])
        self.run_ok("verify", self.index)

    def test_flags_that_do_not_fit_are_refused(self):
        for flags in (("--nbits", "4"), ("--kind", "hnsw", "--codec", "float16"), ("--kind", "plaid", "--nbits", "3"),
                      ("--kind", "graph"), ("--codec", "float32", "--nbits", "2")):
            self.run_error(2, "index", self.index, "--embeddings", self.npz, *flags)
        self.assertFalse(os.path.exists(self.index))
        self.build("--kind", "plaid")
        for flags in (("--nbits", "2"), ("--kind", "exact"), ("--codec", "float32")):
            message = self.run_error(1, "index", self.index, "--embeddings", self.npz, *flags)
            self.assertIn("the index has " + flags[0], message)
        self.build("--nbits", "4", "--kind", "plaid")
        exact = self.path("exact")
        self.build(index=exact)
        self.assertIn("has no codebook", self.run_error(1, "compact", exact, "--retrain"))


if __name__ == "__main__":
    unittest.main()
