#!/usr/bin/env python3
"""What Python adds to a call: encoding and search, of one query and of 32, by the package and by
C++ (bench_calls), some calls each in turns.

    PYTHONPATH=build/release/python ~/.cache/maxsimd/python/bin/python bench/compare_calls.py \\
        [--program build/release/bin/bench_calls] [--pairs 7] [--rounds 50] [--check]

Two processes differ by how their memory happens to lie, by more than Python adds, and keep that for as
long as they run; and machines have slow moments. So each pair of processes is new, and what counts is the
median over the pairs of the difference between their fastest calls. Prints it, with the least and the most.
--check fails where the budgets are not kept: 0.2 ms for one query, 3 % for 32.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from maxsimd import _shipped, indexes, models, retrieve

ROOT = pathlib.Path(__file__).parents[1]
BLOCKS = 3  # of rounds on each side, in turns
SECONDS_A_BLOCK = 1.5
SUBJECTS = ["owls", "the moon", "glass", "the tides", "bread", "steel", "penguins", "the printing press"]
VERBS = ["what are {} made of?", "how old are {}", "why do people like {} so much in winter",
         "where were {} first found?"]
QUERIES = [verb.format(subject) for subject in SUBJECTS for verb in VERBS]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=str(ROOT / "build" / "release" / "bin" / "bench_calls"))
    parser.add_argument("--pairs", type=int, default=7, help="of processes")
    parser.add_argument("--rounds", type=int, default=50, help="of a block, at most; fewer of slow calls")
    parser.add_argument("--documents", type=int, default=400)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--pair-in", help=argparse.SUPPRESS)  # one pair, with the index in this folder
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


def least(measure, rounds):
    return min(measure() for _ in range(rounds))


def one_pair(given, folder):
    """The least milliseconds of each call by Python and by C++, as a line of JSON."""
    model = models.ColBERT("mini", num_threads=1)
    index = indexes.Exact(folder, "index", num_threads=1)
    program = Program(given.program, folder, index)
    times = {}
    for name, call in calls_of(model, index).items():
        rounds = min(given.rounds, max(5, round(SECONDS_A_BLOCK / program(name))))
        pairs = [(least(lambda: seconds_of(call), rounds), least(lambda: program(name), rounds))
                 for _ in range(BLOCKS)]
        times[name] = [min(side) * 1e3 for side in zip(*pairs)]
    program.close()
    print(json.dumps(times))


def make_index(given, folder):
    texts = [f"{VERBS[i % 4].format(SUBJECTS[i % 8])} Part {i} of a long story. " * 3
             for i in range(given.documents)]
    indexes.Exact(folder, "index").add_documents(
        range(len(texts)), models.ColBERT("mini").encode(texts, is_query=False))


def report(name, pairs):
    """Whether the budget is kept."""
    native = statistics.median(native for _, native in pairs)
    added = sorted(python - native for python, native in pairs)
    budget = 0.2 if name.endswith("one") else 0.03 * native
    print(f"{name}: C++ {native:.3f} ms, Python adds {statistics.median(added):+.3f} "
          f"({added[0]:+.3f} to {added[-1]:+.3f}; budget {budget:.3f})", flush=True)
    return statistics.median(added) <= budget


def main():
    given = arguments()
    if given.pair_in:
        one_pair(given, given.pair_in)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        make_index(given, folder)
        command = [sys.executable, __file__, *sys.argv[1:], "--pair-in", folder]
        pairs = [json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
                 for _ in range(given.pairs)]
    kept = [report(name, [pair[name] for pair in pairs]) for name in pairs[0]]
    return 0 if all(kept) or not given.check else 1


if __name__ == "__main__":
    sys.exit(main())
