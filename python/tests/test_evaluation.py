"""evaluation and utils. Values beside PyLate's are in test_parity.py."""
import json
import pathlib
import tempfile
import unittest

from maxsimd import evaluation, models, utils


class Rankings(unittest.TestCase):
    SCORES = [[{"id": "9", "score": 0.7}, {"id": "1", "score": 0.5}, {"id": "2", "score": 0.1}],
              [{"id": "4", "score": 0.9}, {"id": "3", "score": 0.2}]]
    QRELS = {"a": {"1": 1, "2": 2}, "b": {"3": True}}

    def test_metrics_have_the_values_of_ranx(self):
        # ranx 0.3.21 on the same rankings.
        expected = {"ndcg@10": 0.6254179934277616, "hits@1": 0.0, "hits@5": 1.5,
                    "map@10": 0.5416666666666666, "mrr@10": 0.5, "recall@10": 1.0,
                    "precision@2": 0.5, "hit_rate@1": 0.0}
        got = evaluation.evaluate(self.SCORES, self.QRELS, ["a", "b"], list(expected))
        self.assertEqual(list(got), list(expected))
        for name, value in expected.items():
            self.assertAlmostEqual(got[name], value, places=12, msg=name)

    def test_one_metric_is_a_number_and_none_are_the_default(self):
        self.assertEqual(evaluation.evaluate(self.SCORES, self.QRELS, ["a", "b"], ["mrr@10"]), 0.5)
        self.assertEqual(list(evaluation.evaluate(self.SCORES, self.QRELS, {"a": "x", "b": "y"})),
                         ["ndcg@10", *(f"hits@{k}" for k in (1, 2, 3, 4, 5, 10))])
        with self.assertRaisesRegex(ValueError, "no 'bpref'"):
            evaluation.evaluate(self.SCORES, self.QRELS, ["a", "b"], ["bpref"])
        for name, message in (("hits", "'hits' needs a cut-off, as in hits@10"), ("hits@0", "got 'hits@0'"),
                              ("f1", "'f1' needs a cut-off"), ("ndcg@x", "got 'ndcg@x'"),
                              ("r-precision@5", "r-precision has none")):
            with self.subTest(name), self.assertRaisesRegex(ValueError, f"metrics: .*{message}"):
                evaluation.evaluate(self.SCORES, self.QRELS, ["a", "b"], [name])

    def test_f1_and_r_precision(self):
        # a: 1 of 2 relevant documents among the first 2; b: 1 of 1, in the second place; c: not answered.
        qrels = {**self.QRELS, "c": {"1": 1}, "d": {"1": 0}}
        got = evaluation.evaluate(self.SCORES, qrels, ["a", "b"], ["f1@2", "r-precision", "mrr@10", "f1@1"])
        self.assertEqual(list(got), ["f1@2", "r-precision", "mrr@10", "f1@1"])
        self.assertAlmostEqual(got["f1@2"], (1 / 2 + 2 / 3) / 4)
        self.assertAlmostEqual(got["r-precision"], (1 / 2 + 0) / 4)
        self.assertAlmostEqual(got["mrr@10"], (1 / 2 + 1 / 2) / 4)
        self.assertEqual(got["f1@1"], 0)
        self.assertEqual(evaluation.evaluate(self.SCORES, self.QRELS, ["a", "b"], ["r-precision"]), 0.25)

    def test_a_score_that_is_no_number_is_refused(self):
        scores = [[{"id": "1", "score": 2.0}, {"id": "2", "score": float("nan")}]]
        with self.assertRaisesRegex(ValueError, r"scores\[0\]: the score of '2' is NaN"):
            evaluation.evaluate(scores, {"a": {"1": 1}}, ["a"])

    def test_unanswered_queries_count(self):
        qrels = {**self.QRELS, "c": {"1": 1}}
        got = evaluation.evaluate(self.SCORES, qrels, ["a", "b"], ["mrr@10", "recall@10"])
        self.assertAlmostEqual(got["mrr@10"], 1 / 3)


