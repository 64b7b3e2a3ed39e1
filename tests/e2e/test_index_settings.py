"""Settings of a model that an index was made with stay with the index."""
import json
import os
import unittest

from test_index import QUESTION, IndexCase

LONG = " ".join(["glaciers move slowly downhill over rock and soil"] * 12)


class OverriddenSettings(IndexCase):
    def setUp(self):
        super().setUp()
        self.corpus = self.write_records("docs.jsonl", [{"_id": f"d{i}", "text": f"{i} {LONG}"} for i in range(3)])
        self.build("--document-length", "24", "--document-prefix", "[Q] ")

    def test_the_index_is_searched_reranked_and_extended_without_the_flags(self):
        asked = ("--document-length", "24", "--document-prefix", "[Q] ")
        self.assertEqual(self.search(QUESTION), self.search(QUESTION, *asked))
        self.assertEqual(self.search(QUESTION), self.search(QUESTION, "--model", "mini"))
        tokens = self.inspect()["tokens"]
        self.run_ok("index", self.index, self.corpus)
        self.run_ok("index", self.index, self.corpus, "--model", "mini")
        self.assertEqual(self.inspect()["tokens"], tokens)  # cut at the same length
        queries = self.write_records("q.jsonl", [{"_id": "1", "text": QUESTION}])
        common = ("rerank", "mini", "--queries", queries, "--candidates", self.write("c.trec", "1 Q0 d1 1 2 x\n"),
                  "--json")
        self.assertEqual(self.run_ok(*common, "--index", self.index),
                         self.run_ok(*common, "--corpus", self.corpus, *asked))
        npz = self.path("e.npz")
        self.run_ok("encode", "mini", self.corpus, "--document", "--out", npz, *asked)
        self.run_ok("index", self.index, "--embeddings", npz, "--model", "mini")

    def test_a_flag_given_now_wins_and_is_checked(self):
        for flags in (("--document-length", "64"), ("--document-prefix", "[D] ")):
            for command in (("search", self.index, QUESTION), ("index", self.index, self.corpus)):
                message = self.run_error(1, *command, *flags)
                self.assertIn("document_length 24", message)
                self.assertIn(flags[1], message)

    def test_inspect_shows_them_and_files_without_them_open(self):
        facts = self.inspect()
        self.assertEqual((facts["document_length"], facts["document_prefix"]), (24, "[Q] "))
        self.assertRegex(self.run_ok("inspect", self.index), r"document_length +24\n")
        self.index = self.path("plain")
        self.build()
        with open(os.path.join(self.index, "maxsimd.json"), encoding="utf-8") as file:
            self.assertNotIn("document_length", json.load(file))
        facts = self.inspect()
        self.assertEqual((facts["document_length"], facts["document_prefix"]), (None, None))

    def test_damaged_ones_are_refused_by_name(self):
        path = os.path.join(self.index, "maxsimd.json")
        with open(path, encoding="utf-8") as file:
            settings = json.load(file)
        for field, value in (("document_length", 0), ("document_length", "24"), ("document_prefix", 7)):
            with open(path, "w", encoding="utf-8") as file:
                json.dump({**settings, field: value}, file)
            message = self.run_error(1, "search", self.index, QUESTION)
            self.assertIn(field, message)
            self.assertIn("maxsimd.json", message)


if __name__ == "__main__":
    unittest.main()
