// The chain of Dense modules from hidden states to token embeddings, applied to some of the rows.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "maxsimd/base/aligned_buffer.h"
#include "maxsimd/base/types.h"
#include "maxsimd/checkpoint/checkpoint.h"
#include "maxsimd/kernels/kernels.h"

namespace maxsimd {

struct ProjectionWorkspace {
  AlignedBuffer<float> input, output;
};

/// y = act(W x + b) [+ residual] for each Dense in turn. Immutable; safe from any thread, each with
/// its workspace.
class Projection {
 public:
  /// Throws FormatError when a layer's width does not fit the one before it; `hidden_size` feeds
  /// the first.
  Projection(const std::vector<DenseLayer>& layers, size_t hidden_size, kernels::Isa isa);

  size_t out_features() const { return layers_.back().weight.n(); }

  /// Projects the rows of x [rows, hidden] with keep[r] != 0. Returns [kept, out_features], valid
  /// until the workspace is used again.
  MatrixView<float> apply(MatrixView<const float> x, std::span<const uint8_t> keep,
                          ProjectionWorkspace& workspace) const;

 private:
  struct Layer {
    kernels::PackedF32 weight;
    std::vector<float> bias;
    DenseActivation activation;
    bool use_residual;
    kernels::PackedF32 residual_weight;  // n() = 0: the residual is x itself
  };

  void apply_layer(const Layer& layer, MatrixView<const float> x, float* out) const;

  const kernels::KernelTable& table_;
  std::vector<Layer> layers_;
};

}  // namespace maxsimd
