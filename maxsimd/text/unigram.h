// The Unigram model: of all ways to cut a word into tokens of the vocabulary, the one with the
// highest sum of scores (Viterbi), by Hugging Face's rules.
//
// Source: Kudo 2018, "Subword regularization"; HF models/unigram. Immutable; const methods are safe
// from any thread.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "maxsimd/text/token_model.h"
#include "maxsimd/text/vocabulary.h"

namespace maxsimd {

class Unigram final : public TokenModel {
 public:
  /// Tokens with their scores; a token's id is its place.
  using Pieces = std::vector<std::pair<std::string, double>>;
  struct Options {
    std::optional<int32_t> unk_id;
    bool byte_fallback = false;  // an unknown part is the tokens <0x..> of its bytes
  };
  /// What the search needs; kept between words so that none allocates.
  struct Scratch {
    struct Best {  // of the ways that end at a byte
      double score;
      int32_t id;
      uint32_t begin;  // of its last token
    };
    std::vector<Best> best;
    std::vector<TextToken> reversed;
  };

  /// Throws FormatError when unk_id is not an id of it.
  Unigram(Pieces pieces, const Options& options);

  void tokenize(std::string_view text, TextSpan word, std::vector<TextToken>& out) const override;
  /// The same with spans relative to the word.
  void tokenize(std::string_view word, Scratch& scratch, std::vector<TextToken>& out) const;

  std::optional<int32_t> token_to_id(std::string_view token) const override {
    return vocabulary_.find(token);
  }
  std::optional<std::string_view> id_to_token(int32_t id) const override;
  size_t size() const override { return pieces_.size(); }
  int32_t max_id() const override { return static_cast<int32_t>(pieces_.size()) - 1; }
  std::optional<int32_t> unk_id() const override { return options_.unk_id; }
  bool names_tokens_by_text() const override { return true; }

 private:
  void search(std::string_view word, std::vector<Scratch::Best>& best) const;
  void append_unknown(std::string_view word, TextSpan span, std::vector<TextToken>& out) const;
  int32_t need_unk_id(std::string_view word) const;

  Pieces pieces_;
  Vocabulary vocabulary_;
  std::vector<double> scores_;  // by id
  Options options_;
  double unk_score_ = 0;
  std::array<int32_t, 256> byte_ids_{};  // of <0x00> .. <0xFF>; -1 for none
};

}  // namespace maxsimd
