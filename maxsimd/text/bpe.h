// The byte-pair encoding model, by Hugging Face's rules: a word's characters are tokens, neighbours
// are merged in the order of the list of merges.
//
// Sources: Sennrich et al. 2016, "Neural machine translation of rare words with subword units";
// HF models/bpe. Immutable; const methods are safe from any thread.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "maxsimd/text/bpe_merges.h"
#include "maxsimd/text/vocabulary_model.h"

namespace maxsimd {

struct BpeOptions {
  std::optional<std::string> unk_token;   // nothing = characters without a token vanish
  std::string continuing_subword_prefix;  // of the tokens of all characters but the first
  std::string end_of_word_suffix;         // of the token of the last character
  bool fuse_unk = false;                  // a run of unknown characters is one token
  bool byte_fallback = false;             // an unknown character is the tokens <0x..> of its bytes
  bool ignore_merges = false;             // a word that is a token itself is not merged
};

class Bpe final : public VocabularyModel {
 public:
  using Merges = std::vector<std::pair<std::string, std::string>>;

  /// Throws FormatError when a merge names, or makes, a token that is not in the vocabulary.
  Bpe(Vocabulary vocabulary, const Merges& merges, BpeOptions options);

  /// A character that vanished moves the tokens behind it to the left, as in HF.
  void tokenize(std::string_view text, TextSpan word, std::vector<TextToken>& out) const override;

  std::optional<int32_t> unk_id() const override { return unk_id_; }

  const BpeOptions& options() const { return options_; }
  const BpeMerges& merges() const { return merges_; }

 private:
  // Unknown characters that are not yet in the word.
  struct Unknown {
    bool is_pending = false;
    uint32_t length = 0;
  };
  std::vector<BpeSymbol> symbols_of(std::string_view word) const;
  bool append_bytes(std::string_view token, std::vector<BpeSymbol>& symbols) const;
  void append_unknown(std::string_view character, Unknown& unknown,
                      std::vector<BpeSymbol>& symbols) const;
  void flush(Unknown& unknown, std::vector<BpeSymbol>& symbols) const;

  BpeMerges merges_;
  BpeOptions options_;
  std::optional<int32_t> unk_id_;
  std::array<int32_t, 256> byte_ids_{};  // of <0x00> .. <0xFF>; -1 for none
};

/// The ids of the tokens <0x00> .. <0xFF> of byte fallback; -1 for those that are missing.
std::array<int32_t, 256> byte_fallback_ids(const Vocabulary& vocabulary);

}  // namespace maxsimd
