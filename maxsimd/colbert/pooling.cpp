#include "maxsimd/colbert/pooling.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace maxsimd {
namespace {

/// One merge of the dendrogram; nodes below n are observations, n + i is merge i.
struct Merge {
  size_t left = 0;
  size_t right = 0;
  double height = 0.0;
};

/// Condensed upper triangle, row-major, as scipy's pdist lays it out.
class Condensed {
 public:
  Condensed(std::span<const double> values, size_t n)
      : n_(n), values_(values.begin(), values.end()) {}

  double& at(size_t i, size_t j) {
    if (i > j) std::swap(i, j);
    return values_[n_ * i - i * (i + 1) / 2 + (j - i - 1)];
  }

 private:
  size_t n_;
  std::vector<double> values_;
};

// Lance-Williams update of Ward's method: the distance of cluster i to the union of x and y.
double ward_distance(double d_xi, double d_yi, double d_xy, double size_x, double size_y,
                     double size_i) {
  const double t = 1.0 / (size_x + size_y + size_i);
  return std::sqrt((size_i + size_x) * t * d_xi * d_xi + (size_i + size_y) * t * d_yi * d_yi -
                   size_i * t * d_xy * d_xy);
}

/// Follows nearest neighbours until two clusters are each other's nearest, merges them, goes on
/// with the rest of the chain.
class NearestNeighbourChain {
 public:
  NearestNeighbourChain(std::span<const double> condensed, size_t n)
      : distances_(condensed, n), sizes_(n, 1) {}

  std::vector<Merge> merges() {
    std::vector<Merge> out;
    out.reserve(sizes_.size() - 1);
    while (out.size() + 1 < sizes_.size()) out.push_back(next_merge());
    return out;
  }

 private:
  Merge next_merge() {
    if (chain_.empty()) {
      const auto alive = std::find_if(sizes_.begin(), sizes_.end(), [](size_t s) { return s > 0; });
      chain_.push_back(static_cast<size_t>(alive - sizes_.begin()));
    }
    while (true) {
      const size_t x = chain_.back();
      const auto [y, distance] = nearest(x);
      if (chain_.size() > 1 && y == chain_[chain_.size() - 2]) {
        chain_.resize(chain_.size() - 2);
        return merge(std::min(x, y), std::max(x, y), distance);
      }
      chain_.push_back(y);
    }
  }

  // The one before x in the chain wins ties, then the lowest index.
  std::pair<size_t, double> nearest(size_t x) {
    size_t best = x;
    double best_distance = std::numeric_limits<double>::infinity();
    if (chain_.size() > 1) {
      best = chain_[chain_.size() - 2];
      best_distance = distances_.at(x, best);
    }
    for (size_t i = 0; i < sizes_.size(); ++i) {
      if (sizes_[i] == 0 || i == x) continue;
      const double distance = distances_.at(x, i);
      if (distance < best_distance) {
        best_distance = distance;
        best = i;
      }
    }
    return {best, best_distance};
  }

  Merge merge(size_t x, size_t y, double distance) {
    const auto size_x = static_cast<double>(sizes_[x]);
    const auto size_y = static_cast<double>(sizes_[y]);
    sizes_[y] += sizes_[x];
    sizes_[x] = 0;
    for (size_t i = 0; i < sizes_.size(); ++i) {
      if (sizes_[i] == 0 || i == y) continue;
      double& d_yi = distances_.at(y, i);
      d_yi = ward_distance(distances_.at(x, i), d_yi, distance, size_x, size_y,
                           static_cast<double>(sizes_[i]));
    }
    return {x, y, distance};
  }

  Condensed distances_;
  std::vector<size_t> sizes_;  // 0: merged away
  std::vector<size_t> chain_;
};

// Sorts merges by height (stably) and renames their nodes: the merge in row i becomes node n + i.
void label_dendrogram(std::vector<Merge>& merges, size_t n) {
  std::stable_sort(merges.begin(), merges.end(),
                   [](const Merge& a, const Merge& b) { return a.height < b.height; });
  std::vector<size_t> parent(2 * n - 1);
  std::iota(parent.begin(), parent.end(), size_t{0});
  const auto root_of = [&](size_t node) {
    while (parent[node] != node) node = parent[node] = parent[parent[node]];
    return node;
  };
  for (size_t i = 0; i < merges.size(); ++i) {
    const size_t a = root_of(merges[i].left);
    const size_t b = root_of(merges[i].right);
    merges[i].left = std::min(a, b);
    merges[i].right = std::max(a, b);
    parent[a] = parent[b] = n + i;
  }
}

// The largest height below each merge, itself included (heights of exact ties may not be sorted).
std::vector<double> max_heights(const std::vector<Merge>& merges, size_t n) {
  std::vector<double> out(merges.size());
  for (size_t i = 0; i < merges.size(); ++i) {
    out[i] = merges[i].height;
    if (merges[i].left >= n) out[i] = std::max(out[i], out[merges[i].left - n]);
    if (merges[i].right >= n) out[i] = std::max(out[i], out[merges[i].right - n]);
  }
  return out;
}

// Flat clusters at a cut: every maximal subtree of height <= cut is one. Numbered as scipy's
// cluster_monocrit does: subtrees of merges are entered before single observations are numbered.
class Cutter {
 public:
  Cutter(const std::vector<Merge>& merges, const std::vector<double>& heights, size_t n)
      : merges_(merges), heights_(heights), n_(n) {}

