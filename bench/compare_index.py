#!/usr/bin/env python3
"""Index kinds of maxsimd beside fast-plaid, xtr-warp-rs and PyLate's Voyager: same embeddings for all.

    compare_index.py --program build/release/bin/maxsimd --bench build/release/bin/bench_retrieval \\
        --documents DOCS.npz --queries QUERIES.npz --work FOLDER [--qrels QRELS.tsv] [--threads 1]
        [--engines exact-float32,plaid-4,fast-plaid-256,...] [--num-queries 300]

DOCS.npz and QUERIES.npz come from `maxsimd encode`. Engines: exact-float32, exact-int8, plaid-1, plaid-2, plaid-4, plaid-4-int8, hnsw,
fast-plaid (its defaults), fast-plaid-N (n_full_scores N), warp, voyager. Every engine builds and searches in processes of its own, queries go one by
one, k = 100. Recall counts how many of exact float32 MaxSim's first 10 or 100 an engine finds. Memory: the most while
building, and resident after opening and after all queries, in MB (that of Python, NumPy and PyTorch is the peers' own:
about 600). The peers are asked only for what the Python that runs this has installed: pylate 1.6.0, voyager, xtr-warp-rs,
and fast-plaid, the one on PYTHONPATH. Prints a table and one JSON object a row.
"""
import argparse
import json
import math
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time

K = 100
COLUMNS = ("build_seconds", "build_peak_mb", "bytes_per_token", "open_mb", "after_mb", "p50_ms", "p95_ms", "ndcg10", "recall10", "recall100")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True, help="the program maxsimd")
    parser.add_argument("--bench", required=True, help="the program bench_retrieval")
    parser.add_argument("--documents", required=True)
    parser.add_argument("--queries", required=True)
    parser.add_argument("--qrels", help="BEIR's TSV; without it no nDCG")
    parser.add_argument("--work", required=True, help="folder for indexes and runs")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--num-queries", type=int, default=300)
    parser.add_argument("--engines", default="exact-float32,exact-int8,plaid-4,plaid-4-int8,plaid-2,hnsw,fast-plaid,fast-plaid-256,fast-plaid-1024,warp,voyager")
    parser.add_argument("--flags", default="", help="more flags of bench_retrieval for plaid and hnsw")
    parser.add_argument("--keep", action="store_true", help="keep indexes, and use those that are there")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    return parser.parse_args()


def folder_bytes(path):
    return sum(os.path.getsize(os.path.join(base, name)) for base, _, names in os.walk(path) for name in names)


