"""BEIR data, and metrics of rankings."""

from __future__ import annotations

import math
import os
import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .. import _maxsimd
from .._checks import count, finite_number, items, mapping, number, path as checked_path, text

#: ranx's names of metrics -> ours.
_METRICS = {"ndcg": "nDCG", "map": "MAP", "recall": "Recall", "precision": "P", "mrr": "MRR",
            "hit_rate": "Success", "hits": "P"}
#: Those that need a cut-off; the others may go through the whole ranking.
_OF_A_CUTOFF = ("recall", "precision", "hit_rate", "hits", "f1")
#: Those that are computed here.
_OWN_METRICS = ("f1", "r-precision")
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
    ids, texts, query_ids, queries, qrels = _maxsimd.read_beir_folder(
        checked_path("path", path), text("split", split))
    documents = [{"id": document_id, "text": text} for document_id, text in zip(ids, texts)]
    return documents, dict(zip(query_ids, queries)), qrels


def load_beir(dataset_name: str, split: str = "test") -> tuple[list[dict], dict, dict]:
    """``load_custom_dataset()`` of a data set of BEIR that lies in ``./evaluation_datasets/NAME``,
    where PyLate puts it, or of a folder. Nothing is downloaded."""
    dataset_name = checked_path("dataset_name", dataset_name)
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
    texts = {_field("documents", document, "id"): _field("documents", document, "text")
             for document in items("documents", documents, "documents, {'id', 'text'}")}
    every = list(texts.values())
    judgments = _judgments(qrels)
    if isinstance(queries, Mapping):
        pairs: Iterable = ((_known("queries", queries, query_id), judged)
                           for query_id, judged in judgments.items())
    else:
        pairs = zip(items("queries", queries, "texts"), judgments.values())
    return [(query, _known("documents", texts, document_id), random.choice(every))
            for query, judged in pairs for document_id in judged]


def evaluate(scores: Sequence[Sequence[Mapping[str, Any]]], qrels: Mapping[str, Mapping[str, int]],
             queries: Iterable[str], metrics: Sequence[str] | None = None) -> dict[str, float] | float:
    """Means over the judged queries of metrics by ranx's names: ``ndcg@10``, ``map``, ``recall@100``,
    ``precision@10``, ``mrr@10``, ``f1@10``, ``r-precision``, ``hit_rate@5``, ``hits@5`` (relevant
    documents in the first 5).

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
    names = ([text("metrics", name) for name in items("metrics", metrics, "names of metrics")]
             if metrics is not None else []) or list(_DEFAULT_METRICS)
    asked = list(queries if isinstance(queries, Mapping) else items("queries", queries, "queries"))
    scores = list(items("scores", scores, "lists of hits"))
    if len(asked) > len(scores):
        asked = list(dict.fromkeys(asked))
    run = {str(query): _ranked(f"scores[{i}]", hits)
           for i, (query, hits) in enumerate(zip(asked, scores))}
    judged = {str(query): {str(document): _grade(query, grade) for document, grade in grades.items()}
              for query, grades in _judgments(qrels).items()}
    theirs = {name: _our_name(name) for name in names}
    library = [name for name in theirs if name.partition("@")[0] not in _OWN_METRICS]
    values = dict(zip(library, _maxsimd.evaluate_rankings(judged, run, [theirs[name] for name in library])))
    results = {name: values[name] * _hits(name) if name in values else _own_mean(name, judged, run)
               for name in names}
    return results if len(results) > 1 else next(iter(results.values()))


def _own_mean(name: str, judged: Mapping[str, Mapping[str, int]], run: Mapping[str, list[str]]) -> float:
    """r-precision is the precision at the number of relevant documents; f1@k joins the precision and
    the recall at k."""
    cutoff = int(name.partition("@")[2] or 0)
    total = 0.0
    for query, grades in judged.items():
        relevant = {document for document, grade in grades.items() if grade > 0}
        depth = cutoff or len(relevant)
        found = len(relevant.intersection(run.get(query, [])[:depth]))
        # 2 p r / (p + r), of p = found / depth and r = found / relevant.
        total += 2 * found / (depth + len(relevant)) if relevant else 0.0
    return total / len(judged) if judged else 0.0


def _ranked(what: str, hits: Sequence[Mapping[str, Any]]) -> list[str]:
    scored = [(number(f"{what}: a score", _field(what, hit, "score")), str(_field(what, hit, "id")))
              for hit in items(what, hits, "hits, {'id', 'score'}")]
    for score, document in scored:
        if math.isnan(score):
            raise ValueError(f"{what}: the score of {document!r} is NaN, which ranks nowhere")
    return [document for _, document in sorted(scored, key=lambda pair: -pair[0])]


def _judgments(qrels: Mapping[str, Mapping[str, int]]) -> dict[str, Mapping[str, int]]:
    of = "grades by documents' ids"
    return {query: mapping(f"qrels[{query!r}]", grades, of)
            for query, grades in mapping("qrels", qrels, f"{of}, by queries").items()}


def _grade(query: str, grade: Any) -> int:
    what = f"qrels[{query!r}]"
    return count(what, int(finite_number(what, grade)), -(2**31), 2**31 - 1)


def _field(what: str, item: Any, name: str) -> Any:
    if not isinstance(item, Mapping) or name not in item:
        raise ValueError(f"{what}: expected dicts with {name!r}, got {item!r:.50}")
    return item[name]


def _known(what: str, texts: Mapping[str, str], key: str) -> str:
    if key not in texts:
        raise ValueError(f"qrels: {key!r} is none of the {what}")
    return texts[key]


def _our_name(name: str) -> str:
    kind, at, cutoff = name.partition("@")
    if kind not in (*_METRICS, *_OWN_METRICS):
        raise ValueError(f"metrics: there is no {name!r}; there are "
                         f"{', '.join((*_METRICS, *_OWN_METRICS))}, each but the last with a cut-off as "
                         "in ndcg@10")
    if not at and kind in _OF_A_CUTOFF:
        raise ValueError(f"metrics: {name!r} needs a cut-off, as in {name}@10")
    if at and (kind == "r-precision" or not cutoff.isdecimal() or int(cutoff) == 0):
        raise ValueError(f"metrics: expected a name and a cut-off of 1 or more, as in ndcg@10 "
                         f"(r-precision has none), got {name!r}")
    return f"{_METRICS.get(kind, kind)}{at}{cutoff}"


def _hits(name: str) -> int:
    """hits@k is the precision times k."""
    kind, _, cutoff = name.partition("@")
    return int(cutoff) if kind == "hits" else 1
