#include "maxsimd/codebook/codebook.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace maxsimd {
namespace {

size_t nearest(std::span<const float> row, MatrixView<const float> centroids) {
  size_t best = 0;
  float least = 0.0F;
  for (size_t c = 0; c < centroids.rows; ++c) {
    float total = 0.0F;
    for (size_t d = 0; d < row.size(); ++d) {
      const float difference = row[d] - centroids.row(c)[d];
      total += difference * difference;
    }
    if (c == 0 || total < least) best = c, least = total;
  }
  return best;
}

size_t bucket_of(float value, const float* cutoffs, size_t count) {
  return static_cast<size_t>(std::upper_bound(cutoffs, cutoffs + count, value) - cutoffs);
}

}  // namespace

size_t default_num_centroids(uint64_t num_vectors) {
  size_t k = 1;
  while (k < 65536 && static_cast<double>(2 * k) <= 16.0 * std::sqrt(double(num_vectors)) &&
         2 * k * 4 <= num_vectors) {
    k *= 2;
  }
  return k;
}

Codebook Codebook::train(MatrixView<const float> sample, uint64_t total_vectors,
                         const CodebookOptions& options, ThreadPool&) {
  const size_t dim = sample.cols;
  size_t k =
      options.num_centroids != 0 ? options.num_centroids : default_num_centroids(total_vectors);
  k = std::min(k, sample.rows);
  CodebookParts parts{.dim = dim, .nbits = options.nbits};
  for (size_t c = 0; c < k; ++c) {
    const auto row = sample.row(c * sample.rows / k);
    parts.centroids.insert(parts.centroids.end(), row.begin(), row.end());
  }
  std::vector<size_t> ids(sample.rows);
  for (size_t iteration = 0; iteration < options.iterations; ++iteration) {
    std::vector<double> sums(k * dim);
    std::vector<size_t> counts(k);
    for (size_t r = 0; r < sample.rows; ++r) {
      ids[r] = nearest(sample.row(r), {parts.centroids.data(), k, dim});
      ++counts[ids[r]];
      for (size_t d = 0; d < dim; ++d) sums[ids[r] * dim + d] += double{sample.row(r)[d]};
    }
    for (size_t c = 0; c < k; ++c) {
      if (counts[c] == 0) continue;
      for (size_t d = 0; d < dim; ++d) {
        parts.centroids[c * dim + d] = float(sums[c * dim + d] / double(counts[c]));
      }
    }
  }
  const size_t buckets = size_t{1} << options.nbits;
  for (size_t r = 0; r < sample.rows; ++r) {
    ids[r] = nearest(sample.row(r), {parts.centroids.data(), k, dim});
  }
  std::vector<float> residuals(sample.rows);
  for (size_t d = 0; d < dim; ++d) {
    for (size_t r = 0; r < sample.rows; ++r) {
      residuals[r] = sample.row(r)[d] - parts.centroids[ids[r] * dim + d];
    }
    std::sort(residuals.begin(), residuals.end());
    for (size_t b = 1; b < buckets; ++b) {
      parts.cutoffs.push_back(residuals[b * sample.rows / buckets]);
    }
    for (size_t b = 0; b < buckets; ++b) {
      parts.weights.push_back(residuals[(2 * b + 1) * sample.rows / (2 * buckets)]);
    }
  }
  double error = 0.0;
  for (size_t r = 0; r < sample.rows; ++r) {
    for (size_t d = 0; d < dim; ++d) {
      const float residual = sample.row(r)[d] - parts.centroids[ids[r] * dim + d];
      const size_t b = bucket_of(residual, &parts.cutoffs[d * (buckets - 1)], buckets - 1);
      const double off = double{residual} - double{parts.weights[d * buckets + b]};
      error += off * off;
    }
  }
  parts.error = error / double(std::max<size_t>(sample.rows, 1));
  return Codebook(std::move(parts));
}

Codebook Codebook::from_parts(CodebookParts parts, kernels::Isa) {
  const size_t buckets = size_t{1} << parts.nbits;
  const bool is_size = parts.dim != 0 && !parts.centroids.empty() &&
                       parts.centroids.size() % parts.dim == 0 &&
                       parts.centroids.size() / parts.dim <= 65536 &&
                       parts.cutoffs.size() == parts.dim * (buckets - 1) &&
                       parts.weights.size() == parts.dim * buckets;
  if (!is_size) throw std::invalid_argument("codebook: sizes do not fit");
  for (const auto* values : {&parts.centroids, &parts.cutoffs, &parts.weights}) {
    for (const float value : *values) {
      if (!std::isfinite(value)) throw std::invalid_argument("codebook: values not finite");
    }
  }
  if (!std::isfinite(parts.error)) throw std::invalid_argument("codebook: error not finite");
  return Codebook(std::move(parts));
}

double Codebook::encode(MatrixView<const float> rows, ThreadPool&, std::span<uint16_t> centroid_ids,
                        std::span<std::byte> residuals) const {
  const size_t buckets = size_t{1} << nbits();
  double error = 0.0;
  std::fill(residuals.begin(), residuals.end(), std::byte{0});
  for (size_t r = 0; r < rows.rows; ++r) {
    const size_t c = nearest(rows.row(r), centroids());
    centroid_ids[r] = static_cast<uint16_t>(c);
    for (size_t d = 0; d < dim(); ++d) {
      const float residual = rows.row(r)[d] - centroids().row(c)[d];
      const size_t b = bucket_of(residual, &parts_.cutoffs[d * (buckets - 1)], buckets - 1);
      const double off = double{residual} - double{parts_.weights[d * buckets + b]};
      error += off * off;
      residuals[r * residual_bytes() + d * nbits() / 8] |=
          static_cast<std::byte>(b << (d * nbits() % 8));
    }
  }
  return rows.rows == 0 ? 0.0 : error / double(rows.rows);
}

void Codebook::decode(std::span<const uint16_t> centroid_ids, std::span<const std::byte> residuals,
                      MatrixView<float> out) const {
  const size_t buckets = size_t{1} << nbits();
  for (size_t r = 0; r < out.rows; ++r) {
    for (size_t d = 0; d < dim(); ++d) {
      const auto byte = static_cast<size_t>(residuals[r * residual_bytes() + d * nbits() / 8]);
      const size_t b = byte >> (d * nbits() % 8) & (buckets - 1);
      out.row(r)[d] = centroids().row(centroid_ids[r])[d] + parts_.weights[d * buckets + b];
    }
  }
}

void ReservoirSample::add(MatrixView<const float> rows) {
  for (size_t r = 0; r < rows.rows; ++r, ++seen_) {
    const auto row = rows.row(r);
    if (seen_ < capacity_) {
      values_.insert(values_.end(), row.begin(), row.end());
      continue;
    }
    const uint64_t at = random_() % (seen_ + 1);
    if (at < capacity_) std::copy(row.begin(), row.end(), values_.begin() + ptrdiff_t(at * dim_));
  }
}

}  // namespace maxsimd
