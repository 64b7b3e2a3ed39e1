#include "maxsimd/search/plaid_query.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "maxsimd/base/errors.h"
#include "maxsimd/search/damage.h"

namespace maxsimd {
namespace {

// Documents a task scores, some tens of microseconds: from residuals, and in float32.
constexpr size_t kSurvivorsPerTask = 16;
constexpr size_t kRankedPerTask = 2;

// A score is rounded to float32 once, a half unit in its last place.
constexpr double kScoreRounding = 0x1p-23;

/// Whether `a` ranks before `b` by the scores from residuals; a total order.
constexpr auto kRanksBefore = [](const auto& a, const auto& b) {
  return a.score > b.score || (a.score == b.score && a.document < b.document);
};

template <class Vector>
void ensure_size(Vector& values, size_t size) {
  if (values.size() < size) values.resize(size);
}

constexpr size_t kCacheLine = 64;

// The centroids of a document's rows lie anywhere: they come sooner when asked for all together
// than one by one in decoding (11 microseconds a document without, 6 with, bench_plaid).
void prefetch(std::span<const float> row) {
  for (size_t d = 0; d < row.size(); d += kCacheLine / sizeof(float)) {
    __builtin_prefetch(row.data() + d);
  }
}

// Documents lie anywhere in memory, too: one is fetched while the one before it is scored. Of a
// long one the beginning is enough.
void prefetch(const uint8_t* bytes, size_t count) {
  constexpr size_t kMost = 16384;
  for (size_t i = 0; i < std::min(count, kMost); i += kCacheLine) {
    __builtin_prefetch(bytes + i, 0, 2);
  }
}

void prefetch(std::span<const std::byte> bytes) {
  prefetch(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}

}  // namespace

void PlaidQuery::score_centroids(MatrixView<const float> query, ThreadPool& pool) {
  query_.pack(query, Codec::float32);
  if (corpus_.codec == Codec::int8) stored_query_.pack(query, Codec::int8);
  ensure_size(workers_, pool.num_threads());
  if (corpus_.segments.empty()) return;
  scores_.compute(query, query_.packed_f32(), *corpus_.codebook, *corpus_.kernels, pool);
  fixed_error_ = 0.0;
  for (const double error : scores_.query().fixed_errors()) fixed_error_ += error;
}

CodedRows PlaidQuery::vectors_of(const Survivor& survivor) const {
  const Place at = place(survivor.slot);
  return at.segment->vectors_of(at.document);
}

kernels::ResidualRows PlaidQuery::rows_of(const Place& place) const {
  const PlaidSegment& segment = *place.segment;
  const auto first = static_cast<size_t>(segment.row_offsets[place.document]);
  const std::byte* residuals =
      segment.residuals.data() + first * corpus_.codebook->residual_bytes();
  return {segment.centroids.data() + first, reinterpret_cast<const uint8_t*>(residuals),
          segment.num_rows(place.document), scores_.scores()};
}

void PlaidQuery::set_score(const Worker& worker, Survivor& survivor) const {
  double lowest = 0.0, highest = 0.0;
  for (size_t r = 0; r < query_.num_rows(); ++r) {
    const double unit = scores_.query().units()[r];
    lowest += unit * double{worker.lowest[r]};
    highest += unit * double{worker.highest[r]};
  }
  survivor.score = 0.5 * (lowest + highest);
  survivor.highest = highest + fixed_error_ + kScoreRounding * std::abs(highest);
}

void PlaidQuery::prepare_workers() {
  for (Worker& worker : workers_) {
    worker.residual_scratch.ensure(kernels::residual_scratch_bytes(corpus_.codebook->weights()));
    worker.lowest.ensure(scores_.num_columns());
    worker.highest.ensure(scores_.num_columns());
    worker.best.ensure(kSurvivorsPerTask * scores_.num_columns());
    ensure_size(worker.limits, scores_.num_columns());
  }
}

/// Calls f(survivors, worker) for some at a time.
template <class F>
void PlaidQuery::for_survivors(ThreadPool& pool, const F& f) {
  const size_t tasks = (survivors_.size() + kSurvivorsPerTask - 1) / kSurvivorsPerTask;
  pool.parallel_for(tasks, [&](size_t task, size_t worker) {
    const size_t begin = task * kSurvivorsPerTask;
    const size_t count = std::min(kSurvivorsPerTask, survivors_.size() - begin);
    f(std::span(survivors_).subspan(begin, count), workers_[worker]);
  });
}

/// Adds the rows of a document whose centroids come near to one of the best bytes.
void PlaidQuery::select_rows(const kernels::ResidualRows& rows, const uint8_t* best,
                             Worker& worker) const {
  const size_t columns = scores_.num_columns();
  for (size_t c = 0; c < columns; ++c) {
    const int limit = best[c] - scores_.byte_reach()[c];
    worker.limits[c] = static_cast<uint8_t>(std::max(limit, 0));
  }
  ensure_size(worker.positions, rows.num_rows);
  size_t count =
      corpus_.kernels->select_above(scores_.bytes(), columns, rows.centroids, rows.num_rows,
                                    worker.limits.data(), worker.positions.data());
  if (count == 0) worker.positions[count++] = 0;  // no centroid scores
  const size_t first = worker.selected.size();
  worker.selected.resize(first + count);
  worker.selected_scores.resize(first + count);
  const size_t row_bytes = corpus_.codebook->residual_bytes();
  for (size_t i = 0; i < count; ++i) {
    const size_t t = worker.positions[i];
    worker.selected[first + i] = rows.residuals + t * row_bytes;
    worker.selected_scores[first + i] = rows.scores + rows.centroids[t] * columns;
    if (first + i < kernels::kResidualChunk) {  // the kernel asks for the others
      prefetch(worker.selected[first + i], row_bytes + kCacheLine - 1);
    }
  }
  worker.ends.push_back(static_cast<uint32_t>(first + count));
}

void PlaidQuery::score_selected(std::span<Survivor> survivors, Worker& worker) const {
  const size_t columns = scores_.num_columns();
  const auto first = static_cast<size_t>(survivors.data() - survivors_.data());
  worker.selected.clear();
  worker.selected_scores.clear();
  worker.ends.clear();
  for (size_t i = 0; i < survivors.size(); ++i) {
    select_rows(rows_of(place(survivors[i].slot)), best_bytes_.data() + (first + i) * columns,
                worker);
  }
  const kernels::SelectedRows rows = {worker.selected.data(), worker.selected_scores.data(),
                                      worker.ends.data(), survivors.size()};
  corpus_.kernels->maxsim_selected(scores_.query(), corpus_.codebook->weights(), rows,
                                   worker.residual_scratch.data(), worker.best.data());
  for (size_t i = 0; i < survivors.size(); ++i) {
    double score = 0.0;
    for (size_t r = 0; r < query_.num_rows(); ++r) {
      score += scores_.query().units()[r] * double{worker.best[i * columns + r]};
    }
    survivors[i].score = score;
  }
}

void PlaidQuery::score_selected(size_t num_kept, ThreadPool& pool) {
  if (survivors_.size() <= num_kept) return;
  for_survivors(pool, [&](std::span<Survivor> survivors, Worker& worker) {
    score_selected(survivors, worker);
  });
  const auto kept = survivors_.begin() + static_cast<std::ptrdiff_t>(num_kept);
  std::nth_element(survivors_.begin(), kept, survivors_.end(), kRanksBefore);
  survivors_.erase(kept, survivors_.end());
  std::sort(survivors_.begin(), survivors_.end(),
            [](const Survivor& a, const Survivor& b) { return a.slot < b.slot; });
}

void PlaidQuery::score_residuals(ThreadPool& pool) {
  if (survivors_.empty()) return;
  const size_t row_bytes = corpus_.codebook->residual_bytes();
  for_survivors(pool, [&](std::span<Survivor> survivors, Worker& worker) {
    for (size_t i = 0; i < survivors.size(); ++i) {
      if (i + 1 < survivors.size()) {
        const kernels::ResidualRows next = rows_of(place(survivors[i + 1].slot));
        prefetch(next.residuals, next.num_rows * row_bytes);
      }
      corpus_.kernels->maxsim_residual(
          scores_.query(), corpus_.codebook->weights(), rows_of(place(survivors[i].slot)),
          worker.residual_scratch.data(), worker.lowest.data(), worker.highest.data(),
          marks_.data() + survivors[i].first_mark);
      set_score(worker, survivors[i]);
    }
  });
}

float PlaidQuery::exact_score(const Survivor& survivor, Worker& worker) const {
  const kernels::ResidualRows rows = rows_of(place(survivor.slot));
  const size_t row_bytes = corpus_.codebook->residual_bytes();
  const size_t dim = corpus_.codebook->dim();
  const uint8_t* marks = marks_.data() + survivor.first_mark;
  worker.ids.clear();
  worker.codes.clear();
  for (size_t t = 0; t < rows.num_rows; ++t) {
    const bool is_last_chance = t + 1 == rows.num_rows && worker.ids.empty();  // a query of zeros
    if (marks[t] == 0 && !is_last_chance) continue;
    const uint8_t* codes = rows.residuals + t * row_bytes;
    worker.ids.push_back(rows.centroids[t]);
    prefetch(corpus_.codebook->centroids().row(rows.centroids[t]));
    worker.codes.insert(worker.codes.end(), codes, codes + row_bytes);
  }
  ensure_size(worker.values, worker.ids.size() * dim);
  const MatrixView<float> values{worker.values.data(), worker.ids.size(), dim};
  corpus_.kernels->decode_residuals(corpus_.codebook->tables(), worker.codes.data(),
                                    worker.ids.data(), values.rows, values.data);
  return query_.maxsim(as_coded_rows(values), *corpus_.kernels, worker.maxsim_scratch);
}

void PlaidQuery::score_exactly(std::span<Survivor> survivors, ThreadPool& pool) {
  const size_t tasks = (survivors.size() + kRankedPerTask - 1) / kRankedPerTask;
  pool.parallel_for(tasks, [&](size_t task, size_t worker) {
    const size_t begin = task * kRankedPerTask;
    const size_t end = std::min(begin + kRankedPerTask, survivors.size());
    for (Survivor& survivor : survivors.subspan(begin, end - begin)) {
      survivor.exact = exact_score(survivor, workers_[worker]);
      MAXSIMD_ASSERT(std::isfinite(survivor.exact));
    }
  });
  num_ranked_ += survivors.size();
}

std::vector<ScoredDocument> PlaidQuery::rank_by_vectors(size_t k, ThreadPool& pool) {
  MAXSIMD_ASSERT(corpus_.codec != Codec::residual);
  const PackedQuery& query = corpus_.codec == Codec::int8 ? stored_query_ : query_;
  for_survivors(pool, [&](std::span<Survivor> survivors, Worker& worker) {
    for (size_t i = 0; i < survivors.size(); ++i) {
      if (i + 1 < survivors.size()) prefetch(vectors_of(survivors[i + 1]).codes);
      survivors[i].exact =
          query.maxsim(vectors_of(survivors[i]), *corpus_.kernels, worker.maxsim_scratch);
      if (!std::isfinite(survivors[i].exact)) {
        throw_damaged(corpus_.source, survivors[i].document);
      }
    }
  });
  num_ranked_ = survivors_.size();
  std::vector<ScoredDocument> ranking;
  ranking.reserve(survivors_.size());
  for (const Survivor& survivor : survivors_) {
    ranking.push_back({survivor.document, survivor.exact});
  }
  k = std::min(k, ranking.size());
  std::partial_sort(ranking.begin(), ranking.begin() + static_cast<std::ptrdiff_t>(k),
                    ranking.end(), ranks_before);
  ranking.resize(k);
  return ranking;
}

std::vector<ScoredDocument> PlaidQuery::rank(size_t k, ThreadPool& pool) {
  num_ranked_ = 0;
  const std::span<Survivor> all = survivors_;
  k = std::min(k, all.size());
  if (k < all.size()) {
    std::nth_element(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(k), all.end(),
                     kRanksBefore);
  }
  score_exactly(all.first(k), pool);
  float worst = std::numeric_limits<float>::infinity();
  for (const Survivor& survivor : all.first(k)) worst = std::min(worst, survivor.exact);
  // The k-th best exact score is `worst` or more: whoever cannot reach that is out.
  const auto out = std::partition(
      all.begin() + static_cast<std::ptrdiff_t>(k), all.end(),
      [&](const Survivor& survivor) { return survivor.highest >= static_cast<double>(worst); });
  const auto num_scored = static_cast<size_t>(out - all.begin());
  score_exactly(all.subspan(k, num_scored - k), pool);
  std::vector<ScoredDocument> ranking;
  ranking.reserve(num_scored);
  for (const Survivor& survivor : all.first(num_scored)) {
    ranking.push_back({survivor.document, survivor.exact});
  }
  std::sort(ranking.begin(), ranking.end(), ranks_before);
  ranking.resize(k);
  return ranking;
}

}  // namespace maxsimd
