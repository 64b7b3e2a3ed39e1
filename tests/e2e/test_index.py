"""index, search, remove, inspect, verify, compact: chained as a user would."""
import fcntl
import json
import os
import signal
import subprocess
import time
import unittest

from cli_case import PROGRAM, SAMPLE, CliCase, write_npz

TEXTS = [
    ("ice", "Glaciers move because their own weight makes the ice flow downhill.",
     {"topic": "nature", "year": 1990, "place": {"name": "Alps"}}),
    ("grape", "Most of the grapes grown in the world are made into wine.",
     {"topic": "food", "year": 2004}),
    ("ottawa", "Ottawa is the capital of Canada.", {"topic": "cities", "year": 2011}),
    ("paris", "Paris lies on the Seine.", {"topic": "cities", "year": 1998}),
    ("cat", "A cat sleeps most of the day.", None),
]
QUESTION = "why does a glacier slide?"
INSPECT_KEYS = ["documents", "deleted", "tokens", "segments", "dim", "kind", "codec", "nbits", "m", "ef_construction",
                "centroids", "drift", "model",
                "fingerprint", "document_length", "document_prefix", "bytes", "bytes_per_token", "format_version",
                "commit"]


class IndexCase(CliCase):
    """A case with a small corpus and an INDEX path."""

    def setUp(self):
        super().setUp()
        self.index = self.path("idx")
        self.corpus = self.write_texts("docs.jsonl", TEXTS)

    def write_texts(self, name, texts):
        return self.write_records(name, [
            {"_id": doc, "text": text, **({"metadata": data} if data else {})}
            for doc, text, data in texts])

    def build(self, *flags, corpus=None):
        return self.run_ok("index", self.index, "--model", "mini", corpus or self.corpus, *flags)

    def search(self, *arguments):
        """[(query id, [hit, ...])] of a search with --json."""
        lines = self.run_ok("search", self.index, *arguments, "--json").splitlines()
        return [(line["query_id"], line["hits"]) for line in map(json.loads, lines)]

    def ids(self, *arguments):
        """Ids of the hits of a search for one query."""
        (_, hits), = self.search(*arguments)
        return [hit["id"] for hit in hits]

    def inspect(self):
        return json.loads(self.run_ok("inspect", self.index, "--json"))


