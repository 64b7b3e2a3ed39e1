#!/usr/bin/env python3
"""Makes tests/evaluators/testdata/pylate.json: what PyLate's own evaluators say about models/mini.

    python3 scripts/goldens/evaluators_pylate.py > tests/evaluators/testdata/pylate.json

Needs: pylate 1.6.0 (sentence-transformers 5.3.0, torch on the CPU).

All texts are invented here, from a few words and a seed: alike enough that models mix them up. Kept are the texts,
what each evaluator returned, its class, primary metric and CSV file after two calls (one as a trainer makes it, one
alone). PyLate pads documents with zero vectors and does not mask them, so a query vector that matches nothing in a
document scores 0 there instead of less, while our evaluators take absent rows for absent. The script runs all again
with such scores and fails if a metric changes: then these texts are none to compare with.
"""
import json
import pathlib
import random
import sys
import tempfile

import torch
from pylate import evaluation, models
from pylate.evaluation import colbert_distillation
from sentence_transformers.evaluation import SequentialEvaluator

SEED = 20260303
MINI = pathlib.Path(__file__).resolve().parents[2] / "models" / "mini"

PLACES = ["Orvane", "Tillmark", "Sundholt", "Karrow Bay", "Velm", "Old Brisk", "Nareth", "Pell Island"]
THINGS = {
    "lighthouse": ["was built from black basalt in {year}", "is painted green every {number} years",
                   "warns ships of the sandbanks", "has {number} steps up to its lamp"],
    "bakery": ["sells rye bread with fennel", "opens before dawn since {year}", "bakes {number} loaves a day",
               "is known for its plum cakes"],
    "river": ["freezes in every winter", "is crossed by {number} stone bridges", "flooded the market in {year}",
              "turns the wheels of the paper mill"],
    "choir": ["sings in the harbour on Sundays", "has {number} members", "was founded by sailors in {year}",
              "lost its conductor to a rival town"],
}
QUESTIONS = {"lighthouse": ["when was the lighthouse of {place} built?", "how many steps has the {place} lighthouse"],
             "bakery": ["what bread is sold in {place}?", "how much does the bakery of {place} bake"],
             "river": ["bridges over the river at {place}", "did the river flood {place}?"],
             "choir": ["who founded the choir of {place}?", "where does the {place} choir sing"]}


def sentence(rng, place, thing):
    what = rng.choice(THINGS[thing]).format(year=rng.randint(1650, 1950), number=rng.randint(3, 90))
    return f"The {thing} of {place} {what}."


def question(rng, place, thing):
    return rng.choice(QUESTIONS[thing]).format(place=place)


def retrieval_set(rng, documents, queries):
    """Texts and judgments; one query has nothing relevant, one relevant document is not there. No text comes twice:
    PyLate orders ties by a heap."""
    subjects, texts = [], []
    while len(texts) < documents:
        subject = (rng.choice(PLACES), rng.choice(list(THINGS)))
        text = sentence(rng, *subject)
        if text not in texts:
            subjects.append(subject)
            texts.append(text)
    corpus = {f"d{i}": text for i, text in enumerate(texts)}
    asked = {f"q{i}": subjects[rng.randrange(documents)] for i in range(queries)}
    relevant = {q: {f"d{i}" for i, s in enumerate(subjects) if s == subject or
                    (s[0] == subject[0] and rng.random() < 0.3)} for q, subject in asked.items()}
    for q in list(relevant)[::3]:  # judgments that no model would guess
        relevant[q] = {f"d{i}" for i in rng.sample(range(documents), 4)}
    relevant["q0"] = set()
    relevant["q1"].add("gone")
    return {"corpus": corpus, "queries": {q: question(rng, *s) for q, s in asked.items()},
            "relevant": {q: sorted(found) for q, found in relevant.items()}}


def as_sets(data):
    return {q: set(found) for q, found in data["relevant"].items()}


def triplets(rng, count):
    rows = []
    for i in range(count):
        place, thing = rng.choice(PLACES), rng.choice(list(THINGS))
        positive = sentence(rng, place, thing)
        other = rng.choice(PLACES) if i % 2 else place
        negative = positive if i == 3 else sentence(rng, other, thing if i % 3 else rng.choice(list(THINGS)))
        rows.append({"query": question(rng, place, thing), "positive": positive, "negative": negative})
    return rows


