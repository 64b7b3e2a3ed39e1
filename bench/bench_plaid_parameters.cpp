// The trade of an index of kind plaid: for each n_ivf_probe and n_full_scores the time of a query
// and how much of exact search it finds.
//
//   bench_plaid_parameters --index INDEX --embeddings DOCS.npz --query-embeddings QUERIES.npz
//                   [--qrels FILE.tsv] [--queries 300] [--n-ivf-probe 2,4,8,...]
//                   [--n-full-scores 256,512,...] [--centroid-score-threshold T] [--k 100]
//                   [--threads 1] [--rounds 3]
//
// The .npz files are those of `maxsimd encode`; INDEX was made of the first. With --qrels only the
// judged queries are asked, and nDCG@10 is printed. "Exact" is exact search over the float32
// vectors; "of codes" compares with exact search over the index itself. One line a pair: the median
// and the 95th percentile, over queries, of the best of the rounds, in milliseconds of processor
// time of all threads (a busy machine changes it less than wall time) and of wall time.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include "maxsimd/data/embeddings_file.h"
#include "maxsimd/data/qrels.h"
#include "maxsimd/evaluation/metrics.h"
#include "maxsimd/evaluation/timed_run.h"
#include "maxsimd/search/exact_search.h"
#include "maxsimd/search/retrieve.h"
#include "maxsimd/search/retriever.h"

