#!/usr/bin/env python3
"""What Python's csv module and PyLate 1.6 make of training tables: maxsimd/data/testdata/training_tables.json.

    OMP_NUM_THREADS=1 python scripts/goldens/training_tables.py

csv: random texts of commas, quotes and line ends, and the records that csv.reader (strict) reads, or null where it
refuses them. columns: which columns ColBERTCollator tokenizes, in its order, and which of them as queries.
distillation: what KDProcessing makes of rows of ids. Needs pylate 1.6.0.
"""
import csv
import io
import json
import os
import random
import sys

import torch
from datasets import Dataset
from pylate.utils import ColBERTCollator, KDProcessing

OUT = os.path.join(os.path.dirname(__file__), "..", "..", "maxsimd", "data", "testdata", "training_tables.json")

TABLES = [
    ["question", "answer", "negative"],
    ["query", "positive", "negative"],
    ["anchor", "positive", "negative_1", "negative_2"],
    ["query_id", "query", "positive_id", "positive", "negative_id", "negative"],
    ["positive", "query", "negative"],
    ["query", "positive", "query_negative"],
    ["question", "subquery", "answer"],
    ["query", "positive", "label"],
    ["query", "positive", "scores", "label"],
    ["query", "positive", "negative", "scores"],
    ["dataset_name", "query", "positive"],
    ["title", "question", "answer", "source"],
    ["anchored", "text"],
    ["Query", "positive"],
    ["my_idea", "query", "positive"],
]


def random_csv(source):
    pieces = ["a", "bc", ",", ",", '"', '"', '""', "\n", "\r\n"]
    return "".join(source.choice(pieces) for _ in range(source.randint(1, 14)))


def read_csv(text):
    try:
        return [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except csv.Error:
        return None


def tokenized_columns(columns):
    seen = []

    def tokenize(texts, is_query, pad, task):
        assert pad and task is None
        seen.append([texts[0], is_query])
        return {"input_ids": torch.zeros(1)}

    label = next((name for name in ("label", "scores") if name in columns), None)
    row = {name: 0.5 if name == label else name for name in columns}
    ColBERTCollator(tokenize_fn=tokenize)([row])
    return seen


def distillation():
    queries = {"query_id": ["7", "q2"], "text": ["what is a lynx?", "how old is the moon?"]}
    documents = {"document_id": ["1", "2", "d3", "x y"],
                 "text": ["a cat of the north", "a rock", "a satellite, 4.5 billion years old", "a \"moth\""]}
    rows = [
        {"query_id": "7", "document_ids": "['1', '2', 'd3']", "scores": "[3.5, 1e-3, -2]"},
        {"query_id": "q2", "document_ids": "[\"d3\", 'x y', '2', '1']", "scores": "[9, 0.25, 0.125, 0]"},
    ]
    process = KDProcessing(queries=Dataset.from_dict(queries), documents=Dataset.from_dict(documents), n_ways=3)
    return {"queries": queries, "documents": documents, "rows": rows, "n_ways": 3,
            "expected": [process.map(dict(row)) for row in rows]}


def main():
    source = random.Random(7)
    texts = sorted({random_csv(source) for _ in range(400)})
    golden = {
        "made_by": f"scripts/goldens/training_tables.py, Python {sys.version.split()[0]}, pylate 1.6.0",
        "csv": [[text, read_csv(text)] for text in texts],
        "columns": [[columns, tokenized_columns(columns)] for columns in TABLES],
        "distillation": distillation(),
    }
    with open(OUT, "w", encoding="utf-8") as out:
        json.dump(golden, out, ensure_ascii=False, separators=(",", ":"))
        out.write("\n")


if __name__ == "__main__":
    main()
