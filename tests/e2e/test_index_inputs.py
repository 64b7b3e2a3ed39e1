"""What an index is made of: input that fails late leaves nothing behind; pipes; first commits."""
import json
import os
import signal
import subprocess
import threading
import time
import unittest

from cli_case import PROGRAM, SAMPLE, write_npz
from test_index import QUESTION, IndexCase
from test_index_bugs import unit


class FailingBuilds(IndexCase):
    def assert_nothing_left(self, before):
        self.assertEqual(sorted(os.listdir(self.path())), before)

    def test_ids_are_checked_before_anything_is_made(self):
        corpus = self.write("ids.jsonl", '{"_id": 7, "text": "a"}\n{"_id": "x8", "text": "b"}\n{"_id": "9", "text": "c"}\n')
        npz = write_npz(self.path("ids.npz"), [("7", [unit(0)]), ("08", [unit(1)])])
        before = sorted(os.listdir(self.path()))
        message = self.run_error(1, "index", self.index, "--model", "mini", corpus, "--integer-ids")
        self.assertIn("ids.jsonl:2", message)
        self.assertIn("'x8'", message)
        message = self.run_error(1, "index", self.index, "--embeddings", npz, "--integer-ids")
        self.assertIn("ids[1]", message)
        self.assertIn("'08'", message)
        self.assert_nothing_left(before)
        done = self.call("index", self.index, "--model", "mini", corpus, "--integer-ids", "--skip-bad")
        self.assertIn("ids.jsonl:2", done.stderr.decode())
        self.assertCountEqual(self.ids("a"), [7, 9])

    def test_integer_ids_come_from_numbers_and_from_their_texts(self):
        for name, ids in (("numbers", (7, -8)), ("texts", ("7", "-8"))):
            self.index = self.path(name)
            npz = write_npz(self.path("in.npz"), [(ids[0], [unit(0)]), (ids[1], [unit(1)])])
            self.run_ok("index", self.index, "--embeddings", npz, "--integer-ids")
            asked = write_npz(self.path("q.npz"), [("q", [unit(1)])])
            self.assertEqual(self.ids("--query-embeddings", asked), [-8, 7])

    def test_the_type_of_ids_an_index_has_is_told_before_the_work(self):
        self.build()
        self.assertIn("leave out --integer-ids", self.run_error(
            1, "index", self.index, self.write("n.jsonl", '{"_id": 7, "text": "a"}\n'), "--integer-ids"))

    def test_values_that_the_codec_cannot_hold_are_told_by_id(self):
        npz = write_npz(self.path("big.npz"), [("a", [unit(0)]), ("big", [[1e6] + [0.0] * 7])])
        before = sorted(os.listdir(self.path()))
        message = self.run_error(1, "index", self.index, "--embeddings", npz, "--codec", "float16")
        self.assertIn("'big'", message)
        self.assertIn("65504", message)
        self.assert_nothing_left(before)
        self.run_ok("index", self.index, "--embeddings", npz)

    def test_a_build_that_fails_before_its_first_commit_is_taken_away(self):
        os.mkdir(self.path("empty"))
        before = sorted(os.listdir(self.path()))
        corpus = os.path.join(SAMPLE, "corpus.jsonl")
        for index in (self.index, self.path("empty")):
            for more in ((), ("--override",)):
                # No file may become larger than 100 kB: a full disk, for this program.
                done = subprocess.run(["sh", "-c", 'ulimit -f 200; trap "" XFSZ; exec "$@"', "sh", PROGRAM, "index",
                                       index, "--model", "mini", corpus, *more], capture_output=True, timeout=300)
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertIn(b"too large", done.stderr)
                self.assert_nothing_left(before)
        self.assertEqual(os.listdir(self.path("empty")), [])

    def kill_before_first_commit(self, *flags):
        victim = subprocess.Popen([PROGRAM, "index", self.index, "--model", "mini", *flags,
                                   os.path.join(SAMPLE, "corpus.jsonl")], stderr=subprocess.DEVNULL)
        while victim.poll() is None and not os.path.exists(os.path.join(self.index, "lock")):
            time.sleep(0.002)
        victim.send_signal(signal.SIGSTOP)
        return victim

    def test_an_index_that_never_had_a_commit_is_made_anew(self):
        victim = self.kill_before_first_commit("--codec", "int8", "--store-text", "--document-length", "20")
        self.assertIn("locked", self.run_error(1, "index", self.index, "--model", "mini", self.corpus))
        victim.kill()
        self.assertNotEqual(victim.wait(), 0, "it was done before it could be killed")
        self.assertEqual(self.inspect()["commit"], 0)
        self.build("--codec", "float16")
        facts = self.inspect()
        self.assertEqual((facts["codec"], facts["document_length"], facts["documents"]), ("float16", None, 5))
        self.assertIn("not stored", self.run_ok("inspect", self.index))
        self.run_ok("verify", self.index)
        self.assertEqual([name for name in os.listdir(self.path()) if name.startswith(".")], [])

    def test_its_model_need_not_be_given_again_and_foreign_files_stay(self):
        victim = self.kill_before_first_commit()
        victim.kill()
        victim.wait()
        self.write("idx/mine.txt", "keep me")
        self.assertIn("mine.txt", self.run_error(1, "index", self.index, self.corpus))
        os.remove(self.path("idx", "mine.txt"))
        self.run_ok("index", self.index, self.corpus)
        self.assertEqual(self.inspect()["documents"], 5)

    def test_who_waits_for_the_first_commit_of_another_adds_to_it(self):
        first = self.kill_before_first_commit("--store-text")
        waiting = subprocess.Popen([PROGRAM, "index", self.index, self.corpus, "--wait", "120"], stderr=subprocess.PIPE)
        time.sleep(1.0)
        self.assertIsNone(waiting.poll())
        first.send_signal(signal.SIGCONT)
        self.assertEqual(first.wait(), 0)
        _, message = waiting.communicate()
        self.assertEqual(waiting.returncode, 0, message)
        with open(os.path.join(SAMPLE, "corpus.jsonl"), encoding="utf-8") as file:
            self.assertEqual(self.inspect()["documents"], 5 + sum(1 for _ in file))


