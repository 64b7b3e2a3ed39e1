// The embeddings, or hidden states, of several texts as one matrix with gradients.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

namespace maxsimd::training {

/// Text i owns rows offsets[i] .. offsets[i + 1] of values.
struct TokenRows {
  at::Tensor values;                   // [rows, D] float32
  std::vector<int64_t> offsets = {0};  // [texts + 1]

  int64_t size() const { return static_cast<int64_t>(offsets.size()) - 1; }
};

/// Texts [begin, end) of rows, which share their memory.
TokenRows slice_texts(const TokenRows& rows, int64_t begin, int64_t end);

/// The texts of all parts, one part after another. REQUIRES: at least one part.
TokenRows concatenate_texts(std::span<const TokenRows> parts);

}  // namespace maxsimd::training
