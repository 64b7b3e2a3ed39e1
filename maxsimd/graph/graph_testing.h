// What the tests of graph/ share: seeded vectors and the plain comparison of a query with all.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "maxsimd/graph/graph_builder.h"
#include "maxsimd/graph/graph_search.h"
#include "maxsimd/graph/graph_view.h"
#include "maxsimd/graph/vectors.h"

namespace maxsimd {

/// Unit vectors in clusters, as token vectors are, coded by the store's int8 codec.
class TestVectors {
 public:
  static constexpr size_t kClusterSize = 40;

  TestVectors(size_t count, size_t dim, uint32_t seed)
      : TestVectors(count, dim, seed, count / kClusterSize + 1) {}

  /// The centres of the clusters depend on `dim` and their number only.
  TestVectors(size_t count, size_t dim, uint32_t seed, size_t num_clusters)
      : stride_((dim + 3) / 4 * 4) {
    std::mt19937 random(static_cast<uint32_t>(dim));
    std::normal_distribution<float> normal;
    std::vector<float> centres(num_clusters * dim);
    for (float& value : centres) value = normal(random);
    random.seed(seed);
    std::vector<float> row(dim);
    for (size_t r = 0; r < count; ++r) {
      const size_t centre = random() % num_clusters;
      float squares = 0.0F;
      for (size_t d = 0; d < dim; ++d) {
        row[d] = centres[centre * dim + d] + 0.7F * normal(random);
        squares += row[d] * row[d];
      }
      for (float& value : row) value /= std::sqrt(squares);
      append(row);
    }
  }

  void append(const std::vector<float>& row) {
    codes_.resize(codes_.size() + stride_);
    scales_.resize(scales_.size() + 1);
    kernels::kernel_table(kernels::Isa::scalar)
        .quantize_rows_i8(row.data(), row.size(), 1, row.size(),
                          codes_.data() + codes_.size() - stride_, stride_, &scales_.back());
  }

  VectorsI8 view() const { return {codes_, stride_, scales_}; }
  std::span<const int8_t> query(size_t r) const {
    return std::span(codes_).subspan(r * stride_, stride_);
  }

  /// The best k rows that `allowed(row)` is true for: sums of products one by one.
  template <class Allowed>
  std::vector<Neighbour> nearest(std::span<const int8_t> query, size_t k, Allowed allowed) const {
    std::vector<Neighbour> all;
    for (uint32_t r = 0; r < scales_.size(); ++r) {
      if (!allowed(r)) continue;
      int64_t dot = 0;
      for (size_t d = 0; d < stride_; ++d) dot += query[d] * codes_[r * stride_ + d];
      all.push_back({r, static_cast<float>(dot) * scales_[r]});
    }
    std::sort(all.begin(), all.end(), [](const Neighbour& a, const Neighbour& b) {
      return a.similarity > b.similarity || (a.similarity == b.similarity && a.row < b.row);
    });
    all.resize(std::min(k, all.size()));
    return all;
  }
  std::vector<Neighbour> nearest(std::span<const int8_t> query, size_t k) const {
    return nearest(query, k, [](uint32_t) { return true; });
  }

 private:
  size_t stride_;
  std::vector<int8_t> codes_;
  std::vector<float> scales_;
};

/// A built graph with its view.
struct TestGraph {
  std::vector<std::byte> bytes;
  GraphView view;

  TestGraph(const VectorsI8& vectors, const GraphOptions& options, size_t threads = 1)
      : bytes(build(vectors, options, threads)), view(GraphView::parse(bytes, vectors.size())) {}

  static std::vector<std::byte> build(const VectorsI8& vectors, const GraphOptions& options,
                                      size_t threads) {
    ThreadPool pool(threads);
    return build_graph(vectors, options, pool);
  }
};

}  // namespace maxsimd
