#!/usr/bin/env python3
"""Compares `maxsimd tokenize --document --offsets` with Hugging Face tokenizers on files of texts.

    check_tokenize.py --program build/release/bin/maxsimd --model models/mini FILE.jsonl[.gz] ...

Needs: tokenizers. Line breaks become spaces, since the program reads one text a line; texts of more
than 510 tokens are left out, since the encoder would truncate them. Exit code 1 on any difference.
"""
import argparse
import gzip
import json
import os
import subprocess
import sys

from tokenizers import Tokenizer

MAX_LENGTH = 512


def texts_of(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            text = (record.get("title", "") + " " + record["text"]).strip()
            yield text.replace("\r", " ").replace("\n", " ")


def byte_offsets(text, offsets):
    if text.isascii():
        return [list(pair) for pair in offsets]
    starts = [0]
    for char in text:
        starts.append(starts[-1] + len(char.encode()))
    return [[starts[a], starts[b]] for a, b in offsets]


def compare(program, model, tokenizer, path):
    texts = list(texts_of(path))
    command = [program, "tokenize", model, "--document", "--offsets", "--document-length", str(MAX_LENGTH)]
    done = subprocess.run(command, input="\n".join(texts) + "\n", capture_output=True, check=True, text=True)
    lines = done.stdout.splitlines()
    assert len(lines) == len(texts), (len(lines), len(texts))
    compared = different = 0
    for text, line, expected in zip(texts, lines, tokenizer.encode_batch(texts)):
        if len(expected.ids) >= MAX_LENGTH:
            continue
        got = json.loads(line)
        compared += 1
        same = (got["ids"][:1] + got["ids"][2:] == expected.ids and
                got["offsets"][:1] + got["offsets"][2:] == byte_offsets(text, expected.offsets))
        if not same:
            different += 1
            print(f"{path}: text {compared} differs", file=sys.stderr)
    print(f"{path}: {compared} of {len(texts)} texts compared, {different} differ")
    return different


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("files", nargs="+")
    args = parser.parse_args()
    tokenizer = Tokenizer.from_file(os.path.join(args.model, "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    sys.exit(1 if sum(compare(args.program, args.model, tokenizer, f) for f in args.files) else 0)


main()
