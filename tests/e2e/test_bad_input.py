"""Bad input: one clear line that names the file and says what to do, the right exit code, nothing
half written. Known bugs are named by number (B10 ...)."""
import gzip
import json
import os
import shutil
import struct
import subprocess
import unittest

from cli_case import PROGRAM, SAMPLE, SOURCE, CliCase, read_npz

MINI = os.path.join(SOURCE, "models", "mini")


class Usage(CliCase):
    def test_wrong_usage_is_exit_code_2(self):
        self.run_error(2)
        self.run_error(2, "frobnicate")
        self.run_error(2, "tokenize", "mini")
        self.run_error(2, "tokenize", "mini", "--query", "--document")
        self.run_error(2, "evaluate", "mini", "--beir", SAMPLE, "--codec", "float64")
        self.run_error(2, "evaluate", "mini", "--beir", SAMPLE, "--k", "0")
        self.run_error(2, "evaluate", "mini", "--beir", SAMPLE, "--k", "-1")
        self.run_error(2, "info", "mini", "--query-length", "0")

    def test_unknown_metric_and_short_k(self):
        self.assertIn("nDCG", self.run_error(1, "evaluate", "mini", "--beir", SAMPLE, "--metrics", "foo@10"))
        message = self.run_error(1, "evaluate", "mini", "--beir", SAMPLE, "--metrics", "Recall@500")
        self.assertIn("500", message)


