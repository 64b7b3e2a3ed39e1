// Shared by the tests of PLAID search and its bench: token vectors in clusters, and a corpus of
// residual codes made from them by the plainest means.
#pragma once

#include <algorithm>
#include <cmath>
#include <deque>
#include <optional>
#include <random>
#include <vector>

#include "maxsimd/base/types.h"
#include "maxsimd/index/bitmap.h"
#include "maxsimd/search/plaid_corpus.h"

namespace maxsimd::plaid_testing {

struct Clusters {
  size_t dim = 32;
  size_t count = 40;
  float spread = 0.6F;  // length of the noise around a unit centre
};

/// Unit vectors near seeded random centres; a document's own ones are near a few of them.
class ClusteredVectors {
 public:
  ClusteredVectors(const Clusters& clusters, uint32_t seed) : shape_(clusters), random_(seed) {
    for (size_t c = 0; c < clusters.count; ++c) centres_.push_back(unit(direction(1.0F)));
  }

  /// Items of lengths[i] rows, each around `topics` centres.
  Embeddings items(const std::vector<size_t>& lengths, size_t topics = 6) {
    Embeddings batch;
    batch.dim = shape_.dim;
    for (const size_t length : lengths) {
      std::vector<size_t> chosen(topics);
      for (size_t& centre : chosen) centre = random_() % centres_.size();
      std::vector<float> rows;
      for (size_t r = 0; r < length; ++r) {
        const std::vector<float>& centre = centres_[chosen[random_() % topics]];
        std::vector<float> row = direction(shape_.spread);
        for (size_t d = 0; d < shape_.dim; ++d) row[d] += centre[d];
        row = unit(row);
        rows.insert(rows.end(), row.begin(), row.end());
      }
      batch.append({rows.data(), length, shape_.dim});
    }
    return batch;
  }

 private:
  std::vector<float> direction(float length) {
    std::vector<float> values(shape_.dim);
    const float scale = length / std::sqrt(static_cast<float>(shape_.dim));
    for (float& value : values) value = scale * normal_(random_);
    return values;
  }
  static std::vector<float> unit(std::vector<float> values) {
    float squares = 0.0F;
    for (const float value : values) squares += value * value;
    for (float& value : values) value /= std::sqrt(squares);
    return values;
  }

  Clusters shape_;
  std::mt19937 random_;
  std::normal_distribution<float> normal_;
  std::vector<std::vector<float>> centres_;
};

/// A codebook whose centroids are given, and whose bucket weights are the means of the quantiles of
/// each dimension's residuals over a sample.
struct TestCodebook {
  size_t dim, nbits;
  std::vector<float> centroids, cutoffs, weights;  // [K, D], [D, 2^B - 1], [2^B, D]

  size_t buckets() const { return size_t{1} << nbits; }
  size_t num_centroids() const { return centroids.size() / dim; }
  kernels::ResidualTables tables() const {
    return {dim, nbits, centroids.data(), nullptr, weights.data()};  // cutoffs are for coding only
  }

  size_t nearest(const float* row) const {
    size_t best = 0;
    float least = INFINITY;
    for (size_t c = 0; c < num_centroids(); ++c) {
      float squares = 0.0F;
      for (size_t d = 0; d < dim; ++d) {
        const float off = row[d] - centroids[c * dim + d];
        squares += off * off;
      }
      if (squares < least) {
        least = squares;
        best = c;
      }
    }
    return best;
  }

  void fit_buckets(MatrixView<const float> rows, const std::vector<uint16_t>& ids) {
    constexpr size_t kSample = 20'000;
    weights.resize(buckets() * dim);
    std::vector<float> residuals(std::min(rows.rows, kSample));
    for (size_t d = 0; d < dim; ++d) {
      for (size_t i = 0; i < residuals.size(); ++i) {
        const size_t t = i * rows.rows / residuals.size();
        residuals[i] = rows.row(t)[d] - centroids[ids[t] * dim + d];
      }
      std::sort(residuals.begin(), residuals.end());
      for (size_t b = 0; b < buckets(); ++b) {
        const size_t begin = b * residuals.size() / buckets();
        const size_t end = std::max(begin + 1, (b + 1) * residuals.size() / buckets());
        double sum = 0.0;
        for (size_t t = begin; t < end; ++t) sum += static_cast<double>(residuals[t]);
        weights[b * dim + d] = static_cast<float>(sum / static_cast<double>(end - begin));
        if (b != 0) cutoffs.push_back(residuals[begin]);
      }
    }
  }

  size_t bucket(size_t d, float residual) const {
    const float* first = cutoffs.data() + d * (buckets() - 1);
    return static_cast<size_t>(std::upper_bound(first, first + buckets() - 1, residual) - first);
  }
};

/// Segments of coded documents. Document i of the batch has the number i.
class TestCorpus {
 public:
  /// `ids` are the centroids of all vectors; empty: the nearest ones are looked for.
  TestCorpus(TestCodebook codebook, const Embeddings& documents, std::vector<uint16_t> ids = {})
      : codebook_(std::move(codebook)), documents_(documents), ids_(std::move(ids)) {
    const size_t num_vectors = documents.num_tokens();
    for (size_t t = ids_.size(); t < num_vectors; ++t) {
      ids_.push_back(
          static_cast<uint16_t>(codebook_.nearest(documents.values.data() + t * codebook_.dim)));
    }
    codebook_.fit_buckets({documents.values.data(), num_vectors, codebook_.dim}, ids_);
    prepared_.emplace(codebook_.tables(), codebook_.num_centroids());
    live_.resize(documents.size());
  }

