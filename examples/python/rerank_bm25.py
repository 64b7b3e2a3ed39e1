#!/usr/bin/env python3
"""Reranks the results of a lexical search (BM25) with ColBERT, without an index of vectors, and
compares both by the judgments of a BEIR folder.

    python rerank_bm25.py FOLDER [--candidates 50]

FOLDER has corpus.jsonl, queries.jsonl and qrels/test.tsv.
"""
import argparse
import collections
import math
import re

from maxsimd import evaluation, models, rank


class Bm25:
    """Okapi BM25 (k1 = 0.9, b = 0.4) over words in lower case."""

    def __init__(self, texts: list[str]) -> None:
        self.places = collections.defaultdict(list)
        lengths = []
        for place, text in enumerate(texts):
            words = collections.Counter(self.words(text))
            lengths.append(sum(words.values()))
            for word, count in words.items():
                self.places[word].append((place, count))
        mean = sum(lengths) / len(lengths)
        self.norms = [0.9 * (0.6 + 0.4 * length / mean) for length in lengths]

    @staticmethod
    def words(text: str) -> list[str]:
        return re.findall(r"\w+", text.lower())

    def best(self, query: str, k: int) -> list[tuple[int, float]]:
        scores: dict[int, float] = collections.defaultdict(float)
        total = len(self.norms)
        for word in set(self.words(query)):
            found = self.places.get(word, [])
            weight = math.log(1 + (total - len(found) + 0.5) / (len(found) + 0.5))
            for place, count in found:
                scores[place] += weight * count / (count + self.norms[place])
        return sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:k]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--candidates", type=int, default=50)
    parser.add_argument("--model", default="mini", help="a folder, 'mini' or a name of the hub")
    given = parser.parse_args()

    documents, queries, qrels = evaluation.load_custom_dataset(given.folder)
    bm25 = Bm25([document["text"] for document in documents])
    first = [bm25.best(query, given.candidates) for query in queries.values()]

    model = models.ColBERT(given.model)
    # A document that several queries found is encoded once.
    wanted = sorted({place for hits in first for place, _ in hits})
    vectors = dict(zip(wanted, model.encode([documents[place]["text"] for place in wanted],
                                            is_query=False)))
    reranked = rank.rerank(
        documents_ids=[[documents[place]["id"] for place, _ in hits] for hits in first],
        queries_embeddings=model.encode(list(queries.values()), is_query=True),
        documents_embeddings=[[vectors[place] for place, _ in hits] for hits in first])

    lexical = [[{"id": documents[place]["id"], "score": score} for place, score in hits]
               for hits in first]
    for name, ranking in (("BM25", lexical), ("BM25, then ColBERT", reranked)):
        metrics = evaluation.evaluate(ranking, qrels, list(queries), ["ndcg@10", "recall@10", "mrr@10"])
        print(f"{name:20}" + "".join(f"  {metric} {value:.4f}" for metric, value in metrics.items()))


if __name__ == "__main__":
    main()
