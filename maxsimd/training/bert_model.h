// BERT with gradients (encoder/bert.h; transformers' BertModel without the pooler).
#pragma once

#include <vector>

#include "maxsimd/encoder/bert_config.h"
#include "maxsimd/training/differentiable_encoder.h"

namespace maxsimd::training {

class BertModel final : public DifferentiableEncoder {
 public:
  BertModel(const Checkpoint& checkpoint, size_t min_vocab_size, Parameters& parameters);

  at::Tensor forward(const PackedBatch& batch, const ForwardOptions& options) const override;
  int64_t hidden_size() const override { return static_cast<int64_t>(config_.hidden_size); }
  void set_dropout(const DropoutRates& rates) override { dropout_ = rates; }

 private:
  struct Affine {
    at::Tensor weight, bias;  // of a linear map [out, in], [out]; of a layer norm [H], [H]
  };
  struct Layer {
    Affine query, key, value, attention_output, attention_norm, intermediate, output, output_norm;
  };

  at::Tensor embed(const PackedBatch& batch, double dropout) const;
  at::Tensor apply(const Layer& layer, const at::Tensor& x, const PackedBatch& batch,
                   const DropoutRates& dropout) const;
  at::Tensor normalize(const Affine& norm, const at::Tensor& x) const;

  BertConfig config_;
  DropoutRates dropout_;
  at::Tensor words_, positions_, types_;
  Affine embedding_norm_;
  std::vector<Layer> layers_;
};

}  // namespace maxsimd::training
