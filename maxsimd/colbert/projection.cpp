#include "maxsimd/colbert/projection.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "maxsimd/base/errors.h"

namespace maxsimd {
namespace {

float activate(DenseActivation activation, float x) {
  switch (activation) {
    case DenseActivation::identity:
      return x;
    case DenseActivation::tanh:
      return std::tanh(x);
    case DenseActivation::relu:
      return std::max(x, 0.0F);
    case DenseActivation::gelu:
      return 0.5F * x * (1.0F + std::erf(x * 0.70710678F));
    case DenseActivation::sigmoid:
      return 1.0F / (1.0F + std::exp(-x));
    case DenseActivation::silu:
      return x / (1.0F + std::exp(-x));
  }
  return x;
}

}  // namespace

Projection::Projection(const std::vector<DenseLayer>& layers, size_t hidden_size, kernels::Isa isa)
    : table_(kernels::kernel_table(isa)) {
  size_t width = hidden_size;
  for (const DenseLayer& layer : layers) {
    if (layer.in_features != width) {
      throw FormatError(layer.path + ": in_features is " + std::to_string(layer.in_features) +
                        ", but what feeds it is " + std::to_string(width) + " wide");
    }
    width = layer.out_features;
    Layer packed{.weight = kernels::PackedF32({layer.weight.data(), width, layer.in_features}),
                 .bias = layer.bias,
                 .activation = layer.activation,
                 .use_residual = layer.use_residual,
                 .residual_weight = {}};
    if (!layer.residual_weight.empty()) {
      packed.residual_weight =
          kernels::PackedF32({layer.residual_weight.data(), width, layer.in_features});
    }
    layers_.push_back(std::move(packed));
  }
  if (layers_.empty()) throw FormatError("the model has no projection (Dense module)");
}

void Projection::apply_layer(const Layer& layer, MatrixView<const float> x, float* out) const {
  const size_t n = layer.weight.n();
  const kernels::Epilogue epilogue{.bias = layer.bias.empty() ? nullptr : layer.bias.data()};
  table_.gemm_f32(x.data, x.cols, x.rows, layer.weight, 0, layer.weight.num_panels(), epilogue, out,
                  n);
  if (layer.activation != DenseActivation::identity) {
    for (size_t i = 0; i < x.rows * n; ++i) out[i] = activate(layer.activation, out[i]);
  }
  if (!layer.use_residual) return;
  std::vector<float> projected;
  const float* residual = x.data;
  if (layer.residual_weight.n() != 0) {
    projected.resize(x.rows * n);
    table_.gemm_f32(x.data, x.cols, x.rows, layer.residual_weight, 0,
                    layer.residual_weight.num_panels(), {}, projected.data(), n);
    residual = projected.data();
  }
  for (size_t i = 0; i < x.rows * n; ++i) out[i] += residual[i];
}

MatrixView<float> Projection::apply(MatrixView<const float> x, std::span<const uint8_t> keep,
                                    ProjectionWorkspace& workspace) const {
  const auto rows = static_cast<size_t>(
      std::count_if(keep.begin(), keep.end(), [](uint8_t k) { return k != 0; }));
  workspace.input.ensure(rows * x.cols);
  float* compacted = workspace.input.data();
  for (size_t r = 0; r < x.rows; ++r) {
    if (keep[r] == 0) continue;
    std::memcpy(compacted, x.row(r).data(), x.cols * sizeof(float));
    compacted += x.cols;
  }
  AlignedBuffer<float>* in = &workspace.input;
  AlignedBuffer<float>* out = &workspace.output;
  size_t width = x.cols;
  for (const Layer& layer : layers_) {
    out->ensure(rows * layer.weight.n());
    apply_layer(layer, {in->data(), rows, width}, out->data());
    width = layer.weight.n();
    std::swap(in, out);
  }
  return {in->data(), rows, width};
}

}  // namespace maxsimd
