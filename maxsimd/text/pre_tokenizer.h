// Pre-tokenizers of tokenizer.json: each splits a normalized text into the parts ("words") that the
// model sees one by one.
// Immutable; const methods are safe from any thread.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "maxsimd/text/component_json.h"
#include "maxsimd/text/normalized_text.h"

namespace maxsimd {

/// What becomes of the matches of a splitting pattern; for '-' in "the-final--countdown":
enum class SplitBehavior {
  removed,               // the final countdown
  isolated,              // the - final - - countdown
  merged_with_previous,  // the- final- - countdown
  merged_with_next,      // the -final - -countdown
  contiguous             // the - final -- countdown
};

/// Splits a text of `size` bytes at ascending, disjoint matches (empty ones allowed) and appends
/// the non-empty parts. With `invert` matches and what is between them change places.
void split_at_matches(size_t size, std::span<const TextSpan> matches, SplitBehavior behavior,
                      bool invert, std::vector<TextSpan>& parts);

class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  /// Appends the parts of `text`, ascending and non-empty.
  virtual void split(std::string_view text, std::vector<TextSpan>& parts) const = 0;
  /// Whether this is a BertPreTokenizer: it has a fast path.
  virtual bool is_bert() const { return false; }
};

/// Throws FormatError: malformed, or a type that is not supported (it is named).
std::unique_ptr<PreTokenizer> make_pre_tokenizer(const ComponentJson& json);
std::unique_ptr<PreTokenizer> make_bert_pre_tokenizer();

}  // namespace maxsimd
