"""Running scripts/import_index.py and comparing what it writes: what the tests of imports share."""
import json
import os
import subprocess
import sys

from cli_case import SOURCE, CliCase, read_npz, write_npz

SCRIPT = os.path.join(SOURCE, "scripts", "import_index.py")


def maxsim(query, document):
    return sum(max(sum(a * b for a, b in zip(q, d)) for d in document) for q in query)


class ImportCase(CliCase):
    def setUp(self):
        super().setUp()
        self.out = self.path("vectors.npz")
        self.folder = self.path("indexes", "colbert")

    def script(self, folder, *flags):
        return subprocess.run([sys.executable, SCRIPT, folder, "--out", self.out, *flags],
                              capture_output=True, text=True, timeout=60)

    def imported(self, folder, *flags):
        """[(id, rows)] of the file the script writes."""
        done = self.script(folder, *flags)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.said = done.stderr
        arrays = read_npz(self.out)
        (_, dim), values = arrays["values"]
        rows = [values[at:at + dim] for at in range(0, len(values), dim)]
        offsets = arrays["offsets"][1]
        return [(name, rows[a:b]) for name, a, b in zip(arrays["ids"][1], offsets, offsets[1:])]

    def refused(self, folder, *words):
        """The script fails with one line that has these words, and writes nothing."""
        before = set(os.listdir(os.path.dirname(self.out)))
        done = self.script(folder)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertEqual(set(os.listdir(os.path.dirname(self.out))), before)

    def assert_same(self, found, expected):
        self.assertEqual([name for name, _ in found], [name for name, _ in expected])
        for (name, rows), (_, wanted) in zip(found, expected):
            self.assertEqual(len(rows), len(wanted), name)
            for row, right in zip(rows, wanted):
                for value, other in zip(row, right):
                    self.assertAlmostEqual(value, other, delta=1e-7)

    def search_like_brute_force(self, documents, *flags):
        """Imports are indexed and searched: the same documents and scores as MaxSim of the vectors in Python."""
        index = self.path("idx")
        self.run_ok("index", index, "--embeddings", self.out, *flags)
        queries = [(f"q{n}", rows[:2]) for n, (_, rows) in enumerate(documents[:5])]
        out = self.run_ok("search", index, "--query-embeddings", write_npz(self.path("q.npz"), queries), "--json", "--k", "10")
        for line, (_, query) in zip(out.splitlines(), queries, strict=True):
            scores = {name: maxsim(query, rows) for name, rows in documents}
            hits = json.loads(line)["hits"]
            self.assertEqual([hit["id"] for hit in hits], sorted(scores, key=scores.get, reverse=True)[:10])
            for hit in hits:
                self.assertAlmostEqual(hit["score"], scores[hit["id"]], delta=1e-5)
