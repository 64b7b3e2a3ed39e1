"""Every Python snippet of the target model card runs in an environment with only the wheel and
NumPy, unchanged but for the import line and the model, and finds what it should."""
import json
import os
import pathlib
import unittest

import card
from environment import ROOT, Environment

CARD = (pathlib.Path(os.environ.get("MAXSIMD_SHARED", ROOT / ".." / "shared")) / "reference" /
        "target-model-card.txt")

PRINT_RESULTS = "\nimport json, sys\njson.dump({}, sys.stdout)\n"


class CardSnippets(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not CARD.is_file():
            raise unittest.SkipTest(f"NOT TESTED: the target card is not there: {CARD}")
        cls.snippets = card.snippets(CARD.read_text(encoding="utf-8"))
        cls.environment = Environment()
        cls.addClassCleanup(cls.environment.close)

    def script(self, *snippets: str, module: str = "maxsimd") -> str:
        code = card.with_model("\n".join(snippets), "mini")
        self.assertIn("from pylate import", code)
        return code.replace("from pylate import", f"from {module} import")

    def run_script(self, code: str, results: str, *arguments: str):
        path = self.environment.work / "script.py"
        path.write_text(code + PRINT_RESULTS.format(results), encoding="utf-8")
        return json.loads(self.environment.python(*arguments, str(path)))

    def scores(self, pairs):
        """MaxSim by the program: {(query, document): score}."""
        lines = "".join(f"{query}\t{document}\n" for query, document in pairs)
        out = self.environment.run("maxsimd", "score", "mini", input=lines).stdout
        return dict(zip(pairs, (float(line.split("\t")[-1]) for line in out.splitlines())))

    def test_only_the_wheel_and_numpy_are_installed(self):
        self.assertEqual(self.environment.packages(), {"maxsimd", "numpy"})

    def test_all_snippets_are_found(self):
        firsts = [snippet.splitlines()[0] for snippet in self.snippets]
        self.assertEqual(firsts, [
            "from pylate import indexes, models, retrieve",
            "# To load an index, simply instantiate it with the correct folder/name and without "
            "overriding it",
            "# Step 1: Initialize the ColBERT retriever",
            "from pylate import rank, models"])
        text = CARD.read_text(encoding="utf-8")
        code = "\n".join(self.snippets)
        for word in (" import ", "encode(", "indexes.", "retrieve(", "rerank("):
            self.assertEqual(code.count(word), text.count(word), word)

    def check_retrieval(self, scores):
        queries = ["query for document 3", "query for document 1"]
        documents = {str(i): f"document {i} text" for i in (1, 2, 3)}
        self.assertEqual(len(scores), len(queries))
        expected = self.scores([(q, d) for q in queries for d in documents.values()])
        for query, hits in zip(queries, scores):
            self.assertEqual({hit["id"] for hit in hits}, set(documents))
            values = [hit["score"] for hit in hits]
            self.assertEqual(values, sorted(values, reverse=True))
            for hit in hits:  # stored as int8: 32 query vectors, each off by 0.004 at most
                self.assertAlmostEqual(hit["score"], expected[query, documents[hit["id"]]],
                                       delta=0.13)

    def test_retrieval(self):
        index, load, retrieve, _ = self.snippets
        self.check_retrieval(self.run_script(self.script(index, load, retrieve), "scores"))

    def test_the_index_is_there_in_another_process(self):
        index, load, retrieve, _ = self.snippets
        self.run_script(self.script(index), "len(index)")
        start = index[:index.index("# Step 2")]  # the import and the model
        self.check_retrieval(self.run_script(self.script(start, load, retrieve), "scores"))

    def test_reranking(self):
        results = self.run_script(self.script(self.snippets[3]), "[queries, documents, "
                                  "documents_ids, reranked_documents]")
        queries, documents, documents_ids, reranked = results
        self.assertEqual([len(ranking) for ranking in reranked], [2, 3])
        for query, texts, ids, ranking in zip(queries, documents, documents_ids, reranked):
            scores = self.scores([(query, text) for text in texts])
            expected = sorted(zip(ids, (scores[query, text] for text in texts)),
                              key=lambda pair: -pair[1])
            self.assertEqual([hit["id"] for hit in ranking], [pair[0] for pair in expected])
            for hit, (_, score) in zip(ranking, expected):
                self.assertAlmostEqual(hit["score"], score, places=4)


if __name__ == "__main__":
    unittest.main()
