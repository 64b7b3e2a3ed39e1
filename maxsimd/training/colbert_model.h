// The differentiable ColBERT: encoder, projection chain, L2 normalisation. Texts in, the kept rows
// of each out, with gradients. D = embedding dimension. One thread at a time.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <span>
#include <vector>

#include "maxsimd/colbert/colbert.h"
#include "maxsimd/training/differentiable_encoder.h"
#include "maxsimd/training/layer_operators.h"
#include "maxsimd/training/token_rows.h"

namespace maxsimd::training {

class ColbertModel {
 public:
  /// Takes the weights of a loaded model onto the device; `model` is not needed afterwards. Throws
  /// FormatError.
  explicit ColbertModel(const ColBERT& model, at::Device device = at::kCPU);

  /// The hidden states [rows, H] of the tokens with keep = 1 of each text, float32.
  TokenRows hidden_rows(std::span<const TokenizedText> texts, const ForwardOptions& options) const;

  /// Their embeddings: projected and L2-normalised; float32, whatever the precision of the
  /// products.
  TokenRows embed(std::span<const TokenizedText> texts, const ForwardOptions& options) const;

  Parameters& parameters() { return parameters_; }
  const Parameters& parameters() const { return parameters_; }
  void set_dropout(double rate) { encoder_->set_dropout(rate); }

 private:
  struct Projection {
    LinearWeights linear, residual;  // biases, and all of residual, may be undefined
    DenseActivation activation = DenseActivation::identity;
    bool use_residual = false;
  };

  void add_projection(const DenseLayer& layer, size_t index);
  at::Tensor project(at::Tensor x, const LayerOperators& with) const;

  Parameters parameters_;
  std::unique_ptr<DifferentiableEncoder> encoder_;
  std::vector<Projection> projections_;
};

}  // namespace maxsimd::training
