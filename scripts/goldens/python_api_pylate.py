#!/usr/bin/env python3
"""What PyLate 1.6 returns for calls of its Python API -> python/tests/testdata/pylate.npz, which the
tests of the package compare with (python/tests/test_parity.py). Texts of our own, models/mini.

    OMP_NUM_THREADS=1 python3 scripts/goldens/python_api_pylate.py

needs pylate 1.6.0 with its extras voyager and eval.
"""
import json
import pathlib
import sys
import tempfile

import numpy as np
import torch
from pylate import evaluation, indexes, models, rank, retrieve, scores, utils

ROOT = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "python" / "tests"))
from parity_calls import (DOCUMENTS, NEGATIVES, QUERIES, encode_calls, mask_arguments,  # noqa: E402
                          sample, xtr_arguments, xtr_calls)

torch.set_num_threads(1)
arrays, facts = {}, {}


def keep(name, values):
    """A list of arrays: their shapes and, but for padded ones, their values."""
    values = [np.asarray(value) for value in values]
    facts[name] = [list(value.shape) for value in values]
    if "padded" not in name:
        arrays[name] = np.concatenate([value.reshape(-1) for value in values])


# mini is stored in half precision, in which PyLate would compute.
model = models.ColBERT(str(ROOT / "models" / "mini"), device="cpu",
                       model_kwargs={"dtype": torch.float32})
for name, sentences, arguments in encode_calls():
    if name.startswith("single"):
        keep(name, [model.encode(sentences, **arguments)])
    elif name.startswith("nested"):
        keep(name, [item for group in model.encode(sentences, **arguments) for item in group])
    else:
        keep(name, model.encode(sentences, **arguments))

queries = model.encode(QUERIES, is_query=True)
documents = model.encode(DOCUMENTS, is_query=False)
groups = [documents[:4], documents[3:]]
ids = [[10, 11, 12, 13], list(range(len(documents[3:])))]
facts["rerank"] = rank.rerank(ids, queries[:2], groups)

padded_queries = np.concatenate(model.encode(QUERIES, is_query=True, padding=True))
padded_documents = np.concatenate(model.encode(DOCUMENTS, is_query=False, padding=True))
queries_mask, documents_mask = mask_arguments(padded_queries.shape, padded_documents.shape)
for name, arguments in (("scores", {}), ("scores_masked", {"queries_mask": torch.tensor(queries_mask),
                                                           "documents_mask": torch.tensor(documents_mask)})):
    arrays[name] = scores.colbert_scores(padded_queries, padded_documents, **arguments).numpy()
n = len(QUERIES)
arrays["pairwise"] = scores.colbert_scores_pairwise(queries, documents[:n]).numpy()
by_query = padded_documents[: 2 * n].reshape(n, 2, *padded_documents.shape[1:])
arrays["kd"] = scores.colbert_kd_scores(
    padded_queries, by_query, torch.tensor(queries_mask),
    torch.tensor(documents_mask[: 2 * n].reshape(n, 2, -1))).numpy()
arrays["grouped"] = scores.ColBERTScores()(padded_queries, by_query).numpy()

with tempfile.TemporaryDirectory() as folder:
    for name, index in (("voyager", indexes.Voyager(folder, "voyager", embedding_size=96)),
                        ("plaid", indexes.PLAID(folder, "plaid", show_progress=False))):
        index.add_documents(list(range(len(documents))), documents)
        facts[name] = retrieve.ColBERT(index).retrieve(queries, k=3)
        if name == "voyager":
            found = index(queries[:1], k=5)
            facts["voyager_tokens"] = found["documents_ids"][0]
            arrays["voyager_distances"] = np.stack(found["distances"][0])
    triplet = evaluation.ColBERTTripletEvaluator(QUERIES, DOCUMENTS[:n], NEGATIVES, name="parity")
    facts["triplet"] = triplet(model, output_path=folder)
    facts["triplet_csv"] = (pathlib.Path(folder) / triplet.csv_file).read_text()
    facts["triplet_file"] = triplet.csv_file

rows = [{"query": QUERIES[0], "positive": DOCUMENTS[0], "documents": DOCUMENTS[1:3], "scores": [.5, 1.]},
        {"query": QUERIES[1], "positive": DOCUMENTS[1], "documents": DOCUMENTS[2:4], "scores": [.1, .2]}]
batch = utils.ColBERTCollator(model.tokenize)(rows)
facts["collator"] = list(batch)
for key, value in batch.items():
    if isinstance(value, torch.Tensor):
        arrays[f"collator_{key}"] = value.numpy()
tokenized = model.tokenize(DOCUMENTS[:3], is_query=False)
arrays |= {f"tokenize_{key}": value.numpy() for key, value in tokenized.items()}

for name, sentences, is_query in (("rows_documents", DOCUMENTS[:4], False), ("rows_query", QUERIES[0], True)):
    rows = model.encode(sentences, is_query=is_query, output_value=None)
    for key, values in rows.items():
        values = values if isinstance(values, list) else [values]
        facts[f"{name}_{key}"] = [list(value.shape) for value in values]
        arrays[f"{name}_{key}"] = np.concatenate([value.reshape(-1) for value in values])

queries_xtr, documents_xtr, queries_mask, documents_mask = map(torch.tensor, xtr_arguments())
for name, masks in (("plain", ()), ("masked", (queries_mask, documents_mask))):
    arrays[f"xtr_{name}"] = scores.XTRScores(k=9)(queries_xtr, documents_xtr, *masks).numpy()
    arrays[f"xtr_kd_{name}"] = scores.XTRKDScores(k=9)(queries_xtr, documents_xtr, *masks).numpy()
facts["score_xtr"] = {name: {"ids": ids, "scores": values, "k": k,
                             "expected": rank.score_xtr(ids, values, k=k)}
                      for name, ids, values, k in xtr_calls()}

# A collection large enough for centroids: what PLAID finds, and what scoring every document does.
texts, sample_queries, k = sample()
documents = model.encode(list(texts.values()), is_query=False)
queries = model.encode(sample_queries, is_query=True)
exact = np.array([[float((query @ document.T).max(axis=1).sum()) for document in documents]
                  for query in queries])
ids = list(texts)
with tempfile.TemporaryDirectory() as folder:
    index = indexes.PLAID(folder, "plaid", show_progress=False)
    index.add_documents(ids, documents)
    found = retrieve.ColBERT(index).retrieve(queries, k=k)
places = [[ids.index(hit["id"]) for hit in hits] for hits in found]
arrays["sample_plaid"] = np.array(places, np.int16)
arrays["sample_plaid_scores"] = np.array([[hit["score"] for hit in hits] for hits in found], np.float32)
arrays["sample_exact"] = np.argsort(-exact, axis=1)[:, :k].astype(np.int16)
arrays["sample_exact_scores"] = -np.sort(-exact, axis=1)[:, :k].astype(np.float32)

out = ROOT / "python" / "tests" / "testdata" / "pylate.npz"
out.parent.mkdir(exist_ok=True)
np.savez_compressed(out, facts=json.dumps(facts), **arrays)
print(out, out.stat().st_size, "bytes")
