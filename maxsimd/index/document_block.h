// What a scan works through: documents whose stored vectors lie one after another, whatever holds
// them (an index's segments or embeddings in memory).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "maxsimd/index/codec.h"

namespace maxsimd {

/// The number of a document in the order of adding: never reused, and kept when segments merge.
/// Ties in a ranking go to the lower one.
using DocId = uint64_t;

/// A view; plain data, safe to read from any thread.
struct DocumentBlock {
  CodedRows rows;                         // of all its documents
  std::span<const uint64_t> row_offsets;  // [size + 1], ascending; row_offsets[0] is rows' first
  std::span<const DocId> documents;       // [size], ascending; empty: first_slot, first_slot + 1...
  size_t first_slot = 0;                  // of the first document, in filters and live bitmaps

  size_t size() const { return row_offsets.size() - 1; }
  DocId document(size_t i) const { return documents.empty() ? first_slot + i : documents[i]; }
  CodedRows rows_of(size_t i) const {
    return rows.slice(static_cast<size_t>(row_offsets[i] - row_offsets[0]),
                      static_cast<size_t>(row_offsets[i + 1] - row_offsets[i]));
  }
};

/// Bytes of codes in a block: with a few packed queries it fits a 1 MiB L2 cache; large enough to
/// make handing out tasks free, small enough to spread a corpus of 100 MB evenly over 16 threads.
inline constexpr size_t kBlockBytes = size_t{256} << 10;

/// Rows of a full block. A document with more rows is a block of its own.
size_t rows_per_block(Codec codec, size_t dim);

/// Appends the documents of `whole` (a segment, say) as blocks of at most kBlockBytes; each
/// document is in one block, and nothing is appended for no documents. The blocks view the same
/// memory. O(blocks * log(documents)).
void append_blocks(const DocumentBlock& whole, std::vector<DocumentBlock>& blocks);

}  // namespace maxsimd
