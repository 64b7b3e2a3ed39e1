#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "maxsimd/training/packed_attention.h"

namespace maxsimd::training {
namespace {

// Sequences of about one length, padded to the longest of them.
struct Group {
  std::vector<size_t> members;  // places in the batch
  int64_t length = 0;
};

// By length; a group ends where padding would exceed an eighth.
std::vector<Group> group_by_length(std::span<const Sequence> sequences) {
  std::vector<size_t> order(sequences.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return sequences[a].length > sequences[b].length; });
  std::vector<Group> groups;
  for (const size_t place : order) {
    const auto length = static_cast<int64_t>(sequences[place].length);
    if (groups.empty() || length * 8 < groups.back().length * 7) groups.push_back({{}, length});
    groups.back().members.push_back(place);
  }
  return groups;
}

// Row numbers of a group [n * L]; padding repeats row 0 of the sequence.
at::Tensor group_rows(const Group& group, std::span<const Sequence> sequences) {
  at::Tensor rows =
      at::empty({static_cast<int64_t>(group.members.size()) * group.length}, at::kLong);
  int64_t* out = rows.mutable_data_ptr<int64_t>();
  for (const size_t place : group.members) {
    const auto begin = static_cast<int64_t>(sequences[place].begin);
    const auto length = static_cast<int64_t>(sequences[place].length);
    for (int64_t i = 0; i < group.length; ++i) *out++ = begin + (i < length ? i : 0);
  }
  return rows;
}

// 0 for keys that are attended, -inf elsewhere: [n, 1, 1, L].
at::Tensor key_mask(const Group& group, std::span<const Sequence> sequences) {
  at::Tensor mask = at::zeros({static_cast<int64_t>(group.members.size()), 1, 1, group.length});
  float* out = mask.mutable_data_ptr<float>();
  for (const size_t place : group.members) {
    const auto attended = static_cast<int64_t>(sequences[place].attended);
    std::fill(out + attended, out + group.length, -std::numeric_limits<float>::infinity());
    out += group.length;
  }
  return mask;
}

// 0 for keys within the window of a row, -inf elsewhere: [1, 1, L, L].
at::Tensor window_mask(int64_t length, size_t window) {
  const at::Tensor places = at::arange(length);
  const at::Tensor away = (places.unsqueeze(0) - places.unsqueeze(1)).abs();
  const at::Tensor is_far = away > static_cast<int64_t>(window);
  return at::zeros({1, 1, length, length})
      .masked_fill(is_far, -std::numeric_limits<float>::infinity());
}

at::Tensor attend_group(const at::Tensor& qkv, const Group& group,
                        std::span<const Sequence> sequences, const AttentionOptions& options) {
  const auto n = static_cast<int64_t>(group.members.size());
  const int64_t hidden = qkv.size(1) / 3;
  const int64_t head_dim = hidden / options.num_heads;
  const at::Tensor rows = group_rows(group, sequences).to(qkv.device());
  const std::vector<at::Tensor> parts = qkv.index_select(0, rows)
                                            .view({n, group.length, 3, options.num_heads, head_dim})
                                            .permute({2, 0, 3, 1, 4})
                                            .unbind(0);  // each [n, heads, L, head_dim]
  at::Tensor mask = key_mask(group, sequences);
  if (options.window != kernels::kNoWindow) mask = mask + window_mask(group.length, options.window);
  // A row that attends to nothing: any scores, and weights of 0.
  const at::Tensor is_empty = at::isinf(mask).all(-1, true);
  mask = mask.masked_fill(is_empty, 0.0);
  const at::Tensor scores =
      at::matmul(parts[0] / std::sqrt(static_cast<double>(head_dim)), parts[1].transpose(-2, -1)) +
      mask.to(qkv.device());
  const at::Tensor probabilities =
      at::softmax(scores, -1).masked_fill(is_empty.to(qkv.device()), 0.0);
  const at::Tensor weights = at::dropout(probabilities, options.dropout, options.dropout > 0);
  return at::matmul(weights.to(parts[2].scalar_type()), parts[2])
      .transpose(1, 2)
      .reshape({n * group.length, hidden});
}

}  // namespace

at::Tensor padded_attention(const at::Tensor& qkv, std::span<const Sequence> sequences,
                            const AttentionOptions& options) {
  std::vector<at::Tensor> contexts;
  at::Tensor source = at::empty({qkv.size(0)}, at::kLong);  // row of the groups, for each token
  int64_t* places = source.mutable_data_ptr<int64_t>();
  int64_t base = 0;
  for (const Group& group : group_by_length(sequences)) {
    contexts.push_back(attend_group(qkv, group, sequences, options));
    for (const size_t place : group.members) {
      const Sequence& sequence = sequences[place];
      std::iota(places + sequence.begin, places + sequence.begin + sequence.length, base);
      base += group.length;
    }
  }
  return at::cat(contexts).index_select(0, source.to(qkv.device()));
}

}  // namespace maxsimd::training
