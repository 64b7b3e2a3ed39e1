// Tokens that are found in the text itself, before the model sees it: Hugging Face's
// AddedVocabulary. Those with normalized = false are matched in the raw text, the others, with
// their own content normalized, in the normalized text; leftmost-longest, then single_word, lstrip
// and rstrip decide.
//
// Const methods are safe from any thread.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/text/byte_trie.h"
#include "maxsimd/text/normalized_text.h"

namespace maxsimd {

struct AddedToken {
  int32_t id = 0;
  std::string content;
  bool single_word = false;  // only between characters that are not \w
  bool lstrip = false;       // takes the white space on its left
  bool rstrip = false;
  bool normalized = true;
  bool special = false;

  bool operator==(const AddedToken&) const = default;
};

/// A part of a text: an added token, or text between them.
struct AddedTokenMatch {
  TextSpan span;
  std::optional<int32_t> id;
};

/// Finds one set of patterns.
class AddedTokenMatcher {
 public:
  void add(std::string_view pattern, const AddedToken& token);
  bool empty() const { return trie_.empty(); }
  /// Whether any pattern may occur: false is certain, true is not.
  bool may_match(std::string_view text) const noexcept;
  /// The whole text, cut; empty parts are left out. Appends to `out`.
  void cut(std::string_view text, std::vector<AddedTokenMatch>& out) const;

 private:
  struct Rule {
    int32_t id = 0;
    bool single_word = false;
    bool lstrip = false;
    bool rstrip = false;
  };
  struct Found {
    TextSpan span;
    const Rule* rule = nullptr;
  };
  std::optional<Found> longest_at(std::string_view text, size_t position) const noexcept;

  ByteTrie trie_;  // pattern -> index into rules_
  std::vector<Rule> rules_;
  std::array<bool, 256> starts_{};  // first bytes of patterns
};

class AddedVocabulary {
 public:
  /// Gives the normalized form of a text.
  using Normalize = std::function<std::string(std::string_view)>;
  /// Gives the model's id of a token.
  using ModelId = std::function<std::optional<int32_t>(std::string_view)>;

  /// As HF's add_tokens: a token the model or this vocabulary knows keeps that id, others get the
  /// next free one; AddedToken::id is not read. Tokens with empty content are ignored (nullopt).
  /// One that comes again gets its new flags, but is still looked for where it was (raw or
  /// normalized text); one that is not special in both, if the two differ in that.
  std::vector<std::optional<int32_t>> add(const std::vector<AddedToken>& tokens,
                                          const ModelId& model_id, size_t model_size,
                                          const Normalize& normalize);

  const AddedTokenMatcher& raw() const { return raw_; }
  const AddedTokenMatcher& normalized() const { return normalized_; }
  /// Ascending by id.
  const std::vector<AddedToken>& tokens() const { return tokens_; }
  std::optional<int32_t> token_to_id(std::string_view content) const;
  const AddedToken* find(int32_t id) const;

 private:
  struct Pattern {
    std::string content;
    bool normalized = true;
  };
  AddedToken* find_mutable(int32_t id);
  void put(AddedToken token);
  bool is_special(std::string_view content) const;
  void rebuild(const Normalize& normalize);

  std::vector<AddedToken> tokens_;
  // As in HF, what is looked for: of a special token as it first came, of another each time it did.
  std::vector<Pattern> special_patterns_;
  std::vector<Pattern> other_patterns_;
  ByteTrie special_;  // contents of special_patterns_
  ByteTrie ids_;      // content -> id
  AddedTokenMatcher raw_;
  AddedTokenMatcher normalized_;
};

}  // namespace maxsimd