def status_mb(field):
    with open("/proc/self/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(field + ":")) / 1024


def load(path):
    import numpy as np

    with np.load(path) as arrays:
        values, offsets, ids = arrays["values"], arrays["offsets"], arrays["ids"]
    return values, offsets, [str(i) for i in ids]


def items(path, limit=None):
    values, offsets, ids = load(path)
    count = min(limit or len(ids), len(ids))
    return [values[offsets[i]:offsets[i + 1]] for i in range(count)], ids[:count]


def write_run(path, runs):
    with open(path, "w", encoding="utf-8") as out:
        for query, hits in runs.items():
            for rank, (document, score) in enumerate(hits, 1):
                out.write(f"{query} Q0 {document} {rank} {score:.6f} peer\n")


class Ours:
    """The program builds; bench_retrieval searches."""

    def __init__(self, args, name):
        self.args, self.name = args, name
        kind, *form = name.split("-")
        flags = {"exact": ["--codec"], "plaid": ["--nbits", "--codec"], "hnsw": []}[kind]
        self.build_flags = ["--kind", kind, *(word for pair in zip(flags, form) for word in pair)]
        self.flags = [] if kind == "exact" else args.flags.split()
        self.folder = os.path.join(args.work, name)

    def build(self):
        command = [self.args.program, "index", self.folder, "--embeddings", self.args.documents, *self.build_flags]
        return timed_process(command)

    def search(self, run_path):
        command = [self.args.bench, self.folder, "--query-embeddings", self.args.queries, "--run", run_path, "--k", str(K),
                   "--num-queries", str(self.args.num_queries), "--threads", str(self.args.threads), *self.flags]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def folder_of(args, name):
    """Settings of searching share an index."""
    return os.path.join(args.work, "fast-plaid" if name.startswith("fast-plaid") else name)


class Peer:
    """This script again, for each step a process, with the peer's library."""

    def __init__(self, args, name):
        self.args, self.name = args, name
        self.folder = folder_of(args, name)

    def step(self, step, run_path=""):
        return [sys.executable, __file__, *sys.argv[1:], "--step", f"{self.name}:{step}:{run_path}"]

    def build(self):
        return timed_process(self.step("build"))

    def search(self, run_path):
        answer = subprocess.run(self.step("search", run_path), check=True, capture_output=True, text=True)
        return json.loads(answer.stdout.splitlines()[-1])


def timed_process(command):
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise RuntimeError(f"{command}: {errors.decode()[-2000:]}")
    return {"build_seconds": time.perf_counter() - start, "build_peak_mb": usage.ru_maxrss / 1024}


class FastPlaid:
    def __init__(self, args, name):
        from fast_plaid import search

        number = name.removeprefix("fast-plaid").lstrip("-")
        self.settings = {"n_full_scores": int(number)} if number else {}
        self.index = search.FastPlaid(index=folder_of(args, name), device="cpu")

    def build(self, documents, _):
        self.index.create(documents_embeddings=documents)

    def search(self, query):
        return self.index.search(queries_embeddings=query[None], top_k=K, show_progress=False, **self.settings)[0]


class Warp:
    def __init__(self, args, name):
        from xtr_warp import search

        self.threads = args.threads
        self.index = search.XTRWarp(index=os.path.join(args.work, name), device="cpu")

    def build(self, documents, _):
        self.index.create(embeddings_source=documents, device="cpu", nbits=4, show_progress=False)

    def search(self, query):
        import torch

        if self.index._searcher is None:
            self.index.load(device="cpu", dtype=torch.float32, mmap=True)
        return self.index.search(queries_embeddings=query[None], top_k=K, num_threads=self.threads, show_progress=False)[0]


class Voyager:
    """PyLate's: token neighbours from the graph, then exact MaxSim of the documents they belong to."""

    def __init__(self, args, name):
        from pylate import indexes, retrieve

        values, _, _ = load(args.queries)
        self.index = indexes.Voyager(index_folder=args.work, index_name=name, embedding_size=values.shape[1], M=64,
                                     ef_construction=200, ef_search=200)
        self.retriever = retrieve.ColBERT(index=self.index)

    def build(self, documents, ids):
        self.index.add_documents(ids, [document.numpy() for document in documents])

    def search(self, query):
        hits = self.retriever.retrieve(queries_embeddings=[query.numpy()], k=K, k_token=100)[0]
        return [(hit["id"], hit["score"]) for hit in hits]


PEERS = {"fast": FastPlaid, "warp": Warp, "voyager": Voyager}


def peer_step(args):
    import torch

    name, step, run_path = args.step.split(":", 2)
    torch.set_num_threads(2 if step == "build" else args.threads)
    engine = PEERS[name.split("-")[0]](args, name)
    documents, ids = items(args.documents) if step == "build" else ([], load(args.documents)[2])
    if step == "build":
        engine.build([torch.from_numpy(document.copy()) for document in documents], ids)
        return
    queries, query_ids = items(args.queries, args.num_queries)
    queries = [torch.from_numpy(query.copy()) for query in queries]
    engine.search(queries[0])
    opened, times, runs = status_mb("VmRSS"), [], {}
    for query_id, query in zip(query_ids, queries):
        start = time.perf_counter()
        hits = engine.search(query)
        times.append((time.perf_counter() - start) * 1000)
        runs[query_id] = [(ids[d] if isinstance(d, int) else d, score) for d, score in hits]
    write_run(run_path, runs)
    print(json.dumps({"p50_ms": statistics.median(times), "p95_ms": statistics.quantiles(times, n=20)[18],
                      "open_mb": opened, "after_mb": status_mb("VmRSS")}))


def read_run(path):
    runs = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            query, _, document, _, _, _ = line.split()
            runs.setdefault(query, []).append(document)
    return runs


def read_qrels(path):
    judgments = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            query, document, grade = line.split("\t")
            if grade.strip().lstrip("-").isdigit() and int(grade) > 0:
                judgments.setdefault(query, {})[document] = int(grade)
    return judgments


def ndcg10(run, judgments):
    values = []
    for query, grades in judgments.items():
        if query not in run:
            continue
        gain = sum(grades.get(d, 0) / math.log2(r + 2) for r, d in enumerate(run[query][:10]))
        best = sum(g / math.log2(r + 2) for r, g in enumerate(sorted(grades.values(), reverse=True)[:10]))
        values.append(gain / best)
    return statistics.mean(values) if values else float("nan")


def recall(run, exact, k):
    return statistics.mean(len(set(run.get(q, [])[:k]) & set(hits[:k])) / len(hits[:k]) for q, hits in exact.items())


def measure(args, name, tokens, exact, judgments, built):
    engine = (Ours if name.split("-")[0] in ("exact", "plaid", "hnsw") else Peer)(args, name)
    run_path = os.path.join(args.work, name + ".run")
    if engine.folder not in built:
        there = args.keep and os.path.isdir(engine.folder)
        if not there:
            shutil.rmtree(engine.folder, ignore_errors=True)
        built[engine.folder] = {} if there else engine.build()
    row = {"engine": name, "threads": args.threads, **built[engine.folder]}
    row["bytes_per_token"] = folder_bytes(engine.folder) / tokens
    row |= engine.search(run_path)
    run = read_run(run_path)
    exact = exact or run
    row |= {"ndcg10": ndcg10(run, judgments), "recall10": recall(run, exact, 10), "recall100": recall(run, exact, 100)}
    return row, exact


def main():
    args = arguments()
    if args.step:
        peer_step(args)
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.makedirs(args.work, exist_ok=True)
    tokens = len(load(args.documents)[0])
    judgments = read_qrels(args.qrels) if args.qrels else {}
    names = args.engines.split(",")
    if names[0] != "exact-float32":
        names.insert(0, "exact-float32")  # what recall is counted against
    exact, rows, built = None, [], {}
    for name in names:
        row, exact = measure(args, name, tokens, exact, judgments, built)
        rows.append(row)
        print(json.dumps(row), file=sys.stderr, flush=True)
    print(f"{'':16}" + "".join(f"{column:>16}" for column in COLUMNS))
    for row in rows:
        print(f"{row['engine']:16}" + "".join(f"{row.get(column, float('nan')):16.3f}" for column in COLUMNS))


main()
