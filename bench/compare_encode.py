#!/usr/bin/env python3
"""maxsimd beside PyLate and ONNX Runtime: same texts, same threads, in turn, medians of the rounds.

    compare_encode.py --bench build/bench/bin/bench_encode --program build/bench/bin/maxsimd \\
        --model MODEL_FOLDER --corpus corpus.jsonl --queries queries.jsonl

Engines: maxsimd, PyLate and ONNX Runtime (dynamic int8: the encoder exported by PyTorch, weights and
activations quantised by onnxruntime.quantization, texts sorted by length, batches of 32, projection
and norm in NumPy). Needs pylate 1.6.0, onnxruntime and onnx in the Python that runs it (a throw-away
environment; maxsimd itself needs none). The model must be float32. Prints a table and one JSON object.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

BATCH = 32
FIGURES = ("tokens_per_second", "query_ms_p50", "query_ms_p95", "queries_per_second")


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
    parser.add_argument("--engines", default="maxsimd-f32,pylate-f32,maxsimd-bf16,pylate-bf16,maxsimd-int8,onnx-int8",
                        help="in the order of their turns")
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


class Maxsimd:
    """A process of its own each round."""

    def __init__(self, args, precision):
        self.command = [args.bench, args.model, args.corpus, args.queries, "--documents", str(args.documents),
                        "--queries", str(args.num_queries), "--threads", str(args.threads), "--precision", precision]

    def round(self, _):
        return json.loads(subprocess.run(self.command, check=True, capture_output=True).stdout)


class Peer:
    """An engine in this process, with the same number of threads."""

    def __init__(self, args):
        import torch

        torch.set_num_threads(args.threads)
        self.documents = read_texts(args.corpus, args.documents)
        self.queries = read_texts(args.queries, args.num_queries)

    def round(self, tokens):
        self.encode(self.documents[:8], False)
        start = time.perf_counter()
        self.encode(self.documents, False)
        seconds = time.perf_counter() - start
        query_ms = []
        for query in self.queries:
            start = time.perf_counter()
            self.encode([query], True)
            query_ms.append((time.perf_counter() - start) * 1000)
        start = time.perf_counter()
        self.encode(self.queries, True)
        batch = time.perf_counter() - start
        return {"tokens_per_second": tokens / seconds,
                "query_ms_p50": statistics.median(query_ms),
                "query_ms_p95": statistics.quantiles(query_ms, n=20)[18],
                "queries_per_second": len(self.queries) / batch}


class PyLate(Peer):
    def __init__(self, args, precision):
        super().__init__(args)
        import torch
        from pylate import models

        dtype = {"f32": torch.float32, "bf16": torch.bfloat16}[precision]
        self.model = models.ColBERT(model_name_or_path=args.model, device="cpu").to(dtype)

    def encode(self, texts, is_query):
        return self.model.encode(texts, is_query=is_query, batch_size=BATCH, show_progress_bar=False)


class Onnx(Peer):
    def __init__(self, args, precision):
        super().__init__(args)
        import onnxruntime
        from onnxruntime.quantization import QuantType, quantize_dynamic
        from pylate import models

        assert precision == "int8"
        self.pylate = models.ColBERT(model_name_or_path=args.model, device="cpu")
        self.projection = self.pylate[1].linear.weight.detach().numpy().T.copy()
        folder = tempfile.mkdtemp()
        whole, small = os.path.join(folder, "f32.onnx"), os.path.join(folder, "int8.onnx")
        self.export(whole)
        quantize_dynamic(whole, small, weight_type=QuantType.QInt8)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = args.threads
        self.session = onnxruntime.InferenceSession(small, options, providers=["CPUExecutionProvider"])

    def export(self, path):
        import torch

        names = ["input_ids", "attention_mask", "token_type_ids"]
        axes = {name: {0: "batch", 1: "length"} for name in names + ["hidden"]}
        example = torch.ones(2, 8, dtype=torch.int64)

        class Encoder(torch.nn.Module):
            def __init__(self, inner):
                super().__init__()
                self.inner = inner.eval()

            def forward(self, ids, mask, types):
                return self.inner(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state

        torch.onnx.export(Encoder(self.pylate[0].auto_model), (example, example, torch.zeros_like(example)), path, input_names=names,
                          output_names=["hidden"], dynamic_axes=axes, opset_version=17, dynamo=False)

    def encode(self, texts, is_query):
        import numpy as np

        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        vectors = [None] * len(texts)
        for begin in range(0, len(order), BATCH):
            batch = order[begin:begin + BATCH]
            features = self.pylate.tokenize([texts[i] for i in batch], is_query=is_query)
            ids = features["input_ids"].numpy()
            hidden = self.session.run(["hidden"], {"input_ids": ids, "attention_mask": features["attention_mask"].numpy(),
                                                   "token_type_ids": np.zeros_like(ids)})[0]
            rows = hidden @ self.projection
            rows /= np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12)
            for i, row in zip(batch, rows):
                vectors[i] = row
        return vectors


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
    kinds = {"maxsimd": Maxsimd, "pylate": PyLate, "onnx": Onnx}
    engines = {name: kinds[name.split("-")[0]](args, name.split("-")[1]) for name in args.engines.split(",")}
    tokens = Maxsimd(args, "int8").round(0)["tokens"]
    rounds = {name: [] for name in engines}
    for number in range(args.rounds):
        for name, engine in engines.items():
            rounds[name].append(engine.round(tokens))
            print(f"round {number + 1}: {name} {rounds[name][-1]['tokens_per_second']:.0f} tokens/s", file=sys.stderr)
    result = {name: {key: statistics.median(r[key] for r in rows) for key in FIGURES} for name, rows in rounds.items()}
    print(f"{'':14}" + "".join(f"{key:>20}" for key in FIGURES))
    for name, row in result.items():
        print(f"{name:14}" + "".join(f"{row[key]:20.2f}" for key in FIGURES))
    print(json.dumps({"documents": args.documents, "tokens": tokens, "threads": args.threads,
                      "first_vector_seconds": first_vector_seconds(args), "engines": result}))


main()
