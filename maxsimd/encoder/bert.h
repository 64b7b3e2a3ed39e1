// BERT (Devlin et al. 2019), post-layer-norm, as transformers' BertModel in eval mode:
// https://github.com/huggingface/transformers/blob/v4.48.2/src/transformers/models/bert/modeling_bert.py
// without the pooler; and its kin RoBERTa, XLM-RoBERTa, CamemBERT and DistilBERT (bert_config.h).
// The query, key and value projections of a layer are one packed matrix.
#pragma once

#include <vector>

#include "maxsimd/encoder/bert_config.h"
#include "maxsimd/encoder/encoder.h"
#include "maxsimd/encoder/linear.h"
#include "maxsimd/encoder/packed_steps.h"
#include "maxsimd/encoder/tensor_loader.h"

namespace maxsimd {

class BertEncoder final : public Encoder {
 public:
  /// Throws FormatError naming the tensor or setting that is wrong.
  BertEncoder(const Checkpoint& checkpoint, const EncoderOptions& options);

  const EncoderShape& shape() const override { return shape_; }
  const std::vector<std::string>& notes() const override { return notes_; }
  MatrixView<const float> forward(const TokenBatch& batch, EncoderWorkspace& workspace,
                                  ThreadPool& pool) const override;

 private:
  struct Layer {
    Linear qkv;               // hidden -> 3 * hidden: query | key | value
    Linear attention_output;  // hidden -> hidden
    LayerNorm attention_norm;
    Linear intermediate;  // hidden -> intermediate, gelu
    Linear output;        // intermediate -> hidden
    LayerNorm output_norm;
  };

  void load_embeddings(TensorLoader& loader, const TokenRows& wanted);
  Layer load_layer(TensorLoader& loader, size_t index) const;
  LayerNorm load_norm(TensorLoader& loader, const std::string& name) const;
  void embed(const TokenBatch& batch, float* out, const StepContext& context) const;

  BertConfig config_;
  EncoderShape shape_;
  std::vector<std::string> notes_;
  const kernels::KernelTable& table_;
  Precision precision_;
  std::vector<float> word_embeddings_;      // [vocab, hidden]
  std::vector<float> position_embeddings_;  // [positions, hidden], token type 0 already added
  LayerNorm embedding_norm_;
  std::vector<Layer> layers_;
};

}  // namespace maxsimd
