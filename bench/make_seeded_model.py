#!/usr/bin/env python3
"""Writes a model folder with seeded random encoder weights, in float32: the shape of a real model for speed tests.

    make_seeded_model.py --like MODEL_FOLDER --out FOLDER [--seed 7]

MODEL_FOLDER holds config.json, the tokenizer and the Dense module; its encoder weights need not be there. Needs torch
and transformers. What the model finds is meaningless; what a pass through it costs is not.
"""
import argparse
import pathlib
import shutil

import torch
import transformers


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--like", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    shutil.copytree(args.like, args.out, copy_function=shutil.copyfile)
    torch.manual_seed(args.seed)
    config = transformers.AutoConfig.from_pretrained(args.out)
    transformers.AutoModel.from_config(config).float().save_pretrained(args.out, safe_serialization=True)


main()