  size_t count(double cut) const {
    return 1 + static_cast<size_t>(std::count_if(heights_.begin(), heights_.end(),
                                                 [cut](double h) { return h > cut; }));
  }

  std::vector<uint32_t> labels(double cut) const {
    std::vector<uint32_t> out(n_, 0);
    uint32_t next = 0;
    visit(merges_.size() - 1, cut, false, next, out);
    return out;
  }

 private:
  void visit(size_t merge, double cut, bool inside, uint32_t& next,
             std::vector<uint32_t>& out) const {
    if (!inside && heights_[merge] <= cut) {
      inside = true;
      ++next;
    }
    for (const size_t child : {merges_[merge].left, merges_[merge].right}) {
      if (child >= n_) visit(child - n_, cut, inside, next, out);
    }
    for (const size_t child : {merges_[merge].left, merges_[merge].right}) {
      if (child >= n_) continue;
      if (!inside) ++next;
      out[child] = next;
    }
  }

  const std::vector<Merge>& merges_;
  const std::vector<double>& heights_;
  size_t n_;
};

// 1 - cosine for every pair; the cosine is float32, as in PyLate.
std::vector<double> cosine_distances(MatrixView<const float> rows) {
  const size_t n = rows.rows;
  std::vector<float> unit(rows.data, rows.data + rows.size());
  for (size_t r = 0; r < n; ++r) {
    float* row = unit.data() + r * rows.cols;
    float sum = 0.0F;
    for (size_t d = 0; d < rows.cols; ++d) sum += row[d] * row[d];
    const float norm = std::max(std::sqrt(sum), 1e-12F);
    for (size_t d = 0; d < rows.cols; ++d) row[d] /= norm;
  }
  std::vector<double> out;
  out.reserve(n * (n - 1) / 2);
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = i + 1; j < n; ++j) {
      const float* a = unit.data() + i * rows.cols;
      const float* b = unit.data() + j * rows.cols;
      float dot = 0.0F;
      for (size_t d = 0; d < rows.cols; ++d) dot += a[d] * b[d];
      out.push_back(static_cast<double>(1.0F - dot));
    }
  }
  return out;
}

}  // namespace

std::vector<uint32_t> ward_clusters(std::span<const double> condensed, size_t n,
                                    size_t max_clusters) {
  std::vector<Merge> merges = NearestNeighbourChain(condensed, n).merges();
  label_dendrogram(merges, n);
  const std::vector<double> heights = max_heights(merges, n);
  const Cutter cutter(merges, heights, n);
  // The lowest cut that leaves at most max_clusters; cutting at the last merge leaves one.
  const auto cut = std::partition_point(heights.begin(), heights.end(), [&](double height) {
    return cutter.count(height) > max_clusters;
  });
  return cutter.labels(*cut);
}

std::vector<float> pool_rows(MatrixView<const float> rows, size_t pool_factor,
                             size_t protected_tokens) {
  if (pool_factor == 0) throw std::invalid_argument("pool_factor: expected at least 1, got 0");
  std::vector<float> out(rows.data, rows.data + rows.size());
  const size_t kept = std::min(protected_tokens, rows.rows);
  const size_t rest = rows.rows - kept;
  const size_t clusters = std::max<size_t>(rest / pool_factor, 1);
  if (clusters >= rest) return out;

  const MatrixView<const float> pooled{rows.data + kept * rows.cols, rest, rows.cols};
  const std::vector<uint32_t> labels = ward_clusters(cosine_distances(pooled), rest, clusters);
  const size_t num_labels = *std::max_element(labels.begin(), labels.end());
  out.resize((kept + num_labels) * rows.cols);
  float* means = out.data() + kept * rows.cols;
  std::fill(means, means + num_labels * rows.cols, 0.0F);
  std::vector<size_t> sizes(num_labels, 0);
  for (size_t r = 0; r < rest; ++r) {
    const size_t cluster = labels[r] - 1;
    ++sizes[cluster];
    for (size_t d = 0; d < rows.cols; ++d) means[cluster * rows.cols + d] += pooled.row(r)[d];
  }
  for (size_t c = 0; c < num_labels; ++c) {
    for (size_t d = 0; d < rows.cols; ++d) means[c * rows.cols + d] /= static_cast<float>(sizes[c]);
  }
  return out;
}

}  // namespace maxsimd
