// A ragged batch of document vectors, stored by a codec in blocks that stay in a core's cache while
// several queries are scored against them. Documents are numbered 0, 1, ... in the order they were
// added; neither the numbers nor the blocks depend on how the documents were split over append()
// calls.
//
// Thread rule: const methods may run concurrently; append() needs outside synchronisation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "maxsimd/base/aligned_buffer.h"
#include "maxsimd/base/types.h"
#include "maxsimd/index/codec.h"
#include "maxsimd/index/document_block.h"
#include "maxsimd/kernels/kernels.h"

namespace maxsimd {

class CodedEmbeddings {
 public:
  /// Throws std::invalid_argument when dim is 0, and for Codec::residual, which needs the codebook
  /// of an index. REQUIRES: isa is in supported_isas().
  CodedEmbeddings(size_t dim, Codec codec, kernels::Isa isa = kernels::best_isa());

  /// Encodes and stores documents; the batch may be dropped afterwards. `ids`, when given, are only
  /// used in messages. Throws std::invalid_argument (nothing is stored then): another dim, ids that
  /// are not one a document, values that are not finite or beyond kLargestValue, for float16
  /// beyond 65504.
  void append(const Embeddings& documents, std::span<const std::string> ids = {});

  size_t dim() const { return dim_; }
  Codec codec() const { return codec_; }
  const kernels::KernelTable& kernels() const { return kernels_; }

  size_t size() const { return block_of_.size(); }
  uint64_t num_tokens() const { return num_tokens_; }
  size_t num_rows(DocId document) const { return rows(document).num_rows(); }

  /// The stored vectors of a document, valid until the next append().
  CodedRows rows(DocId document) const {
    const DocumentBlock& block = blocks_[block_of_[document]];
    return block.rows_of(static_cast<size_t>(document) - block.first_slot);
  }

  /// All documents in order, valid until the next append(). Slots are the documents' numbers.
  std::span<const DocumentBlock> blocks() const { return blocks_; }

  /// Bytes of all stored vectors, scales included.
  uint64_t size_bytes() const { return num_tokens_ * bytes_per_vector(codec_, dim_); }

 private:
  // What a block views.
  struct Storage {
    size_t capacity = 0;  // rows
    AlignedBuffer<std::byte> codes;
    AlignedBuffer<float> scales;
    std::vector<uint64_t> row_offsets = {0};
  };

  void open_block(size_t capacity);
  void append(MatrixView<const float> rows);

  size_t dim_;
  Codec codec_;
  const kernels::KernelTable& kernels_;
  std::vector<size_t> block_of_;  // [size]
  std::vector<DocumentBlock> blocks_;
  std::vector<Storage> storage_;  // one a block
  uint64_t num_tokens_ = 0;
};

}  // namespace maxsimd
