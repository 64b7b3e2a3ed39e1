#!/usr/bin/env python3
"""Measures retrieval on a BEIR folder: encode, index, search, metrics.

    python evaluate_beir.py FOLDER [--model mini] [--split test] [--index exact|plaid|voyager]
"""
import argparse
import tempfile

from maxsimd import evaluation, indexes, models, retrieve

KINDS = {"exact": indexes.Exact, "plaid": indexes.PLAID, "voyager": indexes.Voyager}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--model", default="mini", help="a folder, 'mini' or a name of the hub")
    parser.add_argument("--split", default="test")
    parser.add_argument("--index", choices=KINDS, default="plaid")
    given = parser.parse_args()

    documents, queries, qrels = evaluation.load_custom_dataset(given.folder, split=given.split)
    model = models.ColBERT(given.model)
    with tempfile.TemporaryDirectory() as folder:
        index = KINDS[given.index](folder, "index")
        for start in range(0, len(documents), 10_000):  # any number at a time
            part = documents[start : start + 10_000]
            index.add_documents(
                [document["id"] for document in part],
                model.encode([document["text"] for document in part], is_query=False,
                             show_progress_bar=True))
        found = retrieve.ColBERT(index).retrieve(model.encode(list(queries.values())), k=100)
    results = evaluation.evaluate(found, qrels, list(queries),
                                  ["ndcg@10", "map@100", "recall@100", "mrr@10"])
    for metric, value in results.items():
        print(f"{metric}\t{value:.4f}")


if __name__ == "__main__":
    main()
