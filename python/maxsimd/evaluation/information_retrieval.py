"""evaluation.PyLateInformationRetrievalEvaluator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .. import _maxsimd
from .._checks import MOST, count, items, mapping, text
from .._rows import write_json_lines
from ..models.texts import list_of_texts
from .evaluator import Evaluator, check_default, prompts_of, with_name


def checked_cutoffs(**cutoffs: Sequence[int]) -> dict[str, list[int]]:
    """``mrr_at_k=...`` and the others, as ``retrieval_options()`` takes them."""
    return {what: [count(what, value, 1, MOST) for value in items(what, values, "integers")]
            for what, values in cutoffs.items()}


def retrieval_options(name: str,
                      cutoffs: Mapping[str, list[int]]) -> _maxsimd.RetrievalEvaluatorOptions:
    options = _maxsimd.RetrievalEvaluatorOptions()
    options.name = name
    options.set_cutoffs(cutoffs["accuracy_at_k"], cutoffs["precision_recall_at_k"],
                        cutoffs["mrr_at_k"], cutoffs["ndcg_at_k"], cutoffs["map_at_k"])
    return options


def _texts_by_id(what: str, given: Mapping[str, str]) -> dict[str, str]:
    texts = mapping(what, given, "texts by their ids")
    return dict(zip(map(str, texts), list_of_texts(texts.values(), what)))


def _ids(what: str, given: Iterable) -> Iterable:
    """Of a dict its keys: documents by grades, as ``load_beir()`` has them."""
    return given if isinstance(given, Mapping) else items(what, given, "ids")


class PyLateInformationRetrievalEvaluator(Evaluator):
    """Exact search of a corpus, and sentence-transformers' metrics of it: ``MaxSim_ndcg@10`` ...

    queries, corpus
        Texts by their ids.
    relevant_docs
        Ids of the documents that answer a query, by its id. Queries without any are left out.
    corpus_chunk_size
        Without effect: memory is that of a few hundred documents.
    query_prompt, query_prompt_name, corpus_prompt, corpus_prompt_name
        ``prompt`` and ``prompt_name`` of ``model.encode()`` for queries and documents.
    score_functions, main_score_function, write_predictions
        There is MaxSim, and no predictions are written: others are refused.
    """

    def __init__(self, queries: Mapping[str, str], corpus: Mapping[str, str],
                 relevant_docs: Mapping[str, Iterable[str]], corpus_chunk_size: int = 50000,
                 mrr_at_k: Sequence[int] = (10,), ndcg_at_k: Sequence[int] = (10,),
                 accuracy_at_k: Sequence[int] = (1, 3, 5, 10),
                 precision_recall_at_k: Sequence[int] = (1, 3, 5, 10),
                 map_at_k: Sequence[int] = (100,), show_progress_bar: bool = False,
                 batch_size: int = 32, name: str = "", write_csv: bool = True,
                 truncate_dim: int | None = None, score_functions: Any = None,
                 main_score_function: Any = None, query_prompt: str | None = None,
                 query_prompt_name: str | None = None, corpus_prompt: str | None = None,
                 corpus_prompt_name: str | None = None, write_predictions: bool = False) -> None:
        check_default("score_functions", score_functions, None)
        check_default("main_score_function", main_score_function, None, "MaxSim")
        check_default("write_predictions", write_predictions, False)
        self._encode_options = prompts_of(
            {"prompt": query_prompt, "prompt_name": query_prompt_name},
            {"prompt": corpus_prompt, "prompt_name": corpus_prompt_name})
        count("corpus_chunk_size", corpus_chunk_size, 1)
        self.name = text("name", name)
        self.queries = _texts_by_id("queries", queries)
        self.corpus = _texts_by_id("corpus", corpus)
        relevant = mapping("relevant_docs", relevant_docs, "ids of documents by ids of queries")
        self.relevant_docs = {str(query): [str(document) for document in
                                           _ids(f"relevant_docs[{query!r}]", documents)]
                              for query, documents in relevant.items()}
        self._cutoffs = checked_cutoffs(
            mrr_at_k=mrr_at_k, ndcg_at_k=ndcg_at_k, accuracy_at_k=accuracy_at_k,
            precision_recall_at_k=precision_recall_at_k, map_at_k=map_at_k)
        evaluator = _maxsimd.retrieval_evaluator(
            list(self.queries), list(self.queries.values()), list(self.corpus),
            list(self.corpus.values()), self.relevant_docs,
            retrieval_options(self.name, self._cutoffs))
        super().__init__(evaluator,
                         f"Information-Retrieval_evaluation{with_name(name)}_results.csv",
                         batch_size, show_progress_bar, write_csv)

    def spec(self, folder: Path) -> dict[str, Any]:
        check_default("evaluator: prompts in a training run", self._encode_options, ({}, {}))
        for name, texts in (("corpus", self.corpus), ("queries", self.queries)):
            write_json_lines(folder / f"{name}.jsonl",
                             ({"_id": key, "text": text} for key, text in texts.items()))
        (folder / "qrels").mkdir(exist_ok=True)
        judgments = [f"{query}\t{document}\t1\n" for query, documents in self.relevant_docs.items()
                     for document in documents]
        (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n" +
                                                   "".join(judgments), encoding="utf-8")
        return {"type": "ir", "folder": str(folder), "name": self.name, **self._cutoffs}
