#!/usr/bin/env python3
"""Loads folders that `maxsimd convert` wrote in another library, and compares its vectors with maxsimd's.

    python3 scripts/goldens/check_layouts.py LIBRARY build/release/bin/maxsimd FOLDER... [--tolerance 1e-3]

LIBRARY is pylate (1.1.7 to 1.6), sentence-transformers (6) or colbert-ai (0.2.22), which must be installed, with torch
and numpy. pylate reads the layouts pylate and stanford, sentence-transformers all three, colbert-ai its own (stanford).
Exit code 0 when every folder loads and the vectors of all queries and documents agree; prints the largest difference.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch

TEXTS = ["What does a late-interaction model store for every document?",
         "A ColBERT model keeps one vector per token; punctuation, like this, is skipped.",
         "Caf\u00e9 \u65e5\u672c\u8a9e hello", "long " * 400, "!", "Hello, (world) 1234"]


def ours(program, folder, flag):
    with tempfile.TemporaryDirectory() as work:
        path = pathlib.Path(work)
        lines = [json.dumps({"_id": str(i), "text": text}) + "\n" for i, text in enumerate(TEXTS)]
        (path / "in.jsonl").write_text("".join(lines))
        subprocess.run([program, "encode", folder, path / "in.jsonl", flag, "--out", path / "out.npz"], check=True, capture_output=True)
        with np.load(path / "out.npz") as arrays:
            return [arrays["values"][begin:end] for begin, end in zip(arrays["offsets"][:-1], arrays["offsets"][1:])]


def pylate_encoders(folder):
    from pylate import models
    model = models.ColBERT(model_name_or_path=folder, device="cpu", model_kwargs={"torch_dtype": torch.float32})
    # One text at a time: padding changes the order of sums.
    return [lambda text, is_query=is_query: model.encode([text], is_query=is_query, show_progress_bar=False)[0] for is_query in (True, False)]


def sentence_transformers_encoders(folder):
    from sentence_transformers import MultiVectorEncoder
    model = MultiVectorEncoder(folder, device="cpu", model_kwargs={"dtype": torch.float32})
    return [lambda text, encode=encode: encode([text], convert_to_numpy=True)[0] for encode in (model.encode_query, model.encode_document)]


def colbert_ai_encoders(folder):
    from colbert.infra import ColBERTConfig
    from colbert.modeling.colbert import ColBERT
    from colbert.modeling.tokenization import DocTokenizer, QueryTokenizer
    ColBERT.loaded_extensions = True  # its C++ extension scores; no vector needs it
    config = ColBERTConfig.load_from_checkpoint(folder)
    model = ColBERT(folder, config)
    queries, documents = QueryTokenizer(model.colbert_config, verbose=0), DocTokenizer(model.colbert_config)
    with torch.no_grad():
        return [lambda text: model.query(*queries.tensorize([text]))[0].detach().numpy(),
                lambda text: model.doc(*documents.tensorize([text]), keep_dims=False)[0].detach().numpy()]


LIBRARIES = {"pylate": pylate_encoders, "sentence-transformers": sentence_transformers_encoders, "colbert-ai": colbert_ai_encoders}


def difference(program, folder, encoders):
    worst = 0.0
    for flag, encode in zip(("--query", "--document"), encoders(folder)):
        for text, mine in zip(TEXTS, ours(program, folder, flag)):
            theirs = np.asarray(encode(text), dtype=np.float32)
            if mine.shape != theirs.shape:
                sys.exit(f"{folder}: {flag}: {text[:40]!r}: {mine.shape} here, {theirs.shape} there")
            if mine.size:
                worst = max(worst, float(np.abs(mine - theirs).max()))
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("library", choices=LIBRARIES)
    parser.add_argument("program")
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--tolerance", type=float, default=1e-3)
    args = parser.parse_args()
    is_good = True
    for folder in args.folders:
        worst = difference(args.program, folder, LIBRARIES[args.library])
        print(f"{args.library}: {folder}: largest difference {worst:.1e}")
        is_good = is_good and worst <= args.tolerance
    return 0 if is_good else 1


sys.exit(main())
