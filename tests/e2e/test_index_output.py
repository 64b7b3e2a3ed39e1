"""Odd ids in and out of an index, and what is said about them and about queries."""
import json
import os
import unittest

from cli_case import write_npz
from test_index import QUESTION, IndexCase
from test_index_bugs import unit


class OddIds(IndexCase):
    def test_an_id_with_a_null_character_is_refused_where_it_is_read(self):
        self.build()
        for path in (self.write("n.jsonl", '{"_id": "a", "text": "x"}\n{"_id": "b\\u0000c", "text": "x"}\n'),
                     self.write("n.tsv", b"a\tx\nb\0c\tx\n")):
            message = self.run_error(1, "index", self.index, path)
            self.assertIn(os.path.basename(path) + ":2", message)
            self.assertIn("b\\u0000c", message)
            self.assertIn(":2", self.run_error(1, "search", self.index, "--queries", path))
        self.assertIn("list:2", self.run_error(1, "remove", self.index, "--ids", self.write("list", b"cat\nb\0c\n")))
        self.assertIn("list:2", self.run_error(1, "search", self.index, "q", "--ids", self.path("list")))
        npz = write_npz(self.path("n.npz"), [("a", [unit(0)]), ("b\0c", [unit(1)])])
        self.assertIn("ids[1]", self.run_error(1, "index", self.path("new"), "--embeddings", npz))
        self.assertFalse(os.path.exists(self.path("new")))

    def test_tables_refuse_ids_that_they_cannot_show(self):
        texts = [("tab\tbed", "Ice flows downhill.", None), ("line\nbreak", "Ice is cold.", None), ("plain", "Wine.", None)]
        self.build(corpus=self.write_texts("odd.jsonl", texts))
        message = self.run_error(1, "search", self.index, "ice")
        self.assertIn("--json", message)
        self.assertCountEqual(self.ids("ice"), [doc for doc, _, _ in texts])
        self.assertIn("plain", self.run_ok("search", self.index, "wine", "--id", "plain"))
        queries = self.write_records("q.jsonl", [{"_id": "fine", "text": "ice"}, {"_id": "a\tb", "text": "ice"}])
        done = self.call("search", self.index, "--queries", queries, "--id", "plain")
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertIn(b"a\\tb", done.stderr)
        self.assertEqual(len(self.search("--queries", queries)), 2)
        run = self.write("c.trec", "fine Q0 plain 1 1 x\n")
        done = self.call("rerank", "mini", "--queries", queries, "--candidates", run, "--index", self.index)
        self.assertEqual((done.returncode, done.stdout), (1, b""))

    def test_a_text_with_a_null_character_is_printed_to_its_end(self):
        self.build("--store-text", corpus=self.write_texts("n.jsonl", [("a", "Ice\0flows\tdownhill.", None)]))
        self.assertEqual(self.run_ok("search", self.index, "ice", "--text").split("\t")[4], "Ice flows downhill.\n")
        (_, (hit,)), = self.search("ice", "--text")
        self.assertEqual(hit["text"], "Ice\0flows\tdownhill.")

    def test_a_run_is_refused_at_once_for_ids_with_white_space(self):
        self.build(corpus=self.write_texts("odd.jsonl", [("two words", "Ice.", None), ("plain", "Wine.", None)]))
        run = self.path("out.trec")
        for flags in ((), ("--k", "1")):  # whether it is a hit or not
            done = self.call("search", self.index, "wine", "--run", run, *flags)
            self.assertEqual((done.returncode, done.stdout), (1, b""))
            self.assertIn(b"'two words'", done.stderr)
        self.run_ok("search", self.index, "wine", "--run", run, "--id", "plain")
        os.remove(run)
        queries = self.write_records("q.jsonl", [{"_id": "1", "text": "ice"}, {"_id": "a b", "text": "ice"}])
        asked = write_npz(self.path("q.npz"), [("1", [[1.0] * 96]), ("a b", [[1.0] * 96])])
        for source in (("--queries", queries), ("--query-embeddings", asked)):
            done = self.call("search", self.index, *source, "--run", run, "--id", "plain")
            self.assertEqual((done.returncode, done.stdout), (1, b""))
            self.assertIn(b"query id 'a b'", done.stderr)
        self.assertFalse(os.path.exists(run))
        done = self.call("rerank", "mini", "--queries", queries, "--run", run, "--index", self.index,
                         "--candidates", self.write("c.trec", "1 Q0 plain 1 1 x\n"))
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertIn(b"query id 'a b'", done.stderr)

    def test_an_evaluation_checks_the_ids_of_its_run_first(self):
        self.write_records("beir/corpus.jsonl", [{"_id": "two words", "text": "ice"}])
        self.write_records("beir/queries.jsonl", [{"_id": "q", "text": "ice"}])
        self.write("beir/qrels/test.tsv", "query-id\tcorpus-id\tscore\nq\ttwo words\t1\n")
        self.assertIn("'two words'", self.run_error(1, "evaluate", "mini", "--beir", self.path("beir"),
                                                    "--run", self.path("out")))

    def test_a_repeated_query_in_a_file_of_embeddings_names_both_places(self):
        self.build()
        asked = write_npz(self.path("q.npz"), [(name, [[1.0] * 96]) for name in ("a", "b", "a")])
        message = self.run_error(1, "search", self.index, "--query-embeddings", asked)
        self.assertIn("ids[0] and ids[2]", message)


