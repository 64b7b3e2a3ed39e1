#include "maxsimd/collection/space_check.h"

#include <algorithm>
#include <string>

#include "maxsimd/base/disk_space.h"
#include "maxsimd/index/codec.h"

namespace maxsimd {
namespace {

// In double: products of counts may pass 64 bits, and a part in 2^53 does not matter.
uint64_t scaled(uint64_t count, uint64_t part, uint64_t whole) {
  if (whole == 0) return 0;
  const double value =
      static_cast<double>(count) * static_cast<double>(part) / static_cast<double>(whole);
  constexpr double kMost = 9e18;
  return static_cast<uint64_t>(std::min(value, kMost));
}

// Residual vectors wait as float16 for the codebook, and both are there when they are coded;
// vectors that get residual codes beside them, or a graph, are copied then.
uint64_t written_bytes_per_vector(const Index& index) {
  const IndexSettings& settings = index.settings();
  const size_t stored = bytes_per_vector(settings);
  if (settings.kind == IndexKind::hnsw) return 2 * stored + sizeof(uint64_t);
  if (settings.nbits == 0 || index.codebook()) return stored;
  const bool is_residual = settings.codec == Codec::residual;
  return stored + bytes_per_vector(is_residual ? Codec::float16 : settings.codec, settings.dim);
}

}  // namespace

uint64_t fewest_vectors(const DocumentCounts& sample, uint64_t documents, uint64_t text_bytes) {
  const uint64_t by_documents = scaled(sample.vectors, documents, sample.documents);
  // Documents without text have vectors, too (special tokens).
  if (sample.text_bytes == 0) return by_documents / 2;
  return std::min(by_documents, scaled(sample.vectors, text_bytes, sample.text_bytes)) / 2;
}

void check_space(const IndexWriter& writer, const DocumentCounts& expected,
                 const AddOptions& options) {
  const Index index = writer.snapshot();
  const IndexSettings& settings = index.settings();
  uint64_t documents = expected.documents;
  if (options.resume) documents -= std::min<uint64_t>(documents, index.size());
  const uint64_t bytes = expected.vectors * written_bytes_per_vector(index) +
                         (settings.store_text ? expected.text_bytes : 0) +
                         expected.documents * kCatalogBytes;
  const uint64_t needed = scaled(bytes, documents, expected.documents);
  const uint64_t replaced = options.resume || index.size() == 0 ? 0 : index.size_bytes();
  check_disk_space(
      index.folder(), needed - std::min(needed, replaced),
      std::string("an index of ").append(std::to_string(documents)).append(" documents"),
      options.free_disk_bytes(index.folder()));
}

}  // namespace maxsimd
