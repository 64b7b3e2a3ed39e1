#!/usr/bin/env python3
"""Makes maxsimd/training/testdata/losses.json: PyLate's losses and their gradients over given embeddings.

    python3 scripts/goldens/losses_pylate.py > maxsimd/training/testdata/losses.json

Needs: pylate 1.6.0 (torch on the CPU).

The model is a stand-in whose forward pass returns the embeddings of its input times a matrix (the identity), as a real one
would: the losses normalise them, mask documents by their skiplist, and back-propagate. Gradients are those of the embeddings
before normalisation; of CachedContrastive, which detaches its inputs, and of Contrastive beside it, those of the matrix.
"""
import json

import torch
from pylate import losses

QUERIES, WAYS, QUERY_ROWS, DOCUMENT_ROWS, DIM = 3, 4, 3, 5, 4
SKIPPED = 7  # the only id of the skiplist; all others are 1


class StandIn(torch.nn.Module):
    skiplist = [SKIPPED]
    do_query_expansion = True

    def __init__(self):
        super().__init__()
        self.matrix = torch.nn.Parameter(torch.eye(DIM))

    def forward(self, features):
        return {"token_embeddings": features["embeddings"] @ self.matrix}


def features(embeddings, mask):
    # A masked row is a skipped token where its place is even, and padding where it is odd.
    place = torch.arange(mask.shape[1]).expand(mask.shape)
    ids = torch.where(mask | (place % 2 == 1), 1, SKIPPED)
    return {"input_ids": ids, "attention_mask": (mask | (place % 2 == 0)).long(), "embeddings": embeddings}


def distillation(queries, documents, mask, teacher, normalize_scores, size_average):
    q, d = queries.clone().requires_grad_(), documents.clone().requires_grad_()
    loss = losses.Distillation(StandIn(), normalize_scores=normalize_scores, size_average=size_average)(
        [features(q, torch.ones(q.shape[:2], dtype=torch.bool)), features(d, mask)], teacher)
    loss.backward()
    return {"normalize_scores": normalize_scores, "size_average": size_average, "loss": loss.item(),
            "query_gradient": q.grad.flatten().tolist(), "document_gradient": d.grad.flatten().tolist()}


def contrastive(queries, documents, mask, negatives, temperature, size_average):
    """The columns are the first, second, ... document of each query: the positive and the negatives."""
    columns = [documents[k::WAYS].clone().requires_grad_() for k in range(1 + negatives)]
    q = queries.clone().requires_grad_()
    given = [features(q, torch.ones(q.shape[:2], dtype=torch.bool))]
    given += [features(column, mask[k::WAYS]) for k, column in enumerate(columns)]
    plain, cached = StandIn(), StandIn()
    loss = losses.Contrastive(plain, temperature=temperature, size_average=size_average)(given)
    loss.backward()
    cached_loss = losses.CachedContrastive(cached, mini_batch_size=2, temperature=temperature,
                                           size_average=size_average)(given)
    gradients = [q.grad.flatten().tolist()] + [c.grad.flatten().tolist() for c in columns]
    cached_loss.backward()
    ratio = (cached.matrix.grad.norm() / plain.matrix.grad.norm()).item()
    assert torch.allclose(cached.matrix.grad, plain.matrix.grad * ratio, rtol=1e-3, atol=1e-5)
    return {"negatives": negatives, "temperature": temperature, "size_average": size_average, "loss": loss.item(),
            "query_gradient": gradients[0], "column_gradients": gradients[1:],
            "cached_loss": cached_loss.item(), "cached_gradient_over_plain": ratio}


def main():
    torch.manual_seed(7)
    queries = torch.randn(QUERIES, QUERY_ROWS, DIM)
    documents = torch.randn(QUERIES * WAYS, DOCUMENT_ROWS, DIM)
    mask = torch.rand(QUERIES * WAYS, DOCUMENT_ROWS) < 0.7
    mask[:, 0] = True
    mask[3] = True  # a document without masked rows
    teacher = torch.randn(QUERIES, WAYS) * 5
    flags = [(a, b) for a in (True, False) for b in (True, False)]
    print(json.dumps({
        "dim": DIM, "document_rows": DOCUMENT_ROWS, "query_rows": QUERY_ROWS, "ways": WAYS,
        "queries": queries.flatten().tolist(), "documents": documents.flatten().tolist(),
        "mask": mask.int().tolist(), "teacher": teacher.flatten().tolist(),
        "distillation": [distillation(queries, documents, mask, teacher, *f) for f in flags],
        "contrastive": [contrastive(queries, documents, mask, n, t, a)
                        for n in (1, 2, 3) for t in (1.0, 0.02) for a in (True, False)],
    }))


main()
