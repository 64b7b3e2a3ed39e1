#include "maxsimd/evaluation/tuning.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>

#include "maxsimd/base/elapsed.h"
#include "maxsimd/evaluation/timed_run.h"

namespace maxsimd {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kMostProbes = 256;
constexpr size_t kFewestTokens = 4, kMostTokens = 1024;  // k_token
constexpr size_t kMostKept = 16;                         // ef_search, for each of k_token
constexpr double kFinestStep = 1.1;  // between two values of the second knob that are told apart

struct TuningQuery {
  Embeddings embeddings;
  std::vector<DocId> expected;  // exact search's, sorted
};

struct Measured {
  double recall = 0;
  std::vector<double> ms;
};

class Tuner {
 public:
  Tuner(const Retriever& retriever, const TuningOptions& options, ThreadPool& pool)
      : retriever_(retriever), options_(options), pool_(pool) {
    const bool is_plaid = kind() == IndexKind::plaid;
    const size_t most = is_plaid ? kMostProbes : kMostTokens;
    for (size_t first = is_plaid ? 1 : kFewestTokens; first <= most; first *= 2) {
      firsts_.push_back(first);
    }
    const Range range = seconds_of(firsts_.back());
    for (size_t second = range.least; second < range.most; second *= 2) ++steps_;
  }

  TuningReport run(const Embeddings& queries) {
    prepare(queries);
    for (const size_t first : firsts_) {
      if (!explore(first)) break;
    }
    report_.judged_recall = measure(report_.chosen, judging_).recall;
    std::ranges::sort(report_.curve, {}, &TuningPoint::p50_ms);
    return std::move(report_);
  }

 private:
  struct Range {
    size_t least, most;
  };

  IndexKind kind() const { return retriever_.index().settings().kind; }

  // Of the second knob: from as few as may be to all documents, or to many for each token.
  Range seconds_of(size_t first) const {
    if (kind() == IndexKind::hnsw) return {first, kMostKept * first};
    const size_t all = std::max<size_t>(retriever_.index().size(), 1);
    return {std::min(options_.k, all), all};
  }

  TuningPoint setting(size_t first, size_t second) const {
    if (kind() == IndexKind::hnsw) return {.hnsw = {.k_token = first, .ef_search = second}};
    return {.plaid = {.n_ivf_probe = first, .n_full_scores = second}};
  }

  // Every second query chooses, so that a file sorted by subject is halved fairly.
  void prepare(const Embeddings& queries) {
    std::vector<double> ms;
    for (size_t q = 0; q < queries.size(); ++q) {
      TuningQuery query{queries.item(q), {}};
      const Clock::time_point begin = Clock::now();
      query.expected = found(query, {.k = options_.k, .exact = true});
      ms.push_back(seconds_since(begin) * 1000);
      (q % 2 == 0 ? choosing_ : judging_).push_back(std::move(query));
    }
    report_.exact_p50_ms = quantile(ms, 0.5);
    check_answers();
    report_.choosing_queries = choosing_.size();
    report_.judging_queries = judging_.size();
  }

  void check_answers() const {
    for (const std::vector<TuningQuery>* half : {&choosing_, &judging_}) {
      if (std::ranges::any_of(*half, [](const auto& query) { return !query.expected.empty(); })) {
        continue;
      }
      throw std::invalid_argument(
          "tune: no query has an answer to be found: the index has " +
          std::to_string(retriever_.index().size()) +
          " documents, or the queries (every second of them) have no token vectors");
    }
  }

  std::vector<DocId> found(const TuningQuery& query, const SearchOptions& options) const {
    std::vector<DocId> documents;
    const auto hits = retriever_.search(query.embeddings, options, pool_);
    for (const ScoredDocument& hit : hits[0]) documents.push_back(hit.document);
    std::ranges::sort(documents);
    return documents;
  }

