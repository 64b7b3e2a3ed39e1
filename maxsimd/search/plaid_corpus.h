// What PLAID search goes through: segments of residual codes, seen by views.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "maxsimd/index/document_block.h"
#include "maxsimd/index/inverted_lists.h"
#include "maxsimd/kernels/kernels.h"
#include "maxsimd/search/plaid_codebook.h"

namespace maxsimd {

/// V vectors of N documents. Plain data, safe to read from any thread.
struct PlaidSegment {
  std::span<const uint16_t> centroids;    // [V], each below K
  std::span<const std::byte> residuals;   // [V, residual_bytes]
  std::span<const uint64_t> row_offsets;  // [N + 1], ascending from 0 to V
  std::span<const DocId> documents;       // [N], ascending
  size_t first_slot = 0;                  // of the first document, in filters and live bitmaps
  std::optional<InvertedLists> lists;     // absent: all documents are candidates
  CodedRows vectors;  // [V], as stored: the residuals themselves, or beside them

  size_t size() const { return documents.size(); }
  size_t num_rows(size_t i) const {
    return static_cast<size_t>(row_offsets[i + 1] - row_offsets[i]);
  }
  CodedRows vectors_of(size_t i) const {
    return vectors.slice(static_cast<size_t>(row_offsets[i]), num_rows(i));
  }
  std::span<const uint16_t> centroids_of(size_t i) const {
    return centroids.subspan(static_cast<size_t>(row_offsets[i]), num_rows(i));
  }
};

/// Views must outlive their use.
struct PlaidCorpus {
  const PlaidCodebook* codebook = nullptr;  // of all segments; null only without segments
  std::span<const PlaidSegment> segments;   // by first_slot
  /// Documents whose vectors are stored whole: scored exactly, all of them.
  std::span<const DocumentBlock> whole;
  size_t num_slots = 0;           // below 2^32
  Codec codec = Codec::residual;  // of the segments' vectors
  const kernels::KernelTable* kernels = nullptr;
  std::string_view source;  // where it comes from, for messages about damage
};

}  // namespace maxsimd
