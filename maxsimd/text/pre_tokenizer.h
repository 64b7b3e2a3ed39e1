// Pre-tokenizers of tokenizer.json: each splits a normalized text into the parts ("words") that the
// model sees one by one; some rewrite them too.
// Immutable; const methods are safe from any thread.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "maxsimd/text/component_json.h"
#include "maxsimd/text/gpt_split.h"
#include "maxsimd/text/metaspace.h"
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

class Splitter;

/// What a fast path needs to know of a pre-tokenizer that has one, which must outlive it.
struct ByteLevelPlan {
  std::vector<const Splitter*> splitters;  // one after the other, before `split`
  GptSplit split = GptSplit::none;
  bool add_prefix_space = false;  // to a piece that does not begin with a space
};

class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  /// Splits and rewrites the pieces of a text; those that are empty are left out.
  virtual void apply(std::vector<NormalizedText>& pieces) const = 0;

  /// Whether this is a BertPreTokenizer.
  virtual bool is_bert() const { return false; }
  /// If this is a ByteLevel, alone or behind pre-tokenizers that only split.
  virtual std::optional<ByteLevelPlan> byte_level_plan() const { return std::nullopt; }
  /// If this rewrites nothing.
  virtual const Splitter* splitter() const { return nullptr; }
  /// If this is a Split that has a hand-written form.
  virtual GptSplit gpt_split() const { return GptSplit::none; }
  /// Whether this is a WhitespaceSplit.
  virtual bool splits_whitespace() const { return false; }
  /// If this is a Metaspace that splits, alone or behind a WhitespaceSplit.
  virtual std::optional<MetaspacePlan> metaspace_plan() const { return std::nullopt; }
};

/// A pre-tokenizer that rewrites nothing.
class Splitter : public PreTokenizer {
 public:
  /// Appends the parts of `text`, ascending and non-empty.
  virtual void split(std::string_view text, std::vector<TextSpan>& parts) const = 0;
  void apply(std::vector<NormalizedText>& pieces) const override;
  const Splitter* splitter() const override { return this; }
};

/// Throws FormatError: malformed, or a type that is not supported (it is named).
std::unique_ptr<PreTokenizer> make_pre_tokenizer(const ComponentJson& json);
std::unique_ptr<PreTokenizer> make_byte_level_pre_tokenizer(const ComponentJson& json);
std::unique_ptr<PreTokenizer> make_metaspace_pre_tokenizer(const ComponentJson& json);
std::unique_ptr<PreTokenizer> make_unicode_scripts_pre_tokenizer();
std::unique_ptr<PreTokenizer> make_bert_pre_tokenizer();

}  // namespace maxsimd
