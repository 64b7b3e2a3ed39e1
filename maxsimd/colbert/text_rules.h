// PyLate's tokenisation rules for one model: prefix id at position 1, lengths, query expansion,
// the skiplist. Immutable after construction; safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/base/types.h"
#include "maxsimd/checkpoint/checkpoint.h"
#include "maxsimd/colbert/colbert.h"
#include "maxsimd/text/tokenizer.h"

namespace maxsimd {

/// The ids of the two prefixes; nothing for a prefix-free model ("").
struct PrefixIds {
  std::optional<TokenId> query;
  std::optional<TokenId> document;
};

/// Adds the prefixes to the tokenizer. One that is not in its vocabulary becomes a new id (never
/// UNK), with a note; the encoder's embedding table must then grow to tokenizer.vocab_size().
PrefixIds add_prefix_tokens(Tokenizer& tokenizer, const ColbertSettings& settings,
                            std::vector<std::string>& notes);

/// What is put before every text: the options' prompt, or the one of the model's that they name,
/// that is for this kind or that is its default. A view of either. Throws std::invalid_argument: a
/// name the model lacks.
std::string_view chosen_prompt(const ColbertSettings& settings, TextKind kind,
                               const EncodeOptions& options);

class TextRules {
 public:
  /// Clamps the lengths to max_positions with a note, and resolves the skiplist. `where` names the
  /// model in errors. Throws FormatError: query expansion without a mask, eos or pad token; a
  /// length too small for the special tokens and the prefix.
  TextRules(ColbertSettings settings, const PrefixIds& prefixes, const Tokenizer& tokenizer,
            size_t max_positions, const std::string& where, std::vector<std::string>& notes);

  /// `prompt` is put before the text; offsets are of `text` alone. Throws FormatError for a query
  /// of no tokens, not even special ones, that gets a prefix and is filled up.
  TokenizedText apply(const Tokenizer& tokenizer, std::string_view text, std::string_view prompt,
                      TextKind kind, bool with_offsets) const;

  const ColbertSettings& settings() const { return settings_; }

 private:
  /// How one kind of text is framed.
  struct Frame {
    std::optional<TokenId> prefix;
    size_t length = 0;    // ids in all
    size_t expanded = 0;  // fill to so many ids with the expansion id; 0: do not
    bool skip = false;    // the skiplist applies
  };

  Frame make_frame(TextKind kind, std::optional<TokenId> prefix) const;
  void clamp_length(size_t& length, const char* name, size_t max_positions,
                    std::vector<std::string>& notes) const;
  void check_length(const Tokenizer& tokenizer, const Frame& frame, const char* name,
                    const std::string& where) const;
  void resolve_expansion(const Tokenizer& tokenizer, const std::string& where);
  void resolve_skiplist(const Tokenizer& tokenizer);

  ColbertSettings settings_;
  Frame query_;
  Frame document_;
  TokenId expansion_id_ = 0;
  std::vector<uint8_t> skip_;  // [vocab] 1: the skiplist has this id
};

}  // namespace maxsimd
