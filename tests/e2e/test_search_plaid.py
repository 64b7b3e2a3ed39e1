"""Searching an index of kind plaid as a user does, beside exact search over the same index."""
import json
import os
import unittest

from cli_case import SAMPLE, CliCase

QUERIES = 30
EVERYTHING = ("--n-ivf-probe", "65536", "--n-full-scores", "1000000")


def records(name):
    with open(os.path.join(SAMPLE, name), encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


class SearchPlaid(CliCase):
    FORM = ()  # of the index, beside its kind
    EXPLAINED = 1e-3  # what a score may differ from the sum that explains it

    @classmethod
    def setUpClass(cls):
        cls.documents = [dict(record, metadata={"n": number}) for number, record in enumerate(records("corpus.jsonl"))]

    def setUp(self):
        super().setUp()
        self.index = self.path("idx")
        self.corpus = self.write_records("corpus.jsonl", self.documents)
        self.queries = self.write_records("queries.jsonl", records("queries.jsonl")[:QUERIES])

    def build(self, *inputs):
        self.run_ok("index", self.index, *(inputs or (self.corpus,)), "--model", "mini", "--kind", "plaid",
                    *self.FORM, "--store-text")

    def search(self, *flags):
        lines = self.run_ok("search", self.index, "--queries", self.queries, "--json", *flags).splitlines()
        return [json.loads(line)["hits"] for line in lines]

    def expect_exact_hits(self, *flags):
        """Looking at everything is exact search; looking at less is nearly so. Returns the exact hits."""
        exact = self.search("--exact", *flags)
        self.assertEqual(self.search(*EVERYTHING, *flags), exact)
        found = self.search(*flags)
        wanted = {(q, hit["id"]) for q, hits in enumerate(exact) for hit in hits}
        got = {(q, hit["id"]) for q, hits in enumerate(found) for hit in hits}
        self.assertGreaterEqual(len(wanted & got), 0.95 * len(wanted))
        return exact

    def expect_like(self, hits, others, share, firsts=0.9):
        """Nearly the same documents come first, with scores of each place that differ by at most that share."""
        self.assertGreaterEqual(sum(a[0]["id"] == b[0]["id"] for a, b in zip(hits, others)), firsts * QUERIES)
        for some, expected in zip(hits, others):
            for a, b in zip(some, expected):
                self.assertAlmostEqual(a["score"], b["score"], delta=share * b["score"])

    def test_it_finds_what_exact_search_finds_whatever_is_done_to_the_index(self):
        self.build()
        best = self.expect_exact_hits()
        self.assertEqual([len(hits) for hits in best], [10] * QUERIES)
        gone = sorted({hits[0]["id"] for hits in best})

        some = self.expect_exact_hits("--where", "n >= 100 AND n < 200")
        numbers = {document["_id"]: document["metadata"]["n"] for document in self.documents}
        self.assertTrue(all(100 <= numbers[hit["id"]] < 200 for hits in some for hit in hits))
        few = self.expect_exact_hits("--id", gone[0], "--id", gone[1])
        self.assertEqual({hit["id"] for hit in few[0]}, set(gone[:2]))

        self.run_ok("remove", self.index, *gone)
        self.assertFalse({hit["id"] for hits in self.expect_exact_hits() for hit in hits} & set(gone))
        back = self.write_records("back.jsonl", [d for d in self.documents if d["_id"] in gone])
        self.run_ok("index", self.index, back)
        self.assertEqual(json.loads(self.run_ok("inspect", self.index, "--json"))["deleted"], len(gone))
        # Coded by the same centroids again, but not by way of float16 this time: of two stretches that are nearly as good
        # another one may be chosen.
        added = self.expect_exact_hits()
        self.expect_like(added, best, 0.01)

        self.run_ok("compact", self.index)
        self.assertEqual(self.expect_exact_hits(), added)
        self.run_ok("compact", "--retrain", "--from-vectors", self.index)
        self.expect_like(self.expect_exact_hits(), best, 0.05, firsts=0.8)  # vectors coded twice, by other centroids
        self.run_ok("verify", self.index)

    def test_few_documents_are_all_looked_at_before_there_are_centroids(self):
        self.build(self.write_records("few.jsonl", self.documents[:6]))
        self.assertIsNone(json.loads(self.run_ok("inspect", self.index, "--json"))["centroids"])
        done = self.call("search", self.index, "who?", "--n-full-scores", "1", "--k", "6")
        self.assertEqual(done.stderr, b"")
        self.assertEqual(done.stdout.decode(), self.run_ok("search", self.index, "who?", "--exact", "--k", "6"))

    def test_hits_are_explained_reranked_and_written(self):
        self.build()
        run = self.path("run.trec")
        hits = self.search("--explain", "--text", "--k", "3", "--run", run, *EVERYTHING)
        for hit in (hit for of_query in hits for hit in of_query):
            self.assertAlmostEqual(sum(match["similarity"] for match in hit["alignment"]), hit["score"], delta=self.EXPLAINED)
            self.assertTrue(hit["text"])
        lines = self.run_ok("rerank", "mini", "--index", self.index, "--queries", self.queries, "--candidates", run,
                            "--k", "3", "--json").splitlines()
        reranked = [[(hit["id"], hit["score"]) for hit in json.loads(line)["hits"]] for line in lines]
        self.assertEqual(reranked, [[(hit["id"], hit["score"]) for hit in of_query] for of_query in hits])

    def test_parameters_that_do_nothing_or_make_no_sense_are_refused(self):
        self.build(self.write_records("few.jsonl", self.documents[:6]))
        for flags in (("--exact", "--n-ivf-probe", "4"), ("--n-ivf-probe", "0"), ("--n-full-scores", "0"),
                      ("--n-full-scores", "some"), ("--centroid-score-threshold", "high")):
            self.run_error(2, "search", self.index, "who?", *flags)
        self.run_error(1, "search", self.index, "who?", "--centroid-score-threshold", "nan")
        self.assertEqual(len(self.run_ok("search", self.index, "who?", "--centroid-score-threshold", "0.4",
                                         "--k", "6").splitlines()), 6)
        self.run_ok("index", self.index, self.corpus, "--model", "mini", "--kind", "exact", "--override")
        self.assertIn("--n-ivf-probe", self.run_error(1, "search", self.index, "who?", "--n-full-scores", "9"))
        self.run_ok("search", self.index, "who?", "--exact")

    def test_evaluate_tells_what_the_kind_costs(self):
        def evaluate(*flags):
            return json.loads(self.run_ok("evaluate", "mini", "--beir", SAMPLE, "--json", *flags))

        exact = evaluate()
        plaid = evaluate("--kind", "plaid")
        self.assertEqual(list(plaid), list(exact))
        self.assertAlmostEqual(plaid["nDCG@10"], exact["nDCG@10"], delta=0.02)
        self.assertEqual(exact["bytes_per_token"], 4 * 96)
        self.assertLess(plaid["bytes_per_token"], 96)
        self.assertLess(evaluate("--kind", "plaid", "--nbits", "1")["bytes_per_token"], plaid["bytes_per_token"] - 30)
        coded = evaluate("--codec", "residual")
        self.assertEqual(evaluate("--kind", "plaid", *EVERYTHING)["nDCG@10"], coded["nDCG@10"])
        beside = evaluate("--kind", "plaid", "--codec", "int8", *EVERYTHING)
        self.assertEqual(beside["nDCG@10"], evaluate("--codec", "int8")["nDCG@10"])
        self.assertAlmostEqual(beside["bytes_per_token"], plaid["bytes_per_token"] + 100, delta=3)
        for flags in (("--nbits", "2"), ("--kind", "hnsw", "--codec", "float16")):
            self.run_error(2, "evaluate", "mini", "--beir", SAMPLE, *flags)
        self.run_error(2, "evaluate", "mini", "--beir", SAMPLE, "--n-ivf-probe", "2")


class SearchPlaidWithVectors(SearchPlaid):
    FORM = ("--codec", "int8", "--nbits", "2")
    EXPLAINED = 0.05  # of about 20: the int8 kernel rounds the query, too, 32 rows by up to half a step each
    test_parameters_that_do_nothing_or_make_no_sense_are_refused = None  # the same of every form
    test_evaluate_tells_what_the_kind_costs = None

    def test_retraining_leaves_scores_as_they_are(self):
        self.build()
        best = self.expect_exact_hits()
        self.run_ok("compact", "--retrain", self.index)
        self.assertEqual(self.expect_exact_hits(), best)


if __name__ == "__main__":
    unittest.main()
