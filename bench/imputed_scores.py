#!/usr/bin/env python3
"""Does scoring that imputes the similarities it has not seen rank better than exact MaxSim? The same embeddings, NumPy alone.

    imputed_scores.py --documents DOCS.npz --queries QUERIES.npz --qrels QRELS.tsv

DOCS.npz and QUERIES.npz come from `maxsimd encode`. Similarities are exact; what counts as seen, and what stands for the rest, differs:

    xtr k'        seen: the k' document tokens nearest to a query token; the rest: the k'-th similarity ("Rethinking the Role of Token
                  Retrieval in Multi-Vector Retrieval", NeurIPS 2023). It is also exact MaxSim with a floor at that similarity.
    warp n t'     seen: the tokens of the n nearest clusters; the rest: the score of the centroid at which the sizes of the clusters, nearest
                  first, add up to t' ("WARP: An Efficient Engine for Multi-Vector Retrieval", SIGIR 2025), that walk without a bound.
    floor n t'    the same, and what is seen counts at least that much.
    warp default  n, t', and the score that a query token's nearest centroid must reach for the token to count, of xtr-warp-rs 2.1 for
                  k = 100; "exact, tokens that count" is MaxSim of these query tokens.

A document of which nothing is seen is not ranked. p: two-sided paired randomization test over queries (Smucker et al., CIKM 2007); a star:
p < 0.05 / number of rows (Bonferroni), for of many settings a few reach 0.05 by chance. OPENBLAS_NUM_THREADS sets the threads.
"""
import argparse
import math

import numpy as np

KMEANS_ITERATIONS = 4  # as xtr-warp-rs
POINTS_PER_CLUSTER = 16  # of the k-means sample
CHUNK = 2048  # rows assigned at once: [2048, 16384] float32 is 128 MB
TEST_ROUNDS = 10_000
WARP_SCORE_THRESHOLD = 0.45  # of xtr-warp-rs for k = 100 and fewer than 2,500 vectors a cluster


def numbers(text):
    return [int(word) for word in text.split(",")]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", required=True, help=".npz of `maxsimd encode --document`")
    parser.add_argument("--queries", required=True, help=".npz of `maxsimd encode --query`")
    parser.add_argument("--qrels", required=True, help="BEIR's TSV")
    parser.add_argument("--num-queries", type=int, help="only the first so many judged queries")
    parser.add_argument("--num-clusters", type=int, help="default: PLAID's, 2 ^ floor(log2(16 sqrt(vectors)))")
    parser.add_argument("--n-ivf-probe", type=numbers, default=[8, 16, 32, 64], help="clusters probed a query token, a list")
    parser.add_argument("--t-prime", type=numbers, default=[1000, 5000, 20_000, 100_000], help="WARP's t', a list")
    parser.add_argument("--k-prime", type=numbers, default=[100, 1000, 4000, 16_000, 64_000], help="XTR's k', a list")
    parser.add_argument("--seed", type=int, default=1, help="of the k-means sample and of the test")
    return parser.parse_args()


def load(path):
    with np.load(path) as arrays:
        return arrays["values"].astype(np.float32), arrays["offsets"].astype(np.int64), [str(i) for i in arrays["ids"]]


def read_qrels(path, ids):
    """Query -> document -> grade. A document is its position; one that is not there stays a name, which no search finds."""
    positions, judgments = {name: at for at, name in enumerate(ids)}, {}
    with open(path, encoding="utf-8") as lines:
        for query, document, grade in (line.split("\t") for line in lines):
            if grade.strip().isdigit() and int(grade) > 0:  # not the header
                judgments.setdefault(query, {})[positions.get(document, document)] = int(grade)
    return judgments


def assign(vectors, centroids):
    return np.concatenate([(vectors[at:at + CHUNK] @ centroids.T).argmax(axis=1) for at in range(0, len(vectors), CHUNK)])


def train_centroids(values, count, rng):
    """Spherical k-means of a sample; an empty cluster starts again at a sampled vector."""
    sample = values[rng.permutation(len(values))[:count * POINTS_PER_CLUSTER]]
    centroids = sample[:count]
    for _ in range(KMEANS_ITERATIONS):
        codes = assign(sample, centroids)
        used, starts = np.unique(np.sort(codes), return_index=True)
        centroids = sample[rng.integers(len(sample), size=count)]
        centroids[used] = np.add.reduceat(sample[np.argsort(codes, kind="stable")], starts)
        centroids /= np.linalg.norm(centroids, axis=1, keepdims=True)
    return centroids


class Corpus:
    """Vectors of the documents that have any, and their clusters."""

    def __init__(self, args, rng):
        self.values, offsets, ids = load(args.documents)
        lengths = np.diff(offsets)
        self.ids = [name for name, length in zip(ids, lengths) if length]
        self.starts = offsets[:-1][lengths > 0]
        self.document_of = np.repeat(np.arange(len(self.ids)), lengths[lengths > 0])
        count = args.num_clusters or 2 ** int(math.log2(16 * math.sqrt(len(self.values))))
        self.centroids = train_centroids(self.values, count, rng)
        codes = assign(self.values, self.centroids)
        self.sizes = np.bincount(codes, minlength=count)
        self.lists = np.split(np.argsort(codes, kind="stable"), np.cumsum(self.sizes)[:-1])


