#include "maxsimd/evaluation/timed_run.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "maxsimd/base/elapsed.h"
#include "maxsimd/evaluation/identical_ids.h"

namespace maxsimd {

TimedRun search_timed(const Embeddings& queries, std::span<const std::string> query_ids,
                      const RetrieveFn& retrieve, const TimedRunOptions& options) {
  using Clock = std::chrono::steady_clock;
  if (query_ids.size() != queries.size()) {
    throw std::invalid_argument("search: expected one id a query, got " +
                                std::to_string(query_ids.size()) + " ids for " +
                                std::to_string(queries.size()) + " queries");
  }
  if (options.k == 0) throw std::invalid_argument("search: k: expected at least 1, got 0");
  TimedRun out;
  const size_t fetched = options.k + (options.ignore_identical_ids ? 1 : 0);
  for (size_t q = 0; q < queries.size(); ++q) {
    const Embeddings query = queries.item(q);
    const Clock::time_point start = Clock::now();
    auto hits = retrieve(query, fetched);
    out.search_ms.push_back(seconds_since(start) * 1000);
    out.run[query_ids[q]] = std::move(hits[0]);
    if (options.progress) options.progress(q + 1, queries.size());
  }
  if (options.ignore_identical_ids) remove_identical_ids(out.run, options.k);
  return out;
}

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(share * static_cast<double>(values.size() - 1) + 0.5)];
}

}  // namespace maxsimd