namespace {

using namespace maxsimd;
using Clock = std::chrono::steady_clock;
using AllHits = std::vector<std::vector<Hit>>;

struct Flags {
  std::string index, documents, queries, qrels;
  std::vector<size_t> n_ivf_probe = {1, 2, 4, 8, 16, 32};
  std::vector<size_t> n_full_scores = {128, 256, 512, 1024, 2048};
  std::optional<float> threshold;
  size_t k = 100, num_queries = 300, threads = 1, rounds = 3;
};

struct Queries {
  std::vector<std::string> ids;
  std::vector<Embeddings> embeddings;  // one query each
  Qrels qrels;
};

Queries read_queries(const Flags& flags) {
  Queries queries;
  if (!flags.qrels.empty()) queries.qrels = read_qrels(flags.qrels);
  const IdentifiedEmbeddings all = read_embeddings(flags.queries);
  for (size_t q = 0; q < all.ids.size() && queries.ids.size() < flags.num_queries; ++q) {
    if (!flags.qrels.empty() && !queries.qrels.contains(all.ids[q])) continue;
    queries.ids.push_back(all.ids[q]);
    queries.embeddings.push_back(all.embeddings.item(q));
  }
  return queries;
}

/// Exact search over the vectors of a file.
AllHits search_file(const Flags& flags, const Queries& queries, ThreadPool& pool) {
  EmbeddingsReader reader(flags.documents);
  CodedEmbeddings documents(reader.dim(), Codec::float32);
  std::vector<std::string> ids;
  for (auto piece = reader.next(size_t{1} << 22); !piece.ids.empty();
       piece = reader.next(size_t{1} << 22)) {
    documents.append(piece.embeddings);
    ids.insert(ids.end(), piece.ids.begin(), piece.ids.end());
  }
  Embeddings batch;
  batch.dim = reader.dim();
  for (const Embeddings& query : queries.embeddings) batch.append(query.matrix(0));
  return retrieve(batch, documents, ids, {.k = flags.k}, pool);
}

double recall(const AllHits& expected, const AllHits& got, size_t k) {
  size_t found = 0, wanted = 0;
  for (size_t q = 0; q < expected.size(); ++q) {
    const auto first = [&](const std::vector<Hit>& hits) {
      return std::span(hits).first(std::min(k, hits.size()));
    };
    for (const Hit& hit : first(expected[q])) {
      found += std::ranges::count(first(got[q]), hit.id, &Hit::id) != 0 ? 1 : 0;
      ++wanted;
    }
  }
  return static_cast<double>(found) / static_cast<double>(wanted);
}

double ndcg(const Queries& queries, const AllHits& hits) {
  double sum = 0.0;
  for (size_t q = 0; q < hits.size(); ++q) {
    const auto judged = queries.qrels.find(queries.ids[q]);
    if (judged == queries.qrels.end()) return 0.0;
    sum += score_ranking(parse_metric("nDCG@10"), judge_ranking(judged->second, hits[q]));
  }
  return sum / static_cast<double>(hits.size());
}

struct Timed {
  AllHits hits;
  std::vector<double> processor, wall;  // of a query, the best of the rounds
};

Timed search_all(const Flags& flags, const Queries& queries, const Retriever& retriever,
                 const SearchOptions& options, ThreadPool& pool) {
  Timed timed;
  timed.processor.assign(queries.ids.size(), 1e9);
  timed.wall.assign(queries.ids.size(), 1e9);
  for (size_t round = 0; round < flags.rounds; ++round) {
    timed.hits.clear();
    for (size_t q = 0; q < queries.ids.size(); ++q) {
      const auto start = Clock::now();
      const std::clock_t begin = std::clock();
      auto found = retriever.retrieve(queries.embeddings[q], options, pool);
      const double processor = 1e3 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
      const std::chrono::duration<double, std::milli> wall = Clock::now() - start;
      timed.processor[q] = std::min(timed.processor[q], processor);
      timed.wall[q] = std::min(timed.wall[q], wall.count());
      timed.hits.push_back(std::move(found[0]));
    }
  }
  return timed;
}

void print(const std::string& name, const Queries& queries, const Timed& timed,
           const AllHits& exact, const AllHits& of_codes) {
  std::printf("%-14s %7.3f %7.3f  %7.3f %7.3f   %.4f  %.4f   %.4f  %.4f   %.4f\n", name.c_str(),
              quantile(timed.processor, 0.5), quantile(timed.processor, 0.95),
              quantile(timed.wall, 0.5), quantile(timed.wall, 0.95), recall(exact, timed.hits, 10),
              recall(exact, timed.hits, 100), recall(of_codes, timed.hits, 10),
              recall(of_codes, timed.hits, 100), ndcg(queries, timed.hits));
  std::fflush(stdout);
}

void run(Flags flags) {
  ThreadPool pool(flags.threads);
  const Queries queries = read_queries(flags);
  const Retriever retriever(Index::open(flags.index));
  const AllHits exact = search_file(flags, queries, pool);
  SearchOptions options{.k = flags.k, .exact = true};
  Flags once = flags;
  once.rounds = 1;
  const Timed of_codes = search_all(once, queries, retriever, options, pool);
  std::printf("%zu queries, k %zu, %zu thread(s); nDCG@10 of float32 %.4f\n", queries.ids.size(),
              flags.k, flags.threads, ndcg(queries, exact));
  std::printf("%-14s %15s  %15s   %14s   %14s\n", "probe full", "ms of processor", "ms of wall",
              "recall 10 100", "of codes");
  print("exact", queries, of_codes, exact, of_codes.hits);
  options.exact = false;
  options.plaid.centroid_score_threshold = flags.threshold;
  for (const size_t n_ivf_probe : flags.n_ivf_probe) {
    for (const size_t n_full_scores : flags.n_full_scores) {
      options.plaid.n_ivf_probe = n_ivf_probe;
      options.plaid.n_full_scores = n_full_scores;
      const std::string name = std::to_string(n_ivf_probe) + ' ' + std::to_string(n_full_scores);
      print(name, queries, search_all(flags, queries, retriever, options, pool), exact,
            of_codes.hits);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  Flags flags;
  CLI::App app{"Time and recall of an index of kind plaid, over its parameters"};
  app.add_option("--index", flags.index)->required();
  app.add_option("--embeddings", flags.documents)->required()->check(CLI::ExistingFile);
  app.add_option("--query-embeddings", flags.queries)->required()->check(CLI::ExistingFile);
  app.add_option("--qrels", flags.qrels)->check(CLI::ExistingFile);
  app.add_option("--queries", flags.num_queries)->check(CLI::PositiveNumber);
  app.add_option("--n-ivf-probe", flags.n_ivf_probe)->delimiter(',');
  app.add_option("--n-full-scores", flags.n_full_scores)->delimiter(',');
  app.add_option("--centroid-score-threshold", flags.threshold);
  app.add_option("--k", flags.k)->check(CLI::PositiveNumber);
  app.add_option("--threads", flags.threads)->check(CLI::PositiveNumber);
  app.add_option("--rounds", flags.rounds)->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  run(flags);
  return 0;
}
