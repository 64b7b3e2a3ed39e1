#!/usr/bin/env python3
"""The small files of a MultiVectorEncoder as sentence-transformers 6 saves them, for a few settings.

    python3 scripts/goldens/multi_vector_files.py maxsimd/colbert/testdata/multi_vector_encoder maxsimd/colbert/testdata/multi_vector_files.json

The first folder is multi_vector_encoder.py's. Each case: the files it is loaded with, and the text of those that save_pretrained() writes, without
"__version__". Settings that the library omits because they are its defaults are given in every case. Needs sentence-transformers 6.2, torch.
"""
import json
import os
import shutil
import sys
import tempfile

from sentence_transformers import MultiVectorEncoder

FILES = ["modules.json", "config_sentence_transformers.json", "sentence_bert_config.json", "1_Dense/config.json", "2_MultiVectorMask/config.json",
         "3_Normalize/config.json"]
BASE = {"transformer_task": "feature-extraction", "modality_config": {"text": {"method": "forward", "method_output_name": "last_hidden_state"}},
        "module_output_name": "token_embeddings"}


def case(prompts, words, tasks=("document",), similarity="maxsim", **transformer):
    return {"config_sentence_transformers.json": {"model_type": "MultiVectorEncoder", "prompts": prompts, "default_prompt_name": None,
                                                  "similarity_fn_name": similarity},
            "sentence_bert_config.json": {**BASE, **transformer},
            "2_MultiVectorMask/config.json": {"skiplist_words": list(words), "skiplist_tasks": list(tasks), "keep_only_token_ids": None}}


CASES = {
    "PyLate's ways": case({"query": "[unused0]", "document": "[unused1]"}, ":,.![]", document_length=16,
                          query_expansion={"strategy": "fixed", "length": 12}),
    "prompts of text, no expansion": case({"query": "query: ", "document": "text: "}, [], query_length=10, document_length=16),
    "at least so long": case({"query": "", "document": "[unused1]", "other": "x: "}, "!", ("query", "document"), "meanmaxsim", query_length=20,
                             document_length=30, query_expansion={"strategy": "min", "length": 9, "attend": True, "token": "[SEP]"}),
}


def main():
    cases = []
    for name, files in CASES.items():
        with tempfile.TemporaryDirectory() as work:
            folder, saved = os.path.join(work, "model"), os.path.join(work, "saved")
            shutil.copytree(sys.argv[1], folder)
            for path, content in files.items():
                with open(os.path.join(folder, path), "w", encoding="utf-8") as out:
                    json.dump(content, out)
            MultiVectorEncoder(folder, device="cpu").save_pretrained(saved)
            texts = {}
            for path in FILES:
                with open(os.path.join(saved, path), encoding="utf-8") as file:
                    texts[path] = file.read()
            settings = json.loads(texts["config_sentence_transformers.json"])
            del settings["__version__"]
            texts["config_sentence_transformers.json"] = json.dumps(settings, indent=2)
            cases.append({"name": name, "loaded": {path: json.dumps(content) for path, content in files.items()}, "saved": texts})
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        json.dump(cases, out, indent=1)
        out.write("\n")


main()
