// Which documents a PlaidQuery scores: from inverted lists, and the best of them by their
// centroids.
#include <algorithm>

#include "maxsimd/search/plaid_query.h"

namespace maxsimd {
namespace {

// Candidates a task scores: some microseconds.
constexpr size_t kCandidatesPerTask = 64;

}  // namespace

PlaidQuery::Place PlaidQuery::place(uint32_t slot) const {
  const auto past = std::upper_bound(
      corpus_.segments.begin(), corpus_.segments.end(), size_t{slot},
      [](size_t value, const PlaidSegment& segment) { return value < segment.first_slot; });
  const PlaidSegment& segment = *(past - 1);
  return {&segment, slot - segment.first_slot};
}

void PlaidQuery::find_candidates(const Bitmap& allowed, size_t num_allowed,
                                 const PlaidParameters& parameters, size_t wanted) {
  candidates_.clear();
  if (corpus_.segments.empty()) return;
  if (num_allowed <= wanted) {
    add_all();
    return collect(allowed);
  }
  const size_t num_centroids = corpus_.codebook->num_centroids();
  size_t probes = std::clamp<size_t>(parameters.n_ivf_probe, 1, num_centroids);
  add_listed(scores_.probe(probes, parameters.centroid_score_threshold));
  collect(allowed);
  bool are_all = probes == num_centroids && !parameters.centroid_score_threshold;
  while (candidates_.size() < wanted && !are_all) {
    probes = std::min(2 * probes, num_centroids);
    add_listed(scores_.probe(probes, std::nullopt));
    collect(allowed);
    are_all = probes == num_centroids;
  }
}

void PlaidQuery::add_listed(const Bitmap& probes) {
  found_.clear(corpus_.num_slots);
  for (const PlaidSegment& segment : corpus_.segments) {
    if (!segment.lists) {
      found_.add_range(segment.first_slot, segment.first_slot + segment.size());
      continue;
    }
    probes.for_each([&](size_t centroid) {
      segment.lists->for_each(
          centroid, [&](uint32_t document) { found_.add(segment.first_slot + document); });
    });
  }
}

void PlaidQuery::add_all() {
  found_.clear(corpus_.num_slots);
  for (const PlaidSegment& segment : corpus_.segments) {
    found_.add_range(segment.first_slot, segment.first_slot + segment.size());
  }
}

void PlaidQuery::collect(const Bitmap& allowed) {
  candidates_.clear();
  found_.intersect(allowed);
  const PlaidSegment* segment = corpus_.segments.data();
  found_.for_each([&](size_t slot) {
    while (slot >= segment->first_slot + segment->size()) ++segment;
    if (segment->num_rows(slot - segment->first_slot) == 0) return;
    candidates_.push_back(static_cast<uint32_t>(slot));
  });
}

void PlaidQuery::score_candidates(ThreadPool& pool) {
  const size_t columns = scores_.num_columns();
  approximate_.resize(candidates_.size());
  if (best_bytes_.size() < candidates_.size() * columns) {
    best_bytes_.resize(candidates_.size() * columns);
  }
  const size_t tasks = (candidates_.size() + kCandidatesPerTask - 1) / kCandidatesPerTask;
  pool.parallel_for(tasks, [&](size_t task, size_t) {
    const size_t begin = task * kCandidatesPerTask;
    const size_t end = std::min(begin + kCandidatesPerTask, candidates_.size());
    Place at = place(candidates_[begin]);
    for (size_t i = begin; i < end; ++i) {
      if (candidates_[i] >= at.segment->first_slot + at.segment->size()) at = place(candidates_[i]);
      const std::span<const uint16_t> ids =
          at.segment->centroids_of(candidates_[i] - at.segment->first_slot);
      approximate_[i] = corpus_.kernels->maxsim_centroids(
          scores_.bytes(), columns, ids.data(), ids.size(), best_bytes_.data() + i * columns);
    }
  });
}

void PlaidQuery::approximate(size_t num_kept, ThreadPool& pool) {
  score_candidates(pool);
  if (candidates_.size() > num_kept) keep_best(num_kept);
  make_survivors();
}

void PlaidQuery::make_survivors() {
  survivors_.clear();
  num_vectors_ = 0;
  for (const uint32_t slot : candidates_) {
    const Place at = place(slot);
    survivors_.push_back({0.0, 0.0, at.segment->documents[at.document], num_vectors_, slot, 0.0F});
    num_vectors_ += at.segment->num_rows(at.document);
  }
  if (marks_.size() < num_vectors_) marks_.resize(num_vectors_);
  if (!survivors_.empty()) prepare_workers();
}

// Scores are small numbers, so those above the count-th best are found by counting.
void PlaidQuery::keep_best(size_t count) {
  histogram_.assign(255 * scores_.num_columns() + 1, 0);
  for (const uint32_t score : approximate_) ++histogram_[score];
  size_t limit = histogram_.size();
  size_t above = 0;
  while (above + histogram_[limit - 1] <= count) above += histogram_[--limit];
  // Documents that score limit or more number `above`; of those that score one less, some stay.
  tied_.clear();
  for (size_t i = 0; i < candidates_.size(); ++i) {
    if (approximate_[i] == limit - 1) tied_.push_back(candidates_[i]);
  }
  const auto document = [&](uint32_t slot) {
    const Place at = place(slot);
    return at.segment->documents[at.document];
  };
  const auto left = tied_.begin() + static_cast<std::ptrdiff_t>(count - above);
  std::nth_element(tied_.begin(), left, tied_.end(),
                   [&](uint32_t a, uint32_t b) { return document(a) < document(b); });
  std::sort(tied_.begin(), left);
  const size_t columns = scores_.num_columns();
  auto next = tied_.begin();
  size_t kept = 0;
  for (size_t i = 0; i < candidates_.size(); ++i) {
    const bool is_tied = next != left && *next == candidates_[i];
    if (is_tied) ++next;
    if (!is_tied && approximate_[i] < limit) continue;
    const auto best = best_bytes_.begin() + static_cast<std::ptrdiff_t>(i * columns);
    std::copy_n(best, columns, best_bytes_.begin() + static_cast<std::ptrdiff_t>(kept * columns));
    candidates_[kept++] = candidates_[i];
  }
  candidates_.resize(kept);
}

}  // namespace maxsimd
