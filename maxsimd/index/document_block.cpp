#include "maxsimd/index/document_block.h"

#include <algorithm>

namespace maxsimd {
namespace {

DocumentBlock slice(const DocumentBlock& whole, size_t first, size_t count) {
  const std::span<const uint64_t> offsets = whole.row_offsets.subspan(first, count + 1);
  return {.rows = whole.rows.slice(static_cast<size_t>(offsets.front() - whole.row_offsets.front()),
                                   static_cast<size_t>(offsets.back() - offsets.front())),
          .row_offsets = offsets,
          .documents =
              whole.documents.empty() ? whole.documents : whole.documents.subspan(first, count),
          .first_slot = whole.first_slot + first};
}

}  // namespace

size_t rows_per_block(Codec codec, size_t dim) {
  return kBlockBytes / code_stride(codec, dim);
}

void append_blocks(const DocumentBlock& whole, std::vector<DocumentBlock>& blocks) {
  const uint64_t capacity = kBlockBytes / whole.rows.stride();
  const std::span<const uint64_t> offsets = whole.row_offsets;
  for (size_t first = 0; first < whole.size();) {
    const uint64_t full = std::max(offsets[first] + capacity, offsets[first + 1]);
    const auto past = std::upper_bound(offsets.begin(), offsets.end(), full);
    const auto end = static_cast<size_t>(past - offsets.begin()) - 1;
    blocks.push_back(slice(whole, first, end - first));
    first = end;
  }
}

}  // namespace maxsimd
