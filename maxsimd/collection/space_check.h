// Whether the disk has room for an index, asked when the first documents are encoded and none is
// written yet: not after hours of encoding. Refuses only what surely does not fit;
// IndexWriter::add() asks again for each batch.
#pragma once

#include <cstdint>

#include "maxsimd/collection/add_documents.h"

namespace maxsimd {

struct DocumentCounts {
  uint64_t documents = 0;
  uint64_t text_bytes = 0;  // of titles and texts
  uint64_t vectors = 0;     // token vectors
};

/// The fewest token vectors that `documents` with `text_bytes` of text make of which `sample` is
/// the first part: half of what the sample's vectors a document or its vectors a text byte come to,
/// whichever is less. Documents of another length (vectors stop at document_length, bytes do not),
/// or of a language with half as many tokens a byte, then do not make it too many. REQUIRES: a
/// sample of one document at least.
uint64_t fewest_vectors(const DocumentCounts& sample, uint64_t documents, uint64_t text_bytes);

/// Checks that `expected` fit: their vectors by the index's codec, texts when it stores them, and
/// kCatalogBytes a document (ids and metadata come on top). With `resume` those that the index
/// holds are passed over, as many as it holds at most, and count as the others in proportion;
/// without, the documents may replace all that the index has, whose bytes then count as free.
/// Throws IoError naming the bytes needed, those free, and the folder.
void check_space(const IndexWriter& writer, const DocumentCounts& expected,
                 const AddOptions& options);

/// An entry of the table and one of the index of ids, as small as they can be.
inline constexpr uint64_t kCatalogBytes = 32;

}  // namespace maxsimd
