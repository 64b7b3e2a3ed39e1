// What a search by graphs goes through: an index's documents that are allowed, and the graphs that
// know of some of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "maxsimd/graph/graph_search.h"
#include "maxsimd/index/bitmap.h"
#include "maxsimd/index/index.h"

namespace maxsimd {

/// A segment with a graph, its vectors numbered as there.
struct LinkedPart {
  DocumentBlock documents;
  GraphSearch graph;
  Bitmap row_bits;  // of the allowed documents
  RowSet rows;      // views row_bits

  /// The slot of the document that owns a vector. O(log documents).
  size_t slot_of(uint32_t row) const;
};

/// A view of an index and of the allowed documents (by slot), which must outlive it. Immutable.
class HnswCorpus {
 public:
  /// REQUIRES: codec int8, allowed documents are live.
  HnswCorpus(const Index& index, const Bitmap& allowed);
  HnswCorpus(const HnswCorpus&) = delete;
  HnswCorpus& operator=(const HnswCorpus&) = delete;

  const Index& index() const { return index_; }
  const Bitmap& allowed() const { return allowed_; }
  size_t num_allowed() const { return num_allowed_; }
  /// Segments with a graph and allowed vectors in it.
  const std::deque<LinkedPart>& linked() const { return linked_; }
  size_t num_linked_rows() const { return num_linked_rows_; }  // allowed ones
  /// The allowed documents of all other segments, by slot, that have vectors: those without come
  /// last, wherever they are.
  const Bitmap& scanned() const { return scanned_; }

  /// The part that holds a slot, whatever it is.
  const DocumentBlock& part_of(size_t slot) const;

 private:
  const Index& index_;
  const Bitmap& allowed_;
  size_t num_allowed_;
  std::deque<LinkedPart> linked_;
  size_t num_linked_rows_ = 0;
  Bitmap scanned_;
};

}  // namespace maxsimd
