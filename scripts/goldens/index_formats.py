#!/usr/bin/env python3
"""Indexes of the format the program writes now, for tests/e2e/test_formats.py.

    index_formats.py PROGRAM tests/formats/vN [NAME ...]

Run once, when the format gets a new version, or, for the NAMEs of them alone, new forms of an index; what lies there afterwards is
never written again. Of each kind an index of
seeded vectors with one document removed, and one of texts with metadata; queries.npz and expected.json: what search answers.
"""
import json
import os
import subprocess
import sys

os.environ["MAXSIMD_PROGRAM"] = os.path.abspath(sys.argv[1])
os.environ["MAXSIMD_SOURCE"] = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "tests", "e2e"))
from cli_case import write_npz  # noqa: E402
from vector_case import items  # noqa: E402

KINDS = {"exact-float32": ["--kind", "exact"], "exact-float16": ["--codec", "float16"], "exact-int8": ["--codec", "int8"],
         **{f"plaid-{bits}": ["--kind", "plaid", "--nbits", bits] for bits in ("4", "2", "1")}, "hnsw": ["--kind", "hnsw", "--m", "4"],
         **{f"plaid-4-{codec}": ["--kind", "plaid", "--codec", codec] for codec in ("int8", "float16", "float32")},
         "exact-residual": ["--kind", "exact", "--codec", "residual"]}
DOCUMENTS = 350
TEXTS = [{"_id": "copper", "text": "Copper conducts electricity and heat.", "metadata": {"year": 1990, "tags": ["metal"]}},
         {"_id": "owl", "text": "Owls hunt mice at night.", "metadata": {"year": 2004, "tags": ["bird", "night"]}},
         {"_id": "moon", "text": "The moon moves the tides of the sea.", "metadata": {"year": 2021}}]


def main():
    program, source, folder = os.environ["MAXSIMD_PROGRAM"], os.environ["MAXSIMD_SOURCE"], sys.argv[2]
    os.makedirs(folder)
    os.chdir(folder)

    def run(*arguments):
        return subprocess.run([program, *arguments], stdout=subprocess.PIPE, check=True).stdout.decode()

    def write(name, lines):
        with open(name, "w", encoding="utf-8") as out:
            out.writelines(json.dumps(line) + "\n" for line in lines)

    def search(index, queries):
        all_documents = ["--n-full-scores", "512"] if "plaid" in index else []
        lines = run("search", index, "--query-embeddings", queries, "--json", "--k", "5", *all_documents).splitlines()
        return [[[hit["id"], hit["score"]] for hit in json.loads(line)["hits"]] for line in lines]

    vectors = items(DOCUMENTS, 1)
    write_npz("vectors.npz", vectors)
    write_npz("queries.npz", vectors[:5])
    expected = {}
    chosen = sys.argv[3:] or [*KINDS, "texts"]
    for name, flags in ((name, KINDS[name]) for name in chosen if name in KINDS):
        run("index", name, "--embeddings", "vectors.npz", *flags)
        run("remove", name, "1-7")
        expected[name] = search(name, "queries.npz")
    os.remove("vectors.npz")
    if "texts" in chosen:
        expected["texts"] = index_of_texts(run, write, search, source)
    with open("expected.json", "w", encoding="utf-8") as out:
        json.dump(expected, out, indent=1)
        out.write("\n")


def index_of_texts(run, write, search, source):
    model = os.path.relpath(os.path.join(source, "models", "mini"))  # the index keeps it as it is given
    write("texts.jsonl", TEXTS)
    run("index", "texts", "texts.jsonl", "--model", model, "--store-text")
    write("queries.jsonl", [{"_id": "q", "text": "which animal is awake at night"}])
    run("encode", model, "queries.jsonl", "--query", "--out", "text_queries.npz")
    os.remove("texts.jsonl")
    os.remove("queries.jsonl")
    return search("texts", "text_queries.npz")


main()
