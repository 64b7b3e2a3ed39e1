// Searches an index folder with query embeddings, one by one, and says how long each takes and what
// memory it keeps.
//
//   bench_retrieval INDEX --query-embeddings Q.npz [--k 100] [--threads 1] [--num-queries 300]
//                   [--run FILE] [--n-ivf-probe N] [--n-full-scores N] [--k-token N] [--ef-search
//                   N]
//
// Prints one JSON object: milliseconds a query (p50, p95), resident MB after opening and
// after all queries. bench/compare_index.py runs it beside other engines.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "maxsimd/base/elapsed.h"
#include "maxsimd/base/process_memory.h"
#include "maxsimd/data/embeddings_file.h"
#include "maxsimd/data/run.h"
#include "maxsimd/evaluation/timed_run.h"
#include "maxsimd/index/index.h"
#include "maxsimd/search/retriever.h"

namespace {

using namespace maxsimd;

struct Options {
  std::string index, queries, run;
  size_t num_queries = 300;
  size_t num_threads = 1;
  SearchOptions search{.k = 100};
};

double resident_mb() {
  return static_cast<double>(process_memory_bytes("VmRSS")) / (1024 * 1024);
}

nlohmann::json measure(const Options& options) {
  const IdentifiedEmbeddings all = read_embeddings(options.queries);
  Embeddings queries{.dim = all.embeddings.dim};
  const size_t count = std::min(options.num_queries, all.ids.size());
  for (size_t i = 0; i < count; ++i) queries.append(all.embeddings.matrix(i));
  const std::span<const std::string> ids = std::span(all.ids).first(count);
  ThreadPool pool(options.num_threads);
  const auto opening = std::chrono::steady_clock::now();
  const Retriever retriever(Index::open(options.index));
  const double open_ms = seconds_since(opening) * 1000;
  const auto retrieve = [&](const Embeddings& query, size_t k) {
    SearchOptions search = options.search;
    search.k = k;
    return retriever.retrieve(query, search, pool);
  };
  const double opened_mb = resident_mb();
  const TimedRun timed = search_timed(queries, ids, retrieve, {.k = options.search.k});
  if (!options.run.empty()) write_run(options.run, timed.run);
  return {{"queries", count},
          {"open_ms", open_ms},
          {"p50_ms", quantile(timed.search_ms, 0.5)},
          {"p95_ms", quantile(timed.search_ms, 0.95)},
          {"open_mb", opened_mb},
          {"after_mb", resident_mb()}};
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Latency and memory of searching an index folder"};
  app.add_option("index", options.index)->required();
  app.add_option("--query-embeddings", options.queries, ".npz")->required();
  app.add_option("--k", options.search.k)->check(CLI::PositiveNumber);
  app.add_option("--threads", options.num_threads)->check(CLI::PositiveNumber);
  app.add_option("--num-queries", options.num_queries)->check(CLI::PositiveNumber);
  app.add_option("--run", options.run, "TREC run to write");
  app.add_option("--n-ivf-probe", options.search.plaid.n_ivf_probe);
  app.add_option("--n-full-scores", options.search.plaid.n_full_scores);
  app.add_option("--k-token", options.search.hnsw.k_token);
  app.add_option("--ef-search", options.search.hnsw.ef_search);
  CLI11_PARSE(app, argc, argv);
  std::printf("%s\n", measure(options).dump().c_str());
  return 0;
}
