// A vocabulary: tokens to ids and back.
//
// Immutable; const methods are safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "maxsimd/text/byte_trie.h"

namespace maxsimd {

class Vocabulary {
 public:
  using Entries = std::vector<std::pair<std::string, int32_t>>;  // token, id >= 0

  Vocabulary() = default;
  /// A token given twice has the last id, and the earlier id names nothing.
  explicit Vocabulary(const Entries& entries);

  std::optional<int32_t> find(std::string_view token) const {
    if (token.empty()) return empty_token_;
    const int32_t id = trie_.find(token);
    return id == ByteTrie::kNoValue ? std::nullopt : std::optional(id);
  }
  std::optional<std::string_view> name_of(int32_t id) const;
  size_t size() const { return size_; }  // distinct tokens
  int32_t max_id() const { return max_id_; }
  /// The tokens but for the empty one, each with its id.
  const ByteTrie& trie() const { return trie_; }

 private:
  // A token's text is tokens_[begin, end).
  struct Named {
    int32_t id;
    uint32_t begin;
    uint32_t end;
  };
  std::string_view text_of(const Named& named) const {
    return std::string_view(tokens_).substr(named.begin, named.end - named.begin);
  }

  ByteTrie trie_;
  std::optional<int32_t> empty_token_;  // the id of "", which vocabularies do contain
  size_t size_ = 0;
  int32_t max_id_ = -1;
  std::string tokens_;        // all tokens, one after the other
  std::vector<Named> by_id_;  // ascending
};

}  // namespace maxsimd
