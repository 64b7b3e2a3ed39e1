#!/usr/bin/env python3
"""Queries for a corpus without any: titles of documents, known items to be found.

    title_queries.py CORPUS.jsonl[.gz] [--count 500] [--seed 1] > queries.jsonl

Distinct titles of 20 characters or more, drawn by a seeded generator, in the corpus's order.
"""
import argparse
import gzip
import json
import random
import sys


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    opener = gzip.open if args.corpus.endswith(".gz") else open
    titles = {}
    with opener(args.corpus, "rt", encoding="utf-8") as lines:
        for line in lines:
            document = json.loads(line)
            if len(document.get("title") or "") >= 20:
                titles.setdefault(document["title"], document["_id"])
    items = list(titles.items())
    chosen = sorted(random.Random(args.seed).sample(range(len(items)), min(args.count, len(items))))
    for number in chosen:
        title, document = items[number]
        print(json.dumps({"_id": f"title-{document}", "text": title}), file=sys.stdout)


main()
