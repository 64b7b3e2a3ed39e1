#include "maxsimd/index/coded_embeddings.h"

#include <algorithm>
#include <stdexcept>

#include "maxsimd/index/validation.h"

namespace maxsimd {
namespace {

// A block and a few packed queries fit a 1 MiB L2 cache; large enough to make handing out tasks
// free, small enough to spread a corpus of 100 MB evenly over 16 threads.
constexpr size_t kBlockBytes = size_t{256} << 10;

constexpr float kLargestFloat16 = 65504.0F;

}  // namespace

CodedEmbeddings::CodedEmbeddings(size_t dim, Codec codec, kernels::Isa isa)
    : dim_(dim), codec_(codec), kernels_(kernels::kernel_table(isa)) {
  if (dim == 0) throw std::invalid_argument("coded embeddings: dim must be at least 1, got 0");
}

void CodedEmbeddings::append(const Embeddings& documents, std::span<const std::string> ids) {
  if (!ids.empty() && ids.size() != documents.size()) {
    throw std::invalid_argument("append: expected one id a document (" +
                                std::to_string(documents.size()) + "), got " +
                                std::to_string(ids.size()));
  }
  check_embeddings(documents, dim_, {"document", ids, size()},
                   codec_ == Codec::float16 ? kLargestFloat16 : kLargestValue);
  for (size_t item = 0; item < documents.size(); ++item) {
    const MatrixView<const float> rows = documents.matrix(item);
    const Document& document = place(rows.rows);
    encode(rows, blocks_[document.block], document.first_row);
  }
}

CodedRows CodedEmbeddings::rows(DocId document) const {
  const auto& [block_number, first_row, num_rows] = documents_[document];
  const Block& block = blocks_[block_number];
  const size_t stride = code_stride(codec_, dim_);
  return {codec_, dim_, block.codes.span().subspan(first_row * stride, num_rows * stride),
          codec_ == Codec::int8 ? block.scales.span().subspan(first_row, num_rows)
                                : std::span<const float>()};
}

// Opens a block when the last one is full. A document never crosses blocks.
CodedEmbeddings::Document& CodedEmbeddings::place(size_t num_rows) {
  if (blocks_.empty() || blocks_.back().capacity - blocks_.back().num_rows < num_rows) {
    const size_t stride = code_stride(codec_, dim_);
    Block block;
    block.first_document = documents_.size();
    block.capacity = std::max(kBlockBytes / stride, num_rows);
    block.codes.resize(block.capacity * stride);
    if (codec_ == Codec::int8) block.scales.resize(block.capacity);
    blocks_.push_back(std::move(block));
  }
  Block& block = blocks_.back();
  documents_.push_back({blocks_.size() - 1, block.num_rows, num_rows});
  block.num_rows += num_rows;
  num_tokens_ += num_rows;
  return documents_.back();
}

void CodedEmbeddings::encode(MatrixView<const float> rows, Block& block, size_t first_row) {
  const size_t stride = code_stride(codec_, dim_);
  encode_rows(codec_, rows, kernels_,
              block.codes.span().subspan(first_row * stride, rows.rows * stride),
              codec_ == Codec::int8 ? block.scales.span().subspan(first_row, rows.rows)
                                    : std::span<float>());
}

}  // namespace maxsimd
