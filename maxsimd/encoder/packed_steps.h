// The steps of a forward pass over a packed batch that architectures share: the check of a batch,
// layer norms, and attention. H = hidden size.
#pragma once

#include <vector>

#include "maxsimd/encoder/encoder.h"
#include "maxsimd/encoder/rotary.h"

namespace maxsimd {

/// Throws std::invalid_argument: an id outside the vocabulary, a sequence that is empty or longer
/// than max_positions, sequences that do not cover the batch one after another.
void check_batch(const TokenBatch& batch, size_t vocab_size, size_t max_positions);

struct LayerNorm {
  std::vector<float> gamma, beta;  // [H]; beta zeros where the architecture has none
  float eps = 0.0F;
};

/// What runs the steps of one encoder, and where.
struct StepContext {
  const kernels::KernelTable& table;
  Precision precision;
  EncoderWorkspace& workspace;
  ThreadPool& pool;
};

/// out [rows, H] = layer norm of x; out may be x.
void normalize(const LayerNorm& norm, const float* x, float* out, size_t rows,
               const StepContext& context);

struct AttentionShape {
  size_t num_heads = 1;
  size_t head_dim = 1;
  size_t window = kernels::kNoWindow;
  const RotaryTable* rotary = nullptr;  // or null: positions were added to the embeddings
};

/// workspace.context [T, H] of workspace.qkv [T, 3H], sequence by sequence; with rotary positions
/// queries and keys are turned in place first. In int8, attention multiplies in bfloat16.
void attend(const TokenBatch& batch, const AttentionShape& shape, const StepContext& context);

/// Calls body(begin, end) for blocks of rows, on the pool.
template <class Body>
void for_row_blocks(ThreadPool& pool, size_t rows, Body body) {
  constexpr size_t kRows = 64;
  pool.parallel_for((rows + kRows - 1) / kRows, [&](size_t block, size_t) {
    const size_t begin = block * kRows;
    body(begin, std::min(begin + kRows, rows));
  });
}

}  // namespace maxsimd