  /// The next segment, of these documents, ascending.
  void add_segment(std::vector<DocId> numbers, bool has_lists) {
    Storage& storage = storage_.emplace_back();
    for (const DocId number : numbers) {
      for (auto t = documents_.offsets[number]; t < documents_.offsets[number + 1]; ++t) {
        append_vector(static_cast<size_t>(t), storage);
      }
      storage.row_offsets.push_back(storage.centroids.size());
    }
    storage.numbers = std::move(numbers);
    PlaidSegment segment{storage.centroids, storage.residuals, storage.row_offsets,
                         storage.numbers,   num_slots_,        {}};
    if (has_lists) {
      storage.lists =
          make_inverted_lists(storage.centroids, storage.row_offsets, codebook_.num_centroids());
      segment.lists = storage.lists.view();
    }
    segments_.push_back(segment);
    for (size_t i = 0; i < segment.size(); ++i) live_.add(num_slots_ + i);
    num_slots_ += segment.size();
  }
  void remove(DocId number) {
    for (const PlaidSegment& segment : segments_) {
      for (size_t i = 0; i < segment.size(); ++i) {
        if (segment.documents[i] == number) live_.remove(segment.first_slot + i);
      }
    }
  }

  PlaidCorpus view(kernels::Isa isa = kernels::best_isa()) const {
    return {.codebook = &*prepared_,
            .segments = segments_,
            .whole = {},
            .num_slots = num_slots_,
            .kernels = &kernels::kernel_table(isa),
            .source = "segments"};
  }
  const Bitmap& live() const { return live_; }
  const TestCodebook& codebook() const { return codebook_; }

  /// The vectors that the codes stand for, all documents in order.
  Embeddings decoded() const {
    Embeddings batch;
    batch.dim = codebook_.dim;
    for (size_t i = 0; i < documents_.size(); ++i) {
      std::vector<float> rows;
      for (auto t = documents_.offsets[i]; t < documents_.offsets[i + 1]; ++t) {
        for (size_t d = 0; d < codebook_.dim; ++d) {
          const float centre = codebook_.centroids[ids_[t] * codebook_.dim + d];
          const size_t bucket = codebook_.bucket(d, value(static_cast<size_t>(t), d) - centre);
          const float scale =
              static_cast<float>(scale_units(static_cast<size_t>(t))) * kernels::kResidualScaleUnit;
          rows.push_back(centre + scale * codebook_.weights[bucket * codebook_.dim + d]);
        }
      }
      batch.append({rows.data(), documents_.rows(i), codebook_.dim});
    }
    return batch;
  }

 private:
  struct Storage {
    std::vector<uint16_t> centroids;
    std::vector<std::byte> residuals;
    std::vector<uint64_t> row_offsets = {0};
    std::vector<DocId> numbers;
    InvertedListTables lists;
  };

  /// Of a row's residual: from a half to one and a half, now and then 0; the same for equal rows.
  size_t scale_units(size_t t) const {
    const auto number = static_cast<size_t>(std::abs(value(t, 0)) * 1e6F);
    return number % 41 == 3 ? 0 : 512 + number * 7919 % 1024;
  }

  float value(size_t t, size_t d) const { return documents_.values[t * codebook_.dim + d]; }

  void append_vector(size_t t, Storage& storage) const {
    const size_t nbits = codebook_.nbits;
    const size_t first = storage.residuals.size();
    storage.centroids.push_back(ids_[t]);
    storage.residuals.resize(first + kernels::residual_row_bytes(codebook_.dim, nbits));
    const size_t scale = scale_units(t);
    storage.residuals[first] = static_cast<std::byte>(scale & 0xff);
    storage.residuals[first + 1] = static_cast<std::byte>(scale >> 8);
    const size_t codes = first + kernels::kResidualScaleBytes;
    for (size_t d = 0; d < codebook_.dim; ++d) {
      const float centre = codebook_.centroids[ids_[t] * codebook_.dim + d];
      const size_t bucket = codebook_.bucket(d, value(t, d) - centre);
      storage.residuals[codes + d * nbits / 8] |= static_cast<std::byte>(bucket << (d * nbits % 8));
    }
  }

  TestCodebook codebook_;
  const Embeddings& documents_;
  std::vector<uint16_t> ids_;
  std::optional<PlaidCodebook> prepared_;
  std::deque<Storage> storage_;
  std::vector<PlaidSegment> segments_;
  Bitmap live_;
  size_t num_slots_ = 0;
};

/// Centroids that are every n-th of the batch's vectors.
inline TestCodebook codebook_of(const Embeddings& documents, size_t num_centroids, size_t nbits) {
  TestCodebook codebook{documents.dim, nbits, {}, {}, {}};
  const size_t num_vectors = documents.num_tokens();
  for (size_t c = 0; c < num_centroids; ++c) {
    const float* row = documents.values.data() + c * num_vectors / num_centroids * documents.dim;
    codebook.centroids.insert(codebook.centroids.end(), row, row + documents.dim);
  }
  return codebook;
}

}  // namespace maxsimd::plaid_testing