class Searching(IndexCase):
    def test_tsv_is_query_id_rank_id_score(self):
        self.build()
        lines = self.run_ok("search", self.index, QUESTION, "--k", "2").splitlines()
        self.assertEqual(len(lines), 2)
        query, rank, doc, score = lines[0].split("\t")
        self.assertEqual((query, rank, doc), ("1", "1", "ice"))
        self.assertGreater(float(score), float(lines[1].split("\t")[3]))

    def test_scores_and_order_are_those_of_rerank(self):
        self.build()
        (_, hits), = self.search(QUESTION)
        run = self.write("all.trec", "".join(f"1 Q0 {doc} 1 0 x\n" for doc, _, _ in TEXTS))
        queries = self.write_records("q.jsonl", [{"_id": "1", "text": QUESTION}])
        line, = self.run_ok("rerank", "mini", "--queries", queries, "--corpus", self.corpus,
                            "--candidates", run, "--json").splitlines()
        reranked = json.loads(line)["hits"]
        self.assertEqual([hit["id"] for hit in hits], [hit["id"] for hit in reranked])
        for hit, other in zip(hits, reranked):
            self.assertAlmostEqual(hit["score"], other["score"], places=5)

    def test_sample_corpus_gives_evaluates_run(self):
        corpus = os.path.join(SAMPLE, "corpus.jsonl")
        queries = os.path.join(SAMPLE, "queries.jsonl")
        self.run_ok("index", self.index, "--model", "mini", corpus, "--codec", "int8")
        self.run_ok("search", self.index, "--queries", queries, "--k", "20", "--run", self.path("a"))
        self.run_ok("evaluate", "mini", "--beir", SAMPLE, "--codec", "int8", "--k", "20", "--metrics",
                    "nDCG@10", "--run", self.path("b"))
        runs = []
        for name in "ab":
            with open(self.path(name), encoding="utf-8") as file:
                runs.append({tuple(line.split()[:5]) for line in file})
        self.assertTrue(runs[1])
        self.assertLessEqual(runs[1], runs[0])  # evaluate asks the judged queries only

    def test_rerank_takes_the_vectors_of_an_index(self):
        self.build()
        queries = self.write_records("q.jsonl", [{"_id": "1", "text": QUESTION}])
        common = ("rerank", "mini", "--queries", queries, "--candidates",
                  self.write("c.trec", "1 Q0 cat 1 2 x\n1 Q0 ice 2 1 x\n"))
        self.assertEqual(self.run_ok(*common, "--index", self.index),
                         self.run_ok(*common, "--corpus", self.corpus))
        self.run_error(2, *common)
        self.run_error(2, *common, "--index", self.index, "--corpus", self.corpus)
        self.run_ok("remove", self.index, "cat")
        self.assertIn("cat", self.run_error(1, *common, "--index", self.index))

    def test_text_and_explain_name_the_words(self):
        self.build("--store-text")
        (_, hits), = self.search(QUESTION, "--k", "1", "--text", "--explain")
        self.assertEqual(hits[0]["text"], TEXTS[0][1])
        best = {match["query_token"]: match for match in hits[0]["alignment"]}
        glacier = best["glacier"]
        begin, end = glacier["document_bytes"]
        self.assertEqual(TEXTS[0][1].encode()[begin:end].decode(), "Glaciers")
        self.assertEqual(QUESTION[slice(*glacier["query_bytes"])], "glacier")
        total = sum(match["similarity"] for match in hits[0]["alignment"])
        self.assertAlmostEqual(total, hits[0]["score"], places=4)
        row = self.run_ok("search", self.index, QUESTION, "--k", "1", "--text", "--explain").rstrip("\n")
        self.assertEqual(len(row.split("\t")), 6)
        self.assertRegex(row.split("\t")[5], r"glacier=glaciers:0\.\d{3}")

    def test_explain_without_stored_text_gives_row_numbers(self):
        self.build()
        (_, hits), = self.search(QUESTION, "--k", "1", "--explain")
        self.assertNotIn("document_token", hits[0]["alignment"][0])
        self.assertEqual(len(hits[0]["alignment"]), 32)
        self.assertIn("--store-text", self.run_error(1, "search", self.index, QUESTION, "--text"))

    def test_where_and_ids_choose_documents(self):
        self.build()
        self.assertCountEqual(self.ids(QUESTION, "--where", "topic = 'cities'"), ["ottawa", "paris"])
        self.assertEqual(self.ids(QUESTION, "--where", "place.name LIKE 'alp%' AND year < 2000"), ["ice"])
        self.assertEqual(self.ids(QUESTION, "--where", "topic IS NULL"), ["cat"])
        self.assertCountEqual(self.ids(QUESTION, "--id", "cat", "--id", "paris"), ["cat", "paris"])
        self.assertEqual(self.ids(QUESTION, "--id", "cat", "--id", "paris", "--where", "year = 1998"),
                         ["paris"])
        some = self.write("some.txt", "grape\n\nnobody\r\n")
        self.assertEqual(self.ids(QUESTION, "--ids", some), ["grape"])
        # An empty list allows nothing: it is no "all".
        self.assertEqual(self.ids(QUESTION, "--ids", self.write("none.txt", "")), [])
        self.assertIn("topic =", self.run_error(2, "search", self.index, QUESTION, "--where", "topic ="))

    def test_metadata_survive_replacing_and_removing(self):
        self.build()
        self.build(corpus=self.write_texts("new.jsonl", [("ice", "Ice is cold.", {"topic": "cities"})]))
        self.assertCountEqual(self.ids("cold", "--where", "topic = 'cities'"), ["ice", "ottawa", "paris"])
        self.run_ok("remove", self.index, "paris")
        self.assertCountEqual(self.ids("cold", "--where", "topic = 'cities'"), ["ice", "ottawa"])

    def test_embeddings_in_give_the_answers_of_texts(self):
        self.build()
        of_texts = self.search(QUESTION)
        docs, asked = self.path("docs.npz"), self.path("asked.npz")
        self.run_ok("encode", "mini", self.corpus, "--document", "--out", docs)
        queries = self.write_records("q.jsonl", [{"_id": "1", "text": QUESTION}])
        self.run_ok("encode", "mini", queries, "--query", "--out", asked)
        self.index = self.path("bare")
        self.run_ok("index", self.index, "--embeddings", docs)
        self.assertIsNone(self.inspect()["model"])
        self.assertEqual(self.search("--query-embeddings", asked), of_texts)
        self.assertIn("bare embeddings", self.run_error(1, "search", self.index, QUESTION))
        self.assertEqual(self.search(QUESTION, "--model", "mini"), of_texts)
        (_, hits), = self.search("--query-embeddings", asked, "--k", "1", "--explain")
        self.assertNotIn("query_token", hits[0]["alignment"][0])
        self.index = self.path("named")
        self.run_ok("index", self.index, "--embeddings", docs, "--model", "mini")
        self.assertEqual(self.search(QUESTION), of_texts)

    def test_answers_do_not_depend_on_the_number_of_threads(self):
        self.build()
        queries = os.path.join(SAMPLE, "queries.jsonl")
        self.assertEqual(self.run_ok("search", self.index, "--queries", queries, "--threads", "1"),
                         self.run_ok("search", self.index, "--queries", queries, "--threads", "3"))

    def test_flags_that_would_be_ignored_are_refused(self):
        self.build()
        npz = write_npz(self.path("q.npz"), [("q", [[1.0] + [0.0] * 95])])
        for arguments in (("search", self.index),
                          ("search", self.index, "q", "--queries", "x"),
                          ("search", self.index, "--query-embeddings", npz, "--model", "mini"),
                          ("search", self.index, "--query-embeddings", npz, "--force-model"),
                          ("search", self.index, "--query-embeddings", npz, "--query-length", "8"),
                          ("search", self.index, "q", "--k", "0"),
                          ("search", self.index, "q", "--k", "-1"),
                          ("index", self.index),
                          ("index", self.path("new"), self.corpus),
                          ("index", self.index, self.corpus, "--embeddings", npz),
                          ("index", self.index, "--embeddings", npz, "--store-text"),
                          ("index", self.index, "--embeddings", npz, "--skip-bad"),
                          ("index", self.index, "--embeddings", npz, "--threads", "2"),
                          ("index", self.index, self.corpus, "--query-length", "8"),
                          ("index", self.index, self.corpus, "--override", "--resume"),
                          ("index", self.path("new"), "--model", "mini", self.corpus, "--force-model"),
                          ("index", self.index, self.corpus, "--kind", "graph"),
                          ("index", "", self.corpus, "--model", "mini"),
                          ("remove", self.index),
                          ("remove", self.index, "ice", "--ids", "x")):
            self.run_error(2, *arguments)
        self.assertFalse(os.path.exists(self.path("new")))


