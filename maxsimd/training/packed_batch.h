// Tokenized texts of several columns, packed for the differentiable model: the ids of all
// sequences one after another, without padding. T = number of tokens, S = number of sequences.
#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

#include "maxsimd/colbert/colbert.h"
#include "maxsimd/encoder/encoder.h"

namespace maxsimd::training {

struct PackedBatch {
  at::Tensor ids;                   // [T] int64
  at::Tensor positions;             // [T] int64, from 0 in each sequence
  std::vector<Sequence> sequences;  // [S], in the order of the texts
  std::vector<int64_t> padded;      // [S] tokens that PyLate, which pads, would have there

  int64_t num_tokens() const { return ids.size(0); }
};

/// Packs the texts in order. Values are on the CPU.
PackedBatch pack_texts(std::span<const TokenizedText> texts);

/// The token rows that become embeddings (TokenizedText::keep), [T] bool.
at::Tensor kept_rows(std::span<const TokenizedText> texts);

}  // namespace maxsimd::training
