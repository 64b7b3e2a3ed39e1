// What a candidate generator works through: a segment of an index as a snapshot shows it.
#pragma once

#include <optional>

#include "maxsimd/graph/graph_view.h"
#include "maxsimd/index/document_block.h"
#include "maxsimd/index/inverted_lists.h"

namespace maxsimd {

class Codebook;

/// A view that holds for as long as the snapshot; plain data, safe to read from any thread.
struct IndexPart {
  DocumentBlock documents;             // of the whole segment, dead ones too; at least one
  const Codebook* codebook = nullptr;  // of residual codes; null: there are none
  CodedRows residuals;                 // the documents' rows themselves, or codes beside them
  /// Absent in small segments, which are scanned, and where the index has no codebook or is of
  /// kind exact.
  std::optional<InvertedLists> lists;
  /// Over the documents' vectors; null in segments that are scanned.
  const GraphView* graph = nullptr;
};

}  // namespace maxsimd
