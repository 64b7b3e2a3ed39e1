// The tokenizer's steps put together: added tokens, normalizer, pre-tokenizer, model, truncation,
// frame. Two ways through it give the same result: the simple one, any component, and a fast one
// for components that go together (BERT's, byte-level BPE, SentencePiece's Unigram); the simple one
// is the oracle of the others.
//
// Const methods are safe from any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/text/added_vocabulary.h"
#include "maxsimd/text/bert_text.h"
#include "maxsimd/text/fast_words.h"
#include "maxsimd/text/normalizer.h"
#include "maxsimd/text/post_processor.h"
#include "maxsimd/text/pre_tokenizer.h"
#include "maxsimd/text/token_model.h"
#include "maxsimd/text/token_trim.h"
#include "maxsimd/text/tokenizer.h"

namespace maxsimd {

struct TextPipelineParts {
  std::unique_ptr<Normalizer> normalizer;       // may be null
  std::unique_ptr<PreTokenizer> pre_tokenizer;  // may be null
  std::unique_ptr<TokenModel> model;            // not null
  PostProcessor post_processor;
  TruncationSide truncation_side = TruncationSide::right;
  bool lowercase_first = false;
};

class TextPipeline {
 public:
  explicit TextPipeline(TextPipelineParts parts);

  /// As Tokenizer::encode.
  Encoding encode(std::string_view text, const EncodeTextOptions& options) const;
  /// The same without the fast path.
  Encoding encode_simply(std::string_view text, const EncodeTextOptions& options) const;

  /// As HF's add_tokens; see AddedVocabulary::add.
  std::vector<std::optional<TokenId>> add_tokens(const std::vector<AddedToken>& tokens);
  void remove_added_tokens() { added_ = {}; }

  /// Of an added token, else of the model's.
  std::optional<TokenId> token_to_id(std::string_view token) const;

  const TokenModel& model() const { return *parts_.model; }
  const AddedVocabulary& added() const { return added_; }
  const PostProcessor& post_processor() const { return parts_.post_processor; }

 private:
  // The tokens of a text before truncation and frame.
  struct Content {
    std::vector<TokenId> ids;
    std::vector<ByteRange> offsets;   // empty without offsets
    std::vector<TokenSpaces> spaces;  // empty unless offsets are trimmed
  };
  // `enough` tokens are all that will be kept of the front.
  struct Wanted {
    bool offsets = false;
    bool spaces = false;
    size_t enough = SIZE_MAX;
  };
  Content content_simply(std::string_view text, const Wanted& wanted) const;
  void section_simply(NormalizedText section, const Wanted& wanted, Content& out) const;
  void append_added(const NormalizedText& section, const AddedTokenMatch& match,
                    const Wanted& wanted, Content& out) const;
  TokenSpaces spaces_of_id(TokenId id) const;
  void append_model_tokens(const NormalizedText& piece, const Wanted& wanted, Content& out) const;
  bool content_fast(std::string_view text, const Wanted& wanted, Content& out) const;
  void pieces_fast(const FastSection& section, const Wanted& wanted, Content& out) const;
  bool content_bert(std::string_view text, const Wanted& wanted, Content& out) const;
  bool section_bert(std::string_view text, TextSpan section, const Wanted& wanted,
                    BertText::Output& normalized, Content& out) const;
  template <class GetContent>
  Encoding frame(std::string_view text, const EncodeTextOptions& options,
                 GetContent get_content) const;

  TextPipelineParts parts_;
  AddedVocabulary added_;
  std::optional<BertText> bert_;
  const WordPiece* word_piece_ = nullptr;  // the model, if bert_ is there
  std::unique_ptr<FastWords> fast_words_;  // may be null
  std::vector<TokenSpaces> spaces_by_id_;  // of the model's tokens, if offsets are trimmed
};

}  // namespace maxsimd
