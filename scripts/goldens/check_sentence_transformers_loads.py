#!/usr/bin/env python3
"""Loads a folder that maxsimd wrote in sentence-transformers 6, and compares its vectors with maxsimd's.

    python3 scripts/goldens/check_sentence_transformers_loads.py build/release/bin/maxsimd WRITTEN [--tolerance 1e-3]

Needs: sentence-transformers 6, torch, numpy. Exit code 0 when WRITTEN loads as a MultiVectorEncoder and all vectors of a
few queries and documents agree; prints the largest difference.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch
from sentence_transformers import MultiVectorEncoder

TEXTS = ["What does a late-interaction model store for every document?",
         "A ColBERT model keeps one vector per token; punctuation, like this, is skipped.",
         "Caf\u00e9 \u65e5\u672c\u8a9e hello", "long " * 400]


def ours(program, folder, flag):
    with tempfile.TemporaryDirectory() as work:
        path = pathlib.Path(work)
        (path / "in.jsonl").write_text("".join(json.dumps({"_id": str(i), "text": text}) + "\n" for i, text in enumerate(TEXTS)))
        subprocess.run([program, "encode", folder, path / "in.jsonl", flag, "--out", path / "out.npz"], check=True, capture_output=True)
        with np.load(path / "out.npz") as arrays:
            return [arrays["values"][begin:end] for begin, end in zip(arrays["offsets"][:-1], arrays["offsets"][1:])]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("written")
    parser.add_argument("--tolerance", type=float, default=1e-3)
    args = parser.parse_args()
    model = MultiVectorEncoder(args.written, device="cpu", model_kwargs={"dtype": torch.float32})
    worst = 0.0
    for flag, encode in (("--query", model.encode_query), ("--document", model.encode_document)):
        for text, mine, theirs in zip(TEXTS, ours(args.program, args.written, flag), encode(TEXTS, convert_to_numpy=True)):
            if mine.shape != theirs.shape:
                sys.exit(f"{flag}: {text[:40]!r}: {mine.shape} here, {theirs.shape} there")
            worst = max(worst, float(np.abs(mine - theirs).max()))
    print(f"{args.written}: largest difference {worst:.1e}")
    return 0 if worst <= args.tolerance else 1


sys.exit(main())
