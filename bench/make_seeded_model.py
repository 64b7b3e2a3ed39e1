#!/usr/bin/env python3
"""Writes a model folder with seeded random encoder weights, in float32: the shape of a real model for speed tests.

    make_seeded_model.py --like MODEL_FOLDER --out FOLDER [--seed 7]
    make_seeded_model.py --shape modernbert-base|bert-base|roberta-base|xlm-roberta-base|camembert-base|distilbert-base \
        --out FOLDER    (an encoder alone, for bench_encoder)

MODEL_FOLDER holds config.json, the tokenizer and the Dense module; its encoder weights need not be there. The shapes are
those of answerdotai/ModernBERT-base (Ettin 150M's too) and bert-base-uncased, with 1,000 tokens, and with positions enough;
of roberta-base, xlm-roberta-base, camembert-base and distilbert-base-uncased with all their tokens (250,002 are XLM-R's). Needs torch and transformers. What the model finds is meaningless; what a pass through it costs is not.
"""
import argparse
import pathlib
import shutil

import torch
import transformers


SPECIAL = dict(vocab_size=1000, pad_token_id=0, bos_token_id=1, cls_token_id=1, eos_token_id=2, sep_token_id=2)
ROBERTA = dict(max_position_embeddings=514, type_vocab_size=1, layer_norm_eps=1e-5)
SHAPES = {"modernbert-base": transformers.ModernBertConfig(**SPECIAL),
          "bert-base": transformers.BertConfig(vocab_size=1000, max_position_embeddings=2048),
          "roberta-base": transformers.RobertaConfig(vocab_size=50265, **ROBERTA),
          "xlm-roberta-base": transformers.XLMRobertaConfig(vocab_size=250002, **ROBERTA),
          "camembert-base": transformers.CamembertConfig(vocab_size=32005, bos_token_id=5, eos_token_id=6, **ROBERTA),
          "distilbert-base": transformers.DistilBertConfig()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    model = parser.add_mutually_exclusive_group(required=True)
    model.add_argument("--like", type=pathlib.Path)
    model.add_argument("--shape", choices=SHAPES)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    if args.shape:
        config = SHAPES[args.shape]
    else:
        shutil.copytree(args.like, args.out, copy_function=shutil.copyfile)
        config = transformers.AutoConfig.from_pretrained(args.out)
    transformers.AutoModel.from_config(config).float().save_pretrained(args.out, safe_serialization=True)


main()