class Models(CliCase):
    """Areas: loading. The folders are copies of the embedded model with one thing wrong."""

    def copy(self, without=(), **files):
        folder = self.path("model")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(MINI, folder, copy_function=os.link)
        for name in without:
            os.remove(os.path.join(folder, name))
        for name, content in files.items():
            target = os.path.join(folder, name.replace("__", "."))
            if os.path.exists(target):
                os.remove(target)
            with open(target, "wb") as out:
                out.write(content if isinstance(content, bytes) else content.encode())
        return folder

    def info_error(self, folder):
        return self.run_error(1, "info", folder)

    def test_missing_folder_and_hub_names(self):
        self.assertIn("'mini'", self.info_error("no such"))
        self.assertIn("no such folder here", self.info_error("no/such"))
        self.assertIn("HF_HUB_OFFLINE", self.info_error("lightonai/GTE-ModernColBERT-v1"))
        os.mkdir(self.path("empty"))
        self.assertIn("config.json", self.info_error(self.path("empty")))

    def test_missing_files_are_named(self):
        self.assertIn("model.safetensors", self.info_error(self.copy(without=["model.safetensors"])))
        self.assertIn("config.json", self.info_error(self.copy(without=["config.json"])))
        self.assertIn("tokenizer.json", self.info_error(self.copy(without=["tokenizer.json", "vocab.txt"])))

    def test_optional_files_are_optional(self):  # B13 a, b
        expected = self.run_ok("tokenize", "mini", "--document", stdin="Hello, world")
        folder = self.copy(without=["sentence_bert_config.json", "special_tokens_map.json", "tokenizer_config.json"])
        self.assertEqual(self.run_ok("tokenize", folder, "--document", stdin="Hello, world"), expected)
        folder = self.copy(without=["tokenizer.json"])
        self.assertEqual(self.run_ok("tokenize", folder, "--document", stdin="Hello, world"), expected)

    def test_missing_settings_take_pylates_defaults(self):  # B13 c, f, h
        folder = self.copy(config_sentence_transformers__json='{"query_prefix": "[unused0]", "document_prefix": "[unused1]", "strange": 1}')
        info = json.loads(self.run_ok("info", folder, "--json"))
        self.assertEqual((info["query_length"], info["document_length"]), (32, 180))
        self.assertTrue(info["do_query_expansion"])
        self.assertEqual(len(info["skiplist_words"]), 32)
        folder = self.copy(without=["config_sentence_transformers.json"])
        info = json.loads(self.run_ok("info", folder, "--json"))
        self.assertEqual((info["query_prefix"], info["document_prefix"]), ("[Q] ", "[D] "))
        self.assertEqual(json.loads(self.run_ok("tokenize", folder, "--document", stdin="hello")),
                         [101, 30523, 7592, 102])  # B04

    def test_malformed_json_names_file_and_place(self):  # B13 g
        message = self.info_error(self.copy(config_sentence_transformers__json='{"query_length": 32,}'))
        self.assertIn("config_sentence_transformers.json", message)
        self.assertIn("line 1", message)

    def test_damaged_safetensors(self):  # B10, B15
        self.assertIn("model.safetensors", self.info_error(self.copy(model__safetensors=b"")))
        message = self.info_error(self.copy(model__safetensors="version https://git-lfs.github.com/spec/v1\n"))
        self.assertIn("git-lfs", message)
        self.assertIn("safetensors", self.info_error(self.copy(model__safetensors="<!DOCTYPE html><html></html>")))
        with open(os.path.join(MINI, "model.safetensors"), "rb") as file:
            whole = file.read()
        self.assertIn("model.safetensors", self.info_error(self.copy(model__safetensors=whole[:-1])))
        self.assertIn("model.safetensors", self.info_error(self.copy(model__safetensors=struct.pack("<Q", 1 << 63) + whole[8:100])))

    def test_pytorch_bin_alone_is_refused_with_the_way_out(self):  # B15
        message = self.info_error(self.copy(without=["model.safetensors"], pytorch_model__bin=b"\x80\x02"))
        self.assertIn("pytorch_model.bin", message)

    def test_empty_settings_are_damage_not_absence(self):
        message = self.info_error(self.copy(config_sentence_transformers__json=""))
        self.assertIn("config_sentence_transformers.json", message)

    def test_a_tokenizer_of_another_model_is_refused(self):
        with open(os.path.join(MINI, "tokenizer.json"), encoding="utf-8") as file:
            tokenizer = json.load(file)
        tokenizer["model"]["vocab"]["hello"] = 99999
        self.assertIn("99999", self.info_error(self.copy(tokenizer__json=json.dumps(tokenizer))))

    def test_unused_layers_are_told(self):
        with open(os.path.join(MINI, "config.json"), encoding="utf-8") as file:
            config = json.load(file)
        config["num_hidden_layers"] = 5
        done = self.call("info", self.copy(config__json=json.dumps(config)))
        self.assertIn("encoder.layer.5", done.stderr.decode())

    def test_pipes_do_not_hang(self):
        folder = self.copy(without=["model.safetensors"])
        os.mkfifo(os.path.join(folder, "model.safetensors"))
        self.assertIn("model.safetensors", self.info_error(folder))

    def test_unsupported_tokenizer_parts_are_named(self):  # B06: never silently wrong ids
        with open(os.path.join(MINI, "tokenizer.json"), encoding="utf-8") as file:
            tokenizer = json.load(file)
        tokenizer["model"]["type"] = "CharLevel"
        self.assertIn("CharLevel", self.info_error(self.copy(tokenizer__json=json.dumps(tokenizer))))

    def test_convert_never_overwrites(self):
        target = self.path("out")
        os.mkdir(target)
        self.write("out/keep.txt", "mine")
        self.assertIn("out", self.run_error(1, "convert", "mini", target))
        self.assertEqual(os.listdir(target), ["keep.txt"])


