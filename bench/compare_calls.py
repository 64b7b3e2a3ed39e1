#!/usr/bin/env python3
"""What Python adds to a call: encoding and search, of one query and of 32, by the package and by
C++ (bench_calls), call after call in turns. Prints medians and their difference.

    PYTHONPATH=build/release/python ~/.cache/maxsimd/python/bin/python bench/compare_calls.py \\
        [--program build/release/bin/bench_calls] [--rounds 300] [--check]

--check fails where the budgets are not kept: 0.2 ms for one query, 3 % for 32.
"""
import argparse
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from maxsimd import _shipped, indexes, models, retrieve

ROOT = pathlib.Path(__file__).parents[1]
BATCH = 32
SUBJECTS = ["owls", "the moon", "glass", "the tides", "bread", "steel", "penguins", "the printing press"]
VERBS = ["what are {} made of?", "how old are {}", "why do people like {} so much in winter",
         "where were {} first found?"]
QUERIES = [verb.format(subject) for subject in SUBJECTS for verb in VERBS]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=str(ROOT / "build" / "release" / "bin" / "bench_calls"))
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--documents", type=int, default=400)
    parser.add_argument("--check", action="store_true")
    return parser.parse_args()


class Program:
    """The C++ side; a call returns the seconds it took."""

    def __init__(self, program, folder, index):
        texts = pathlib.Path(folder) / "queries.txt"
        texts.write_text("".join(query + "\n" for query in QUERIES))
        self.process = subprocess.Popen(
            [program, str(_shipped.shipped("models/mini")), index.index_path, str(texts)], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __call__(self, name):
        self.process.stdin.write(name + "\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def calls_of(model, index):
    retriever = retrieve.ColBERT(index)
    query, queries = model.encode(QUERIES[0]), model.encode(QUERIES)
    return {"encode_one": lambda: model.encode(QUERIES[0]),
            "encode_batch": lambda: model.encode(QUERIES),
            "search_one": lambda: retriever.retrieve(query, k=10),
            "search_batch": lambda: retriever.retrieve(queries, k=10)}


def seconds_of(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main():
    given = arguments()
    model = models.ColBERT("mini", num_threads=1)
    kept = True
    with tempfile.TemporaryDirectory() as folder:
        texts = [f"{VERBS[i % 4].format(SUBJECTS[i % 8])} Part {i} of a long story. " * 3
                 for i in range(given.documents)]
        index = indexes.Exact(folder, "index", num_threads=1)
        index.add_documents(range(len(texts)), model.encode(texts, is_query=False))
        program = Program(given.program, folder, index)
        for name, call in calls_of(model, index).items():
            rounds = given.rounds if name.endswith("one") else max(given.rounds // 10, 10)
            pairs = [(seconds_of(call), program(name)) for _ in range(rounds + 3)][3:]
            python, native = (statistics.median(side) * 1e3 for side in zip(*pairs))
            added = python - native
            budget = 0.2 if name.endswith("one") else 0.03 * native
            kept &= added <= budget
            print(f"{name}: Python {python:.3f} ms, C++ {native:.3f} ms, added {added:+.3f} ms "
                  f"({added / native:+.1%}; budget {budget:.3f} ms)")
        program.close()
    return 0 if kept or not given.check else 1


if __name__ == "__main__":
    sys.exit(main())
