// Codebook::train().
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "maxsimd/codebook/buckets.h"
#include "maxsimd/codebook/code_rows.h"
#include "maxsimd/codebook/codebook.h"
#include "maxsimd/codebook/kmeans.h"
#include "maxsimd/codebook/random.h"

namespace maxsimd {
namespace {

// One of so many rows is kept from k-means, for the buckets: residuals of rows that pulled their
// centroid towards them are too small. Of a small sample more, since 16 buckets a dimension want
// some thousand; of a tiny one none.
constexpr size_t kRowsPerHeldOut = 20;
constexpr size_t kMinHeldOut = 4096;
constexpr size_t kMaxHeldOut = 65536;
constexpr size_t kTinySample = 256;
// Coding shall find the nearest centroid of so many vectors, measured on so many held-out ones: the
// standard error is 0.0016 then. Vectors that miss it cost more than their share of the error: on
// SciFact's 1.22 million, 0.985, 0.995 and 0.999 take 1.2, 1.7 and 3.0 us a vector for a squared
// error of 0.00391, 0.00386 and 0.00384; on vectors of a flat spectrum 0.00293, 0.00273 and
// 0.00266.
constexpr double kRecall = 0.99;
constexpr size_t kRecallRows = 4096;
constexpr size_t kFewestHalves = 256;  // centroids
// Residuals shorter than this share of their rows say nothing of those of rows to come: the sample
// was of few different rows. Coded residuals may be 60 times as long as the typical one.
constexpr float kLeastNorm = 1.0F / 16.0F;
constexpr size_t kEvenRows = 4096;

size_t num_held_out_of(size_t num_rows) {
  if (num_rows < kTinySample) return 0;
  return std::min(std::max(num_rows / kRowsPerHeldOut, std::min(num_rows / 4, kMinHeldOut)),
                  kMaxHeldOut);
}

/// Which rows of a sample serve what.
struct Split {
  std::vector<uint32_t> first;     // centroids to begin with
  std::vector<uint32_t> training;  // ascending, as are the held out
  std::vector<uint32_t> held_out;
};

Split split_sample(size_t num_rows, size_t num_centroids, uint64_t seed) {
  const std::vector<uint32_t> order = Random(seed).permutation(num_rows);
  const auto begin = order.begin();
  const size_t num_held_out = num_held_out_of(num_rows);
  const size_t num_left = num_rows - num_held_out;
  num_centroids = std::min(num_centroids, num_left);
  const size_t num_training = std::min(num_left, num_centroids * kMaxPointsPerCentroid);
  Split split{{begin, begin + static_cast<ptrdiff_t>(num_centroids)},
              {begin, begin + static_cast<ptrdiff_t>(num_training)},
              {order.end() - static_cast<ptrdiff_t>(num_held_out), order.end()}};
  std::sort(split.training.begin(), split.training.end());
  std::sort(split.held_out.begin(), split.held_out.end());
  if (split.held_out.empty()) split.held_out = split.training;
  return split;
}

/// On rows spread over the held-out ones.
size_t num_probes_of(const ChosenRows& held_out, const NearestCentroid& nearest, ThreadPool& pool) {
  const size_t dim = held_out.matrix.cols;
  const size_t count = std::min(held_out.size(), kRecallRows);
  std::vector<float> rows;
  rows.reserve(count * dim);
  for (size_t i = 0; i < count; ++i) {
    const std::span<const float> row = held_out[i * held_out.size() / count];
    rows.insert(rows.end(), row.begin(), row.end());
  }
  return nearest.probes_for_recall({rows.data(), count, dim}, kRecall, pool);
}

/// To the nearest half-precision numbers, which are stored in half the bytes; residuals are taken
/// from these, so nothing is lost. Few centroids stay, which may be the vectors themselves, and
/// numbers that are no vectors' of about unit length.
void round_to_halves(const kernels::KernelTable& kernels, std::vector<float>& values) {
  constexpr float kLeast = 0x1p-6F, kMost = 0x1p15F;  // below, half precision has fewer bits
  float largest = 0.0F;
  for (const float value : values) largest = std::max(largest, std::abs(value));
  if (largest < kLeast || largest > kMost) return;
  std::vector<uint16_t> halves(values.size());
  kernels.f32_to_f16(values.data(), values.size(), halves.data());
  kernels.f16_to_f32(halves.data(), values.size(), values.data());
}

std::vector<float> residuals_of(const ChosenRows& rows, MatrixView<const float> centroids,
                                std::span<const uint16_t> centroid_ids) {
  const size_t dim = centroids.cols;
  std::vector<float> residuals(rows.size() * dim);
  for (size_t i = 0; i < rows.size(); ++i) {
    const std::span<const float> row = rows[i];
    const std::span<const float> centroid = centroids.row(centroid_ids[i]);
    for (size_t d = 0; d < dim; ++d) residuals[i * dim + d] = row[d] - centroid[d];
  }
  return residuals;
}

/// The root of the mean squared length.
template <class Rows>
float typical_norm(const Rows& rows, size_t num_rows) {
  double squares = 0.0;
  for (size_t r = 0; r < num_rows; ++r) {
    for (const float value : rows(r)) squares += double{value} * double{value};
  }
  return static_cast<float>(std::sqrt(squares / static_cast<double>(num_rows)));
}

/// All of this length, as coding stretches them; those of no length stay.
std::vector<float> stretched(MatrixView<const float> residuals, float norm) {
  std::vector<float> rows(residuals.data, residuals.data + residuals.rows * residuals.cols);
  for (size_t r = 0; r < residuals.rows; ++r) {
    double squares = 0.0;
    for (const float value : residuals.row(r)) squares += double{value} * double{value};
    const float stretch = kernels::residual_stretch(norm, static_cast<float>(squares));
    for (size_t d = 0; d < residuals.cols; ++d) rows[r * residuals.cols + d] *= stretch;
  }
  return rows;
}

/// Residuals of every direction alike [kEvenRows, dim]: values are sums of four uniform ones, near
/// enough to normal ones.
std::vector<float> even_residuals(size_t dim, float norm, uint64_t seed) {
  constexpr uint64_t kSteps = uint64_t{1} << 20;
  Random random(seed);
  std::vector<float> values(kEvenRows * dim);
  for (float& value : values) {
    int64_t sum = -static_cast<int64_t>(2 * kSteps);
    for (size_t i = 0; i < 4; ++i) sum += static_cast<int64_t>(random.below(kSteps));
    value = static_cast<float>(sum) / static_cast<float>(kSteps);
  }
  return stretched({values.data(), kEvenRows, dim}, norm);
}

/// What buckets are learnt from.
struct ResidualSample {
  float norm = 0.0F;
  bool is_of_rows = true;        // or even_residuals(), since those of the rows are next to nothing
  std::vector<float> residuals;  // [*, dim], of length norm
};

ResidualSample sample_of(const ChosenRows& rows, MatrixView<const float> centroids,
                         std::span<const uint16_t> centroid_ids, uint64_t seed) {
  const std::vector<float> values = residuals_of(rows, centroids, centroid_ids);
  const MatrixView<const float> residuals{values.data(), rows.size(), centroids.cols};
  const float length = typical_norm([&](size_t r) { return rows[r]; }, rows.size());
  const float least = kLeastNorm * (length > 0.0F ? length : 1.0F);
  const float norm = typical_norm([&](size_t r) { return residuals.row(r); }, residuals.rows);
  if (norm >= least) return {norm, true, stretched(residuals, norm)};
  return {least, false, even_residuals(centroids.cols, least, seed)};
}

/// Weights that are whole multiples, up to 127, of a number of their dimension: search in integers
/// loses nothing of them then, and they are off by less than a hundredth of the buckets' own error.
void round_to_bytes(size_t dim, std::vector<float>& weights) {
  constexpr float kLargest = 127.0F;
  for (size_t d = 0; d < dim; ++d) {
    float largest = 0.0F;
    for (size_t i = d; i < weights.size(); i += dim) {
      largest = std::max(largest, std::abs(weights[i]));
    }
    const float step = largest / kLargest;
    if (step == 0.0F) continue;
    for (size_t i = d; i < weights.size(); i += dim) {
      weights[i] = step * std::nearbyint(weights[i] / step);
    }
  }
}

/// The mean squared distance of the rows to what they are decoded to.
double coding_error(const ChosenRows& rows, std::span<const uint16_t> centroid_ids,
                    const CodebookParts& parts, const kernels::KernelTable& kernels) {
  const kernels::ResidualTables tables = {
      parts.dim, parts.nbits, parts.centroids.data(), parts.cutoffs.data(), parts.weights.data(),
      parts.norm};
  std::vector<uint8_t> codes(kernels::residual_row_bytes(parts.dim, parts.nbits));
  std::vector<float> decoded(parts.dim);
  double sum = 0.0;
  for (size_t i = 0; i < rows.size(); ++i) {
    sum += code_rows(kernels, tables, {rows[i].data(), 1, parts.dim}, centroid_ids.subspan(i, 1),
                     codes.data(), decoded);
  }
  return sum / static_cast<double>(rows.size());
}

void check_training(MatrixView<const float> sample, const CodebookOptions& options) {
  const auto fail = [](const std::string& what) {
    throw std::invalid_argument(std::string("training a codebook: ").append(what));
  };
  if (sample.rows == 0) fail("the sample is empty");
  if (sample.rows > UINT32_MAX) fail("the sample has more than 2^32 - 1 rows");
  if (sample.cols == 0 || sample.cols > kernels::kMaxI8Inputs) {
    fail("dim must be 1 to 65536, got " + std::to_string(sample.cols));
  }
  if (options.nbits != 1 && options.nbits != 2 && options.nbits != 4) {
    fail("nbits must be 1, 2 or 4, got " + std::to_string(options.nbits));
  }
  if (options.num_centroids > kMaxCentroids) {
    fail("at most 65536 centroids, got " + std::to_string(options.num_centroids));
  }
}

}  // namespace

Codebook Codebook::train(MatrixView<const float> sample, uint64_t total_vectors,
                         const CodebookOptions& options, ThreadPool& pool) {
  check_training(sample, options);
  const kernels::KernelTable& kernels = kernels::kernel_table(options.isa);
  const size_t num_centroids =
      options.num_centroids != 0 ? options.num_centroids : default_num_centroids(total_vectors);
  const Split split = split_sample(sample.rows, num_centroids, options.seed);
  CodebookParts parts{.dim = sample.cols, .nbits = options.nbits};
  parts.centroids =
      kmeans({sample, split.training}, split.first,
             {.iterations = options.iterations, .check = options.check}, kernels, pool);
  if (split.first.size() >= kFewestHalves) round_to_halves(kernels, parts.centroids);

  const ChosenRows held_out{sample, split.held_out};
  const MatrixView<const float> centroids{parts.centroids.data(), split.first.size(), sample.cols};
  NearestCentroid nearest(centroids, kernels, pool);
  if (centroids.rows >= kGroupedCentroids) {
    parts.num_probes = num_probes_of(held_out, nearest, pool);
    nearest.set_num_probes(parts.num_probes);
  }
  const Assignment assigned = assign(held_out, nearest, pool);
  const ResidualSample even = sample_of(held_out, centroids, assigned.centroid_ids, options.seed);
  parts.norm = even.norm;
  Buckets buckets = train_buckets(
      {even.residuals.data(), even.residuals.size() / parts.dim, parts.dim}, options.nbits, pool);
  parts.cutoffs = std::move(buckets.cutoffs);
  parts.weights = std::move(buckets.weights);
  round_to_bytes(parts.dim, parts.weights);
  parts.error = coding_error(held_out, assigned.centroid_ids, parts, kernels);
  if (!even.is_of_rows) parts.error = std::max(parts.error, buckets.error);
  return from_parts(std::move(parts), options.isa);
}

}  // namespace maxsimd
