"""maxsimd evaluate with PyLate's evaluators, and the known bugs of evaluation as a user meets them."""
import csv
import json
import math
import os

from cli_case import SAMPLE, CliCase

TRIPLETS = [{"question": "capital of France?", "positive": "Paris is the capital of France.",
             "negative": "Bananas are yellow."},
            {"question": "capital of France?", "positive": "same", "negative": "same"}]
DISTILLATION = [{"query": "capital of France?", "documents": ["Paris", "bananas", "a boat"], "scores": [9, 1, 2]},
                {"query": "yellow fruit", "documents": ["Paris", "bananas", "x"], "scores": [0.5, 4, 1]}]


class Evaluators(CliCase):
    def evaluate(self, *flags):
        return json.loads(self.run_ok("evaluate", "mini", "--json", *flags))

    def rows(self, name):
        with open(self.path("out", name), newline="") as file:
            return list(csv.reader(file))

    def nano(self):
        for name, found in (("scifact", "1"), ("NanoNQ", "2")):
            self.write_records(f"nano/{name}/corpus.jsonl", [
                {"_id": "1", "text": "Paris is the capital of France."}, {"_id": "2", "text": "Bananas are yellow."}])
            self.write_records(f"nano/{name}/queries.jsonl", [{"_id": "q", "text": "the capital of France"}])
            self.write_records(f"nano/{name}/qrels.jsonl", [{"query-id": "q", "corpus-id": found}])
        return self.path("nano")

    def test_triplets_keep_their_shape_and_a_history(self):
        triplets = self.write_records("t.jsonl", TRIPLETS)
        for _ in range(2):
            result = self.evaluate("--triplets", triplets, "--csv", self.path("out"), "--name", "dev")
            self.assertEqual(result, {"accuracy": 0.5, "triplets": 2, "ties": 1})
        self.assertEqual(self.rows("triplet_evaluation_dev_results.csv"),
                         [["epoch", "steps", "accuracy"], ["-1", "-1", "0.5"], ["-1", "-1", "0.5"]])

    def test_distillation(self):
        rows = self.write_records("kd.jsonl", DISTILLATION)
        result = self.evaluate("--distillation", rows, "--csv", self.path("out"))
        self.assertEqual(list(result), ["kl_divergence", "queries"])
        self.assertEqual(result["queries"], 2)
        self.assertGreater(result["kl_divergence"], 0)
        self.assertEqual(float(self.rows("distillation_evaluation_results.csv")[1][2]), result["kl_divergence"])

    def test_nano_beir_gives_each_set_and_the_mean(self):
        result = self.evaluate("--nano-beir", self.nano(), "--csv", self.path("out"))
        self.assertEqual(result["NanoSciFact_MaxSim_mrr@10"], 1.0)
        self.assertEqual(result["NanoNQ_MaxSim_mrr@10"], 0.5)
        self.assertEqual(result["NanoBEIR_mean_MaxSim_mrr@10"], 0.75)
        self.assertEqual(list(result)[0], "NanoNQ_MaxSim_accuracy@1")  # PyLate's order of sets
        self.assertEqual(sorted(os.listdir(self.path("out"))),
                         ["Information-Retrieval_evaluation_NanoNQ_results.csv",
                          "Information-Retrieval_evaluation_NanoSciFact_results.csv",
                          "NanoBEIR_evaluation_mean_results.csv"])

    def test_the_verb_and_the_evaluator_write_the_same_row(self):
        verb = self.evaluate("--beir", SAMPLE, "--csv", self.path("out"), "--name", "data")
        evaluator = self.evaluate("--evaluator", f"ir:{SAMPLE}:test", "--csv", self.path("out"))
        header, first, second = self.rows("Information-Retrieval_evaluation_data_results.csv")
        self.assertEqual(first, second)
        self.assertEqual(float(first[header.index("MaxSim-NDCG@10")]), evaluator["data_MaxSim_ndcg@10"])
        self.assertAlmostEqual(verb["MRR@10"], evaluator["data_MaxSim_mrr@10"], places=12)
        self.assertIn("--k of at least 100",
                      self.run_error(1, "evaluate", "mini", "--beir", SAMPLE, "--k", "10", "--metrics", "nDCG@10",
                                     "--csv", self.path("out")))

    def test_several_evaluators_have_one_score(self):
        triplets = self.write_records("t.jsonl", TRIPLETS)
        distillation = self.write_records("kd.jsonl", DISTILLATION)
        result = self.evaluate("--evaluator", f"distillation:{distillation}", "--evaluator", f"triplet:{triplets}")
        self.assertEqual(list(result), ["kl_divergence", "accuracy", "sequential_score"])
        self.assertEqual(result["sequential_score"], result["accuracy"])
        first = self.evaluate("--evaluator", json.dumps(
            {"type": "sequence", "main": 0, "evaluators": [f"distillation:{distillation}", f"triplet:{triplets}"]}))
        self.assertEqual(first["sequential_score"], first["kl_divergence"])

    def test_what_makes_no_sense_is_refused(self):
        triplets = self.write_records("t.jsonl", TRIPLETS)
        self.run_error(2, "evaluate", "mini")
        self.run_error(2, "evaluate", "mini", "--beir", SAMPLE, "--triplets", triplets)
        self.run_error(2, "evaluate", "mini", "--triplets", triplets, "--kind", "plaid")
        self.run_error(2, "evaluate", "mini", "--triplets", triplets, "--metrics", "nDCG@10")
        self.run_error(2, "evaluate", "mini", "--nano-beir", self.nano(), "--name", "x")
        self.assertIn("triplet:FILE", self.run_error(1, "evaluate", "mini", "--evaluator", "tripel:x"))
        self.assertIn("corpus.jsonl", self.run_error(1, "evaluate", "mini", "--nano-beir", self.path()))
        self.assertIn("folder", self.run_error(1, "evaluate", "mini", "--triplets", triplets, "--csv", triplets))
        self.assertIn("documents and scores", self.run_error(1, "evaluate", "mini", "--distillation", triplets))

    def test_b50_twenty_identical_documents_rank_by_the_order_of_adding(self):
        text = "winter storms in the north sea"
        self.write_records("b/corpus.jsonl", [{"_id": f"d{i}", "text": text} for i in range(1, 21)])
        self.write_records("b/queries.jsonl", [{"_id": "q", "text": text}])
        self.write("b/qrels/test.tsv", "query-id\tcorpus-id\tscore\nq\td3\t1\n")
        for threads in ("1", "8"):
            result = self.evaluate("--beir", self.path("b"), "--threads", threads, "--run", self.path("run.trec"))
            self.assertAlmostEqual(result["nDCG@10"], 0.5, places=12)
            with open(self.path("run.trec")) as file:
                hits = [line.split() for line in file]
            self.assertEqual([hit[2] for hit in hits], [f"d{i}" for i in range(1, 21)])
            scores = [float(hit[4]) for hit in hits]
            self.assertTrue(all(a > b for a, b in zip(scores, scores[1:])))  # trec_eval sees our order
            evaluator = self.evaluate("--evaluator", f"ir:{self.path('b')}", "--threads", threads)
            self.assertAlmostEqual(evaluator["b_MaxSim_ndcg@10"], 0.5, places=12)

    def test_b51_every_judged_query_counts_and_their_number_is_told(self):
        self.write_records("b/corpus.jsonl", [{"_id": "A", "text": "Paris is in France."}, {"_id": "B", "text": "x"}])
        self.write_records("b/queries.jsonl", [{"_id": q, "text": "where is Paris?"} for q in ("1", "2", "3")])
        self.write("b/qrels/test.tsv", "1\tA\t2\n1\tB\t1\n2\tA\t0\n3\tgone\t1\n4\tA\t1\n")
        done = self.call("evaluate", "mini", "--beir", self.path("b"), "--json")
        result = json.loads(done.stdout)
        self.assertEqual(result["queries"], 4)  # one perfect; judged 0, out of the corpus, and without text: 0
        self.assertAlmostEqual(result["nDCG@10"], 0.25, places=12)
        self.assertIn("count as not found", done.stderr.decode())
        self.assertTrue(all(math.isfinite(value) for value in result.values()))
