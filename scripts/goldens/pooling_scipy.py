#!/usr/bin/env python3
"""Makes maxsimd/colbert/testdata/pooling.json: what scipy's Ward linkage and fcluster give.

Needs: numpy, scipy. Usage: pooling_scipy.py OUT.json
Inputs are drawn from splitmix64 so that the C++ test can make the same ones; only labels and, for
one case, pooled rows (the algorithm of PyLate 1.6's pool_embeddings_hierarchical) are stored.
"""
import json
import sys

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

MASK = (1 << 64) - 1


def uniform(seed, count):
    """Doubles in [0, 1) with 24 random bits, as tests/support/tiny_model.cpp's generator."""
    out, state = [], seed
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        z ^= z >> 31
        out.append((z >> 40) * 2.0**-23 - 1.0)
    return np.array(out, dtype=np.float64)


def clusters():
    cases = []
    for n in (2, 3, 4, 5, 8, 13, 40, 100, 299):
        for k in sorted({1, max(n // 2, 1), max(n // 3, 1), max(n // 5, 1), n - 1}):
            if k >= n:
                continue
            for kind in ("distinct", "ties"):
                seed = n * 1000 + k
                distances = uniform(seed, n * (n - 1) // 2) + 1.0
                if kind == "ties":  # multiples of 1/4: many equal distances
                    distances = np.round(distances * 4) / 4
                labels = fcluster(linkage(distances, method="ward"), t=k, criterion="maxclust")
                cases.append({"n": n, "k": k, "kind": kind, "seed": seed, "labels": labels.tolist()})
    return cases


def pooled_rows(seed, n, dim, factor, protected):
    rows = uniform(seed, n * dim).astype(np.float32).reshape(n, dim)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rest = rows[protected:]
    k = max(len(rest) // factor, 1)
    upper = np.triu_indices(len(rest), 1)
    distances = (1 - rest @ rest.T)[upper]
    labels = fcluster(linkage(distances, method="ward"), t=k, criterion="maxclust")
    means = [rest[labels == label].mean(axis=0) for label in range(1, labels.max() + 1)]
    return np.concatenate([rows[:protected], np.stack(means)])


def main():
    pooling = []
    for seed, n, dim, factor, protected in ((5, 31, 6, 2, 1), (6, 31, 6, 4, 3), (7, 64, 16, 3, 1)):
        rows = pooled_rows(seed, n, dim, factor, protected)
        pooling.append({"seed": seed, "n": n, "dim": dim, "factor": factor, "protected": protected,
                        "rows": [round(float(v), 7) for v in rows.ravel()]})
    with open(sys.argv[1], "w") as out:
        json.dump({"clusters": clusters(), "pooling": pooling}, out, separators=(",", ":"))
        out.write("\n")


main()