def warp_defaults(corpus, query_tokens):
    """(n, t') of xtr-warp-rs 2.1 for k = 100: its hyperparams.py, without the case of 65,536 clusters."""
    density = len(corpus.values) / len(corpus.centroids)
    probes = min(4 + int(math.log10(max(density, 1))), len(corpus.centroids))
    scale = min(max(120 * len(corpus.ids) / len(corpus.values), 0.35), 1) if density < 256 else 1
    t_prime = int(int(density * probes * max(1, query_tokens // 2)) * scale)
    return probes, min(max(t_prime, 5000), 200_000, len(corpus.values))


def nearest(similarities, ranks):
    """For each k', [query tokens, 1]: the k'-th largest similarity."""
    most = min(max(ranks), similarities.shape[1])
    top = np.sort(np.partition(similarities, -most, axis=1)[:, -most:], axis=1)
    return [(k, top[:, -k, None]) for k in ranks if k <= most]


def centroids_at(corpus, scores, order, t_prime):
    """[query tokens, 1]: the score of the centroid at which cumulative sizes reach t'."""
    reached = (np.cumsum(corpus.sizes[order], axis=1) < t_prime).sum(axis=1, keepdims=True)
    return np.take_along_axis(scores, np.take_along_axis(order, np.minimum(reached, order.shape[1] - 1), axis=1), axis=1)


def probe(corpus, similarities, order, levels):
    """For each number of probes, [query tokens, documents]: the largest similarity seen, -inf where none was."""
    best, done = np.full((len(similarities), len(corpus.ids)), -np.inf, np.float32), 0
    for level in levels:
        for token, clusters in enumerate(order[:, done:level]):
            seen = np.concatenate([corpus.lists[cluster] for cluster in clusters])
            np.maximum.at(best[token], corpus.document_of[seen], similarities[token, seen])
        done = level
        yield level, best


def summed(scores, seen):
    return np.where(seen.any(axis=0), scores.sum(axis=0), -np.inf)


def score(corpus, query, args, default):
    """Setting -> scores of all documents for one query; and which of its tokens count by WARP's threshold."""
    similarities, centroid_scores = query @ corpus.values.T, query @ corpus.centroids.T
    exact = np.maximum.reduceat(similarities, corpus.starts, axis=1)
    order = np.argsort(-centroid_scores, axis=1)
    counted = centroid_scores.max(axis=1) >= WARP_SCORE_THRESHOLD
    results = {"exact": exact.sum(axis=0), "exact, tokens that count": exact[counted].sum(axis=0)}
    results |= {f"xtr {k}": summed(np.maximum(exact, floor), exact >= floor) for k, floor in nearest(similarities, args.k_prime)}
    missing = {t: centroids_at(corpus, centroid_scores, order, t) for t in {*args.t_prime, default[1]}}
    for level, best in probe(corpus, similarities, order, sorted({*args.n_ivf_probe, default[0]})):
        seen = best > -np.inf
        for t in args.t_prime if level in args.n_ivf_probe else []:
            results[f"warp {level} {t}"] = summed(np.where(seen, best, missing[t]), seen)
            results[f"floor {level} {t}"] = summed(np.maximum(best, missing[t]), seen)
        if level == default[0]:
            imputed = np.where(seen, best, missing[default[1]])
            results[f"warp default ({level} {default[1]})"] = summed(imputed[counted], seen[counted])
    return results, counted


def metrics(scores, grades):
    """nDCG@10 and recall@100, in percent."""
    best = np.argsort(-scores, kind="stable")[:100].tolist()
    found = [grades.get(document, 0) if scores[document] > -np.inf else 0 for document in best]
    gain, ideal = (sum(grade / math.log2(rank + 2) for rank, grade in enumerate(row[:10]))
                   for row in (found, sorted(grades.values(), reverse=True)))
    return 100 * gain / ideal, 100 * np.count_nonzero(found) / len(grades)


def p_value(differences, rng):
    signs = rng.choice(np.array([-1, 1], np.float32), size=(TEST_ROUNDS, len(differences)))
    extreme = np.count_nonzero(np.abs(signs @ differences) >= abs(differences.sum()) - 1e-6)
    return (1 + extreme) / (1 + TEST_ROUNDS)


def print_table(table, rng):
    """table: setting -> [queries, 2]."""
    exact = table.pop("exact")
    print(f"{'':26}{'nDCG@10':>9}{'diff':>8}{'p':>8} {'recall@100':>12}{'diff':>8}{'p':>8}")
    print(f"{'exact':26}{exact[:, 0].mean():9.2f}{'':17}{exact[:, 1].mean():12.2f}")
    for name, values in sorted(table.items(), key=lambda row: row[0].split()[0]):
        line = f"{name:26}"
        for column, width in ((0, 9), (1, 12)):
            differences = values[:, column] - exact[:, column]
            p = p_value(differences, rng)
            line += f"{values[:, column].mean():{width}.2f}{differences.mean():+8.2f}{p:8.4f}{'*' if p < 0.05 / len(table) else ' '}"
        print(line.rstrip())


def main():
    args = arguments()
    rng = np.random.default_rng(args.seed)
    corpus = Corpus(args, rng)
    values, offsets, ids = load(args.queries)
    judgments = read_qrels(args.qrels, corpus.ids)
    judged = [at for at, name in enumerate(ids) if name in judgments][:args.num_queries]
    default = warp_defaults(corpus, int(np.diff(offsets).max()))
    table, shares = {}, []
    for at in judged:
        results, counted = score(corpus, values[offsets[at]:offsets[at + 1]], args, default)
        shares.append(counted.mean())
        for name, scores in results.items():
            table.setdefault(name, []).append(metrics(scores, judgments[ids[at]]))
    print(f"{len(corpus.ids)} documents, {len(corpus.values)} vectors, {len(corpus.centroids)} clusters, {len(judged)} queries; "
          f"{100 * np.mean(shares):.1f} % of query tokens count")
    print_table({name: np.array(rows) for name, rows in table.items()}, rng)


main()
