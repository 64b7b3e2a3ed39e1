#!/usr/bin/env python3
"""Loads a folder that maxsimd wrote in PyLate, and compares embeddings with the folder it came from.

    python3 scripts/goldens/check_pylate_loads.py WRITTEN [ORIGINAL] [--tolerance 1e-6]

Needs: pylate (1.1.7 to 1.6.0), torch, numpy. Exit code 0 when WRITTEN loads, has the settings its
config states and, with ORIGINAL, gives the same embeddings; 1 otherwise.
"""

import argparse
import json
import pathlib
import sys

import numpy as np
import torch
from pylate import models

TEXTS = [
    "What does a late-interaction model store for every document?",
    "A ColBERT model keeps one vector per token; punctuation, like this, is skipped.",
    "Caf\u00e9 \u65e5\u672c\u8a9e [unused0] hello",
    "",
    "long " * 400,
]


def encode(model):
    return [
        np.asarray(vectors, dtype=np.float32)
        for is_query in (True, False)
        for vectors in model.encode(TEXTS, is_query=is_query, show_progress_bar=False)
    ]


def load(folder):
    return models.ColBERT(model_name_or_path=str(folder), device="cpu",
                          model_kwargs={"torch_dtype": torch.float32})


def check_settings(model, folder):
    settings = json.loads((folder / "config_sentence_transformers.json").read_text())
    for name in ("query_prefix", "document_prefix", "query_length", "document_length",
                 "attend_to_expansion_tokens", "skiplist_words", "do_query_expansion"):
        value = getattr(model, name, settings[name])
        if value != settings[name]:
            sys.exit(f"{folder}: {name} is {value!r} in PyLate, {settings[name]!r} in the folder")
    num_dense = len(json.loads((folder / "modules.json").read_text())) - 1
    if len(model) != 1 + num_dense:
        sys.exit(f"{folder}: PyLate made {len(model)} modules, expected {1 + num_dense}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("written", type=pathlib.Path)
    parser.add_argument("original", type=pathlib.Path, nargs="?")
    parser.add_argument("--tolerance", type=float, default=1e-6)
    args = parser.parse_args()
    model = load(args.written)
    check_settings(model, args.written)
    written = encode(model)
    print(f"{args.written}: loads, {len(model)} modules, {written[0].shape[1]} dimensions")
    if args.original is None:
        return
    original = encode(load(args.original))
    if [a.shape for a in written] != [b.shape for b in original]:
        sys.exit("the embeddings differ in shape")
    worst = max(float(np.abs(a - b).max()) for a, b in zip(written, original))
    cosine = min(float((a * b).sum(1).min()) for a, b in zip(written, original))
    print(f"max |difference| {worst:.3g}, smallest cosine {cosine:.7f}")
    if not worst <= args.tolerance:
        sys.exit(f"the embeddings differ by more than {args.tolerance}")


if __name__ == "__main__":
    main()
