// Searches an index folder with query embeddings, one by one, and says how long each takes and what
// memory it keeps.
//
//   bench_retrieval INDEX --query-embeddings Q.npz [--k 100] [--threads 1] [--num-queries 300]
//                   [--run FILE] [--exact] [--n-ivf-probe N] [--n-full-scores N]
//
// Prints one JSON object: milliseconds a query (p50, p95), resident MB after opening and one query,
// and after all of them. bench/compare_index.py runs it beside other engines.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "maxsimd/base/elapsed.h"
#include "maxsimd/base/process_memory.h"
#include "maxsimd/data/embeddings_file.h"
#include "maxsimd/data/run.h"
#include "maxsimd/evaluation/timed_run.h"
#include "maxsimd/index/index.h"
#include "maxsimd/search/retrieve.h"

namespace {

using namespace maxsimd;
using Clock = std::chrono::steady_clock;

struct Options {
  std::string index, queries, run;
  size_t num_queries = 300;
  size_t num_threads = 1;
  SearchOptions search{.k = 100};
};

double resident_mb() {
  return static_cast<double>(process_memory_bytes("VmRSS")) / (1024 * 1024);
}

Embeddings one_query(const Embeddings& all, size_t i) {
  Embeddings one;
  one.dim = all.dim;
  one.append(all.matrix(i));
  return one;
}

nlohmann::json measure(const Options& options) {
  IdentifiedEmbeddings queries =
      EmbeddingsReader(options.queries).next(std::numeric_limits<size_t>::max());
  const size_t count = std::min(options.num_queries, queries.ids.size());
  ThreadPool pool(options.num_threads);
  const Clock::time_point opening = Clock::now();
  const Index index = Index::open(options.index);
  const double open_ms = seconds_since(opening) * 1000;
  retrieve(one_query(queries.embeddings, 0), index, options.search, pool);
  const double opened_mb = resident_mb();
  std::vector<double> times;
  Run run;
  for (size_t i = 0; i < count; ++i) {
    const Embeddings query = one_query(queries.embeddings, i);
    const Clock::time_point begin = Clock::now();
    run[queries.ids[i]] = retrieve(query, index, options.search, pool)[0];
    times.push_back(seconds_since(begin) * 1000);
  }
  if (!options.run.empty()) write_run(options.run, run);
  return {{"queries", count},
          {"open_ms", open_ms},
          {"p50_ms", quantile(times, 0.5)},
          {"p95_ms", quantile(times, 0.95)},
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
  CLI11_PARSE(app, argc, argv);
  std::printf("%s\n", measure(options).dump().c_str());
  return 0;
}
