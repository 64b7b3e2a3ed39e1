// MaxSim between every query and every document of a batch, with gradients (Khattab and Zaharia
// 2020): score[q, d] = sum over the rows of q of the largest dot product with a row of d. Neither
// pass holds more than one document's similarities; the gradient goes to the row that was largest.
#pragma once

#include <ATen/core/Tensor.h>

#include <span>

#include "maxsimd/training/token_rows.h"

namespace maxsimd::training {

/// What a document's masked rows (padding, skipped tokens) do in training.
enum class Masking {
  exact,   // they are absent
  pylate,  // they are zero: a similarity below 0 becomes 0 where the document has such a row
};

/// On a CPU; batched_maxsim.h is the way of GPUs.
///
/// scores [queries, documents] float32. `padded[d]`: document d has masked rows when padded (only
/// Masking::pylate reads it). A document without rows scores 0 when padded, else -inf, and has no
/// gradient.
at::Tensor maxsim_scores(const TokenRows& queries, const TokenRows& documents, Masking masking,
                         std::span<const uint8_t> padded);

}  // namespace maxsimd::training
