// Token ids -> hidden states. One file per architecture (bert.cpp, which is RoBERTa and DistilBERT
// too; modernbert.cpp); load_encoder() picks by config.json's model_type.
//
// A batch is packed: sequences lie one after another with no padding rows. A result never depends,
// to the bit, on what else is in the batch or on the number of threads; it does on the instruction
// set and the precision.
//
// H = hidden size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/base/types.h"
#include "maxsimd/checkpoint/checkpoint.h"
#include "maxsimd/encoder/precision.h"
#include "maxsimd/kernels/kernels.h"

namespace maxsimd {

/// One sequence of a packed batch: rows [begin, begin + length) of the token ids. All rows attend
/// to the first `attended` rows of their sequence (query expansion: the [MASK] rows are not
/// attended).
struct Sequence {
  size_t begin = 0;
  size_t length = 0;
  size_t attended = 0;  // 1 .. length
};

/// A packed batch: ids [num_tokens] and the sequences that cover them.
struct TokenBatch {
  std::span<const int32_t> ids;
  std::span<const Sequence> sequences;
};

/// Memory a forward pass needs; kept by the caller so that it is allocated once a worker.
struct EncoderWorkspace {
  AlignedBuffer<float> hidden, next, qkv, context, feed_forward, attention_scratch;
  AlignedBuffer<uint8_t> coded;  // the rows a layer reads, in a narrow format
};

/// What `info` prints of an architecture.
struct EncoderShape {
  std::string model_type;  // "bert", "modernbert"
  size_t num_layers = 0;
  size_t hidden_size = 0;
  size_t num_heads = 0;
  size_t intermediate_size = 0;
  size_t vocab_size = 0;     // rows of the embedding table, grown ones included
  size_t max_positions = 0;  // longest sequence
  size_t num_parameters = 0;
  size_t num_linear_weights = 0;  // of the layers' big products: multiply-adds a token
};

/// Immutable after load; forward() may run from any number of threads, each with its workspace.
class Encoder {
 public:
  virtual ~Encoder() = default;

  virtual const EncoderShape& shape() const = 0;

  /// What a user should know about this load: tensors that were not used, rows that were added.
  virtual const std::vector<std::string>& notes() const = 0;

  /// Hidden states [num_tokens, H] of a packed batch, valid until the workspace is used again.
  /// Work is split over `pool` unless this call already runs inside one of its tasks.
  /// Throws std::invalid_argument: an id outside the vocabulary, a sequence that is empty or longer
  /// than max_positions.
  virtual MatrixView<const float> forward(const TokenBatch& batch, EncoderWorkspace& workspace,
                                          ThreadPool& pool) const = 0;
};

/// Ids further past the embedding table than this are a damaged tokenizer, not added tokens.
inline constexpr size_t kMaxAddedRows = 4096;

/// What a tokenizer wants of an embedding table: a row for each id. Missing ones (at most
/// kMaxAddedRows) become the mean of the others, as transformers' mean_resizing does up to its 1e-9
/// noise. The last `num_added` are of tokens that were just added: what a longer table has in their
/// place belongs to no token, and they become the mean of those before, too (PyLate first cuts the
/// table off at the tokenizer's length).
struct TokenRows {
  size_t count = 0;
  size_t num_added = 0;
};

struct EncoderOptions {
  kernels::Isa isa = kernels::best_isa();
  Precision precision = Precision::f32;
  TokenRows token_rows;
};

/// Throws FormatError: an architecture or a setting that is not supported (named), missing tensors.
std::unique_ptr<Encoder> load_encoder(const Checkpoint& checkpoint, const EncoderOptions& options);

/// `rows` [vocab, hidden] with a row for each id, as TokenRows says.
std::vector<float> grow_embedding_rows(std::vector<float> rows, size_t hidden,
                                       const TokenRows& wanted);

}  // namespace maxsimd
