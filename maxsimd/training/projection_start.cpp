#include "maxsimd/training/projection_start.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <stdexcept>

namespace maxsimd::training {
namespace {

constexpr uint64_t kRows = 1024;
constexpr uint64_t kBatch = 32;

/// About kRows rows, spread evenly, each data set by its share.
std::vector<BatchRows> spread_rows(std::span<const Dataset> datasets) {
  uint64_t total = 0;
  for (const Dataset& dataset : datasets) total += dataset.size();
  const uint64_t stride = std::max<uint64_t>(1, total / kRows);
  std::vector<BatchRows> batches;
  for (size_t d = 0; d < datasets.size(); ++d) {
    for (uint64_t row = 0, taken = 0; row < datasets[d].size(); row += stride, ++taken) {
      if (taken % kBatch == 0) batches.push_back({.dataset = d, .rows = {}});
      batches.back().rows.push_back(row);
    }
  }
  return batches;
}

/// The covariance of rows that come in parts; sums are float64.
class Covariance {
 public:
  explicit Covariance(int64_t size)
      : sum_(at::zeros({size}, at::kDouble)), products_(at::zeros({size, size}, at::kDouble)) {}

  void add(const at::Tensor& rows) {
    const at::Tensor x = rows.to(at::kCPU).to(at::kDouble);
    sum_ += x.sum(0);
    products_ += at::mm(x.t(), x);
    count_ += x.size(0);
  }

  at::Tensor values() const {
    const at::Tensor mean = sum_ / count_;
    return products_ / count_ - at::outer(mean, mean);
  }

 private:
  at::Tensor sum_, products_;
  int64_t count_ = 0;
};

}  // namespace

void start_projection_from_main_directions(const ColBERT& model, std::span<const Dataset> datasets,
                                           ColbertModel& trained) {
  const c10::NoGradGuard no_grad;
  const std::vector<DenseLayer>& chain = model.checkpoint().dense;
  const auto is_plain = [](const DenseLayer& layer) {
    return layer.activation == DenseActivation::identity && !layer.use_residual &&
           layer.bias.empty() && layer.out_features <= layer.in_features;
  };
  if (chain.size() != 1 || !is_plain(chain.front())) {
    throw std::invalid_argument(
        "projection_start: pca needs a projection that is one linear layer without bias, no wider "
        "than the hidden states; this model's is not: use keep");
  }
  const auto width = static_cast<int64_t>(chain.front().in_features);
  const auto size = static_cast<int64_t>(chain.front().out_features);
  Covariance covariance(width);
  for (const BatchRows& rows : spread_rows(datasets)) {
    const TokenizedBatch batch = tokenize_batch(model, datasets[rows.dataset], rows);
    for (const std::vector<TokenizedText>& column : batch.columns) {
      const std::span<const TokenizedText> texts = column;
      for (size_t begin = 0; begin < texts.size(); begin += kBatch) {
        const size_t count = std::min<size_t>(kBatch, texts.size() - begin);
        covariance.add(trained.hidden_rows(texts.subspan(begin, count), {}).values);
      }
    }
  }
  // Eigenvalues rise: the main directions are the last columns.
  const at::Tensor vectors = std::get<1>(at::linalg_eigh(covariance.values()));
  const at::Tensor main = vectors.slice(1, width - size, width).flip(1).t();
  at::Tensor weight = trained.parameters().get("1_Dense.linear.weight");
  weight.copy_(main.to(at::kFloat));
}

}  // namespace maxsimd::training
