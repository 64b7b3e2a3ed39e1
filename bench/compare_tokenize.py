#!/usr/bin/env python3
"""Tokens per second of the processor beside Hugging Face `tokenizers` on one thread, in turns.

    python3 bench/compare_tokenize.py build/release/bin/bench_tokenize CORPUS.jsonl TOKENIZER.json ... [--rounds 5]

Needs tokenizers==0.23.3. Both sides tokenize the same texts (title + " " + text, stripped) in every
round; the median of the rounds' ratios counts, so that what else the machine does meets both.
"""
import argparse
import json
import os
import statistics
import subprocess
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"

from tokenizers import Tokenizer  # noqa: E402


def texts_of(path, limit):
    texts = []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            texts.append((row.get("title", "") + " " + row["text"]).strip())
            if len(texts) == limit:
                break
    return texts


def timed(work):
    start = time.process_time()
    tokens = work()
    return tokens / (time.process_time() - start), tokens


def ours(args, path, offsets):
    command = [args.program, path, args.corpus, "--documents", str(args.documents), "--repeats", "1"]
    out = subprocess.run(command + (["--offsets"] if offsets else []), check=True,
                         capture_output=True, text=True).stdout
    return json.loads(out)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("corpus")
    parser.add_argument("tokenizers", nargs="+")
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    texts = texts_of(args.corpus, args.documents)
    for path in args.tokenizers:
        tokenizer = Tokenizer.from_file(path)
        ratios = {}
        for _ in range(args.rounds):
            plain, exact = ours(args, path, False), ours(args, path, True)
            theirs = {
                "encode": timed(lambda: sum(len(tokenizer.encode(t).ids) for t in texts)),
                "encode_batch": timed(lambda: sum(map(len, tokenizer.encode_batch(texts)))),
                "encode_batch_fast": timed(
                    lambda: sum(map(len, tokenizer.encode_batch_fast(texts))))}
            for name, (speed, tokens) in theirs.items():
                assert tokens == plain["tokens"], (tokens, plain)
                own = plain if name == "encode_batch_fast" else exact
                ratios.setdefault(name, []).append(
                    (own["tokens_per_second"] / speed, own["tokens_per_second"], speed))
        for name, rounds in ratios.items():
            rounds.sort()
            ratio, own, their = rounds[len(rounds) // 2]
            spread = statistics.quantiles([r for r, _, _ in rounds], n=4) if len(rounds) > 1 else []
            print("%-60s %-18s %.2f x  (%.2f against %.2f million tokens/s; quartiles %s)" % (
                path[-60:], name, ratio, own / 1e6, their / 1e6,
                " ".join("%.2f" % q for q in spread)), flush=True)


if __name__ == "__main__":
    main()
