#include "maxsimd/training/device_attention.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace maxsimd::training {
namespace {

// Flash attention's; those of memory-efficient attention are wider.
constexpr int64_t kHeadMultiple = 8;
constexpr int64_t kMaxHead = 256;

/// Queries [T, heads, head_dim]; keys and values [attended rows, heads, head_dim].
struct Heads {
  at::Tensor query, key, value;
};

Heads split_heads(const at::Tensor& qkv, const SequenceLayout& layout, int64_t num_heads) {
  const at::Tensor parts = qkv.view({qkv.size(0), 3, num_heads, qkv.size(1) / (3 * num_heads)});
  if (!layout.key_rows.defined()) {
    const std::vector<at::Tensor> all = parts.unbind(1);
    return {all[0], all[1], all[2]};
  }
  const std::vector<at::Tensor> split = parts.split_with_sizes({1, 2}, 1);
  const std::vector<at::Tensor> attended = split[1].index_select(0, layout.key_rows).unbind(1);
  return {split[0].squeeze(1), attended[0], attended[1]};
}

at::Tensor flash(const Heads& heads, const SequenceLayout& layout, double dropout) {
  return std::get<0>(at::_flash_attention_forward(
      heads.query, heads.key, heads.value, layout.row_offsets, layout.key_offsets, layout.max_rows,
      layout.max_keys, dropout, /*is_causal=*/false, /*return_debug_mask=*/false));
}

// A batch of one, in which the offsets part the sequences.
at::Tensor memory_efficient(const Heads& heads, const SequenceLayout& layout, double dropout) {
  return std::get<0>(
             at::_efficient_attention_forward(
                 heads.query.unsqueeze(0), heads.key.unsqueeze(0), heads.value.unsqueeze(0),
                 /*bias=*/{}, layout.row_offsets, layout.key_offsets, layout.max_rows,
                 layout.max_keys, dropout, /*custom_mask_type=*/0,
                 /*compute_log_sumexp=*/heads.query.requires_grad() && at::GradMode::is_enabled()))
      .squeeze(0);
}

}  // namespace

at::Tensor device_attention(const at::Tensor& qkv, const PackedBatch& batch,
                            const AttentionOptions& options) {
  const int64_t hidden = qkv.size(1) / 3;
  const int64_t head_dim = hidden / options.num_heads;
  // Windows count from a sequence's end in flash attention, which knows the attended rows only.
  if (head_dim % kHeadMultiple != 0 || head_dim > kMaxHead ||
      options.window != kernels::kNoWindow) {
    return padded_attention(qkv, batch.sequences, options);
  }
  const Heads heads = split_heads(qkv, batch.layout, options.num_heads);
  const at::Tensor context = qkv.scalar_type() == at::kBFloat16
                                 ? flash(heads, batch.layout, options.dropout)
                                 : memory_efficient(heads, batch.layout, options.dropout);
  return context.reshape({qkv.size(0), hidden});
}

}  // namespace maxsimd::training
