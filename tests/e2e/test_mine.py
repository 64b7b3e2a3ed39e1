"""The verb mine: hard negatives beside a brute-force selection from the program's own exact rankings."""
import csv
import gzip
import io
import json
import os
import unittest

from cli_case import SAMPLE, CliCase


def records(name):
    with open(os.path.join(SAMPLE, name), encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def as_lines(rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


class MineCase(CliCase):
    def mine(self, dataset, *flags):
        """The rows written, parsed."""
        out = self.path("mined.jsonl")
        self.run_ok("mine", "mini", "--dataset", dataset, "--out", out, *flags)
        with open(out, encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]


class MineSample(MineCase):
    """The sample collection: questions, the paragraphs they were written for, and the others."""

    def setUp(self):
        super().setUp()
        self.documents = {record["_id"]: record for record in records("corpus.jsonl")[:120]}
        self.corpus = self.write("corpus.jsonl", as_lines(self.documents.values()))
        self.texts = {name: f"{record['title']} {record['text']}".strip() for name, record in self.documents.items()}
        with open(os.path.join(SAMPLE, "qrels", "test.tsv"), encoding="utf-8") as lines:
            pairs = [line.split("\t")[:2] for line in list(lines)[1:]]
        questions = {record["_id"]: record["text"] for record in records("queries.jsonl")}
        self.rows = [{"question": questions[query], "answer": self.texts[document], "document": document}
                     for query, document in pairs if document in self.documents]
        self.rows.append({**self.rows[0], "answer": self.texts["p990"], "document": "p990"})
        self.dataset = self.write("pairs.jsonl", as_lines(self.rows))

    def rankings(self):
        """question -> [(id, score)], all documents by exact search."""
        index = self.path("index")
        self.run_ok("index", index, "--model", "mini", "--kind", "exact", self.corpus)
        questions = sorted({row["question"] for row in self.rows})
        queries = self.write_records("questions.jsonl", [{"_id": str(i), "text": text}
                                                         for i, text in enumerate(questions)])
        lines = self.run_ok("search", index, "--queries", queries, "--k", "1000", "--json").splitlines()
        return {text: [(hit["id"], hit["score"]) for hit in json.loads(line)["hits"]]
                for text, line in zip(questions, lines)}

    def expected(self, negatives, rank_min, rank_max, ratio):
        """The rules, from whole rankings."""
        rankings = self.rankings()
        rows = []
        for row in self.rows:
            answers = {other["document"] for other in self.rows if other["question"] == row["question"]}
            ranking = rankings[row["question"]]
            positive = dict(ranking)[row["document"]]
            left = [(name, score) for name, score in ranking if name not in answers]
            window = [(name, score) for name, score in left[rank_min - 1:rank_max] if score <= ratio * positive]
            if len(window) >= negatives:
                rows.append((row, positive, window[:negatives]))
        return rows

    def test_rows_are_those_of_a_brute_force_selection(self):
        mined = self.mine(self.dataset, "--corpus", self.corpus, "--negatives", "2", "--rank-min", "2",
                          "--rank-max", "10", "--max-score-ratio", "0.7", "--with-scores")
        expected = self.expected(2, 2, 10, 0.7)
        self.assertLess(len(expected), len(self.rows))  # the limit leaves some out
        self.assertGreater(len(expected), 20)
        self.assertEqual(len(mined), len(expected))
        for row, (pair, positive, window) in zip(mined, expected):
            self.assertEqual(list(row), ["question", "answer", "negative_1", "negative_2", "scores"])
            self.assertEqual((row["question"], row["answer"]), (pair["question"], pair["answer"]))
            self.assertEqual([row["negative_1"], row["negative_2"]], [self.texts[name] for name, _ in window])
            for score, wanted in zip(row["scores"], [positive] + [score for _, score in window]):
                self.assertAlmostEqual(score, wanted, delta=1e-4)

    def test_bytes_do_not_depend_on_threads_or_formats(self):
        flags = ["--corpus", self.corpus, "--sampling", "random", "--negatives", "3", "--with-scores"]
        first = self.mine(self.dataset, "--threads", "1", *flags)
        self.assertEqual(self.mine(self.dataset, "--threads", "2", *flags), first)
        text = io.StringIO()
        table = csv.DictWriter(text, ["document", "answer", "question"])
        table.writeheader()
        table.writerows(self.rows)
        self.assertEqual(self.mine(self.write("pairs.csv", text.getvalue()), *flags), first)
        self.assertNotEqual(self.mine(self.dataset, "--seed", "7", *flags), first)

    def test_kind_plaid_finds_nearly_the_same(self):
        flags = ["--corpus", self.corpus, "--with-scores"]
        exact = self.mine(self.dataset, *flags)
        plaid = self.mine(self.dataset, "--kind", "plaid", *flags)
        self.assertEqual(len(plaid), len(self.rows))
        self.assertGreater(sum(a["negative_1"] == b["negative_1"] for a, b in zip(exact, plaid)), 0.6 * len(exact))
        for row, wanted in zip(plaid, exact):  # documents in four bits a value: nearly as high
            self.assertEqual(row["question"], wanted["question"])
            for score, wanted_score in zip(row["scores"], wanted["scores"]):
                self.assertAlmostEqual(score, wanted_score, delta=0.03 * wanted_score)

    def test_answers_are_known_by_their_ids_or_without_titles(self):
        for row in self.rows:
            row["answer"] = self.documents[row["document"]]["text"]
        untitled = self.write("untitled.jsonl", as_lines(self.rows))
        done = self.call("mine", "mini", "--dataset", untitled, "--corpus", self.corpus, "--out", self.path("a"))
        self.assertIn(b"--without-titles", done.stderr)
        wanted = [row["negative_1"] for row in self.mine(self.dataset, "--corpus", self.corpus)]
        self.assertEqual([row["negative_1"] for row in self.mine(untitled, "--corpus", self.corpus)], wanted)
        for row in self.rows:
            row["answer"] = "the short answer"
        by_id = self.write("by_id.jsonl", as_lines(self.rows))
        mined = self.mine(by_id, "--corpus", self.corpus, "--positive-ids", "document")
        self.assertEqual([row["negative_1"] for row in mined], wanted)
        self.assertEqual({row["answer"] for row in mined}, {"the short answer"})
        plain = {record["text"] for record in self.documents.values()}
        for row in self.mine(self.dataset, "--corpus", self.corpus, "--without-titles"):
            self.assertIn(row["negative_1"], plain)

    def test_what_is_written_can_be_evaluated(self):
        self.mine(self.dataset, "--corpus", self.corpus, "--negatives", "2")
        facts = json.loads(self.run_ok("evaluate", "mini", "--triplets", self.path("mined.jsonl"), "--json"))
        self.assertEqual(facts["triplets"], 2 * len(self.rows))
        self.assertGreater(facts["accuracy"], 0.5)


class MineTexts(MineCase):
    """A few texts of our own."""

    ROWS = [
        {"query": "why is the sky blue?", "positive": "Air scatters blue light more than red light."},
        {"query": "why is the sky  blue?", "positive": "The sky is blue because of Rayleigh scattering."},
        {"query": "what do owls eat?", "positive": "Owls hunt mice and voles at night."},
        {"query": "how far away is the moon?", "positive": "The moon is 384,000 kilometres from Earth."},
        {"query": "who eats mice?", "positive": "Owls  hunt mice and voles at night. "},
    ]

    def setUp(self):
        super().setUp()
        self.dataset = self.write("pairs.jsonl", as_lines(self.ROWS))

    def test_answers_of_the_same_question_are_never_negatives(self):
        mined = self.mine(self.dataset, "--rank-min", "1", "--rank-max", "9", "--negatives", "2")
        self.assertEqual([row["query"] for row in mined], [row["query"] for row in self.ROWS])
        positives = {row["positive"].strip() for row in self.ROWS[:4]}
        for row in mined:
            negatives = {row["negative_1"], row["negative_2"]}
            self.assertEqual(len(negatives), 2)
            self.assertLessEqual(negatives, positives)
        sky = {row["positive"] for row in self.ROWS[:2]}
        for row in mined[:2]:
            self.assertFalse(sky & {row["negative_1"], row["negative_2"]})
        self.assertNotIn("Owls hunt mice and voles at night.", [mined[4]["negative_1"], mined[4]["negative_2"]])

    def test_pairs_with_too_few_are_left_out_or_kept(self):
        flags = ["--rank-min", "1", "--rank-max", "9", "--negatives", "3"]
        mined = self.mine(self.dataset, *flags)  # two of four texts answer the question of the sky
        self.assertEqual([row["query"] for row in mined], [row["query"] for row in self.ROWS[2:]])
        kept = self.mine(self.dataset, "--keep-incomplete", *flags)
        self.assertEqual([sum(name.startswith("negative") for name in row) for row in kept], [2, 2, 3, 3, 3])

    def test_a_corpus_is_the_only_source_of_negatives(self):
        corpus = self.write_records("corpus.jsonl", [{"_id": "1", "text": "Owls hunt mice and voles at night."},
                                                     {"_id": "2", "text": "Voles are small rodents."},
                                                     {"_id": "3", "text": "what do owls eat?"}])
        mined = self.mine(self.dataset, "--corpus", corpus, "--rank-min", "1", "--with-scores")
        self.assertEqual(mined[2]["negative_1"], "Voles are small rodents.")
        for row in mined:
            self.assertIn(row["negative_1"], {"Owls hunt mice and voles at night.", "Voles are small rodents.",
                                              "what do owls eat?"})
            self.assertEqual(len(row["scores"]), 2)

    def test_columns_may_be_named(self):
        rows = [{"a": row["query"], "b": row["positive"], "c": 1} for row in self.ROWS]
        dataset = self.write("named.jsonl", as_lines(rows))
        mined = self.mine(dataset, "--columns", "query=a,positive=b", "--rank-min", "1")
        self.assertEqual(list(mined[0]), ["query", "positive", "negative_1"])
        self.assertIn("no column 'question', 'query' or 'anchor'",
                      self.run_error(1, "mine", "mini", "--dataset", dataset, "--out", self.path("x")))

    def test_out_is_written_in_the_format_of_its_name(self):
        rows = self.mine(self.dataset, "--rank-min", "1", "--with-scores")
        base = ["mine", "mini", "--dataset", self.dataset, "--rank-min", "1", "--with-scores", "--out"]
        self.assertEqual([json.loads(line) for line in self.run_ok(*base, "-").splitlines()], rows)
        self.assertFalse(os.path.exists("-"))
        self.run_ok(*base, self.path("x.jsonl.gz"))
        with gzip.open(self.path("x.jsonl.gz"), "rt", encoding="utf-8") as lines:
            self.assertEqual([json.loads(line) for line in lines], rows)
        self.run_ok(*base, self.path("x.csv"))
        with open(self.path("x.csv"), encoding="utf-8", newline="") as table:
            read = [{**row, "scores": json.loads(row["scores"])} for row in csv.DictReader(table)]
        self.assertEqual(read, rows)
        self.run_ok(*base, self.path("x.csv.gz"))
        with gzip.open(self.path("x.csv.gz"), "rb") as packed, open(self.path("x.csv"), "rb") as table:
            self.assertEqual(packed.read(), table.read())
        self.assertIn("TSV", self.run_error(2, *base, self.path("x.tsv")))
        self.assertIn("--keep-incomplete", self.run_error(2, *base, self.path("y.csv"), "--keep-incomplete"))
        self.assertFalse(os.path.exists(self.path("x.tsv")))

    def test_a_corpus_without_documents_is_told(self):
        base = ["mine", "mini", "--dataset", self.dataset, "--out", self.path("x"), "--corpus"]
        empty = self.write("empty.jsonl", "")
        self.assertIn(f"no documents in {empty}", self.run_error(1, *base, empty))
        self.write("folder/data.jsonl", '{"_id": "1", "text": "a"}\n')
        self.assertIn("corpus.jsonl is read, else", self.run_error(1, *base, self.path("folder")))

    def test_of_a_beir_folder_the_corpus_is_read(self):
        corpus = self.write_records("beir/corpus.jsonl", [{"_id": "1", "text": "Voles are small rodents."}])
        self.write("beir/notes.txt", "no document")
        mined = self.mine(self.dataset, "--corpus", corpus, "--rank-min", "1")
        self.assertEqual(self.mine(self.dataset, "--corpus", self.path("beir"), "--rank-min", "1"), mined)

    def test_wrong_usage_and_wrong_data_write_nothing(self):
        out = self.write("out.jsonl", "before")
        base = ["mine", "mini", "--out", out, "--dataset", self.dataset]
        for flags in (["--negatives", "5", "--rank-max", "6"], ["--rank-min", "9", "--rank-max", "8"],
                      ["--positive-ids", "id"], ["--negatives", "0"], ["--sampling", "best"], ["--margin", "nan"],
                      ["--max-score-ratio", "inf"], ["--columns", "question"], ["--columns", "query=foo,positive=positive"],
                      ["--k-token", "5"], ["--n-ivf-probe", "5"]):
            self.run_error(2, *base, *flags)
        self.assertIn("no pair has", self.run_error(1, *base, "--rank-min", "40"))
        corpus = self.write_records("corpus.jsonl", [{"_id": "1", "text": "a"}])
        data = self.write("ids.jsonl", as_lines([{**self.ROWS[0], "id": "1"}, {**self.ROWS[1], "id": "2"}]))
        self.assertIn("ids.jsonl:2: no document of the corpus has the id '2'",
                      self.run_error(1, "mine", "mini", "--out", out, "--dataset", data, "--corpus", corpus,
                                     "--positive-ids", "id"))
        bad = self.write("bad.jsonl", as_lines(self.ROWS[:1]) + '{"query": "q", "positive": 3}\n')
        self.assertIn("bad.jsonl:2:", self.run_error(1, "mine", "mini", "--out", out, "--dataset", bad))
        self.assertIn("would be overwritten",
                      self.run_error(1, "mine", "mini", "--dataset", self.dataset, "--out", self.dataset))
        with open(out, encoding="utf-8") as file:
            self.assertEqual(file.read(), "before")
        self.assertEqual([name for name in os.listdir(self.path()) if ".tmp-" in name], [])


if __name__ == "__main__":
    unittest.main()