class Pipes(IndexCase):
    def pipe(self, name):
        os.mkfifo(self.path(name))
        return self.path(name)

    def feed(self, pipe, content):
        def write():
            with open(pipe, "wb") as out:
                out.write(content)
        thread = threading.Thread(target=write, daemon=True)
        thread.start()
        self.addCleanup(thread.join)

    def test_what_is_read_twice_must_be_a_file_and_is_not_opened(self):
        self.build()
        for name, verb in (("p.jsonl", ("index", self.index)), ("p.txt", ("index", self.index)),
                           ("p.npz", ("index", self.index, "--embeddings")),
                           ("q.npz", ("search", self.index, "--query-embeddings")),
                           ("e.jsonl", ("encode", "mini", "--query", "--out", self.path("x.npz")))):
            message = self.run_error(1, *verb, self.pipe(name))
            self.assertIn(name, message)
            self.assertIn("found a pipe", message)
        self.assertIn("found a folder", self.run_error(1, "index", self.index, "--embeddings", self.index))
        self.assertIn("no such file", self.run_error(1, "index", self.index, "--embeddings", self.path("none.npz")))

    def test_what_is_read_once_may_be_a_pipe(self):
        self.build()
        queries = self.pipe("q.jsonl")
        self.feed(queries, json.dumps({"_id": "9", "text": QUESTION}).encode() + b"\n")
        self.assertEqual(self.search("--queries", queries, "--k", "1")[0][1][0]["id"], "ice")
        ids = self.pipe("ids")
        self.feed(ids, b"grape\ncat\n")
        self.assertCountEqual(self.ids(QUESTION, "--ids", ids), ["grape", "cat"])
        self.feed(ids, b"cat\n")
        self.assertEqual(self.run_ok("remove", self.index, "--ids", ids), "cat\n")
        run = self.pipe("c.trec")
        self.feed(run, b"9 Q0 ice 1 2 x\n")
        self.feed(queries, json.dumps({"_id": "9", "text": QUESTION}).encode() + b"\n")
        self.assertIn("ice", self.run_ok("rerank", "mini", "--queries", queries, "--candidates", run,
                                         "--index", self.index))


if __name__ == "__main__":
    unittest.main()
