"""BEIR data, and metrics of rankings."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .. import _maxsimd

#: ranx's names of metrics -> ours.
_METRICS = {"ndcg": "nDCG", "map": "MAP", "recall": "Recall", "precision": "P", "mrr": "MRR",
            "hit_rate": "Success", "hits": "P"}
_DEFAULT_METRICS = ("ndcg@10", *(f"hits@{k}" for k in (1, 2, 3, 4, 5, 10)))


def load_custom_dataset(path: str, split: str = "test") -> tuple[list[dict], dict, dict]:
    """A BEIR folder: (documents, queries, qrels).

    documents
        ``[{"id", "text"}]``, text = title and text.
    queries
        ``{query id: text}``, those that the split judges.
    qrels
        ``{query id: {document id: grade}}``.
    """
    ids, texts, query_ids, queries, qrels = _maxsimd.read_beir_folder(os.fspath(path), split)
    documents = [{"id": document_id, "text": text} for document_id, text in zip(ids, texts)]
    return documents, dict(zip(query_ids, queries)), qrels


def load_beir(dataset_name: str, split: str = "test") -> tuple[list[dict], dict, dict]:
    """``load_custom_dataset()`` of a data set of BEIR that lies in ``./evaluation_datasets/NAME``,
    where PyLate puts it, or of a folder. Nothing is downloaded."""
    for folder in (os.path.join("evaluation_datasets", dataset_name), dataset_name):
        if os.path.isdir(folder):
            return load_custom_dataset(folder, split)
    raise _maxsimd.IoError(f"data set '{dataset_name}': not in ./evaluation_datasets and no folder; "
                           "maxsimd downloads nothing: unpack BEIR's zip there")


def get_beir_triples(documents: Sequence[Mapping[str, str]],
                     queries: Mapping[str, str] | Sequence[str],
                     qrels: Mapping[str, Mapping[str, int]]) -> list[tuple[str, str, str]]:
    """(query, a document that answers it, a random document) for each judgment.

    ``queries``: texts by the ids of ``qrels``, or texts in the order of ``qrels``.
    """
    texts = {document["id"]: document["text"] for document in documents}
    every = list(texts.values())
    if isinstance(queries, Mapping):
        pairs: Iterable = ((queries[query_id], judged) for query_id, judged in qrels.items())
    else:
        pairs = zip(queries, qrels.values())
    return [(query, texts[document_id], random.choice(every))
            for query, judged in pairs for document_id in judged]


def evaluate(scores: Sequence[Sequence[Mapping[str, Any]]], qrels: Mapping[str, Mapping[str, int]],
             queries: Iterable[str], metrics: Sequence[str] | None = None) -> dict[str, float] | float:
    """Means over the judged queries of metrics by ranx's names: ``ndcg@10``, ``map``, ``recall@100``,
    ``precision@10``, ``mrr@10``, ``hit_rate@5``, ``hits@5`` (relevant documents in the first 5).

    scores
        What a retriever returned: for each query its hits ``{"id", "score"}``.
    qrels
        ``{query: {document id: grade}}``.
    metrics
        With one metric its value is returned instead of a dict, as ranx does.
    queries
        The keys of ``qrels`` that ``scores`` belong to. One that is there again may have no hits of
        its own: it has those of the first.
    """
    names = list(metrics) if metrics else list(_DEFAULT_METRICS)
    asked = list(queries)
    if len(asked) > len(scores):
        asked = list(dict.fromkeys(asked))
    run = {str(query): [str(hit["id"]) for hit in sorted(hits, key=lambda hit: -hit["score"])]
           for query, hits in zip(asked, scores)}
    judged = {str(query): {str(document): int(grade) for document, grade in grades.items()}
              for query, grades in qrels.items()}
    values = _maxsimd.evaluate_rankings(judged, run, [_our_name(name) for name in names])
    results = {name: value * _hits(name) for name, value in zip(names, values)}
    return results if len(results) > 1 else next(iter(results.values()))


def _our_name(name: str) -> str:
    kind, at, cutoff = name.partition("@")
    if kind not in _METRICS:
        raise ValueError(f"metrics: there is no {name!r}; there are {', '.join(_METRICS)}, each "
                         "with a cut-off as in ndcg@10")
    return f"{_METRICS[kind]}{at}{cutoff}"


def _hits(name: str) -> int:
    """hits@k is the precision times k."""
    kind, _, cutoff = name.partition("@")
    return int(cutoff) if kind == "hits" else 1
