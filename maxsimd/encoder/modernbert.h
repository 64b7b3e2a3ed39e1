// ModernBERT (Warner et al. 2024; Ettin too), pre-layer-norm, with rotary positions, GeGLU, and a
// sliding window in most layers, as transformers' ModernBertModel in eval mode:
// https://github.com/huggingface/transformers/blob/v5.3.0/src/transformers/models/modernbert/modeling_modernbert.py
#pragma once

#include <optional>
#include <vector>

#include "maxsimd/encoder/encoder.h"
#include "maxsimd/encoder/linear.h"
#include "maxsimd/encoder/modernbert_config.h"
#include "maxsimd/encoder/packed_steps.h"
#include "maxsimd/encoder/tensor_loader.h"

namespace maxsimd {

class ModernBertEncoder final : public Encoder {
 public:
  /// Throws FormatError naming the tensor or setting that is wrong.
  ModernBertEncoder(const Checkpoint& checkpoint, const EncoderOptions& options);

  const EncoderShape& shape() const override { return shape_; }
  const std::vector<std::string>& notes() const override { return notes_; }
  MatrixView<const float> forward(const TokenBatch& batch, EncoderWorkspace& workspace,
                                  ThreadPool& pool) const override;

 private:
  struct Layer {
    std::optional<LayerNorm> attention_norm;  // none in the first layer
    Linear qkv;                               // hidden -> 3 * hidden: query | key | value
    Linear attention_output;                  // hidden -> hidden
    LayerNorm mlp_norm;
    Linear mlp_input, mlp_gate;  // hidden -> intermediate: the halves of Wi; gelu is of the first
    Linear mlp_output;           // intermediate -> hidden
    AttentionShape attention;
  };

  Layer load_layer(TensorLoader& loader, size_t index) const;
  LayerNorm load_norm(TensorLoader& loader, const std::string& name) const;
  AttentionShape attention_of(size_t layer) const;
  void embed(const TokenBatch& batch, float* out, const StepContext& context) const;

  ModernBertConfig config_;
  EncoderShape shape_;
  std::vector<std::string> notes_;
  const kernels::KernelTable& table_;
  Precision precision_;
  std::optional<RotaryTable> global_rotary_, local_rotary_;  // where a layer has it
  std::vector<float> token_embeddings_;                      // [vocab, hidden]
  LayerNorm embedding_norm_;
  std::vector<Layer> layers_;
  LayerNorm final_norm_;
};

}  // namespace maxsimd
