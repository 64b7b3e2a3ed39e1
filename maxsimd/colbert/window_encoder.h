// Encodes a long list of texts window by window, with the next window tokenized beside the encoding
// of this one: by the same threads, as the last and smallest tasks, so that no thread is made, none
// waits for the tokenizer, and the end of a window has something to even it out.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "maxsimd/base/thread_pool.h"
#include "maxsimd/base/types.h"
#include "maxsimd/colbert/batching.h"
#include "maxsimd/colbert/colbert.h"
#include "maxsimd/colbert/projection.h"
#include "maxsimd/colbert/text_rules.h"
#include "maxsimd/encoder/encoder.h"
#include "maxsimd/text/tokenizer.h"

namespace maxsimd {

/// What of a model is needed to encode; must outlive who uses it.
struct EncodingParts {
  const Tokenizer& tokenizer;
  const TextRules& rules;
  const Encoder& encoder;
  const Projection& projection;
  kernels::Isa isa;
  ThreadPool& pool;
};

/// One thread calls it, and the model's pool works.
class WindowEncoder {
 public:
  /// `on_done` may be empty; it is called with the texts encoded so far as
  /// EncodeOptions::progress is, which is not looked at. Throws std::invalid_argument as
  /// ColBERT::encode().
  WindowEncoder(const EncodingParts& parts, TextKind kind, const EncodeOptions& options,
                std::function<void(size_t done)> on_done);

  /// Appends the embeddings of `window` to `out` and returns the texts of `next` tokenized; either
  /// may be empty. Throws FormatError naming the text whose vectors are not finite by its number
  /// among all so far.
  std::vector<TokenizedText> encode(std::span<const TokenizedText> window, Embeddings& out,
                                    std::span<const std::string> next);

 private:
  struct Workspace {
    EncoderWorkspace encoder;
    ProjectionWorkspace projection;
    std::vector<TokenId> ids;
    std::vector<Sequence> sequences;
    std::vector<uint8_t> keep;
  };

  void encode_chunk(std::span<const TokenizedText> window, const Chunk& chunk, Workspace& workspace,
                    float* out);
  void check_finite(std::span<const TokenizedText> texts, size_t first_text,
                    MatrixView<const float> rows) const;
  void run_tasks(std::span<const TokenizedText> window, Embeddings& out, size_t first_item,
                 std::span<const std::string> next, std::vector<TokenizedText>& tokenized);
  void tell(size_t texts);
  void pool_documents(Embeddings& all, size_t first) const;

  EncodingParts parts_;
  TextKind kind_;
  std::string prompt_;
  bool normalize_embeddings_;
  size_t pool_factor_;  // 1 for queries
  size_t protected_tokens_;
  bool apply_skiplist_;
  std::function<void(size_t done)> on_done_;
  std::vector<Workspace> workspaces_;  // one a thread
  size_t first_text_ = 0;              // number of the window's first text
  std::mutex done_mutex_;
  size_t done_ = 0;
};

}  // namespace maxsimd