class DataFiles(CliCase):
    """Area: data files (B58, B59), through the verbs."""

    def encode(self, path):
        out = self.path("out.npz")
        self.run_ok("encode", "mini", path, "--document", "--out", out)
        return read_npz(out)["ids"][1]

    def encode_error(self, path):
        out = self.path("bad.npz")
        message = self.run_error(1, "encode", "mini", path, "--document", "--out", out)
        self.assertEqual([name for name in os.listdir(self._folder.name) if name.startswith("bad.npz")], [])
        return message

    def test_bom_crlf_blank_lines_and_no_final_newline(self):  # B58
        content = b'\xef\xbb\xbf{"_id":"1","title":"","text":"a"}\r\n\r\n{"_id":"2","text":"b \xe2\x80\xa8 \xc2\x85"}'
        self.assertEqual(self.encode(self.write("c.jsonl", content)), ["1", "2"])
        self.assertEqual(self.encode(self.write("c.jsonl.gz", gzip.compress(content))), ["1", "2"])

    def test_number_ids_become_text(self):
        self.assertEqual(self.encode(self.write("c.jsonl", '{"_id": 7, "text": "x"}\n')), ["7"])

    def test_bad_lines_are_named_by_number(self):
        path = self.write("c.jsonl", '{"_id":"1","text":"a"}\n{"_id":\n')
        self.assertIn("c.jsonl:2", self.encode_error(path))
        self.assertIn("c.jsonl:1", self.encode_error(self.write("c.jsonl", '{"_id":"1"}\n')))
        self.assertIn("c.jsonl:1", self.encode_error(self.write("c.jsonl", b'{"_id":"1","text":"\xff"}\n')))

    def test_duplicate_ids_name_both_lines(self):
        message = self.encode_error(self.write("c.jsonl", '{"_id":"1","text":"a"}\n{"_id":"1","text":"b"}\n'))
        self.assertIn("c.jsonl:2", message)
        self.assertIn("1", message)

    def test_utf16_is_named(self):
        path = self.write("c.jsonl", '{"_id":"1","text":"a"}\n'.encode("utf-16"))
        self.assertIn("UTF-16", self.encode_error(path))

    def test_missing_and_empty_files(self):
        self.assertIn("nope.jsonl", self.encode_error(self.path("nope.jsonl")))
        self.assertEqual(self.encode(self.write("empty.jsonl", "")), [])

    def test_tsv_has_one_rule(self):  # B59
        content = '0\ta ""Bond"" film\n1\t"open quote\n2\tx\tTitle\n5\tgap in ids\nabc\tstring id\r\n'
        self.assertEqual(self.encode(self.write("c.tsv", content)), ["0", "1", "2", "5", "abc"])
        self.assertIn("c.tsv:2", self.encode_error(self.write("c.tsv", "0\ta\nno tab here\n")))

    def test_unwritable_output(self):
        path = self.write("c.jsonl", '{"_id":"1","text":"a"}\n')
        self.assertIn("no/such", self.run_error(1, "encode", "mini", path, "--document", "--out", self.path("no/such/out.npz")))

    def test_outputs_never_replace_inputs_or_devices(self):
        path = self.write("c.jsonl", '{"_id":"1","text":"a"}\n')
        os.symlink(path, self.path("link.jsonl"))
        self.assertIn("input", self.run_error(1, "encode", "mini", path, "--document", "--out", self.path("link.jsonl")))
        for target in ("/dev/null", self.path(), ""):
            self.run_error(1, "encode", "mini", path, "--document", "--out", target)
        self.assertFalse(os.path.isfile("/dev/null"))
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), '{"_id":"1","text":"a"}\n')

    def test_input_pipes_are_refused(self):
        os.mkfifo(self.path("p.jsonl"))
        self.assertIn("p.jsonl", self.encode_error(self.path("p.jsonl")))

    def test_no_texts_is_said(self):
        path = self.write("empty.jsonl", "")
        done = self.call("encode", "mini", path, "--document", "--out", self.path("o.npz"))
        self.assertIn("no texts", done.stderr.decode())

    def test_unreadable_standard_input(self):
        with open(self.path("x"), "w"):
            pass
        folder = os.open(self.path(), os.O_RDONLY)
        done = subprocess.run([PROGRAM, "tokenize", "mini", "--document"], stdin=folder, capture_output=True)
        os.close(folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn("standard input", done.stderr.decode())

    def test_score_without_a_tab(self):
        self.assertIn("stdin:2", self.run_error(1, "score", "mini", stdin="a\tb\nno tab\n"))


class Evaluation(CliCase):
    def beir(self, corpus, queries, qrels):
        self.write_records("b/corpus.jsonl", corpus)
        self.write_records("b/queries.jsonl", queries)
        self.write("b/qrels/test.tsv", "query-id\tcorpus-id\tscore\n" + qrels)
        return self.path("b")

    def test_missing_split_lists_the_splits_there_are(self):
        message = self.run_error(1, "evaluate", "mini", "--beir", SAMPLE, "--split", "dev")
        self.assertIn("test", message)

    def test_b49_identical_ids_are_named_and_dropped_on_demand(self):
        text = "winter storms in the north sea"
        folder = self.beir([{"_id": "q1", "text": text}, {"_id": "d1", "text": "bananas"}],
                           [{"_id": "q1", "text": text}], "q1\td1\t1\n")
        done = self.call("evaluate", "mini", "--beir", folder, "--metrics", "nDCG@10,nDCG@1", "--json")
        self.assertIn("--ignore-identical-ids", done.stderr.decode())
        off = json.loads(done.stdout)
        self.assertAlmostEqual(off["nDCG@10"], 0.63093, places=5)
        self.assertEqual(off["nDCG@1"], 0)
        on = json.loads(self.run_ok("evaluate", "mini", "--beir", folder, "--metrics", "nDCG@10,nDCG@1",
                                    "--json", "--ignore-identical-ids"))
        self.assertEqual((on["nDCG@10"], on["nDCG@1"]), (1.0, 1.0))

    def test_k_larger_than_the_corpus(self):  # B35
        folder = self.beir([{"_id": "a", "text": "x"}, {"_id": "b", "text": ""}], [{"_id": "q", "text": "x"}], "q\ta\t1\n")
        result = json.loads(self.run_ok("evaluate", "mini", "--beir", folder, "--k", "1000", "--json"))
        self.assertEqual(result["Recall@100"], 1.0)
        self.assertEqual(result["queries"], 1)

    def test_rerank_candidates_missing_from_the_corpus(self):
        run = self.write("run.trec", "q Q0 nowhere 1 1.0 x\n")
        queries = self.write_records("q.jsonl", [{"_id": "q", "text": "x"}])
        corpus = self.write_records("c.jsonl", [{"_id": "a", "text": "x"}])
        message = self.run_error(1, "rerank", "mini", "--queries", queries, "--candidates", run, "--corpus", corpus)
        self.assertIn("nowhere", message)

    def test_a_run_for_other_queries_is_an_error(self):
        queries = self.write_records("q.jsonl", [{"_id": "q", "text": "x"}])
        corpus = self.write_records("c.jsonl", [{"_id": "a", "text": "x"}])
        for content in ("zz Q0 a 1 1.0 x\n", ""):
            run = self.write("run.trec", content)
            message = self.run_error(1, "rerank", "mini", "--queries", queries, "--candidates", run, "--corpus", corpus)
            self.assertIn("run.trec", message)

    def test_rerank_orders_and_both_maskings_work(self):
        run = self.write("run.trec", "q Q0 a 1 2.0 x\nq Q0 b 2 1.0 x\n")
        queries = self.write_records("q.jsonl", [{"_id": "q", "text": "the colour of bananas"}])
        corpus = self.write_records("c.jsonl", [{"_id": "a", "text": "rain"}, {"_id": "b", "text": "Bananas are yellow."}])
        for masking in ("exact", "pylate"):
            lines = self.run_ok("rerank", "mini", "--queries", queries, "--candidates", run, "--corpus", corpus,
                                "--masking", masking).splitlines()
            self.assertEqual([line.split("\t")[:3] for line in lines], [["q", "1", "b"], ["q", "2", "a"]])


if __name__ == "__main__":
    unittest.main()
