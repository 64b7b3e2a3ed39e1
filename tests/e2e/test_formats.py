"""Indexes of every format there has been: each program opens, checks, searches and changes them."""
import json
import os
import shutil
import unittest

from cli_case import CliCase, write_npz
from vector_case import items

FORMATS = os.path.join(os.environ["MAXSIMD_SOURCE"], "tests", "formats")


class Formats(CliCase):
    def each_index(self):
        """(a copy of an index, its queries, the answers when it was made); the copy's name says which."""
        for version in sorted(os.listdir(FORMATS)):
            folder = os.path.join(FORMATS, version)
            with open(os.path.join(folder, "expected.json"), encoding="utf-8") as lines:
                expected = json.load(lines)
            self.assertEqual(set(os.listdir(folder)) - {"expected.json", "queries.npz", "text_queries.npz"}, set(expected))
            for name, answers in expected.items():
                copy = self.path(f"{version}-{name}")
                shutil.copytree(os.path.join(folder, name), copy)
                yield copy, os.path.join(folder, "text_queries.npz" if name == "texts" else "queries.npz"), answers

    def search(self, index, queries, *flags):
        return self.hits_of(index, queries, "--k", "5", *flags)

    def assert_answers(self, got, expected):
        self.assertEqual([[name for name, _ in hits] for hits in got], [[name for name, _ in hits] for hits in expected])
        for hits, wanted in zip(got, expected):
            for (_, score), (_, wanted_score) in zip(hits, wanted):
                self.assertAlmostEqual(score, wanted_score, delta=1e-4)

    def test_all_are_sound_and_answer_as_when_they_were_made(self):
        for index, queries, answers in self.each_index():
            with self.subTest(index=index):
                self.run_ok("verify", index)
                all_documents = ["--n-full-scores", "512"] if "plaid" in index else []
                self.assert_answers(self.search(index, queries, *all_documents), answers)

    def test_those_of_kind_plaid_are_searched_by_their_lists(self):
        for index, queries, answers in self.each_index():
            with self.subTest(index=index):
                if "plaid" in index:
                    few = self.search(index, queries, "--n-ivf-probe", "2", "--n-full-scores", "20")
                    self.assertEqual([hits[0][0] for hits in few], [hits[0][0] for hits in answers])

    def test_all_take_new_documents_and_are_merged(self):
        more = write_npz(self.path("more.npz"), items(40, 2))
        for index, queries, answers in self.each_index():
            if index.endswith("texts"):
                continue  # of another dimension
            self.run_ok("index", index, "--embeddings", more)
            self.run_ok("compact", index)
            self.run_ok("verify", index)
            for hits, wanted in zip(self.search(index, queries), answers):
                self.assertEqual(hits[0][0], wanted[0][0])  # the document the query is
            facts = json.loads(self.run_ok("inspect", index, "--json"))
            self.assertEqual(facts["documents"], 389)

    def test_texts_and_metadata_are_there(self):
        for index, queries, _ in self.each_index():
            if not index.endswith("texts"):
                continue
            hits = self.search(index, queries, "--where", "year >= 2004")
            self.assertEqual({name for name, _ in hits[0]}, {"owl", "moon"})
            line = self.run_ok("search", index, "--query-embeddings", queries, "--json", "--text", "--k", "1")
            self.assertEqual(json.loads(line)["hits"][0]["text"], "Owls hunt mice at night.")


if __name__ == "__main__":
    unittest.main()
