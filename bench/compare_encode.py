#!/usr/bin/env python3
"""maxsimd and PyLate side by side: same texts, same threads, alternating rounds, medians.

    compare_encode.py --bench build/bench/bin/bench_encode --program build/bench/bin/maxsimd \\
        --model MODEL_FOLDER --corpus corpus.jsonl --queries queries.jsonl

Needs pylate 1.6.0 in the Python that runs it (a throw-away environment; maxsimd itself needs none).
The model must be float32 for PyLate. Prints one JSON object and a table.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bench", required=True, help="the program bench_encode")
    parser.add_argument("--program", required=True, help="the program maxsimd")
    parser.add_argument("--model", required=True)
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--queries", required=True)
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--num-queries", type=int, default=100)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def read_texts(path, limit):
    texts = []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if len(texts) == limit:
                break
            record = json.loads(line)
            texts.append((record.get("title", "") + " " + record["text"]).strip())
    return texts


class PyLate:
    """PyLate in this process, with the same number of threads."""

    def __init__(self, args):
        import torch

        torch.set_num_threads(args.threads)
        from pylate import models

        self.model = models.ColBERT(model_name_or_path=args.model, device="cpu")
        self.documents = read_texts(args.corpus, args.documents)
        self.queries = read_texts(args.queries, args.num_queries)
        self.model.encode(self.documents[:8], is_query=False)

    def round(self, tokens):
        start = time.perf_counter()
        self.model.encode(self.documents, is_query=False, batch_size=32, show_progress_bar=False)
        seconds = time.perf_counter() - start
        query_ms = []
        for query in self.queries:
            start = time.perf_counter()
            self.model.encode([query], is_query=True, show_progress_bar=False)
            query_ms.append((time.perf_counter() - start) * 1000)
        start = time.perf_counter()
        self.model.encode(self.queries, is_query=True, batch_size=32, show_progress_bar=False)
        batch = time.perf_counter() - start
        return {"tokens_per_second": tokens / seconds,
                "query_ms_p50": statistics.median(query_ms),
                "queries_per_second": len(self.queries) / batch}


def maxsimd_round(args):
    command = [args.bench, args.model, args.corpus, args.queries, "--documents",
               str(args.documents), "--queries", str(args.num_queries), "--threads",
               str(args.threads)]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def first_vector_seconds(args):
    """From process start to the vectors of one query on disk."""
    with tempfile.TemporaryDirectory() as folder:
        query = os.path.join(folder, "query.jsonl")
        with open(query, "w", encoding="utf-8") as out:
            out.write(json.dumps({"_id": "q", "text": "who wrote the first program?"}) + "\n")
        command = [args.program, "encode", args.model, query, "--query", "--out",
                   os.path.join(folder, "out.npz"), "--threads", str(args.threads)]
        times = []
        for _ in range(6):
            start = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            times.append(time.perf_counter() - start)
        return statistics.median(times[1:])


def main():
    args = arguments()
    pylate = PyLate(args)
    ours, theirs = [], []
    for number in range(args.rounds):
        ours.append(maxsimd_round(args))
        theirs.append(pylate.round(ours[-1]["tokens"]))
        print(f"round {number + 1}: maxsimd {ours[-1]['tokens_per_second']:.0f} tokens/s, "
              f"PyLate {theirs[-1]['tokens_per_second']:.0f}", file=sys.stderr)
    result = {"first_vector_seconds": first_vector_seconds(args),
              "peak_memory_mb": statistics.median(r["peak_memory_mb"] for r in ours),
              "isa": ours[0]["isa"]}
    print(f"{'':22}{'maxsimd':>12}{'PyLate':>12}{'ratio':>8}")
    for key in ("tokens_per_second", "query_ms_p50", "queries_per_second"):
        a = statistics.median(r[key] for r in ours)
        b = statistics.median(r[key] for r in theirs)
        result[key] = {"maxsimd": a, "pylate": b, "ratio": a / b}
        print(f"{key:22}{a:12.2f}{b:12.2f}{a / b:8.2f}")
    print(json.dumps(result))


main()