class Messages(IndexCase):
    def test_rerank_prints_integer_ids_as_numbers(self):
        corpus = self.write("n.jsonl", '{"_id": 7, "text": "Ice."}\n{"_id": 8, "text": "Wine."}\n')
        self.run_ok("index", self.index, "--model", "mini", corpus, "--integer-ids")
        queries = self.write_records("q.jsonl", [{"_id": "1", "text": "wine"}])
        line = self.run_ok("rerank", "mini", "--queries", queries, "--index", self.index, "--json",
                           "--candidates", self.write("c.trec", "1 Q0 7 1 2 x\n1 Q0 8 2 1 x\n"))
        self.assertEqual([hit["id"] for hit in json.loads(line)["hits"]], [8, 7])

    def test_queries_are_named_by_their_ids(self):
        self.build()
        wide = write_npz(self.path("q.npz"), [("why", [unit(0)])])
        message = self.run_error(1, "search", self.index, "--query-embeddings", wide)
        self.assertIn("index dim 96, got 8", message)
        self.assertIn('"why"', message)
        queries = self.write_records("q.jsonl", [{"_id": "why", "text": "ice"}])
        message = self.run_error(1, "rerank", "mini", "--queries", queries, "--index", self.index,
                                 "--candidates", self.write("c.trec", "why Q0 nobody 1 1 x\n"))
        self.assertIn("'why'", message)
        self.assertIn("'nobody'", message)

    def test_a_malformed_condition_is_wrong_usage_and_names_the_place(self):
        for where, place in (("topic =", "byte 7"), ("a = 1 AND", "byte 9"), ("", "byte 0")):
            for index in (self.index, self.path("absent")):
                message = self.run_error(2, "search", index, "q", "--where", where)
                self.assertIn("--where", message)
                self.assertIn(place, message)

    def test_inspect_of_an_index_without_vectors(self):
        self.build()
        self.run_ok("remove", self.index, *[doc for doc in self.ids(QUESTION)])
        facts = self.inspect()
        self.assertEqual((facts["tokens"], facts["bytes_per_token"]), (0, None))
        self.assertRegex(self.run_ok("inspect", self.index), r"bytes_per_token +-\n")

    def test_a_document_without_vectors_scores_null_everywhere(self):
        self.index = self.path("bare")
        npz = self.path("in.npz")
        write_npz(npz, [("none", []), ("a", [unit(0)])])
        self.run_ok("index", self.index, "--embeddings", npz)
        asked = write_npz(self.path("q.npz"), [("1", [unit(0)])])
        (_, hits), = self.search("--query-embeddings", asked, "--run", self.path("run"))
        self.assertEqual(hits, [{"id": "a", "score": 1.0}, {"id": "none", "score": None}])
        self.assertIn("none\t-inf\n", self.run_ok("search", self.index, "--query-embeddings", asked))
        with open(self.path("run"), encoding="utf-8") as file:
            scores = [float(line.split()[4]) for line in file]
        self.assertGreater(scores[0], scores[1])
        for verb in ("search", "rerank"):
            self.assertIn("null", self.run_ok(verb, "--help"))


if __name__ == "__main__":
    unittest.main()
