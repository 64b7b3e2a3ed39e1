// A ColBERT model: text -> one L2-normalised vector a token (Khattab and Zaharia 2020), with
// PyLate 1.6's rules for prefixes, lengths, query expansion, skiplist, projection and pooling
// (pylate/models/colbert.py).
//
// Thread rule: immutable after load; every const method may be called from any thread (calls share
// the model's thread pool and take turns on it).
//
// D = embedding dimension.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/base/types.h"
#include "maxsimd/checkpoint/checkpoint.h"
#include "maxsimd/encoder/encoder.h"
#include "maxsimd/text/tokenizer.h"

namespace maxsimd {

struct EncodingParts;

struct ColbertOptions {
  CheckpointOptions checkpoint;            // explicit settings win over those of the folder
  size_t num_threads = 0;                  // 0: one a processor
  kernels::Isa isa = kernels::best_isa();  // lower it to test or compare paths
  Precision precision = Precision::f32;    // of the encoder's matrix products
};

struct EncodeOptions {
  /// Put before every text (before the prefix id is inserted). `prompt` wins over `prompt_name`, a
  /// key of the model's prompts; neither: the model's default prompt, if it has one.
  std::optional<std::string> prompt;
  std::optional<std::string> prompt_name;
  bool normalize_embeddings = true;  // rows / max(L2 norm, 1e-12)
  /// Documents only: about 1 / pool_factor of the rows stay, each the mean of a Ward cluster of
  /// rows; the first protected_tokens rows are kept as they are. Pooled rows are not normalised
  /// again, as in PyLate 1.6.
  size_t pool_factor = 1;
  size_t protected_tokens = 1;
  /// false: rows of the skiplist's tokens are not left out (TokenizedText::keep says which those
  /// are).
  bool apply_skiplist = true;
  /// Called after each piece of work, one call at a time, from any of the model's threads: texts
  /// done and in all. `done` only grows. An exception from it ends the encoding and comes out of
  /// it.
  std::function<void(size_t done, size_t total)> progress;
};

/// A text as the encoder sees it. ids = [CLS] prefix content [SEP], then [MASK]s for an expanded
/// query.
struct TokenizedText {
  std::vector<TokenId> ids;
  std::vector<ByteRange>
      offsets;                // bytes of the text as given; [0, 0) for tokens that are not of it
  size_t num_real = 0;        // attention mask: 1 for the first num_real ids (before attend flag)
  size_t num_attended = 0;    // rows others attend to
  std::vector<uint8_t> keep;  // [ids] 1: this row is kept as an embedding
  size_t max_length = 0;      // query_length or document_length: PyLate trains on it padded to this
};

/// What a kept row of an embedding stands for.
struct RowDescription {
  TokenId id = 0;
  std::string token;  // as in the vocabulary: "##ing", "[CLS]"
  ByteRange bytes;    // of the text as given; [0, 0) for special tokens, prefix and expansion
};

class ColBERT {
 public:
  /// Loads a model folder. Throws IoError, FormatError (what is wrong with which file), and
  /// std::invalid_argument for options that make no sense.
  static ColBERT load(const std::filesystem::path& folder, const ColbertOptions& options = {});

  /// The model of a checkpoint in memory, whose weights may be other ones than its folder's
  /// (Weights::replace, Checkpoint::dense); tokenizer and configuration are the folder's.
  /// options.checkpoint is not looked at. Throws as load().
  static ColBERT from_weights(Checkpoint checkpoint, const ColbertOptions& options = {});

  ColBERT(ColBERT&&) noexcept;
  ColBERT& operator=(ColBERT&&) noexcept;
  ~ColBERT();

  /// One item a text, in order; vectors [rows, D]. With query expansion every query has
  /// query_length rows. The result for a text is the same to the bit in any batch and with any
  /// thread count. Throws std::invalid_argument (unknown prompt name, a text of 4 GiB) and
  /// FormatError naming the text when a vector is not finite.
  Embeddings encode_queries(std::span<const std::string> texts,
                            const EncodeOptions& options = {}) const;
  Embeddings encode_documents(std::span<const std::string> texts,
                              const EncodeOptions& options = {}) const;
  Embeddings encode(std::span<const std::string> texts, TextKind kind,
                    const EncodeOptions& options = {}) const;

  /// Ids, offsets and masks of one text.
  TokenizedText tokenize(std::string_view text, TextKind kind,
                         const EncodeOptions& options = {}) const;

  /// One entry a row of encode()'s result for this text (pool_factor = 1).
  std::vector<RowDescription> describe_rows(std::string_view text, TextKind kind,
                                            const EncodeOptions& options = {}) const;

  size_t dim() const;
  const ColbertSettings& settings() const;
  const Checkpoint& checkpoint() const;
  const Tokenizer& tokenizer() const;
  const EncoderShape& encoder_shape() const;
  /// The rows that the tokenizer, with the prefixes, wants of the encoder's table.
  const TokenRows& token_rows() const;
  kernels::Isa isa() const;
  Precision precision() const;
  ThreadPool& pool() const;
  /// What a user should know about this load: clamped lengths, a new projection, dropped modules.
  const std::vector<std::string>& notes() const;

 private:
  friend class EncodingStream;
  struct Impl;
  EncodingParts parts() const;  // views of this model
  explicit ColBERT(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace maxsimd
