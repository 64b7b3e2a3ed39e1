#include "maxsimd/search/plaid_centroid_scores.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace maxsimd {
namespace {

using kernels::kPanelColumns;

// Scores of a block as floats, 64 KiB for 32 query rows, stay in the L2 cache until they are
// rounded.
constexpr size_t kCentroidsPerBlock = 512;

constexpr int16_t kNoLimit = std::numeric_limits<int16_t>::min();
constexpr int16_t kNeverAbove = std::numeric_limits<int16_t>::max();
constexpr double kLargestByte = 255.0;

/// Whether `a` ranks before `b`, as a heap's order.
constexpr auto kRanksBefore = [](const auto& a, const auto& b) {
  return a.score > b.score || (a.score == b.score && a.centroid < b.centroid);
};

}  // namespace

void CentroidScores::compute(MatrixView<const float> query, const kernels::PackedF32& packed,
                             const PlaidCodebook& codebook, const kernels::KernelTable& kernels,
                             ThreadPool& pool) {
  kernels_ = &kernels;
  num_centroids_ = codebook.num_centroids();
  query_.pack(query, codebook.weights(), codebook.longest_centroid());
  if (codebook.coded_centroids(0) != nullptr) coarse_query_.pack(query, kernels.i8_layout);
  const size_t columns = num_columns();
  scores_.ensure(num_centroids_ * columns);
  bytes_.ensure(num_centroids_ * columns);
  if (workers_.size() < pool.num_threads()) workers_.resize(pool.num_threads());
  for (Worker& worker : workers_) {
    worker.block.ensure(kCentroidsPerBlock * columns);
    std::fill_n(worker.block.data(), kCentroidsPerBlock * columns, 0.0F);  // padding stays 0
    worker.lowest.ensure(columns);
    worker.highest.ensure(columns);
    std::fill_n(worker.lowest.data(), columns, std::numeric_limits<int32_t>::max());
    std::fill_n(worker.highest.data(), columns, std::numeric_limits<int32_t>::min());
  }
  const size_t num_blocks = (num_centroids_ + kCentroidsPerBlock - 1) / kCentroidsPerBlock;
  pool.parallel_for(num_blocks, [&](size_t block, size_t worker) {
    score_block(block, packed, codebook, workers_[worker]);
  });
  set_byte_scale();
  set_byte_reach(query, codebook);
  pool.parallel_for(num_blocks, [&](size_t block, size_t) {
    const size_t begin = block * kCentroidsPerBlock;
    const size_t count = std::min(kCentroidsPerBlock, num_centroids_ - begin);
    kernels.scores_to_bytes(scores_.data() + begin * columns, count, columns, offsets_.data(),
                            factors_.data(), bytes_.data() + begin * columns);
  });
}

void CentroidScores::score_block(size_t block, const kernels::PackedF32& packed,
                                 const PlaidCodebook& codebook, Worker& worker) {
  const size_t begin = block * kCentroidsPerBlock;
  const size_t count = std::min(kCentroidsPerBlock, num_centroids_ - begin);
  const size_t columns = num_columns();
  const size_t dim = codebook.dim();
  if (const void* coded = codebook.coded_centroids(begin)) {
    kernels_->gemm_i8(coded, count, coarse_query_, 0, coarse_query_.num_panels(), {},
                      worker.block.data(), columns);
  } else {
    kernels_->gemm_f32(codebook.centroids().data + begin * dim, dim, count, packed, 0,
                       packed.num_panels(), {}, worker.block.data(), columns);
  }
  kernels_->round_scores(worker.block.data(), count, columns, query_.score_factors(),
                         scores_.data() + begin * columns, worker.lowest.data(),
                         worker.highest.data());
}

