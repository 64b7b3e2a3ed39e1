// BERT and its kin with gradients (encoder/bert.h; transformers' models without the pooler).
#pragma once

#include <vector>

#include "maxsimd/encoder/bert_config.h"
#include "maxsimd/training/differentiable_encoder.h"
#include "maxsimd/training/layer_operators.h"

namespace maxsimd::training {

class BertModel final : public DifferentiableEncoder {
 public:
  BertModel(const Checkpoint& checkpoint, const TokenRows& token_rows, Parameters& parameters);

  at::Tensor forward(const PackedBatch& batch, const ForwardOptions& options) const override;
  int64_t hidden_size() const override { return static_cast<int64_t>(config_.hidden_size); }
  void set_dropout(double rate) override;

 private:
  struct DropoutRates {
    double hidden = 0;            // hidden_dropout_prob: of embeddings, and of what a layer adds
    double attention = 0;         // attention_probs_dropout_prob
    double attention_output = 0;  // of what attention adds: as hidden, none in DistilBERT
  };
  struct Layer {
    LinearWeights query, key, value, attention_output;
    LayerNormWeights attention_norm;
    LinearWeights intermediate, output;
    LayerNormWeights output_norm;
  };

  DropoutRates rates_of(double hidden, double attention) const;
  at::Tensor position_rows(const PackedBatch& batch) const;
  at::Tensor embed(const PackedBatch& batch, const ForwardOptions& options) const;
  at::Tensor apply(const Layer& layer, const at::Tensor& x, const PackedBatch& batch,
                   const ForwardOptions& options) const;

  BertConfig config_;
  DropoutRates dropout_;
  at::Tensor words_, positions_, types_;  // types_ undefined where there are none
  LayerNormWeights embedding_norm_;
  std::vector<Layer> layers_;
};

}  // namespace maxsimd::training
