#include "maxsimd/training/packed_batch.h"

#include <ATen/ops/empty.h>

#include <algorithm>

#include "maxsimd/training/device.h"

namespace maxsimd::training {

SequenceLayout lay_out(std::span<const Sequence> sequences, at::Device device) {
  SequenceLayout layout;
  std::vector<int32_t> row_offsets = {0}, key_offsets = {0};
  std::vector<int64_t> key_rows;
  for (const Sequence& sequence : sequences) {
    row_offsets.push_back(row_offsets.back() + static_cast<int32_t>(sequence.length));
    key_offsets.push_back(key_offsets.back() + static_cast<int32_t>(sequence.attended));
    for (size_t i = 0; i < sequence.attended; ++i) {
      key_rows.push_back(static_cast<int64_t>(sequence.begin + i));
    }
    layout.max_rows = std::max(layout.max_rows, static_cast<int64_t>(sequence.length));
    layout.max_keys = std::max(layout.max_keys, static_cast<int64_t>(sequence.attended));
  }
  const bool attends_to_all = row_offsets.back() == key_offsets.back();
  layout.row_offsets = small_indices_on(row_offsets, device);
  layout.key_offsets = attends_to_all ? layout.row_offsets : small_indices_on(key_offsets, device);
  if (!attends_to_all) layout.key_rows = indices_on(key_rows, device);
  return layout;
}

PackedBatch pack_texts(std::span<const TokenizedText> texts, at::Device device) {
  PackedBatch batch;
  size_t total = 0;
  for (const TokenizedText& text : texts) {
    batch.sequences.push_back(
        {.begin = total, .length = text.ids.size(), .attended = text.num_attended});
    batch.padded.push_back(static_cast<int64_t>(std::max(text.max_length, text.ids.size())));
    total += text.ids.size();
  }
  const auto rows = static_cast<int64_t>(total);
  batch.ids = at::empty({rows}, at::kLong);
  batch.positions = at::empty({rows}, at::kLong);
  int64_t* ids = batch.ids.mutable_data_ptr<int64_t>();
  int64_t* positions = batch.positions.mutable_data_ptr<int64_t>();
  for (const TokenizedText& text : texts) {
    for (size_t i = 0; i < text.ids.size(); ++i) {
      *ids++ = text.ids[i];
      *positions++ = static_cast<int64_t>(i);
    }
  }
  batch.ids = to_device(batch.ids, device);
  batch.positions = to_device(batch.positions, device);
  batch.layout = lay_out(batch.sequences, device);
  return batch;
}

at::Tensor kept_rows(std::span<const TokenizedText> texts) {
  int64_t total = 0;
  for (const TokenizedText& text : texts) total += static_cast<int64_t>(text.keep.size());
  at::Tensor keep = at::empty({total}, at::kBool);
  bool* out = keep.mutable_data_ptr<bool>();
  for (const TokenizedText& text : texts) {
    for (const uint8_t kept : text.keep) *out++ = kept != 0;
  }
  return keep;
}

}  // namespace maxsimd::training
