// Normalizers of tokenizer.json: each rewrites a text, offsets kept.
// Immutable; const methods are safe from any thread.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "maxsimd/text/component_json.h"
#include "maxsimd/text/normalized_text.h"

namespace maxsimd {

/// HF's BertNormalizer.
struct BertNormalizerOptions {
  bool clean_text = true;             // drop control characters and U+FFFD; white space -> ' '
  bool handle_chinese_chars = true;   // ' ' around CJK ideographs
  std::optional<bool> strip_accents;  // nothing = as `lowercase` is
  bool lowercase = true;

  bool strips_accents() const { return strip_accents.value_or(lowercase); }
};

/// The CJK blocks around which BertNormalizer puts spaces.
bool is_chinese_char(char32_t c) noexcept;

class Normalizer {
 public:
  virtual ~Normalizer() = default;
  virtual void apply(NormalizedText& text) const = 0;
  /// Whether apply() would surely change nothing in this well-formed UTF-8; false when it is not
  /// quick to say.
  virtual bool keeps(std::string_view) const { return false; }
  /// The options if this is a BertNormalizer: it has a fast path.
  virtual const BertNormalizerOptions* bert() const { return nullptr; }
};

/// Throws FormatError: malformed, or a type that is not supported (it is named).
std::unique_ptr<Normalizer> make_normalizer(const ComponentJson& json);
std::unique_ptr<Normalizer> make_bert_normalizer(const BertNormalizerOptions& options);

}  // namespace maxsimd
