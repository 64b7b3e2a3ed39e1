#include "maxsimd/search/hnsw_corpus.h"

#include <algorithm>
#include <bit>

namespace maxsimd {
namespace {

VectorsI8 vectors_of(const CodedRows& rows) {
  return {{rows.codes_as<int8_t>(), rows.codes.size()}, rows.stride(), rows.scales};
}

void set_bits(size_t begin, size_t end, std::vector<uint64_t>& words) {
  for (size_t at = begin; at < end;) {
    const size_t in_word = std::min(end - at, 64 - at % 64);
    words[at / 64] |= ~uint64_t{0} >> (64 - in_word) << (at % 64);
    at += in_word;
  }
}

// The vectors of a segment's allowed documents.
std::vector<uint64_t> allowed_rows(const DocumentBlock& documents, const Bitmap& allowed) {
  std::vector<uint64_t> words((documents.rows.num_rows() + 63) / 64);
  for (size_t i = 0; i < documents.size(); ++i) {
    if (!allowed.contains(documents.first_slot + i)) continue;
    set_bits(static_cast<size_t>(documents.row_offsets[i]),
             static_cast<size_t>(documents.row_offsets[i + 1]), words);
  }
  return words;
}

size_t count_bits(std::span<const uint64_t> words) {
  size_t count = 0;
  for (const uint64_t word : words) count += static_cast<size_t>(std::popcount(word));
  return count;
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
    if (part.graph == nullptr) continue;
    const DocumentBlock& documents = part.documents;
    for (size_t i = 0; i < documents.size(); ++i) scanned_.remove(documents.first_slot + i);
    std::vector<uint64_t> bits = allowed_rows(documents, allowed);
    const size_t count = count_bits(bits);
    if (count == 0) continue;
    linked_.push_back({documents,
                       GraphSearch(*part.graph, vectors_of(documents.rows), index.kernels().isa),
                       std::move(bits),
                       {}});
    linked_.back().rows = {linked_.back().row_bits, count};
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