class Beir(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        documents = [{"_id": "d1", "title": "Owls", "text": "hunt mice. "},
                     {"_id": "d2", "title": "", "text": "The moon"}]
        queries = [{"_id": "q1", "text": "owls"}, {"_id": "q2", "text": "not judged"}]
        for name, rows in (("corpus", documents), ("queries", queries)):
            (self.folder / f"{name}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
        (self.folder / "qrels").mkdir()
        (self.folder / "qrels" / "dev.tsv").write_text(
            "query-id\tcorpus-id\tscore\nq1\td1\t2\n")

    def test_a_folder(self):
        documents, queries, qrels = evaluation.load_custom_dataset(self.folder, split="dev")
        self.assertEqual(documents, [{"id": "d1", "text": "Owls hunt mice."},
                                     {"id": "d2", "text": "The moon"}])
        self.assertEqual((queries, qrels), ({"q1": "owls"}, {"q1": {"d1": 2}}))
        self.assertEqual(evaluation.load_beir(str(self.folder), "dev")[0], documents)
        triples = evaluation.get_beir_triples(documents, queries, qrels)
        self.assertEqual([triple[:2] for triple in triples], [("owls", "Owls hunt mice.")])
        self.assertIn(triples[0][2], [document["text"] for document in documents])
        with self.assertRaisesRegex(OSError, "dev"):
            evaluation.load_custom_dataset(self.folder, split="test")
        with self.assertRaisesRegex(OSError, "downloads nothing"):
            evaluation.load_beir("no-such-set")


MODEL = models.ColBERT("mini", num_threads=1)


def models_with_prompt(asked):
    class Named:
        prompts = {"q": "find: "}

        def encode(self, sentences, prompt_name=None, prompt=None, **options):
            asked.append((options["is_query"], prompt, prompt_name))
            return MODEL.encode(sentences, prompt=self.prompts.get(prompt_name, prompt), **options)

    return Named()


class Evaluators(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.model = models.ColBERT("mini", num_threads=1)

    def test_prompts_are_put_before_the_texts(self):
        queries, corpus = {"q": "owls"}, {"d1": "owls hunt", "d2": "the moon", "d3": "owls"}
        asked = []

        class Asked:
            def encode(self, sentences, **options):
                asked.append((options["is_query"], options.get("prompt"), options.get("prompt_name")))
                return MODEL.encode(sentences, **options)

        def evaluator(before="", **prompts):
            return evaluation.PyLateInformationRetrievalEvaluator(
                {key: before + text for key, text in queries.items()}, corpus, {"q": ["d3"]}, **prompts)

        got = evaluator(query_prompt="find: ")(Asked())
        self.assertEqual(set(asked), {(True, "find: ", None), (False, None, None)})
        self.assertEqual(got, evaluator("find: ")(MODEL))
        asked.clear()
        evaluator(query_prompt_name="q", corpus_prompt="text: ")(models_with_prompt(asked))
        self.assertEqual(set(asked), {(True, None, "q"), (False, "text: ", None)})
        with self.assertRaisesRegex(ValueError, "prompts in a training run"):
            evaluator(query_prompt="find: ").spec(pathlib.Path("nowhere"))

    def test_what_would_change_metrics_and_is_not_there_is_refused(self):
        for name, value in (("score_functions", {"x": max}), ("main_score_function", "cosine"),
                            ("write_predictions", True)):
            with self.subTest(name), self.assertRaisesRegex(ValueError, name):
                evaluation.PyLateInformationRetrievalEvaluator({"q": "a"}, {"d": "a"}, {"q": ["d"]},
                                                               **{name: value})
            with self.subTest(name), self.assertRaisesRegex(ValueError, name):
                evaluation.NanoBEIREvaluator(**{name: value})
        for name, value in (("aggregate_fn", max), ("aggregate_key", "max"),
                            ("query_prompts", {"a": "x", "b": "y"})):
            with self.subTest(name), self.assertRaisesRegex(ValueError, name):
                evaluation.NanoBEIREvaluator(**{name: value})
        with self.assertRaises(TypeError):
            evaluation.NanoBEIREvaluator(no_such_argument=1)

    def test_pylates_example(self):
        good, growing = "fruits are good for health.", "Fruits are growing in the trees."
        evaluator = evaluation.ColBERTTripletEvaluator(
            ["fruits are healthy."] * 2, [good, growing], [growing, good])
        with tempfile.TemporaryDirectory() as folder:
            for step in (1, 2):
                got = evaluator(self.model, output_path=folder, epoch=0.5, steps=step)
                self.assertEqual(got, {"accuracy": 0.5})
            rows = (pathlib.Path(folder) / "triplet_evaluation_results.csv").read_text().split()
        self.assertEqual(rows, ["epoch,steps,accuracy", "0.5,1,0.5", "0.5,2,0.5"])
        with self.assertRaisesRegex(ValueError, "negatives"):
            evaluation.ColBERTTripletEvaluator(["a"], ["b"], [])

    def test_retrieval_and_distillation(self):
        evaluator = evaluation.PyLateInformationRetrievalEvaluator(
            {"q": "what do owls eat?", "other": "not judged"},
            {"d1": "The moon is far away.", "d2": "Owls eat mice."}, {"q": {"d2"}}, name="mine")
        got = evaluator(self.model)
        self.assertEqual(got["mine_MaxSim_ndcg@10"], 1.0)
        self.assertEqual(evaluator.primary_metric, "mine_MaxSim_ndcg@10")
        same = evaluation.ColBERTDistillationEvaluator(["q"], [["a", "b"]], [[1.0, 1.0]])
        self.assertGreaterEqual(same(self.model)["kl_divergence"], 0)
        self.assertFalse(same.greater_is_better)

    def test_an_error_of_the_model_comes_through(self):
        class Broken:
            def encode(self, *_, **__):
                raise LookupError("no weights")

        evaluator = evaluation.ColBERTTripletEvaluator(["a"], ["b"], ["c"])
        with self.assertRaisesRegex(LookupError, "no weights"):
            evaluator(Broken())


class Utils(unittest.TestCase):
    def test_iter_batch(self):
        self.assertEqual(list(utils.iter_batch("abcde", 2, tqdm_bar=False)), ["ab", "cd", "e"])

    def test_knowledge_distillation_rows(self):
        queries = {"query_id": [1, 2], "text": ["one", "two"]}
        documents = {"document_id": ["a", "b"], "text": ["A", "B"]}
        processing = utils.KDProcessing({"train": queries}, documents, n_ways=2)
        row = {"query_id": 2, "document_ids": "['b', 'zz', 'a']", "scores": "[0.5, 0.1, 0.2]"}
        with self.assertLogs("maxsimd", "WARNING"):
            got = processing.map(dict(row))
        self.assertEqual(got, {"scores": [0.5, 0.1], "query": "two", "documents": ["B", ""]})
        got = processing.transform({"query_id": [1], "document_ids": [["a"]], "scores": [[1.0]]})
        self.assertEqual((got["query"], got["documents"]), (["one"], [["A"]]))

    def test_collator_prompts(self):
        seen = []

        def tokenize(texts, is_query, pad):
            seen.append((texts, is_query))
            return {}

        collate = utils.ColBERTCollator(tokenize, prompts={"one": {"question": "Q: "}})
        collate([{"dataset_name": "one", "question": "a", "doc_id": "7", "anchor": "b"}])
        self.assertEqual(seen, [(["Q: a"], False), (["b"], True)])
        with self.assertRaisesRegex(ValueError, "data set"):
            collate([{"question": "a"}])


if __name__ == "__main__":
    unittest.main()
