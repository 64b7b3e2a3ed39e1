"""Indexes of small seeded vectors: what the tests of the kinds share."""
import json
import random

from cli_case import CliCase, write_npz

DIM = 8


def items(count, seed, scale=1.0):
    """[(id, rows)]: six unit vectors a document, times `scale`."""
    numbers = random.Random(seed)

    def row():
        values = [numbers.gauss(0, 1) for _ in range(DIM)]
        length = sum(value * value for value in values) ** 0.5
        return [scale * value / length for value in values]

    return [(f"{seed}-{number}", [row() for _ in range(6)]) for number in range(count)]


class VectorCase(CliCase):
    """400 documents in self.npz; the first 20 of them are the queries."""

    def setUp(self):
        super().setUp()
        self.index = self.path("idx")
        self.items = items(400, 1)
        self.npz = write_npz(self.path("docs.npz"), self.items)
        self.queries = write_npz(self.path("q.npz"), self.items[:20])

    def build(self, *flags, index=None, npz=None):
        return self.run_ok("index", index or self.index, "--embeddings", npz or self.npz, *flags)

    def inspect(self, index=None):
        return json.loads(self.run_ok("inspect", index or self.index, "--json"))

    def search(self, *flags, index=None):
        return self.hits_of(index or self.index, self.queries, *flags)