  Measured measure(const TuningPoint& at, const std::vector<TuningQuery>& queries) const {
    Measured measured;
    size_t hits = 0, expected = 0;
    for (const TuningQuery& query : queries) {
      const Clock::time_point begin = Clock::now();
      const std::vector<DocId> got =
          found(query, {.k = options_.k, .plaid = at.plaid, .hnsw = at.hnsw});
      measured.ms.push_back(seconds_since(begin) * 1000);
      expected += query.expected.size();
      hits += static_cast<size_t>(std::ranges::count_if(query.expected, [&](DocId document) {
        return std::ranges::binary_search(got, document);
      }));
    }
    measured.recall =
        expected == 0 ? 1.0 : static_cast<double>(hits) / static_cast<double>(expected);
    return measured;
  }

  // No setting is measured twice: explore() doubles, and bisect() takes what lies strictly between.
  TuningPoint point(size_t first, size_t second) {
    TuningPoint made = setting(first, second);
    const Measured measured = measure(made, choosing_);
    made.recall = measured.recall;
    made.p50_ms = quantile(measured.ms, 0.5);
    made.p95_ms = quantile(measured.ms, 0.95);
    report_.curve.push_back(made);
    consider(made);
    // The least, its doublings, and four bisections (2^(1/16) < kFinestStep).
    if (options_.progress) options_.progress(report_.curve.size(), firsts_.size() * (steps_ + 5));
    return made;
  }

  void consider(const TuningPoint& made) {
    const bool keeps = made.recall >= options_.recall;
    const TuningPoint& best = report_.chosen;
    const bool better = keeps ? !report_.keeps_recall || made.p50_ms < best.p50_ms
                              : !report_.keeps_recall && made.recall > best.recall;
    if (!better && report_.curve.size() > 1) return;
    report_.chosen = made;
    report_.keeps_recall = keeps;
  }

  // False when more of the first need not be tried: the least of the second takes longer than the
  // best.
  bool explore(size_t first) {
    const Range range = seconds_of(first);
    size_t low = range.least;
    const TuningPoint cheapest = point(first, low);
    if (report_.keeps_recall && cheapest.p50_ms > report_.chosen.p50_ms) return false;
    if (cheapest.recall >= options_.recall) return true;
    size_t high = low;
    while (high < range.most) {
      low = high;
      high = std::min(high * 2, range.most);
      const TuningPoint more = point(first, high);
      if (more.recall >= options_.recall) {
        bisect(first, low, high);
        break;
      }
      if (report_.keeps_recall && more.p50_ms > report_.chosen.p50_ms) break;  // never cheaper
    }
    return true;
  }

  void bisect(size_t first, size_t low, size_t high) {
    while (static_cast<double>(high) > kFinestStep * static_cast<double>(low)) {
      const size_t middle = low + (high - low) / 2;
      if (middle == low) return;
      (point(first, middle).recall >= options_.recall ? high : low) = middle;
    }
  }

  const Retriever& retriever_;
  const TuningOptions& options_;
  ThreadPool& pool_;
  std::vector<size_t> firsts_;  // values of the first knob
  size_t steps_ = 0;
  std::vector<TuningQuery> choosing_, judging_;
  TuningReport report_;
};

void check(const Retriever& retriever, const Embeddings& queries, const TuningOptions& options) {
  const IndexSettings& settings = retriever.index().settings();
  if (settings.kind == IndexKind::exact) {
    throw std::invalid_argument(
        "tune: an index of kind exact has no parameters to choose; kinds plaid and hnsw have");
  }
  if (queries.size() < 2) {
    throw std::invalid_argument(
        "tune: expected at least 2 queries, half to choose and half to "
        "judge, got " +
        std::to_string(queries.size()));
  }
  if (options.k == 0) throw std::invalid_argument("tune: k: expected at least 1, got 0");
  if (!(options.recall > 0.0 && options.recall <= 1.0)) {
    throw std::invalid_argument("tune: recall: expected above 0 and at most 1, got " +
                                std::to_string(options.recall));
  }
}

}  // namespace

TuningReport tune(const Retriever& retriever, const Embeddings& queries,
                  const TuningOptions& options, ThreadPool& pool) {
  check(retriever, queries, options);
  return Tuner(retriever, options, pool).run(queries);
}

}  // namespace maxsimd
