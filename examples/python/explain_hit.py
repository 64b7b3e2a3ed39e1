#!/usr/bin/env python3
"""Shows why a document scores what it scores: for each token of the query the token of the document
that is nearest to it, and how much that adds.

    python explain_hit.py "what do owls eat?" "Owls hunt mice at night." [--model mini]
"""
import argparse

from maxsimd import models


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("query")
    parser.add_argument("document")
    parser.add_argument("--model", default="mini", help="a folder, 'mini' or a name of the hub")
    given = parser.parse_args()

    model = models.ColBERT(given.model)
    query, document = model.encode(given.query), model.encode(given.document, is_query=False)
    query_rows = model.describe_rows(given.query)
    document_rows = model.describe_rows(given.document, is_query=False)

    similarities = query @ document.T
    best = similarities.argmax(axis=1)
    print(f"score {similarities.max(axis=1).sum():.4f}")
    hidden = 0.0  # of the rows that stand for no word: prefix, separators, expansion
    for row, place, values in zip(query_rows, best, similarities):
        if row.start == row.end:
            hidden += values[place]
            continue
        match = document_rows[place]
        around = given.document[max(match.start - 20, 0) : match.end + 20]
        print(f"{values[place]:8.4f}  {given.query[row.start : row.end]:15} {match.token:15} ...{around}...")
    print(f"{hidden:8.4f}  (rows that stand for no word of the query)")


if __name__ == "__main__":
    main()