class Maintaining(IndexCase):
    def test_inspect_prints_exactly_the_promised_fields(self):
        self.build("--codec", "int8")
        facts = self.inspect()
        self.assertEqual(list(facts), INSPECT_KEYS)
        self.assertEqual((facts["documents"], facts["deleted"], facts["dim"], facts["kind"], facts["codec"],
                          facts["nbits"], facts["model"], facts["format_version"]),
                         (5, 0, 96, "exact", "int8", None, "mini", 1))
        self.assertRegex(facts["fingerprint"], "^[0-9a-f]{64}$")
        size = sum(os.path.getsize(os.path.join(folder, name))
                   for folder, _, names in os.walk(self.index) for name in names if name != "lock")
        self.assertEqual(facts["bytes"], size)
        self.assertIn("documents", self.run_ok("inspect", self.index))

    def test_remove_prints_what_went_and_tells_what_was_not_there(self):
        self.build()
        done = self.call("remove", self.index, "ice", "nobody", "ice")
        self.assertEqual((done.returncode, done.stdout), (0, b"ice\n"))
        self.assertIn("not in the index: nobody", done.stderr.decode())
        self.assertEqual(self.inspect()["documents"], 4)
        self.assertNotIn("ice", self.ids(QUESTION))
        self.run_ok("remove", self.index, "--ids", self.write("ids", "cat\nparis\n"))
        self.assertCountEqual(self.ids(QUESTION), ["grape", "ottawa"])
        self.run_ok("remove", self.index, "grape", "ottawa")
        self.assertEqual(self.ids(QUESTION), [])
        self.run_ok("verify", self.index)
        self.build()
        self.assertEqual(self.inspect()["documents"], 5)

    def test_compact_keeps_every_answer(self):
        for text in TEXTS:
            self.build(corpus=self.write_texts("one.jsonl", [text]))
        self.build(corpus=self.write_texts("one.jsonl", [TEXTS[1]]))
        self.run_ok("remove", self.index, "cat")
        before = self.search(QUESTION)
        self.run_ok("compact", self.index)
        self.assertEqual(self.search(QUESTION), before)
        self.assertEqual(self.inspect()["deleted"], 0)
        self.assertIn("ok: ", self.run_ok("verify", self.index))

    def test_verify_lists_what_is_damaged_and_fails(self):
        self.build()
        self.assertIn("5 documents", self.run_ok("verify", self.index))
        path = max((os.path.join(folder, name) for folder, _, names in os.walk(self.index)
                    for name in names if "segments" in folder), key=os.path.getsize)
        with open(path, "r+b") as file:
            file.seek(os.path.getsize(path) // 2)
            byte = file.read(1)[0]
            file.seek(-1, os.SEEK_CUR)
            file.write(bytes([byte ^ 0x40]))
        done = self.call("verify", self.index)
        self.assertEqual(done.returncode, 1)
        self.assertIn(os.path.basename(path), done.stdout.decode())
        self.assertIn("problems found", done.stderr.decode())

    def test_a_folder_that_is_no_index_is_told_by_every_verb(self):
        os.mkdir(self.path("plain"))
        for name in ("plain", "absent", os.path.basename(self.corpus)):
            for verb in (("search", self.path(name), "q"), ("remove", self.path(name), "x"),
                         ("inspect", self.path(name)), ("verify", self.path(name)),
                         ("compact", self.path(name))):
                self.assertIn(name, self.run_error(1, *verb))

    def test_resume_passes_over_what_is_there(self):
        self.build(corpus=self.write_texts("first.jsonl", TEXTS[:2]))
        changed = [("ice", "Something else.", None)] + TEXTS[1:]
        done = self.call("index", self.index, self.write_texts("all.jsonl", changed), "--resume")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("3 documents added, 2 were there already; 5 in all", done.stderr.decode())
        again = self.call("index", self.index, self.write_texts("all.jsonl", changed), "--resume")
        self.assertIn("0 documents added, 5 were there already", again.stderr.decode())
        self.assertEqual(self.ids(QUESTION)[0], "ice")  # the old text

    def test_an_index_remembers_its_settings_and_names_both_values(self):
        self.build("--codec", "float16")
        for flags, stored, asked in ((("--codec", "int8"), "float16", "int8"),
                                     (("--store-text",), "does not store", "--store-text")):
            message = self.run_error(1, "index", self.index, self.corpus, *flags)
            self.assertIn(stored, message)
            self.assertIn(asked, message)
        self.run_ok("index", self.index, self.corpus, "--codec", "float16")

    def test_another_model_is_refused_unless_forced(self):
        self.build()
        self.ids(QUESTION, "--query-length", "16")  # a setting of queries
        for command in (("search", self.index, QUESTION), ("index", self.index, self.corpus)):
            message = self.run_error(1, *command, "--document-length", "64")
            self.assertIn("'mini'", message)
            self.assertIn("--force-model", message)
            self.run_ok(*command, "--document-length", "64", "--force-model")
        self.run_ok("convert", "mini", self.path("copy"), "--dtype", "f16")
        self.assertEqual(self.ids(QUESTION, "--model", self.path("copy"))[0], "ice")

    def test_vectors_for_an_index_with_a_model_are_taken_with_a_note(self):
        self.build(corpus=self.write_texts("first.jsonl", TEXTS[:2]))
        npz = self.path("docs.npz")
        self.run_ok("encode", "mini", self.corpus, "--document", "--out", npz)
        done = self.call("index", self.index, "--embeddings", npz, "--resume")
        self.assertEqual(done.returncode, 0)
        self.assertIn("'mini'", done.stderr.decode())
        self.assertIn("3 documents added, 2 were there already", done.stderr.decode())
        self.assertIn("--force-model", self.run_error(1, "index", self.index, "--embeddings", npz,
                                                      "--document-length", "64"))
        self.index = self.path("bare")
        self.run_ok("index", self.index, "--embeddings", npz)
        for command in (("--embeddings", npz, "--model", "mini"), (self.corpus, "--model", "mini")):
            self.assertIn("bare embeddings", self.run_error(1, "index", self.index, *command))

    def test_a_model_that_moved_away_is_named_and_may_be_given(self):
        self.run_ok("convert", "mini", self.path("model"), "--dtype", "bf16")
        self.run_ok("index", self.index, "--model", self.path("model"), self.corpus)
        os.rename(self.path("model"), self.path("moved"))
        for command in (("search", self.index, QUESTION), ("index", self.index, self.corpus)):
            message = self.run_error(1, *command)
            self.assertIn(self.path("model"), message)
            self.assertIn("--model", message)
            self.run_ok(*command, "--model", self.path("moved"))

    def test_a_second_writer_is_told_or_waits_and_a_killed_one_leaves_no_lock(self):
        self.build()
        with open(os.path.join(self.index, "lock"), "r+b") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for command in (("remove", self.index, "ice"), ("compact", self.index),
                            ("index", self.index, self.corpus)):
                self.run_error(1, *command)
            self.ids(QUESTION)  # readers need no lock
            waiting = subprocess.Popen([PROGRAM, "remove", self.index, "ice", "--wait", "60"],
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            time.sleep(0.3)
            self.assertIsNone(waiting.poll())
        self.assertEqual(waiting.communicate()[0], b"ice\n")
        victim = subprocess.Popen([PROGRAM, "index", self.index, os.path.join(SAMPLE, "corpus.jsonl")],
                                  stderr=subprocess.DEVNULL)
        time.sleep(0.7)
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        self.run_ok("remove", self.index, "cat")
        self.run_ok("verify", self.index)
        self.assertCountEqual(self.ids(QUESTION), ["grape", "ottawa", "paris"])


if __name__ == "__main__":
    unittest.main()
