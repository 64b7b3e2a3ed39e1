// Any bytes as an encoder's config.json, BERT's and its kin's (first byte even) or ModernBERT's: a
// FormatError with a short UTF-8 message of one line, or sizes that agree with each other and are
// within bounds.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/utf8.h"
#include "maxsimd/encoder/bert_config.h"
#include "maxsimd/encoder/modernbert_config.h"

namespace {

using namespace maxsimd;

constexpr size_t kLargest = size_t{1} << 28;

void require(bool condition) {
  if (!condition) std::abort();
}

void check(const BertConfig& config) {
  require(config.num_attention_heads > 0 && config.head_dim() > 0);
  require(config.head_dim() * config.num_attention_heads == config.hidden_size);
  require(config.vocab_size > 0 && config.vocab_size <= kLargest);
  require(config.max_length() > 0 && config.max_length() <= config.max_position_embeddings);
  require(!config.pad_token_id || *config.pad_token_id < config.vocab_size);
  PositionCounter positions(config);
  const size_t first = positions.next(static_cast<int64_t>(config.vocab_size));
  require(first + config.max_length() == config.max_position_embeddings);
}

void check(const ModernBertConfig& config) {
  require(config.num_attention_heads > 0 && config.head_dim() % 2 == 0 && config.head_dim() > 0);
  require(config.head_dim() * config.num_attention_heads == config.hidden_size);
  require(config.is_global.size() == config.num_hidden_layers);
  require(config.window < kLargest && config.vocab_size <= kLargest);
  require(config.global_rope_theta >= 1 && config.local_rope_theta >= 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    if (data[0] % 2 == 0) {
      check(parse_bert_config(text, "fuzz"));
    } else {
      check(parse_modernbert_config(text, "fuzz"));
    }
  } catch (const FormatError& error) {
    const std::string_view message = error.what();
    require(message.starts_with("fuzz") && message.size() < 2048);
    require(!find_invalid_utf8(message) && message.find_first_of("\n\r\t") == message.npos);
  }
  return 0;
}
