"""BEIR data, and metrics of rankings."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .. import _maxsimd
from .._checks import count, finite_number, items, mapping, number, path as checked_path, text

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
    values = _maxsimd.evaluate_rankings(judged, run, [_our_name(name) for name in names])
    results = {name: value * _hits(name) for name, value in zip(names, values)}
    return results if len(results) > 1 else next(iter(results.values()))


def _ranked(what: str, hits: Sequence[Mapping[str, Any]]) -> list[str]:
    scored = [(number(f"{what}: a score", _field(what, hit, "score")), str(_field(what, hit, "id")))
              for hit in items(what, hits, "hits, {'id', 'score'}")]
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
    if kind not in _METRICS:
        raise ValueError(f"metrics: there is no {name!r}; there are {', '.join(_METRICS)}, each "
                         "with a cut-off as in ndcg@10")
    return f"{_METRICS[kind]}{at}{cutoff}"


def _hits(name: str) -> int:
    """hits@k is the precision times k."""
    kind, _, cutoff = name.partition("@")
    return int(cutoff) if kind == "hits" else 1
