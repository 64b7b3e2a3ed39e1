// ModernBERT with gradients (encoder/modernbert.h).
#pragma once

#include <optional>
#include <vector>

#include "maxsimd/encoder/modernbert_config.h"
#include "maxsimd/training/differentiable_encoder.h"
#include "maxsimd/training/linear_functions.h"
#include "maxsimd/training/parameter_loader.h"
#include "maxsimd/training/rotary_positions.h"
#include "maxsimd/training/sublayer.h"

namespace maxsimd::training {

class ModernBertModel final : public DifferentiableEncoder {
 public:
  ModernBertModel(const Checkpoint& checkpoint, const TokenRows& token_rows,
                  Parameters& parameters);

  at::Tensor forward(const PackedBatch& batch, const ForwardOptions& options) const override;
  int64_t hidden_size() const override { return static_cast<int64_t>(config_.hidden_size); }
  void set_dropout(double rate) override { dropout_ = {rate, rate, rate}; }

 private:
  struct DropoutRates {
    double embedding = 0;  // embedding_dropout
    double attention = 0;  // attention_dropout: of probabilities, and of what attention adds
    double mlp = 0;        // mlp_dropout: of the gated values
  };
  struct Layer {
    std::optional<LayerNormWeights> attention_norm;  // none in the first layer
    LinearWeights qkv, attention_output;
    LayerNormWeights mlp_norm;
    LinearWeights mlp_input, mlp_output;
    bool is_global = true;
  };

  LayerNormWeights load_norm(ParameterLoader& loader, const std::string& name) const;
  Layer load_layer(ParameterLoader& loader, size_t index) const;
  at::Tensor embed(const PackedBatch& batch, const ForwardOptions& options) const;
  at::Tensor attend(const Layer& layer, const at::Tensor& x, const PackedBatch& batch,
                    const ForwardOptions& options) const;
  at::Tensor apply(const Layer& layer, const at::Tensor& x, const PackedBatch& batch,
                   const ForwardOptions& options) const;

  ModernBertConfig config_;
  DropoutRates dropout_;
  RotaryTensors global_rotary_, local_rotary_;
  at::Tensor tokens_;
  LayerNormWeights embedding_norm_;
  std::vector<Layer> layers_;
  LayerNormWeights final_norm_;
};

}  // namespace maxsimd::training
