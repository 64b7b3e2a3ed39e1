// Token ids -> hidden states with gradients: the encoder room's architectures once more, on
// LibTorch. One file an architecture (bert_model.cpp, which is RoBERTa and DistilBERT too;
// modernbert_model.cpp). H = hidden size, T = tokens of a batch.
//
// On a CPU layers run in the kernels room's code, on a GPU in LibTorch's operators, which are the
// oracle of the others (layer_operators.h). One thread at a time.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>

#include "maxsimd/checkpoint/checkpoint.h"
#include "maxsimd/training/packed_batch.h"
#include "maxsimd/training/parameters.h"

namespace maxsimd::training {

struct ForwardOptions {
  bool training = false;  // dropout is active
  /// Of the matrix products: f32, or bf16 (rounded inputs, float32 sums).
  Precision precision = Precision::f32;
  /// Keep the input of each layer only and run it again in the backward pass: less memory, a third
  /// more work, the same gradients.
  bool recompute_layers = false;
  /// LibTorch's operators on a CPU, too: slower; the oracle, and how tests reach what runs on GPUs.
  bool plain_operators = false;
  /// Noise on the word embeddings while `training` (embedding_noise.h). 0: none.
  double neftune_noise_alpha = 0;
};

class DifferentiableEncoder {
 public:
  virtual ~DifferentiableEncoder() = default;

  /// Hidden states [T, H].
  virtual at::Tensor forward(const PackedBatch& batch, const ForwardOptions& options) const = 0;

  virtual int64_t hidden_size() const = 0;
  /// One rate for every dropout of the architecture, instead of config.json's.
  virtual void set_dropout(double rate) = 0;
};

/// Reads the encoder of a checkpoint and adds its tensors to `parameters`; the token table has the
/// rows that the tokenizer wants. Throws FormatError as the
/// encoder room's load_encoder does.
std::unique_ptr<DifferentiableEncoder> load_differentiable_encoder(const Checkpoint& checkpoint,
                                                                   const TokenRows& token_rows,
                                                                   Parameters& parameters);

}  // namespace maxsimd::training
