"""The verb bench: every figure is there, for the precisions and threads asked."""
import contextlib
import importlib.util
import io
import json
import os
import unittest
from unittest import mock

from cli_case import SOURCE, CliCase

QUICK = ("--seconds", "0.05", "--rounds", "1")
EVERY_THREAD_COUNT = {"document_tokens", "documents_tokens_per_second", "query_ms_p50", "query_ms_p95"}
ONCE = {"queries_per_second", "load_seconds", "peak_memory_bytes"}
OF_THE_PEAK = {"peak_gops", "peak_share"}


class Bench(CliCase):
    def bench(self, *arguments):
        return json.loads(self.run_ok("bench", "mini", "--json", *QUICK, *arguments))

    def check(self, figures, threads):
        """All figures, each more than 0; those of the peak where the machine has one."""
        expected = EVERY_THREAD_COUNT | ONCE
        if "peak_gops" in figures:
            expected = expected | OF_THE_PEAK
        if threads > 1:
            expected = expected | {name + "_1_thread" for name in expected - ONCE}
        self.assertEqual(set(figures), expected)
        self.assertTrue(all(value > 0 for value in figures.values()), figures)
        self.assertLessEqual(figures["query_ms_p50"], figures["query_ms_p95"])
        self.assertLess(figures.get("peak_share", 0), 1.2)
        self.assertGreater(figures["peak_memory_bytes"], 20e6)

    def test_every_precision_is_measured_with_all_threads_and_with_one(self):
        result = self.bench("--threads", "2")
        self.assertEqual(list(result["precisions"]), ["bf16", "f32", "int8"])
        self.assertEqual((result["threads"], result["documents"], result["queries"]), (2, 396, 152))
        for figures in result["precisions"].values():
            self.check(figures, threads=2)

    def test_texts_queries_and_precision_can_be_chosen(self):
        texts = self.write_records("t.jsonl", [{"_id": str(i), "text": "red " * i} for i in range(5)])
        queries = self.write("q.tsv", "1\twhat is red?\n")
        result = self.bench("--threads", "1", "--precision", "int8", "--texts", texts, "--queries", queries)
        self.assertEqual((result["documents"], result["queries"]), (5, 1))
        self.assertEqual(list(result["precisions"]), ["int8"])
        self.check(result["precisions"]["int8"], threads=1)
        self.assertLess(result["precisions"]["int8"]["document_tokens"], 10)

    def test_the_table_has_a_column_a_precision_and_names_the_threads(self):
        lines = self.run_ok("bench", "mini", *QUICK, "--precision", "bf16", "--threads", "2").splitlines()
        self.assertRegex(lines[0], r"^mini on [a-z0-9-]+, medians; rounds: 1$")
        self.assertEqual(lines[3].split(), ["bf16"])
        self.assertRegex("\n".join(lines), r"documents, tokens/s, 2 threads +[0-9]+\n")
        self.assertRegex("\n".join(lines), r"one query, ms, p95, 1 thread +[0-9.]+\n")

    def test_what_is_wrong_is_said_once(self):
        empty = self.write("empty.jsonl", "")
        self.assertIn("no texts", self.run_error(1, "bench", "mini", "--texts", empty))
        self.assertIn("no queries", self.run_error(1, "bench", "mini", "--queries", empty))
        broken = self.path("broken")
        self.write("broken/config.json", "{}")
        self.assertIn("broken", self.run_error(1, "bench", broken))  # found by the measuring process
        self.run_error(2, "bench", "mini", "--precision", "f64")
        self.run_error(2, "bench", "mini", "--rounds", "0")


class CompareTrain(CliCase):
    """bench/compare_train.py, whose measuring functions are replaced by ones that look at the rows."""

    def rows_of_both(self, count):
        spec = importlib.util.spec_from_file_location("compare_train", os.path.join(SOURCE, "bench", "compare_train.py"))
        bench = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(bench)
        data = self.write("rows.jsonl", "".join(json.dumps({"query": i}) + "\n" for i in range(count)))
        seen = []

        def look(options, data, length, bf16):
            with open(data, encoding="utf-8") as lines:
                seen.append([json.loads(line)["query"] for line in lines])

        def ours(*arguments):
            look(*arguments)
            return [1.0], 1, 1, 1.0

        def theirs(*arguments):
            look(*arguments)
            return [1.0], 1, 1.0

        words = ["compare_train.py", "--dataset", data, "--pylate-python", "python", "--steps", "3", "--batch", "2",
                 "--rounds", "1", "--lengths", "32", "--model", os.path.join(SOURCE, "models", "mini")]
        with mock.patch.multiple(bench, ours=ours, theirs=theirs, peak_gflops=lambda *_: 1.0), \
                mock.patch("sys.argv", words), contextlib.redirect_stdout(io.StringIO()):
            bench.main()
        return seen

    def test_both_train_on_the_first_rows_of_the_file(self):
        self.assertEqual(self.rows_of_both(9), [[0, 1, 2, 3, 4, 5]] * 4)

    def test_a_short_file_is_gone_through_again_by_both(self):
        self.assertEqual(self.rows_of_both(4), [[0, 1, 2, 3, 0, 1]] * 4)


if __name__ == "__main__":
    unittest.main()
