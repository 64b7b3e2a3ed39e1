"""The scripts of examples/python, each on a sample, and the snippets of the pages."""
import csv
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from maxsimd import models
from maxsimd.training.program import find_train_program

ROOT = pathlib.Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "python"
SAMPLE = ROOT / "examples" / "data"


class Examples(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def call(self, name, *arguments):
        done = subprocess.run([sys.executable, str(EXAMPLES / name), *map(str, arguments)], text=True,
                              capture_output=True, cwd=self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_every_example_is_tested(self):
        tested = re.findall(r'self\.call\("(\w+\.py)"', pathlib.Path(__file__).read_text())
        self.assertEqual(sorted(set(tested)), sorted(path.name for path in EXAMPLES.glob("*.py")))

    def test_snippets_of_the_pages_run_and_find_the_owls(self):
        for page in ("README.md", "docs/python.md"):
            snippets = re.findall(r"^```python\n(.*?)^```$", (ROOT / page).read_text(encoding="utf-8"), re.M | re.S)
            self.assertEqual(len(snippets), 1, page)
            done = subprocess.run([sys.executable, "-c", snippets[0]], text=True, capture_output=True, cwd=self.folder)
            self.assertEqual(done.returncode, 0, page + done.stderr)
            self.assertIn("[[{'id': 'a', 'score': ", done.stdout)

    def test_markdown(self):
        docs = self.folder / "docs"
        (docs / "deep").mkdir(parents=True)
        (docs / "birds.md").write_text("# Birds\n\nBirds lay eggs.\n\n## Owls\n\nThey hunt mice at "
                                       "night.\n\n```sh\n# no heading\n```\n")
        (docs / "deep" / "sea.md").write_text("# The sea\n\nThe moon pulls the tides.\n")
        query = "what do owls eat?"
        out = self.call("index_markdown.py", docs, query, "-k", "2")
        self.assertRegex(out.splitlines()[1], r"birds\.md .*Birds > Owls They hunt mice")
        (docs / "birds.md").unlink()
        (docs / "deep" / "food.md").write_text("# Food\n\nOwls eat small animals.\n")
        out = self.call("index_markdown.py", docs, query)
        self.assertRegex(out.splitlines()[1], r"food\.md .*Owls eat small animals")
        self.assertNotIn("birds", out)
        self.assertEqual(len(out.splitlines()), 3)

    def measured(self, line):
        return {name: float(value) for name, value in re.findall(r"(\w+@\d+)\s+([\d.]+)", line)}

    def test_reranking(self):
        lexical, reranked = self.call("rerank_bm25.py", SAMPLE, "--candidates", "10").splitlines()
        before, after = self.measured(lexical), self.measured(reranked)
        self.assertGreater(before["ndcg@10"], 0.7)
        self.assertEqual(before["recall@10"], after["recall@10"])  # the same documents
        self.assertNotEqual(before["ndcg@10"], after["ndcg@10"])

    def test_beir(self):
        exact = self.measured(self.call("evaluate_beir.py", SAMPLE, "--index", "exact"))
        self.assertEqual(list(exact), ["ndcg@10", "map@100", "recall@100", "mrr@10"])
        done = subprocess.run([sys.executable, "-m", "maxsimd", "evaluate", "mini", "--beir", SAMPLE,
                               "--metrics", "nDCG@10"], text=True, capture_output=True, check=True)
        by_program = float(re.search(r"nDCG@10\s+([\d.]+)", done.stdout)[1])
        self.assertAlmostEqual(exact["ndcg@10"], by_program, places=4)
        plaid = self.measured(self.call("evaluate_beir.py", SAMPLE))
        self.assertAlmostEqual(plaid["ndcg@10"], exact["ndcg@10"], delta=0.03)

    def test_explanation(self):
        out = self.call("explain_hit.py", "what do owls eat?", "In the dark, owls hunt mice.")
        lines = out.splitlines()
        total = float(lines[0].split()[1])
        self.assertAlmostEqual(total, sum(float(line.split()[0]) for line in lines[1:]), delta=0.01)
        words = {line.split()[1]: line.split()[2] for line in lines[1:-1]}
        self.assertEqual(words["owls"], "owls")
        self.assertEqual(set(words), {"what", "do", "owls", "eat", "?"})

    def test_fine_tuning(self):
        try:
            program = find_train_program()
        except FileNotFoundError as error:
            self.skipTest(f"NOT TESTED: {error}")
        os.environ["MAXSIMD_TRAIN"] = str(program)
        corpus = {row["_id"]: row["text"] for row in
                  map(json.loads, (SAMPLE / "corpus.jsonl").read_text().splitlines())}
        queries = {row["_id"]: row["text"] for row in
                   map(json.loads, (SAMPLE / "queries.jsonl").read_text().splitlines())}
        judged = [line.split("\t") for line in (SAMPLE / "qrels" / "test.tsv").read_text().splitlines()]
        with open(self.folder / "pairs.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["query", "positive"])
            writer.writerows([queries[q], corpus[d][:300]] for q, d, _ in judged[1:21])
        out = self.call("finetune_csv.py", "pairs.csv", "--output", "tuned", "--batch-size", "4")
        self.assertRegex(out, r"^5 steps, loss \d.*held out: \d\.\d+ before, \d\.\d+ after\n$")
        self.assertEqual(models.ColBERT(str(self.folder / "tuned")).encode("a").shape, (32, 96))
        shutil.rmtree(self.folder / "tuned-run")


if __name__ == "__main__":
    unittest.main()
