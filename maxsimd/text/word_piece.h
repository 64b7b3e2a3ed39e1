// The WordPiece model: greedy longest match first, by Hugging Face's rules (a word longer than
// max_input_chars_per_word characters, or with a part that is not in the vocabulary, is one
// unknown token).
//
// Source: Schuster and Nakajima 2012, "Japanese and Korean voice search"; HF models/wordpiece.
// Immutable; const methods are safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "maxsimd/text/byte_trie.h"
#include "maxsimd/text/normalized_text.h"

namespace maxsimd {

/// A token of a text and the bytes of that (normalized) text it covers.
struct TextToken {
  int32_t id = 0;
  TextSpan span;
};

struct WordPieceOptions {
  std::string unk_token = "[UNK]";
  std::string continuing_subword_prefix = "##";
  size_t max_input_chars_per_word = 100;
};

class WordPiece {
 public:
  using Vocabulary = std::vector<std::pair<std::string, int32_t>>;  // token, id >= 0

  /// A token given twice has the last id. Throws FormatError when unk_token is not in it.
  WordPiece(const Vocabulary& vocabulary, const WordPieceOptions& options);

  /// Appends the tokens of text[word.begin, word.end), which must be well-formed UTF-8.
  void tokenize(std::string_view text, TextSpan word, std::vector<TextToken>& out) const;

  std::optional<int32_t> token_to_id(std::string_view token) const;
  std::optional<std::string_view> id_to_token(int32_t id) const;
  /// Number of distinct tokens; ids need not be dense.
  size_t size() const { return size_; }
  int32_t max_id() const { return max_id_; }
  int32_t unk_id() const { return unk_id_; }

 private:
  // A token's text is tokens_[begin, end).
  struct Named {
    int32_t id;
    uint32_t begin;
    uint32_t end;
  };
  std::string_view name_of(const Named& named) const {
    return std::string_view(tokens_).substr(named.begin, named.end - named.begin);
  }

  ByteTrie trie_;
  std::optional<int32_t> empty_token_;  // the id of "", which vocabularies do contain
  ByteTrie::Node continuation_ = ByteTrie::kNone;
  size_t max_chars_ = 0;
  size_t size_ = 0;
  int32_t max_id_ = -1;
  int32_t unk_id_ = -1;
  std::string tokens_;        // all tokens, one after the other
  std::vector<Named> by_id_;  // ascending
};

}  // namespace maxsimd
