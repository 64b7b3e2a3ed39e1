#include "maxsimd/training/packed_batch.h"

#include <ATen/ops/empty.h>

#include <algorithm>

namespace maxsimd::training {

PackedBatch pack_texts(std::span<const TokenizedText> texts) {
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
