"""The verbs on the embedded model and the sample corpus, chained as a user would."""
import json
import os
import unittest

from cli_case import PROGRAM, SAMPLE, SOURCE, CliCase, read_npz


class Verbs(CliCase):
    def test_every_verb_has_help_and_is_listed(self):
        text = self.run_ok("--help")
        for verb in ("info", "tokenize", "encode", "score", "index", "search", "remove", "inspect", "verify",
                     "compact", "rerank", "evaluate", "convert", "card", "bench", "demo"):
            self.assertIn(verb, text)
            self.assertIn("--help", self.run_ok(verb, "--help"))

    def test_version(self):
        self.assertRegex(self.run_ok("--version"), r"^maxsimd \d+\.\d+\.\d+$")

    def test_info_prints_the_settings_and_pylates_architecture(self):
        text = self.run_ok("info", "mini")
        self.assertIn("  (1): Dense({'in_features': 384, 'out_features': 96, 'bias': False, "
                      "'activation_function': 'torch.nn.modules.linear.Identity', 'use_residual': False})", text)
        self.assertIn("  (0): Transformer({'max_seq_length': 299, 'do_lower_case': False, "
                      "'architecture': 'BertModel'})", text)
        info = json.loads(self.run_ok("info", "mini", "--json"))
        self.assertEqual((info["query_length"], info["document_length"], info["dim"]), (32, 300, 96))
        self.assertEqual(info["query_prefix"], "[unused0]")
        self.assertEqual(len(info["skiplist_words"]), 32)

    def test_tokenize_gives_hugging_face_ids(self):
        lines = self.run_ok("tokenize", "mini", "--document", stdin="Gospić\nHello, World!\n\n").splitlines()
        self.assertEqual([json.loads(line) for line in lines],
                         [[101, 2, 2175, 13102, 2594, 102],
                          [101, 2, 7592, 1010, 2088, 999, 102], [101, 2, 102]])
        query = json.loads(self.run_ok("tokenize", "mini", "--query", "--offsets", stdin="café au lait"))
        self.assertEqual(query["ids"][:4], [101, 1, 7668, 8740])
        self.assertEqual(query["offsets"][2], [0, 5])
        self.assertEqual(len(query["ids"]), 32)

    def test_tokenize_reads_crlf_and_invalid_bytes(self):
        lines = self.run_ok("tokenize", "mini", "--document", stdin=b"hello\r\na\xffb").splitlines()
        self.assertEqual([json.loads(line) for line in lines],
                         [[101, 2, 7592, 102], [101, 2, 11113, 102]])

    def test_encode_writes_values_offsets_and_ids(self):
        corpus = self.write_records("docs.jsonl", [
            {"_id": "é1", "title": "A title", "text": "and text."}, {"_id": "2", "text": "..."},
            {"_id": "3", "text": ""}])
        out = self.path("out.npz")
        self.run_ok("encode", "mini", corpus, "--document", "--out", out)
        arrays = read_npz(out)
        self.assertEqual(arrays["ids"], ((3,), ["é1", "2", "3"]))
        self.assertEqual(arrays["offsets"], ((4,), [0, 7, 10, 13]))
        shape, values = arrays["values"]
        self.assertEqual(shape, (13, 96))
        for row in range(13):
            norm = sum(v * v for v in values[row * 96:(row + 1) * 96])
            self.assertAlmostEqual(norm, 1.0, places=5)

    def test_encode_gives_the_same_bytes_for_any_number_of_threads(self):
        outputs = []
        for threads in ("1", "2", "3"):
            out = self.path(f"out{threads}.npz")
            self.run_ok("encode", "mini", os.path.join(SAMPLE, "queries.jsonl"), "--query", "--out",
                        out, "--threads", threads)
            with open(out, "rb") as file:
                outputs.append(file.read())
        self.assertEqual(outputs[0], outputs[1])
        self.assertEqual(outputs[0], outputs[2])

    def test_pool_factor_shrinks_documents(self):
        corpus = self.write_records("docs.jsonl", [{"_id": "1", "text": "one two three four five six seven"}])
        self.run_ok("encode", "mini", corpus, "--document", "--out", self.path("a.npz"))
        self.run_ok("encode", "mini", corpus, "--document", "--pool-factor", "2", "--out", self.path("b.npz"))
        self.assertEqual(read_npz(self.path("a.npz"))["offsets"][1], [0, 10])
        self.assertEqual(read_npz(self.path("b.npz"))["offsets"][1], [0, 5])

    def test_score_agrees_with_the_encoded_vectors(self):
        pairs = "what is photosynthesis?\tPlants turn light into sugar.\nwho?\tno\n"
        scores = [float(line) for line in self.run_ok("score", "mini", stdin=pairs).splitlines()]
        queries = self.write_records("q.jsonl", [{"_id": "1", "text": "what is photosynthesis?"}, {"_id": "2", "text": "who?"}])
        documents = self.write_records("d.jsonl", [{"_id": "1", "text": "Plants turn light into sugar."}, {"_id": "2", "text": "no"}])
        self.run_ok("encode", "mini", queries, "--query", "--out", self.path("q.npz"))
        self.run_ok("encode", "mini", documents, "--document", "--out", self.path("d.npz"))
        q, d = read_npz(self.path("q.npz")), read_npz(self.path("d.npz"))
        for item in range(2):
            self.assertAlmostEqual(scores[item], _maxsim(_rows(q, item), _rows(d, item)), places=3)

    def test_evaluate_rerank_and_runs_agree(self):
        run = self.path("run.trec")
        result = json.loads(self.run_ok("evaluate", "mini", "--beir", SAMPLE, "--run", run, "--json"))
        self.assertGreater(result["nDCG@10"], 0.7)
        self.assertLessEqual(result["Recall@100"], 1.0)
        for key in ("MAP@100", "MRR@10", "P@10", "Success@5", "queries", "index_seconds",
                    "search_p50_ms", "search_p95_ms", "bytes_per_token"):
            self.assertIn(key, result)
        self.assertEqual(result["bytes_per_token"], 96 * 4)
        again = self.path("again.trec")
        self.run_ok("rerank", "mini", "--queries", os.path.join(SAMPLE, "queries.jsonl"),
                    "--candidates", run, "--corpus", os.path.join(SAMPLE, "corpus.jsonl"), "--run", again)
        self.assertEqual(_ranking(again), _ranking(run))

    def test_codecs_keep_the_quality(self):
        scores = {}
        for codec in ("float32", "float16", "int8"):
            result = json.loads(self.run_ok("evaluate", "mini", "--beir", SAMPLE, "--codec", codec, "--json"))
            scores[codec] = result["nDCG@10"]
        self.assertAlmostEqual(scores["float16"], scores["float32"], delta=0.001)
        self.assertAlmostEqual(scores["int8"], scores["float32"], delta=0.005)

    def test_triplets(self):
        triplets = self.write_records("t.jsonl", [
            {"question": "capital of France?", "positive": "Paris is the capital of France.",
             "negative": "Bananas are yellow."},
            {"question": "capital of France?", "positive": "same", "negative": "same"}])
        result = json.loads(self.run_ok("evaluate", "mini", "--triplets", triplets, "--json"))
        self.assertEqual(result, {"accuracy": 0.5, "triplets": 2, "ties": 1})

    def test_convert_round_trip_keeps_the_vectors(self):
        corpus = os.path.join(SAMPLE, "queries.jsonl")
        self.run_ok("convert", "mini", self.path("f32"), "--dtype", "f32")
        self.run_ok("convert", self.path("f32"), self.path("f16"), "--dtype", "f16")
        outputs = []
        for model in ("mini", self.path("f32"), self.path("f16")):
            self.run_ok("encode", model, corpus, "--query", "--out", self.path("out.npz"))
            with open(self.path("out.npz"), "rb") as file:
                outputs.append(file.read())
        self.assertEqual(outputs[0], outputs[1])
        self.assertEqual(outputs[0], outputs[2])

    def test_convert_writes_every_layout_and_back(self):
        corpus = os.path.join(SAMPLE, "queries.jsonl")

        def vectors(model):
            self.run_ok("encode", model, corpus, "--query", "--out", self.path("out.npz"))
            with open(self.path("out.npz"), "rb") as file:
                return file.read()

        mini, model = vectors("mini"), "mini"
        for layout, file in (("stanford", "artifact.metadata"), ("sentence-transformers", "2_MultiVectorMask"),
                             ("pylate", "1_Dense")):
            self.run_ok("convert", model, self.path(layout), "--layout", layout)
            self.assertTrue(os.path.exists(self.path(layout, file)))
            self.assertEqual(vectors(self.path(layout)), mini, layout)
            model = self.path(layout)
        self.run_error(2, "convert", "mini", self.path("x"), "--layout", "onnx")
        other = os.path.join(SOURCE, "maxsimd", "colbert", "testdata", "multi_vector_encoder")
        self.assertIn("a Dense module with bias", self.run_error(1, "convert", other, self.path("x"), "--layout", "stanford"))
        self.assertFalse(os.path.exists(self.path("x")))

    def test_instruction_sets_agree(self):
        done = self.call("info", "mini", "--isa", "nonsense")
        self.assertEqual(done.returncode, 1)
        names = done.stderr.decode().strip().split("has ")[-1].split()
        self.assertIn("scalar", names)
        pair = "what is a glacier?\tA glacier is a body of dense ice.\n"
        scores = [float(self.run_ok("score", "mini", "--isa", name, stdin=pair)) for name in names]
        for score in scores:
            self.assertAlmostEqual(score, scores[0], places=3)

    def test_demo_answers_and_says_what_to_try_next(self):
        done = self.call("demo", "--threads", "2")
        self.assertEqual(done.returncode, 0, done.stderr)
        text = done.stdout.decode()
        self.assertGreaterEqual(text.count("? "), 3)
        self.assertIn("^^^", text)
        self.assertIn("maxsimd evaluate mini", done.stderr.decode())
        self.assertIn("Neptune", self.run_ok("demo", "which planet is farthest from the sun?"))


def _rows(arrays, item):
    begin, end = arrays["offsets"][1][item:item + 2]
    values = arrays["values"][1]
    return [values[row * 96:(row + 1) * 96] for row in range(begin, end)]


def _maxsim(query, document):
    return sum(max(sum(a * b for a, b in zip(q, d)) for d in document) for q in query)


def _ranking(path):
    with open(path, encoding="utf-8") as lines:
        return sorted(line.split()[:1] + line.split()[2:4] for line in lines)


if __name__ == "__main__":
    unittest.main()
