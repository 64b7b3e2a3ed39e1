#!/usr/bin/env python3
"""Makes examples/data from a BEIR-layout copy of SQuAD v1.1: whole articles, some of their questions.

    python3 scripts/make_sample.py --squad ../shared/data/squad-v1.1 --out examples/data

The same input gives the same bytes. Needs nothing but the standard library.
"""
import argparse
import hashlib
import json
import pathlib
import re

# Whole articles, so that the paragraphs beside the right one are close to it.
TITLES = (
    "Amazon rainforest", "Animal", "Appalachian Mountains", "Black Death", "Circadian rhythm",
    "Digestion", "General Electric", "Glacier", "Grape", "Great Plains", "Gregorian calendar",
    "Immunology", "Infrared", "Mesozoic", "Neolithic", "Neptune", "Packet switching",
    "Pitch (music)", "Richard Feynman", "Tristan da Cunha",
)
QUESTIONS_PER_ARTICLE = 8
QUESTION_CHARACTERS = range(35, 121)
# Questions that lean on the paragraph they were written for cannot be asked of a collection.
LEANS_ON_CONTEXT = re.compile(
    r"\b(he|him|his|she|her|it|its|they|them|their|this|that|these|those|there|here|above|"
    r"article|passage|paragraph|text|author)\b", re.IGNORECASE)


def read_json_lines(path):
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def read_qrels(folder):
    """question id -> (paragraph id, split); every SQuAD question has one paragraph."""
    relevant = {}
    for split in ("train", "dev"):
        rows = (folder / "qrels" / f"{split}.tsv").read_text(encoding="utf-8").splitlines()[1:]
        for row in rows:
            question, paragraph, _ = row.split("\t")
            relevant[question] = paragraph
    return relevant


def stands_alone(question):
    text = question["text"]
    return (len(text) in QUESTION_CHARACTERS and text.endswith("?") and text.isascii()
            and not LEANS_ON_CONTEXT.search(text))


def choose_questions(questions, relevant, title_of):
    """Up to QUESTIONS_PER_ARTICLE an article, each of another paragraph, in the order of a hash."""
    chosen, taken, texts = [], {title: set() for title in TITLES}, set()
    def order(question):
        return hashlib.sha256(question["_id"].encode()).hexdigest()
    for question in sorted(questions, key=order):
        paragraph = relevant[question["_id"]]
        title = title_of.get(paragraph)
        if title is None or not stands_alone(question) or question["text"] in texts:
            continue
        if paragraph in taken[title] or len(taken[title]) == QUESTIONS_PER_ARTICLE:
            continue
        taken[title].add(paragraph)
        texts.add(question["text"])
        chosen.append(question)
    return sorted(chosen, key=lambda q: (int(relevant[q["_id"]][1:]), q["_id"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--squad", type=pathlib.Path, default="../shared/data/squad-v1.1",
                        help="folder with corpus.jsonl, queries.jsonl, qrels/{train,dev}.tsv")
    parser.add_argument("--out", type=pathlib.Path, default="examples/data")
    arguments = parser.parse_args()

    corpus = [d for d in read_json_lines(arguments.squad / "corpus.jsonl") if d["title"] in TITLES]
    missing = set(TITLES) - {document["title"] for document in corpus}
    if missing:
        parser.error(f"{arguments.squad}: no article called {sorted(missing)}")
    relevant = read_qrels(arguments.squad)
    title_of = {document["_id"]: document["title"] for document in corpus}
    questions = choose_questions(read_json_lines(arguments.squad / "queries.jsonl"), relevant, title_of)

    (arguments.out / "qrels").mkdir(parents=True, exist_ok=True)
    write_json_lines(arguments.out / "corpus.jsonl", corpus)
    write_json_lines(arguments.out / "queries.jsonl", questions)
    rows = ["query-id\tcorpus-id\tscore"]
    rows += [f"{question['_id']}\t{relevant[question['_id']]}\t1" for question in questions]
    (arguments.out / "qrels" / "test.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    print(f"{len(corpus)} paragraphs of {len(TITLES)} articles, {len(questions)} questions")


def write_json_lines(path, values):
    lines = [json.dumps(value, ensure_ascii=False) for value in values]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
