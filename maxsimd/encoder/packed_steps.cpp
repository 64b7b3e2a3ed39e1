#include "maxsimd/encoder/packed_steps.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace maxsimd {
namespace {

constexpr size_t kHeadsPerTask = 3;

/// Heads [head_begin, head_end) of a sequence.
void rotate_heads(const AttentionShape& shape, const kernels::AttentionArgs& args, float* qkv,
                  const kernels::KernelTable& table) {
  for (size_t part = 0; part < 2; ++part) {  // queries and keys
    table.rotate_f32({.x = qkv + (part * args.num_heads + args.head_begin) * args.head_dim,
                      .stride = args.qkv_stride,
                      .rows = args.length,
                      .num_heads = args.head_end - args.head_begin,
                      .head_dim = args.head_dim,
                      .cosines = shape.rotary->cosines(),
                      .sines = shape.rotary->sines()});
  }
}

}  // namespace

void check_batch(const TokenBatch& batch, size_t vocab_size, size_t max_positions) {
  const auto vocab = static_cast<int64_t>(vocab_size);
  for (const int32_t id : batch.ids) {
    if (id < 0 || id >= vocab) {
      throw std::invalid_argument("encoding: token id " + std::to_string(id) +
                                  " is outside the encoder's vocabulary of " +
                                  std::to_string(vocab));
    }
  }
  size_t next = 0;
  for (const Sequence& sequence : batch.sequences) {
    if (sequence.length == 0 || sequence.length > max_positions) {
      throw std::invalid_argument("encoding: a sequence of " + std::to_string(sequence.length) +
                                  " tokens; the encoder takes 1 to " +
                                  std::to_string(max_positions));
    }
    if (sequence.begin != next || sequence.attended == 0 || sequence.attended > sequence.length) {
      throw std::invalid_argument("encoding: sequences must cover the batch without gaps");
    }
    next += sequence.length;
  }
  if (next != batch.ids.size()) {
    throw std::invalid_argument("encoding: sequences cover " + std::to_string(next) + " of " +
                                std::to_string(batch.ids.size()) + " tokens");
  }
}

void normalize(const LayerNorm& norm, const float* x, float* out, size_t rows,
               const StepContext& context) {
  const size_t hidden = norm.gamma.size();
  for_row_blocks(context.pool, rows, [&](size_t begin, size_t end) {
    context.table.layer_norm({.x = x + begin * hidden,
                              .stride = hidden,
                              .rows = end - begin,
                              .cols = hidden,
                              .gamma = norm.gamma.data(),
                              .beta = norm.beta.data(),
                              .eps = norm.eps,
                              .out = out + begin * hidden,
                              .out_stride = hidden});
  });
}

void attend(const TokenBatch& batch, const AttentionShape& shape, const StepContext& context) {
  EncoderWorkspace& workspace = context.workspace;
  const size_t hidden = shape.num_heads * shape.head_dim;
  size_t longest = 0;
  for (const Sequence& sequence : batch.sequences) longest = std::max(longest, sequence.length);
  // One scratch area a worker, each starting on a cache line.
  const size_t scratch =
      (kernels::attention_scratch_floats(longest, shape.head_dim) + 15) / 16 * 16;
  workspace.attention_scratch.ensure(scratch * context.pool.concurrency());
  const size_t tasks_per_sequence = (shape.num_heads + kHeadsPerTask - 1) / kHeadsPerTask;

  // bf16's bound of quality is five times as tight as int8's (docs/decisions/012).
  const auto attention = context.precision == Precision::int8 ? context.table.attention_bf16
                                                              : context.table.attention_f32;
  const size_t num_tasks = batch.sequences.size() * tasks_per_sequence;
  context.pool.parallel_for(num_tasks, [&](size_t task, size_t worker) {
    const Sequence& sequence = batch.sequences[task / tasks_per_sequence];
    const size_t head = task % tasks_per_sequence * kHeadsPerTask;
    float* qkv = workspace.qkv.data() + sequence.begin * 3 * hidden;
    const kernels::AttentionArgs args = {
        .qkv = qkv,
        .qkv_stride = 3 * hidden,
        .length = sequence.length,
        .attended = sequence.attended,
        .num_heads = shape.num_heads,
        .head_dim = shape.head_dim,
        .head_begin = head,
        .head_end = std::min(head + kHeadsPerTask, shape.num_heads),
        .scale = 1.0F / std::sqrt(static_cast<float>(shape.head_dim)),
        .out = workspace.context.data() + sequence.begin * hidden,
        .out_stride = hidden,
        .scratch = workspace.attention_scratch.data() + worker * scratch,
        .window = shape.window};
    if (shape.rotary != nullptr) rotate_heads(shape, args, qkv, context.table);
    attention(args);
  });
}

}  // namespace maxsimd