// One step of a byte is the same for all rows, so that their bytes may be added; the widest row
// takes all of them.
void CentroidScores::set_byte_scale() {
  const size_t columns = num_columns();
  offsets_.ensure(columns);
  factors_.ensure(columns);
  std::fill_n(offsets_.data(), columns, int16_t{0});
  std::fill_n(factors_.data(), columns, uint16_t{0});
  Worker& all = workers_.front();
  for (const Worker& worker : workers_) {
    for (size_t r = 0; r < columns; ++r) {
      all.lowest[r] = std::min(all.lowest[r], worker.lowest[r]);
      all.highest[r] = std::max(all.highest[r], worker.highest[r]);
    }
  }
  widest_ = 0.0;
  for (size_t r = 0; r < query_.num_rows(); ++r) {
    widest_ = std::max(widest_, (all.highest[r] - all.lowest[r]) * query_.units()[r]);
  }
  if (widest_ == 0.0) return;
  for (size_t r = 0; r < query_.num_rows(); ++r) {
    offsets_[r] = static_cast<int16_t>(all.lowest[r]);
    const double factor = kLargestByte / widest_ * query_.units()[r] * 0x1p16;
    factors_[r] =
        static_cast<uint16_t>(std::min(factor, double{std::numeric_limits<uint16_t>::max()}));
  }
}

// In directions that have nothing to do with it, a residual's product with a row has the lengths'
// product over the root of the dimension as its standard deviation.
void CentroidScores::set_byte_reach(MatrixView<const float> query, const PlaidCodebook& codebook) {
  byte_reach_.assign(num_columns(), 1);
  if (widest_ == 0.0) return;
  const double steps = kLargestByte / std::ldexp(widest_, static_cast<int>(query_.shift()));
  const double deviation =
      double{codebook.tables().norm} / std::sqrt(static_cast<double>(codebook.dim()));
  for (size_t r = 0; r < query.rows; ++r) {
    double squares = 0.0;
    for (const float value : query.row(r)) squares += double{value} * double{value};
    const double reach = kResidualReach * deviation * std::sqrt(squares) * steps;
    byte_reach_[r] = static_cast<int>(std::clamp(std::ceil(reach), 1.0, kLargestByte));
  }
}

void CentroidScores::push(size_t row, size_t centroid, size_t count) {
  std::vector<Probe>& heap = heaps_[row];
  const int16_t score = scores_[centroid * num_columns() + row];
  if (heap.size() == count) {
    std::pop_heap(heap.begin(), heap.end(), kRanksBefore);
    heap.pop_back();
  }
  heap.push_back({score, static_cast<uint32_t>(centroid)});
  std::push_heap(heap.begin(), heap.end(), kRanksBefore);
  if (heap.size() == count) limits_[row] = heap.front().score;
}

float CentroidScores::best_score(size_t centroid) const {
  double best = -std::numeric_limits<double>::infinity();
  for (size_t r = 0; r < query_.num_rows(); ++r) {
    best = std::max(best, scores_[centroid * num_columns() + r] * query_.units()[r]);
  }
  return static_cast<float>(std::ldexp(best, static_cast<int>(query_.shift())));
}

const Bitmap& CentroidScores::probe(size_t count, std::optional<float> threshold) {
  const size_t columns = num_columns();
  const size_t rows = query_.num_rows();
  if (heaps_.size() < rows) heaps_.resize(rows);
  for (std::vector<Probe>& heap : heaps_) heap.clear();
  limits_.ensure(columns);
  std::fill_n(limits_.data(), columns, kNeverAbove);
  std::fill_n(limits_.data(), rows, kNoLimit);
  // Centroids come in ascending order, so one that only equals the limit stays out.
  for (size_t c = 0;; ++c) {
    c = kernels_->first_above(scores_.data(), columns, c, num_centroids_, limits_.data());
    if (c == num_centroids_) break;
    for (size_t r = 0; r < rows; ++r) {
      if (scores_[c * columns + r] > limits_[r]) push(r, c, count);
    }
  }
  probes_.clear(num_centroids_);
  for (size_t r = 0; r < rows; ++r) {
    for (const Probe& probe : heaps_[r]) {
      if (!threshold || best_score(probe.centroid) >= *threshold) probes_.add(probe.centroid);
    }
  }
  return probes_;
}

}  // namespace maxsimd
