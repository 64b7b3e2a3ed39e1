"""Indexes of kind plaid, and exact ones of residual vectors, as a user makes and keeps them."""
import os
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
        self.build(npz=write_npz(self.path("far.npz"), items(100, 2, 5.0)))
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
