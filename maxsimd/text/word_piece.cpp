#include "maxsimd/text/word_piece.h"

#include <algorithm>
#include <utility>

#include "maxsimd/base/errors.h"

namespace maxsimd {
namespace {

bool is_continuation_byte(char byte) {
  return (static_cast<uint8_t>(byte) & 0xC0U) == 0x80;
}

bool has_more_chars_than(std::string_view word, size_t limit) {
  if (word.size() <= limit) return false;
  const auto chars = std::count_if(word.begin(), word.end(),
                                   [](char byte) { return !is_continuation_byte(byte); });
  return static_cast<size_t>(chars) > limit;
}

}  // namespace

WordPiece::WordPiece(Vocabulary vocabulary, const WordPieceOptions& options)
    : VocabularyModel(std::move(vocabulary)), max_chars_(options.max_input_chars_per_word) {
  continuation_ = vocabulary_.trie().walk(ByteTrie::kRoot, options.continuing_subword_prefix);
  const std::optional<int32_t> unk = vocabulary_.find(options.unk_token);
  if (!unk) {
    throw FormatError("WordPiece model: its unk_token '" + options.unk_token +
                      "' is not in its vocabulary of " + std::to_string(vocabulary_.size()) +
                      " tokens");
  }
  unk_id_ = *unk;
}

void WordPiece::tokenize(std::string_view text, TextSpan word, std::vector<TextToken>& out) const {
  const ByteTrie& trie = vocabulary_.trie();
  const size_t first_token = out.size();
  bool is_known = !has_more_chars_than(text.substr(word.begin, word.end - word.begin), max_chars_);
  size_t begin = word.begin;
  ByteTrie::Node start = ByteTrie::kRoot;
  while (is_known && begin < word.end) {
    int32_t id = ByteTrie::kNoValue;
    size_t end = begin;
    ByteTrie::Node node = start;
    for (size_t i = begin; node != ByteTrie::kNone && i < word.end; ++i) {
      const ByteTrie::Step step = trie.step(node, text[i]);
      node = step.node;
      if (step.value != ByteTrie::kNoValue) {
        id = step.value;
        end = i + 1;
      }
    }
    is_known = id != ByteTrie::kNoValue;
    if (is_known) out.push_back({id, {begin, end}});
    begin = end;
    start = continuation_;
  }
  if (!is_known) {
    out.resize(first_token);
    out.push_back({unk_id_, word});
  }
}

}  // namespace maxsimd
