// Tokenized texts of several columns, packed for the differentiable model: the ids of all
// sequences one after another, without padding. T = number of tokens, S = number of sequences.
#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

#include "maxsimd/colbert/colbert.h"
#include "maxsimd/encoder/encoder.h"

namespace maxsimd::training {

/// Where the sequences lie, as the attention kernels of GPUs take it, on the batch's device.
struct SequenceLayout {
  at::Tensor row_offsets;  // [S + 1] int32: sequence i owns rows row_offsets[i] .. [i + 1]
  at::Tensor key_offsets;  // [S + 1] int32: the same of the attended rows alone
  at::Tensor key_rows;     // [attended rows] int64: which rows they are; undefined: all
  int64_t max_rows = 0;    // of a sequence
  int64_t max_keys = 0;    // attended rows of a sequence
};

struct PackedBatch {
  at::Tensor ids;                   // [T] int64
  at::Tensor positions;             // [T] int64, from 0 in each sequence
  std::vector<Sequence> sequences;  // [S], in the order of the texts
  std::vector<int64_t> padded;      // [S] tokens that PyLate, which pads, would have there
  SequenceLayout layout;            // of a batch on a GPU, or for device_attention()

  int64_t num_tokens() const { return ids.size(0); }
};

SequenceLayout lay_out(std::span<const Sequence> sequences, at::Device device);

/// Packs the texts in order.
PackedBatch pack_texts(std::span<const TokenizedText> texts, at::Device device = at::kCPU);

/// The token rows that become embeddings (TokenizedText::keep), [T] bool on the CPU.
at::Tensor kept_rows(std::span<const TokenizedText> texts);

}  // namespace maxsimd::training
