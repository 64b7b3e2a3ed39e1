#include "maxsimd/search/hnsw_corpus.h"

#include <algorithm>

namespace maxsimd {
namespace {

VectorsI8 vectors_of(const CodedRows& rows) {
  return {{rows.codes_as<int8_t>(), rows.codes.size()}, rows.stride(), rows.scales};
}

// The vectors of a segment's allowed documents.
Bitmap allowed_rows(const DocumentBlock& documents, const Bitmap& allowed) {
  Bitmap rows(documents.rows.num_rows());
  for (size_t i = 0; i < documents.size(); ++i) {
    if (!allowed.contains(documents.first_slot + i)) continue;
    rows.add_range(static_cast<size_t>(documents.row_offsets[i]),
                   static_cast<size_t>(documents.row_offsets[i + 1]));
  }
  return rows;
}

}  // namespace

size_t LinkedPart::slot_of(uint32_t row) const {
  const auto past =
      std::upper_bound(documents.row_offsets.begin(), documents.row_offsets.end(), row);
  return documents.first_slot + static_cast<size_t>(past - documents.row_offsets.begin()) - 1;
}

HnswCorpus::HnswCorpus(const Index& index, const Bitmap& allowed)
    : index_(index), allowed_(allowed), num_allowed_(allowed.count()), scanned_(allowed) {
  for (const IndexPart& part : index.parts()) {
    const DocumentBlock& documents = part.documents;
    for (size_t i = 0; i < documents.size(); ++i) {
      const bool is_empty = documents.row_offsets[i] == documents.row_offsets[i + 1];
      if (part.graph != nullptr || is_empty) scanned_.remove(documents.first_slot + i);
    }
    if (part.graph == nullptr) continue;
    Bitmap rows = allowed_rows(documents, allowed);
    const size_t count = rows.count();
    if (count == 0) continue;
    linked_.push_back({documents,
                       GraphSearch(*part.graph, vectors_of(documents.rows), index.kernels().isa),
                       std::move(rows),
                       {}});
    linked_.back().rows = {linked_.back().row_bits.words(), count};
    num_linked_rows_ += count;
  }
}

const DocumentBlock& HnswCorpus::part_of(size_t slot) const {
  const auto parts = index_.parts();
  const auto past = std::upper_bound(
      parts.begin(), parts.end(), slot,
      [](size_t wanted, const IndexPart& part) { return wanted < part.documents.first_slot; });
  return std::prev(past)->documents;
}

}  // namespace maxsimd
