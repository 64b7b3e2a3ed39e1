#!/usr/bin/env python3
"""Makes maxsimd/evaluation/testdata/retrieval_metrics.json: sentence-transformers' metrics of seeded random runs.

    python3 scripts/goldens/retrieval_metrics_st.py > maxsimd/evaluation/testdata/retrieval_metrics.json

Needs: sentence-transformers 5.3.0 (InformationRetrievalEvaluator, the base of PyLate's); ranx 0.3 with numba.

The evaluator sorts the hits of a query by score; Python's sort is stable, so ties stay in the order they came in (in a
whole evaluation that is the order of a heap). What is stored is the ranking after that sort: ours follows the list.
ranx (PyLate's evaluation.evaluate) ranks by score too; it is asked about strictly decreasing scores, with graded
judgments, on metrics that have the same meaning as our other ones. Its ideal ranking is that of all judgments.
"""
import json
import random

import ranx
from sentence_transformers.evaluation import InformationRetrievalEvaluator

SEED = 20260302
CUTOFFS = [{}, {"mrr_at_k": [1, 7], "ndcg_at_k": [2, 30], "accuracy_at_k": [4], "precision_recall_at_k": [2, 25],
                "map_at_k": [3, 10]}]
RANX = {"nDCG@10": "ndcg@10", "nDCG@3": "ndcg@3", "Recall@5": "recall@5", "P@4": "precision@4", "MRR@10": "mrr@10",
        "Success@5": "hit_rate@5", "MAP": "map"}


def random_relevant(rng, documents):
    return set(rng.sample(documents, rng.choice([1, 1, 2, 3, 15, 40])))


def random_case(rng, cutoffs):
    documents = [f"d{i}" for i in range(rng.choice([50, 120]))]
    relevant, hits = {}, {}
    for number in range(14):
        relevant[f"q{number}"] = random_relevant(rng, documents)
        found = rng.sample(documents, rng.choice([0, 3, 30, 50]))
        hits[f"q{number}"] = [{"corpus_id": d, "score": float(rng.randint(0, 5))} for d in found]  # many ties
    evaluator = InformationRetrievalEvaluator({q: q for q in relevant}, {d: d for d in documents}, relevant, **cutoffs)
    values = evaluator.compute_metrics([hits[q] for q in evaluator.queries_ids])
    ranking = {q: [hit["corpus_id"] for hit in sorted(found, key=lambda hit: hit["score"], reverse=True)]
               for q, found in hits.items()}
    return {"cutoffs": cutoffs, "relevant": {q: sorted(found) for q, found in relevant.items()}, "ranking": ranking,
            "metrics": [[name.replace("@k", f"@{k}"), float(value)]
                        for name, at_k in values.items() for k, value in at_k.items()]}


def ranx_case(rng):
    documents = [f"d{i}" for i in range(60)]
    qrels = {f"q{i}": {d: rng.randint(1, 3) for d in rng.sample(documents, rng.randint(1, 12))} for i in range(12)}
    ranking = {q: rng.sample(documents, rng.randint(1, 30)) for q in qrels}
    run = {q: {d: float(-i) for i, d in enumerate(found)} for q, found in ranking.items()}
    values = ranx.evaluate(ranx.Qrels(qrels), ranx.Run(run), list(RANX.values()), make_comparable=True)
    return {"qrels": qrels, "ranking": ranking, "metrics": {ours: float(values[theirs]) for ours, theirs in RANX.items()}}


def main():
    rng = random.Random(SEED)
    cases = [random_case(rng, CUTOFFS[number % 2]) for number in range(6)]
    of_ranx = [ranx_case(rng) for _ in range(3)]

    def lines(rows):
        return ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)

    print(f'{{"seed":{SEED},"cases":[\n{lines(cases)}],\n"ranx":[\n{lines(of_ranx)}]}}')


if __name__ == "__main__":
    main()
