#!/usr/bin/env python3
"""Makes maxsimd/evaluation/testdata/ir_measures.json: what ir-measures says about seeded random runs.

    python3 scripts/goldens/metrics_ir_measures.py > maxsimd/evaluation/testdata/ir_measures.json

Needs: ir-measures 0.4.3 (with pytrec_eval-terrier 0.5.11).

Our metrics follow the order of the list; trec_eval sorts by score, ties by document id, descending.
So two kinds of case are made, and the ranking stored is always the one trec_eval sees:
  tied      scores with many ties go to ir-measures; the ranking is sorted as trec_eval does
  explicit  the scores are made strictly decreasing in the order of the ranking, as our run files are
Judgments are graded, some negative; some queries have no hits, no relevant document, or no
judgments. Queries with negative judgments alone are left out: they crash pytrec_eval-terrier 0.5.11.
"""
import json
import random

import ir_measures

SEED = 20260102
MEASURES = ["nDCG@10", "nDCG@3", "nDCG", "Recall@100", "Recall@5", "MAP@100", "MAP@10", "MAP", "MRR", "P@10",
            "P@1", "Success@5", "Success@1"]
CUT_MRR = 10


def random_judgments(rng, documents):
    kind = rng.randrange(6)
    if kind == 0:
        return {d: 0 for d in rng.sample(documents, 3)}
    grades = [1] if kind < 3 else [0, 1, 2, 3, -1]
    judgments = {d: rng.choice(grades) for d in rng.sample(documents, rng.randint(1, min(15, len(documents))))}
    if max(judgments.values()) < 0:  # the crash
        judgments[documents[0]] = 0
    return judgments


def trec_order(scores):
    by_id = sorted(scores, reverse=True)
    return sorted(by_id, key=lambda d: -scores[d])


def random_case(rng, tied):
    documents = [f"d{i}" for i in range(rng.choice([12, 60, 150]))]
    qrels, ranking, scores = {}, {}, {}
    for number in range(16):
        query = f"q{number}"
        if number != 3:
            qrels[query] = random_judgments(rng, documents)
        if number == 5:
            continue
        found = rng.sample(documents, rng.randint(1, len(documents)))
        if tied:
            scores[query] = {d: float(rng.randint(0, 4)) for d in found}
            ranking[query] = trec_order(scores[query])
        else:
            ranking[query] = found
            scores[query] = {d: float(-i) for i, d in enumerate(found)}
    return qrels, ranking, scores


def measure(names, qrels, run):
    qrels = [ir_measures.Qrel(q, d, g) for q, judged in qrels.items() for d, g in judged.items()]
    run = [ir_measures.ScoredDoc(q, d, s) for q, hits in run.items() for d, s in hits.items()]
    measures = {name: ir_measures.parse_measure(name) for name in names}
    provider = ir_measures.pytrec_eval
    means = provider.calc_aggregate(list(measures.values()), qrels, run)
    by_query = {}
    for value in provider.iter_calc(list(measures.values()), qrels, run):
        by_query.setdefault(value.query_id, {})[str(value.measure)] = value.value
    return ({name: means[m] for name, m in measures.items()},
            {q: {name: by_query[q][str(m)] for name, m in measures.items()} for q in by_query})


def main():
    rng = random.Random(SEED)
    cases = []
    for number in range(8):
        tied = number % 2 == 0
        qrels, ranking, scores = random_case(rng, tied)
        means, by_query = measure(MEASURES, qrels, scores)
        # pytrec_eval has no MRR with a cut-off: that of the run cut there is the same thing.
        cut = {q: {d: scores[q][d] for d in hits[:CUT_MRR]} for q, hits in ranking.items()}
        cut_means, cut_by_query = measure(["MRR"], qrels, cut)
        means[f"MRR@{CUT_MRR}"] = cut_means["MRR"]
        for query, values in by_query.items():
            values[f"MRR@{CUT_MRR}"] = cut_by_query[query]["MRR"]
        by_query = {q: [round(values[name], 10) for name in means]
                    for q, values in by_query.items()}
        cases.append({"kind": "tied" if tied else "explicit", "qrels": qrels, "ranking": ranking,
                      "measures": list(means), "means": [round(v, 10) for v in means.values()], "by_query": by_query})
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    print(f'{{"seed":{SEED},"ir_measures":"{ir_measures.__version__}","cases":[\n{lines}]}}')


if __name__ == "__main__":
    main()
