// tokenizer.json -> token ids, equal to Hugging Face's `tokenizers` id for id and offset for
// offset.
//
// The pipeline is: added tokens are cut out, the rest is normalized, split by the pre-tokenizer,
// looked up by the model (WordPiece), and framed by the post-processor. Offsets are bytes of the
// original text and are kept through every step. A component that is not supported is a FormatError
// that names it: ids are never silently wrong.
//
// Thread rule: immutable after load and add_tokens(); encode() may run from any number of threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/base/types.h"

namespace maxsimd {

using TokenId = int32_t;

struct TokenizerFileOptions;  // tokenizer_file.h

/// Token ids of one text, and (when asked) the bytes [begin, end) of the original text of each.
/// Ids that stand for no text ([CLS], [SEP]) have the range [0, 0), as in Hugging Face.
struct Encoding {
  std::vector<TokenId> ids;
  std::vector<ByteRange> offsets;  // empty unless EncodeTextOptions::with_offsets
};

enum class TruncationSide { right, left };

struct EncodeTextOptions {
  bool add_special_tokens = true;    // run the post-processor ([CLS] ... [SEP])
  bool with_offsets = false;         // costs about a tenth more time
  std::optional<size_t> max_length;  // in ids, special tokens included; nothing = no truncation
  /// Which end of the content is cut; nothing = as the tokenizer's own file says, else right.
  std::optional<TruncationSide> truncation_side;
};

struct TokenizerLoadOptions {
  /// sentence_bert_config.json's do_lower_case: lower-case the text before everything else.
  bool lowercase_first = false;
};

class Tokenizer {
 public:
  /// Loads FOLDER/tokenizer.json, with what the files beside it change as in transformers
  /// (tokenizer_config.h); without it FOLDER/vocab.txt as BertTokenizerFast would, if that is the
  /// class the files name.
  /// The truncation and padding blocks of the file never apply by themselves.
  /// Throws IoError (no such file), FormatError (malformed, unsupported component).
  static Tokenizer load(const std::filesystem::path& folder,
                        const TokenizerLoadOptions& options = {});
  /// From the text of a tokenizer.json; `where` names it in errors.
  static Tokenizer from_json(std::string_view json, const std::string& where,
                             const TokenizerLoadOptions& options = {});

  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;
  ~Tokenizer();

  /// Invalid UTF-8 is read as U+FFFD. Throws std::invalid_argument only when max_length is smaller
  /// than the number of special tokens, or the text is 4 GiB or more; and FormatError when a regex
  /// of the tokenizer's own file needs too many steps on this text (BERT tokenizers have none).
  Encoding encode(std::string_view text, const EncodeTextOptions& options = {}) const;

  std::optional<TokenId> token_to_id(std::string_view token) const;
  std::optional<std::string> id_to_token(TokenId id) const;
  /// One past the largest id (added tokens included): the rows an embedding table needs.
  size_t vocab_size() const;
  std::optional<TokenId> unk_id() const;
  /// As the files beside tokenizer.json name them or, if none does, the class (BertTokenizer:
  /// "[MASK]"); where no file says what class or model it is, the usual names that exist.
  std::optional<TokenId> mask_id() const;
  std::optional<TokenId> pad_id() const;
  std::optional<TokenId> eos_id() const;
  /// What PyLate fills queries up with: the mask token, else eos, else pad. Throws FormatError
  /// where a class that is not known here may have a mask token that no file names.
  std::optional<TokenId> expansion_id() const;

  /// As HF's tokenizer.add_tokens([...]) for non-special tokens: a token already in the vocabulary
  /// keeps its id but is matched in raw text from now on (normalized = true); a new one gets the
  /// next free id. Returns the ids. Not thread-safe.
  std::vector<TokenId> add_tokens(const std::vector<std::string>& tokens);

  /// Whether files beside tokenizer.json changed it: settings that win over it, tokens they add.
  bool differs_from_file() const;
  /// What a user should know: parts of tokenizer.json that transformers 5 replaces by others, which
  /// gives other ids (transformers 4, and this tokenizer, follow the file).
  const std::vector<std::string>& notes() const;

  /// The tokenizer.json text of this tokenizer, those changes and added tokens included (for
  /// writing model folders).
  std::string to_json() const;

 private:
  struct Impl;
  explicit Tokenizer(std::unique_ptr<Impl> impl);
  static Tokenizer parse(std::string_view json, const std::string& where,
                         const TokenizerFileOptions& options);
  std::unique_ptr<Impl> impl_;
};

}  // namespace maxsimd
