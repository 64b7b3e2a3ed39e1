"""Indexes of kind hnsw, as a user makes, searches and keeps them."""
import os
import unittest

from cli_case import write_npz
from vector_case import VectorCase, items


class Hnsw(VectorCase):
    def bytes_of_segments(self, index=None):
        folder = os.path.join(index or self.index, "segments")
        return sum(os.path.getsize(os.path.join(path, name)) for path, _, names in os.walk(folder) for name in names)

    def test_a_build_ends_with_a_graph_and_finds_what_an_exact_one_finds(self):
        self.build("--kind", "hnsw", "--m", "8", "--ef-construction", "50")
        facts = self.inspect()
        self.assertEqual((facts["kind"], facts["codec"], facts["m"], facts["ef_construction"], facts["segments"]),
                         ("hnsw", "int8", 8, 50, 1))
        self.assertIn("ok: ", self.run_ok("verify", self.index))
        exact = self.path("exact")
        self.build("--codec", "int8", index=exact)
        self.assertIsNone(self.inspect(exact)["m"])
        # The graph takes 4 bytes a link.
        self.assertGreater(self.bytes_of_segments(), self.bytes_of_segments(exact) + 2400 * 4 * 4)
        self.assertEqual(self.search("--k-token", "2400"), self.search(index=exact))
        self.assertEqual(self.search("--exact"), self.search(index=exact))
        # Few vectors find the documents that the queries are.
        few = self.search("--k-token", "2", "--ef-search", "30")
        self.assertEqual([hits[0][0] for hits in few], [name for name, _ in self.items[:20]])
        self.assertEqual({len(hits) for hits in few}, {10})

    def test_the_name_and_the_defaults_are_those_of_voyager(self):
        self.build("--kind", "voyager")
        facts = self.inspect()
        self.assertEqual((facts["kind"], facts["m"], facts["ef_construction"]), ("hnsw", 64, 200))
        self.build("--kind", "voyager", "--m", "64")

    def test_threads_and_an_interrupted_build_change_nothing(self):
        self.build("--kind", "hnsw", "--m", "6", "--threads", "1")
        other = self.path("other")
        self.build("--kind", "hnsw", "--m", "6", "--threads", "2", index=other)
        few = ("--k-token", "3", "--ef-search", "4", "--k", "40")
        self.assertEqual(self.search(*few), self.search(*few, index=other))
        # The build went as far as the first 200 documents: too few for a graph.
        resumed = self.path("resumed")
        self.build("--kind", "hnsw", "--m", "6", index=resumed, npz=write_npz(self.path("few.npz"), self.items[:200]))
        self.build("--resume", index=resumed)
        self.assertEqual(self.search(*few), self.search(*few, index=resumed))

    def test_documents_are_removed_added_and_compacted(self):
        self.build("--kind", "hnsw", "--m", "8")
        gone = [name for name, _ in self.items[:200:2]]
        self.run_ok("remove", self.index, *gone)
        for hits in self.search("--k", "300"):
            self.assertEqual(len(hits), 300)
            self.assertFalse({name for name, _ in hits} & set(gone))
        self.build(npz=write_npz(self.path("more.npz"), items(50, 2)))
        self.assertEqual(self.inspect()["segments"], 2)
        self.assertEqual(self.search("--k-token", "100000"), self.search("--exact"))
        self.run_ok("compact", self.index)
        self.assertEqual(self.inspect()["deleted"], 0)
        self.assertEqual(self.search("--k-token", "100000"), self.search("--exact"))
        self.assertIn("ok: ", self.run_ok("verify", self.index))
        found = self.search("--id", "1-3", "--id", "2-7", "--id", "1-2", "--k-token", "1")
        self.assertEqual({frozenset(name for name, _ in hits) for hits in found}, {frozenset({"1-3", "2-7"})})

    def test_flags_that_do_not_fit_are_refused(self):
        for flags in (("--m", "8"), ("--ef-construction", "8"), ("--kind", "plaid", "--m", "8"),
                      ("--kind", "hnsw", "--codec", "float32"), ("--kind", "hnsw", "--nbits", "4"),
                      ("--kind", "hnsw", "--m", "1"), ("--kind", "hnsw", "--m", "1025"),
                      ("--kind", "hnsw", "--ef-construction", "0")):
            self.run_error(2, "index", self.index, "--embeddings", self.npz, *flags)
        self.assertFalse(os.path.exists(self.index))
        self.build("--kind", "hnsw", "--m", "8")
        for flags in (("--m", "9"), ("--ef-construction", "100"), ("--kind", "exact"), ("--codec", "float32")):
            message = self.run_error(1, "index", self.index, "--embeddings", self.npz, *flags)
            self.assertIn("the index has " + flags[0], message)
        query = ("search", self.index, "--query-embeddings", self.queries)
        self.assertIn("the index is of kind hnsw", self.run_error(1, *query, "--n-ivf-probe", "4"))
        self.run_error(2, *query, "--k-token", "4", "--exact")
        self.run_error(2, *query, "--ef-search", "0")
        exact = self.path("exact")
        self.build(index=exact)
        message = self.run_error(1, "search", exact, "--query-embeddings", self.queries, "--ef-search", "9")
        self.assertIn("the index is of kind exact", message)


if __name__ == "__main__":
    unittest.main()
