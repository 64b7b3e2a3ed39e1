"""An index that is replaced, and the readers and writers beside it."""
import fcntl
import json
import os
import signal
import subprocess
import time
import unittest

from cli_case import PROGRAM, SAMPLE, tree
from test_index import QUESTION, IndexCase


class Replaced(IndexCase):
    """--override and the readers and writers beside it."""

    def test_override_waits_for_a_writer_before_it_builds(self):
        self.build()
        before = tree(self.index)
        with open(os.path.join(self.index, "lock"), "r+b") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assertIn("locked", self.run_error(1, "index", self.index, "--model", "mini", self.corpus, "--override"))
            self.assertEqual(tree(self.index), before)
            waiting = subprocess.Popen([PROGRAM, "index", self.index, "--model", "mini", self.corpus, "--override",
                                        "--wait", "60"], stderr=subprocess.DEVNULL)
            time.sleep(1.5)
            self.assertIsNone(waiting.poll())
            self.assertFalse(os.path.exists(self.path(".idx.replacement")))
        self.assertEqual(waiting.wait(), 0)
        self.run_ok("verify", self.index)

    def test_no_other_writer_gets_in_between(self):
        self.build()
        building = subprocess.Popen([PROGRAM, "index", self.index, "--model", "mini", "--override",
                                     os.path.join(SAMPLE, "corpus.jsonl")], stderr=subprocess.DEVNULL)
        while building.poll() is None and not os.path.exists(self.path(".idx.replacement")):
            time.sleep(0.002)
        building.send_signal(signal.SIGSTOP)
        self.assertIn("locked", self.run_error(1, "remove", self.index, "ice"))
        self.assertEqual(len(self.ids(QUESTION)), 5)
        building.send_signal(signal.SIGCONT)
        self.assertEqual(building.wait(), 0)
        self.assertEqual(sorted(os.listdir(self.path())), ["docs.jsonl", "idx"])

    def test_a_search_goes_on_in_the_index_that_took_the_place(self):
        def corpus(word):
            return self.write_records(f"{word}.jsonl", [
                {"_id": f"{word}{i}", "text": f"{word} ice {i} " + "x" * 8000} for i in range(20)])
        self.build("--store-text", corpus=corpus("old"))
        queries = self.write_records("q.jsonl", [{"_id": str(i), "text": "ice"} for i in range(60)])
        fresh = corpus("new")
        searching = subprocess.Popen([PROGRAM, "search", self.index, "--queries", queries, "--text", "--json"],
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        lines = [searching.stdout.readline()]  # and it stops when the pipe is full
        self.run_ok("index", self.index, "--model", "mini", "--store-text", fresh, "--override")
        lines += searching.stdout.readlines()
        self.assertEqual(searching.wait(), 0, searching.stderr.read())
        searching.stdout.close()
        searching.stderr.close()
        seen = []
        for number, line in enumerate(map(json.loads, lines)):
            self.assertEqual(line["query_id"], str(number))
            words = {hit["id"].rstrip("0123456789") for hit in line["hits"]}
            self.assertEqual(words, {hit["text"].split()[0] for hit in line["hits"]})
            self.assertEqual(len(words), 1)
            seen += words
        self.assertEqual(len(seen), 60)
        self.assertEqual((seen[0], seen[-1]), ("old", "new"))


if __name__ == "__main__":
    unittest.main()
