#include "maxsimd/text/word_piece.h"

#include <algorithm>

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

WordPiece::WordPiece(const Vocabulary& vocabulary, const WordPieceOptions& options)
    : max_chars_(options.max_input_chars_per_word) {
  by_id_.reserve(vocabulary.size());
  for (const auto& [token, id] : vocabulary) {
    const auto begin = static_cast<uint32_t>(tokens_.size());
    tokens_ += token;
    by_id_.push_back({id, begin, static_cast<uint32_t>(tokens_.size())});
    max_id_ = std::max(max_id_, id);
    if (token.empty()) {
      size_ += empty_token_ ? 0 : 1;
      empty_token_ = id;
    } else {
      size_ += trie_.find(token) == ByteTrie::kNoValue ? 1 : 0;
      trie_.insert(token, id);
    }
  }
  if (size_ < by_id_.size()) {  // of a token given twice, the earlier id names nothing
    std::erase_if(by_id_, [this](const Named& named) {
      return token_to_id(name_of(named)) != std::optional(named.id);
    });
  }
  std::stable_sort(by_id_.begin(), by_id_.end(),
                   [](const Named& a, const Named& b) { return a.id < b.id; });
  continuation_ = trie_.walk(ByteTrie::kRoot, options.continuing_subword_prefix);
  const std::optional<int32_t> unk = token_to_id(options.unk_token);
  if (!unk) {
    throw FormatError("WordPiece model: its unk_token '" + options.unk_token +
                      "' is not in its vocabulary of " + std::to_string(size_) + " tokens");
  }
  unk_id_ = *unk;
}

void WordPiece::tokenize(std::string_view text, TextSpan word, std::vector<TextToken>& out) const {
  const size_t first_token = out.size();
  bool is_known = !has_more_chars_than(text.substr(word.begin, word.end - word.begin), max_chars_);
  size_t begin = word.begin;
  ByteTrie::Node start = ByteTrie::kRoot;
  while (is_known && begin < word.end) {
    int32_t id = ByteTrie::kNoValue;
    size_t end = begin;
    ByteTrie::Node node = start;
    for (size_t i = begin; node != ByteTrie::kNone && i < word.end; ++i) {
      const ByteTrie::Step step = trie_.step(node, text[i]);
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

std::optional<int32_t> WordPiece::token_to_id(std::string_view token) const {
  if (token.empty()) return empty_token_;
  const int32_t id = trie_.find(token);
  return id == ByteTrie::kNoValue ? std::nullopt : std::optional(id);
}

std::optional<std::string_view> WordPiece::id_to_token(int32_t id) const {
  const auto found = std::lower_bound(by_id_.begin(), by_id_.end(), id,
                                      [](const Named& named, int32_t i) { return named.id < i; });
  if (found == by_id_.end() || found->id != id) return std::nullopt;
  return name_of(*found);
}

}  // namespace maxsimd
