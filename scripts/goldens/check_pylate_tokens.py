#!/usr/bin/env python3
"""Compares `maxsimd tokenize` with PyLate's tokenize() for ColBERT folders with the small trained tokenizers
(byte-level BPE as ModernBERT's, RoBERTa's; Unigram as XLM-R's), with prefixes that are in the
vocabulary and with ones that are not.

    check_pylate_tokens.py --program build/release/bin/maxsimd

Needs: pylate==1.6.0. The encoder is models/mini's: only ids are compared. Exit code 1 on any difference.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

os.environ.update(TOKENIZERS_PARALLELISM="false", HF_HUB_OFFLINE="1", OMP_NUM_THREADS="1")

from pylate import models  # noqa: E402

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
BERT = dict(cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]", pad_token="[PAD]", unk_token="[UNK]")
ROBERTA = dict(bos_token="<s>", cls_token="<s>", sep_token="</s>", eos_token="</s>", mask_token="<mask>",
               pad_token="<pad>", unk_token="<unk>")
TEXTS = ["hello world", "", "The tokenizer's caf\u00e9 -- it's [MASK] \u65e5\u672c\u8a9e na\u00efve!", "a, b; c. (d) 'e'",
         "x" * 40, "[unused0] hi", "[Q] and [D] end", "word " * 50, "<mask>  two  spaces"]


def make_folder(out, kind, special, prefixes):
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(os.path.join(ROOT, "models", "mini"), out)
    os.remove(os.path.join(out, "vocab.txt"))
    shutil.copy(os.path.join(ROOT, "maxsimd", "text", "testdata", "trained_%s.json" % kind),
                os.path.join(out, "tokenizer.json"))
    config_path = os.path.join(out, "config_sentence_transformers.json")
    with open(config_path, encoding="utf-8") as file:
        config = json.load(file)
    config["query_prefix"], config["document_prefix"] = prefixes
    tokenizer = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 512, **special}
    for path, content in ((config_path, config),
                          (os.path.join(out, "tokenizer_config.json"), tokenizer),
                          (os.path.join(out, "special_tokens_map.json"), special)):
        with open(path, "w", encoding="utf-8") as file:
            json.dump(content, file)


def differences(program, folder):
    model = models.ColBERT(folder, device="cpu")
    count = 0
    for is_query in (True, False):
        command = [program, "tokenize", folder, "--query" if is_query else "--document"]
        done = subprocess.run(command, input="\n".join(TEXTS) + "\n", capture_output=True, check=True,
                              text=True)
        for text, line in zip(TEXTS, done.stdout.splitlines(), strict=True):
            expected = model.tokenize([text], is_query=is_query)["input_ids"][0].tolist()
            if json.loads(line) != expected:
                count += 1
                print(repr(text), expected, line, sep="\n", file=sys.stderr)
    return count


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    args = parser.parse_args()
    total = 0
    with tempfile.TemporaryDirectory() as scratch:
        for kind, special in (("modernbert", BERT), ("roberta", ROBERTA), ("xlmr", ROBERTA)):
            for prefixes in (("[unused0]", "[unused1]"), ("[Q] ", "[D] ")):
                folder = os.path.join(scratch, "model")
                make_folder(folder, kind, special, prefixes)
                count = differences(args.program, folder)
                print(kind, prefixes, count, "differences")
                total += count
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