def distillation_rows(rng, count, ways):
    rows = []
    for _ in range(count):
        place, thing = rng.choice(PLACES), rng.choice(list(THINGS))
        documents = [sentence(rng, place if i == 0 else rng.choice(PLACES), rng.choice([thing, "river"]))
                     for i in range(ways)]
        rows.append({"query": question(rng, place, thing), "documents": documents,
                     "scores": [round(rng.uniform(-4, 12), 3) for _ in documents]})
    return rows


class LocalNanoBEIR(evaluation.NanoBEIREvaluator):
    """PyLate's, with data sets from memory instead of the hub's."""

    sets = {}

    def _load_dataset(self, dataset_name, **options):
        data = self.sets[dataset_name]
        return evaluation.PyLateInformationRetrievalEvaluator(
            queries={q: t for q, t in data["queries"].items() if t}, corpus=data["corpus"],
            relevant_docs=as_sets(data), name=self._get_human_readable_name(dataset_name), **options)


def exact_scores(queries, documents):
    """[queries, documents]; rows of zeros are absent. Both are padded tensors."""
    absent = documents.abs().sum(dim=-1) == 0
    similarities = torch.einsum("qid,njd->qnij", queries, documents)
    return similarities.masked_fill(absent[None, :, None, :], -torch.inf).max(dim=-1).values.sum(dim=-1)


def exact_kd_scores(queries_embeddings, documents_embeddings):
    return torch.cat([exact_scores(q[None], d) for q, d in zip(queries_embeddings, documents_embeddings)])


def run(evaluator, model):
    with tempfile.TemporaryDirectory() as folder:
        evaluator(model, folder, 0.25, 40)
        metrics = evaluator(model, folder)
        files = {path.name: path.read_bytes().decode() for path in sorted(pathlib.Path(folder).iterdir())}
    kind = type(evaluator).__mro__[1] if isinstance(evaluator, LocalNanoBEIR) else type(evaluator)
    return {"class_path": f"{kind.__module__}.{kind.__name__}", "primary_metric": evaluator.primary_metric,
            "metrics": [[name, float(value)] for name, value in metrics.items()], "csv": files}


def evaluators(data, score_functions):
    """A fresh set: an evaluator keeps its primary metric and CSV header once it has run."""
    rows, kd = data["triplets"], data["distillation"]

    def triplet(name=""):
        return evaluation.ColBERTTripletEvaluator(*([row[key] for row in rows]
                                                    for key in ("query", "positive", "negative")), name=name)

    def distillation(**options):
        return evaluation.ColBERTDistillationEvaluator(*([row[key] for row in kd]
                                                         for key in ("query", "documents", "scores")), **options)

    def retrieval(name, **options):
        of = data["sets"]["nq"]
        return evaluation.PyLateInformationRetrievalEvaluator(of["queries"], of["corpus"], as_sets(of), name=name,
                                                              score_functions=score_functions, **options)

    LocalNanoBEIR.sets = data["sets"]
    return {
        "triplet": triplet(),
        "triplet_dev": triplet("dev"),
        "distillation": distillation(),
        "distillation_raw": distillation(normalize_scores=False),
        "retrieval": retrieval("nq"),
        "retrieval_cutoffs": retrieval("", mrr_at_k=[2, 50], ndcg_at_k=[3, 20], accuracy_at_k=[2],
                                       precision_recall_at_k=[1, 15], map_at_k=[2, 7], corpus_chunk_size=13),
        "nano_beir": LocalNanoBEIR(dataset_names=["scifact", "nq"], score_functions=score_functions),
        "sequence": SequentialEvaluator([retrieval("nq"), triplet()])}


def main():
    torch.set_num_threads(1)
    rng = random.Random(SEED)
    # Else transformers 5 computes in the float16 that the weights are stored in.
    model = models.ColBERT(str(MINI), device="cpu", model_kwargs={"dtype": torch.float32}).float()
    data = {"triplets": triplets(rng, 24), "distillation": distillation_rows(rng, 7, 4),
            "sets": {"scifact": retrieval_set(rng, 40, 9), "nq": retrieval_set(rng, 130, 12)}}
    results = {name: run(evaluator, model) for name, evaluator in evaluators(data, None).items()}
    colbert_distillation.colbert_kd_scores = exact_kd_scores
    for name, evaluator in evaluators(data, {"MaxSim": exact_scores}).items():
        if run(evaluator, model)["metrics"] != results[name]["metrics"]:
            sys.exit(f"{name}: the zero padding changes a metric; change SEED")
    json.dump({"seed": SEED, "data": data, "results": results}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
