#include "maxsimd/training/colbert_model.h"

#include <ATen/ATen.h>

#include "maxsimd/training/device.h"

namespace maxsimd::training {
namespace {

at::Tensor activate(DenseActivation activation, const at::Tensor& x) {
  switch (activation) {
    case DenseActivation::identity:
      return x;
    case DenseActivation::tanh:
      return at::tanh(x);
    case DenseActivation::relu:
      return at::relu(x);
    case DenseActivation::gelu:
      return at::gelu(x);
    case DenseActivation::sigmoid:
      return at::sigmoid(x);
    case DenseActivation::silu:
      return at::silu(x);
  }
  return x;
}

}  // namespace

ColbertModel::ColbertModel(const ColBERT& model, at::Device device)
    : parameters_(device),
      encoder_(load_differentiable_encoder(model.checkpoint(), model.token_rows(), parameters_)) {
  const std::vector<DenseLayer>& chain = model.checkpoint().dense;
  for (size_t i = 0; i < chain.size(); ++i) add_projection(chain[i], i);
  model.checkpoint().weights.release();
}

void ColbertModel::add_projection(const DenseLayer& layer, size_t index) {
  const std::string prefix = std::to_string(index + 1) + "_Dense.";
  const auto in = static_cast<int64_t>(layer.in_features);
  const auto out = static_cast<int64_t>(layer.out_features);
  const auto add = [&](const char* name, const std::vector<float>& values,
                       std::vector<int64_t> shape) {
    if (values.empty()) return at::Tensor();
    const std::string full = prefix + name;
    return parameters_.add(full, tensor_of(values, std::move(shape)), is_decayed(full));
  };
  projections_.push_back(
      {.linear = {add("linear.weight", layer.weight, {out, in}),
                  add("linear.bias", layer.bias, {out})},
       .residual = {add("residual.weight", layer.residual_weight, {out, in}), at::Tensor()},
       .activation = layer.activation,
       .use_residual = layer.use_residual});
}

at::Tensor ColbertModel::project(at::Tensor x, const LayerOperators& with) const {
  for (const Projection& dense : projections_) {
    at::Tensor y = activate(dense.activation, with.linear(x, dense.linear));
    if (dense.use_residual) {
      y = y + (dense.residual.weight.defined() ? with.linear(x, dense.residual) : x);
    }
    x = y;
  }
  return x;
}

TokenRows ColbertModel::hidden_rows(std::span<const TokenizedText> texts,
                                    const ForwardOptions& options) const {
  TokenRows out;
  for (const TokenizedText& text : texts) {
    int64_t kept = 0;
    for (const uint8_t keep : text.keep) kept += keep != 0 ? 1 : 0;
    out.offsets.push_back(out.offsets.back() + kept);
  }
  const PackedBatch batch = pack_texts(texts, parameters_.device());
  const at::Tensor rows = to_device(at::nonzero(kept_rows(texts)).flatten(), parameters_.device());
  out.values = encoder_->forward(batch, options).index_select(0, rows);
  return out;
}

// Rows that are not kept need no projection; theirs would be masked afterwards.
TokenRows ColbertModel::embed(std::span<const TokenizedText> texts,
                              const ForwardOptions& options) const {
  TokenRows out = hidden_rows(texts, options);
  const LayerOperators with(options, parameters_.device());
  const at::Tensor values = project(std::move(out.values), with).to(at::kFloat);
  const at::Tensor norms = at::linalg_vector_norm(values, 2, {-1}, true).clamp_min(1e-12);
  out.values = values / norms;
  return out;
}

}  // namespace maxsimd::training
