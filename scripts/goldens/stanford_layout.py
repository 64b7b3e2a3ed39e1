#!/usr/bin/env python3
"""A small seeded checkpoint as colbert-ai saves it (Stanford's layout), and its vectors.

    python3 scripts/goldens/stanford_layout.py maxsimd/colbert/testdata/stanford

Writes the folder of BaseColBERT.save() and cases.json, a few texts with the vectors of queries and documents. Of
artifact.metadata only the keys that say what the model is are kept: the others are settings of a run, with paths.
Needs colbert-ai 0.2.22, transformers 4.48, torch. No network.
"""
import json
import os
import shutil
import string
import sys

import torch
from colbert.infra import ColBERTConfig
from colbert.modeling.colbert import ColBERT
from colbert.modeling.hf_colbert import class_factory
from colbert.modeling.tokenization import DocTokenizer, QueryTokenizer
from transformers import BertConfig, BertTokenizerFast

WORDS = (["[PAD]", "[unused0]", "[unused1]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + list(string.punctuation) +
         "what do owls hunt small animals at night a glacier moves slowly over rock ##s how long is the river caf ##e 1 2 x".split())
QUERIES = ["What do owls hunt?", "  How long is the river: (1, 2)  ", "a glacier moves slowly over the rock at night and it is a long river x 1 2", "!"]
DOCUMENTS = ["Owls hunt small animals, at night.", "the caf\u00e9 [MASK] river [rock]", "snow \u2603 moves", "the river " * 12]
KEPT = ["query_token_id", "doc_token_id", "query_token", "doc_token", "similarity", "attend_to_mask_tokens", "interaction", "query_maxlen", "dim",
        "doc_maxlen", "mask_punctuation"]


def rewrite(path, indent, is_kept):
    with open(path, encoding="utf-8") as file:
        content = json.load(file)
    with open(path, "w", encoding="utf-8") as out:
        json.dump({key: value for key, value in content.items() if is_kept(key)}, out, indent=indent)
        out.write("\n")


def main():
    torch.manual_seed(9)
    folder = sys.argv[1]
    plain = os.path.join(folder, "plain")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(plain)
    with open(os.path.join(plain, "vocab.txt"), "w", encoding="utf-8") as out:
        out.write("\n".join(WORDS) + "\n")
    config = BertConfig(vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24,
                        max_position_embeddings=48, initializer_range=0.3)
    config.save_pretrained(plain)
    BertTokenizerFast.from_pretrained(plain).save_pretrained(plain)
    settings = ColBERTConfig(dim=6, query_maxlen=14, doc_maxlen=20, checkpoint=plain)
    class_factory(plain)(config, settings).save_pretrained(plain)
    ColBERT.loaded_extensions = True
    model = ColBERT(plain, settings)
    model.save(folder)
    shutil.rmtree(plain)
    rewrite(os.path.join(folder, "artifact.metadata"), 4, lambda key: key in KEPT)
    rewrite(os.path.join(folder, "config.json"), 2, lambda key: key != "_name_or_path")
    model = ColBERT(folder, ColBERTConfig.load_from_checkpoint(folder))
    queries, documents = QueryTokenizer(model.colbert_config, verbose=0), DocTokenizer(model.colbert_config)
    rounded = lambda rows: [[float(f"{value:.7g}") for value in row] for row in rows.detach().tolist()]
    with torch.no_grad():
        cases = {"query_texts": QUERIES, "document_texts": DOCUMENTS,
                 "queries": [rounded(model.query(*queries.tensorize([text]))[0]) for text in QUERIES],
                 "documents": [rounded(model.doc(*documents.tensorize([text]), keep_dims=False)[0]) for text in DOCUMENTS]}
    with open(os.path.join(folder, "cases.json"), "w", encoding="utf-8") as out:
        json.dump(cases, out)


main()
