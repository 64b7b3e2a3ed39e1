#!/usr/bin/env python3
"""A small seeded MultiVectorEncoder of sentence-transformers 6 in several settings, and its vectors.

    python3 scripts/goldens/multi_vector_encoder.py maxsimd/colbert/testdata/multi_vector_encoder

Writes the model folder as save_pretrained() does, and cases.json: for each case the files that differ and the vectors
of a few queries and documents (float32, alone in their batch: padding is not what is tested). Needs sentence-transformers
6.2, torch, transformers.
"""
import json
import os
import shutil
import string
import sys

import torch
from sentence_transformers import MultiVectorEncoder
from sentence_transformers.base.modules import Dense, Normalize, Transformer
from sentence_transformers.multi_vector_encoder.modules import MultiVectorMask
from transformers import BertConfig, BertModel, BertTokenizerFast

WORDS = ("[PAD] [unused0] [unused1] [UNK] [CLS] [SEP] [MASK] [ ] : , . ! query text owls hunt small animals at night a glacier "
         "moves slowly over rock ##s ##ing what do how long is the river").split()
QUERIES = ["what do owls hunt?", "  How long is the river:  ", "a glacier moves slowly, slowly over the rock at night! what is a river", "!"]
DOCUMENTS = ["Owls hunt small animals at night.", "[unused1] a river, the river: [ rock ]", "snow \u2603 moves ", "the river " * 12]
PUNCTUATION = list(string.punctuation)
FIXED = {"strategy": "fixed", "attend": False, "token": None, "length": 12}


def transformer(**settings):
    return {"transformer_task": "feature-extraction",
            "modality_config": {"text": {"method": "forward", "method_output_name": "last_hidden_state"}},
            "module_output_name": "token_embeddings", **settings}


def mask(words, tasks=("document",)):
    return {"skiplist_words": list(words), "skiplist_tasks": list(tasks), "keep_only_token_ids": None}


def config(prompts, default=None):
    return {"model_type": "MultiVectorEncoder", "prompts": prompts, "default_prompt_name": default, "similarity_fn_name": "maxsim",
            "__version__": {}}


TOKENS = {"query": "[unused0]", "document": "[unused1]"}
CASES = {
    "prompts that are one token": (config(TOKENS), transformer(document_length=16, query_expansion=FIXED), mask(PUNCTUATION)),
    "expansion that is attended to": (config(TOKENS), transformer(document_length=9, query_expansion={**FIXED, "attend": True}),
                                      mask(PUNCTUATION)),
    "prompts of text, no expansion": (config({"query": "query: ", "document": "text: "}),
                                      transformer(query_length=10, document_length=16), mask([])),
    "at least so long": (config(TOKENS), transformer(query_expansion={"strategy": "min", "length": 9}), mask(",")),
    "at least so long, at most so long": (
        config({}), transformer(query_length=14, query_expansion={"strategy": "min", "attend": True, "token": "[SEP]", "length": 9}),
        mask(PUNCTUATION, ("query", "document"))),
    "a skiplist for queries alone": (config({"query": "query:"}, "query"), transformer(query_expansion=FIXED),
                                     mask([".", ",", "!", "\u2603"], ("query",))),
    "nothing said": (config({}), transformer(), mask([])),
}


def write(path, value):
    with open(path, "w", encoding="utf-8") as out:
        out.write(value if isinstance(value, str) else json.dumps(value, ensure_ascii=True))


def make_model(folder):
    torch.manual_seed(6)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder + "/plain")
    write(folder + "/plain/vocab.txt", "\n".join(dict.fromkeys(WORDS)) + "\n")
    tokenizer = BertTokenizerFast.from_pretrained(folder + "/plain", model_max_length=40)
    tokenizer.add_special_tokens({"additional_special_tokens": ["[unused0]", "[unused1]"]})
    tokenizer.save_pretrained(folder + "/plain")
    BertModel(BertConfig(vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24,
                         max_position_embeddings=48, initializer_range=0.3), add_pooling_layer=False).save_pretrained(folder + "/plain")
    encoder = Transformer(folder + "/plain")
    dense = Dense(16, 8, bias=True, activation_function=torch.nn.Tanh(), module_input_name="token_embeddings", use_residual=True)
    MultiVectorEncoder(modules=[encoder, dense, MultiVectorMask(), Normalize("token_embeddings")], device="cpu").save_pretrained(folder)
    shutil.rmtree(folder + "/plain")
    os.remove(folder + "/README.md")


def vectors(model, texts, encode):
    return [[[float(f"{value:.7g}") for value in row] for row in encode([text], convert_to_numpy=True)[0].tolist()] for text in texts]


def main():
    folder = sys.argv[1]
    make_model(folder)
    cases = []
    for name, (settings, module, masks) in CASES.items():
        files = {"config_sentence_transformers.json": settings, "sentence_bert_config.json": module, "2_MultiVectorMask/config.json": masks}
        for path, content in files.items():
            write(os.path.join(folder, path), content)
        model = MultiVectorEncoder(folder, device="cpu")
        cases.append({"name": name, "files": {path: json.dumps(content) for path, content in files.items()},
                      "queries": vectors(model, QUERIES, model.encode_query),
                      "documents": vectors(model, DOCUMENTS, model.encode_document)})
    write(os.path.join(folder, "cases.json"), {"query_texts": QUERIES, "document_texts": DOCUMENTS, "cases": cases})


main()
