#include "maxsimd/index/coded_embeddings.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "maxsimd/index/validation.h"

namespace maxsimd {

CodedEmbeddings::CodedEmbeddings(size_t dim, Codec codec, kernels::Isa isa)
    : dim_(dim), codec_(codec), kernels_(kernels::kernel_table(isa)) {
  if (dim == 0) throw std::invalid_argument("coded embeddings: dim must be at least 1, got 0");
  if (codec == Codec::residual) {
    throw std::invalid_argument(
        "coded embeddings: residual codes need a codebook, which only an index has");
  }
}

void CodedEmbeddings::append(const Embeddings& documents, std::span<const std::string> ids) {
  if (!ids.empty() && ids.size() != documents.size()) {
    throw std::invalid_argument("append: expected one id a document (" +
                                std::to_string(documents.size()) + "), got " +
                                std::to_string(ids.size()));
  }
  check_embeddings(documents, dim_, {"document", ids, size()}, largest_value(codec_));
  for (size_t item = 0; item < documents.size(); ++item) append(documents.matrix(item));
}

// A document never crosses blocks.
void CodedEmbeddings::append(MatrixView<const float> rows) {
  if (storage_.empty() ||
      storage_.back().capacity - storage_.back().row_offsets.back() < rows.rows) {
    open_block(std::max(rows_per_block(codec_, dim_), rows.rows));
  }
  const size_t stride = code_stride(codec_, dim_);
  Storage& storage = storage_.back();
  const auto first = static_cast<size_t>(storage.row_offsets.back());
  const size_t end = first + rows.rows;
  std::span<float> scales;
  if (codec_ == Codec::int8) scales = storage.scales.span().subspan(first, rows.rows);
  encode_rows(codec_, rows, kernels_,
              storage.codes.span().subspan(first * stride, rows.rows * stride), scales);
  storage.row_offsets.push_back(end);
  DocumentBlock& block = blocks_.back();
  block.row_offsets = storage.row_offsets;
  block.rows.codes = storage.codes.span().first(end * stride);
  if (codec_ == Codec::int8) block.rows.scales = storage.scales.span().first(end);
  block_of_.push_back(blocks_.size() - 1);
  num_tokens_ += rows.rows;
}

void CodedEmbeddings::open_block(size_t capacity) {
  Storage storage;
  storage.capacity = capacity;
  storage.codes.resize(capacity * code_stride(codec_, dim_));
  if (codec_ == Codec::int8) storage.scales.resize(capacity);
  storage_.push_back(std::move(storage));
  blocks_.push_back({.rows = {codec_, dim_, {}, {}},
                     .row_offsets = storage_.back().row_offsets,
                     .documents = {},
                     .first_slot = size()});
}

}  // namespace maxsimd
