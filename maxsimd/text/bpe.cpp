#include "maxsimd/text/bpe.h"

#include <algorithm>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/utf8.h"

namespace maxsimd {
namespace {

int32_t merged_id(const Vocabulary& vocabulary, const std::string& token, size_t rank) {
  const auto id = vocabulary.find(token);
  if (!id) {
    throw FormatError("BPE model: merge " + std::to_string(rank) + " needs the token '" + token +
                      "', which is not in its vocabulary of " + std::to_string(vocabulary.size()) +
                      " tokens");
  }
  return *id;
}

}  // namespace

std::array<int32_t, 256> byte_fallback_ids(const Vocabulary& vocabulary) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::array<int32_t, 256> ids{};
  for (size_t byte = 0; byte < ids.size(); ++byte) {
    const char token[] = {'<', '0', 'x', kDigits[byte >> 4], kDigits[byte & 15], '>'};
    ids[byte] = vocabulary.find({token, sizeof(token)}).value_or(-1);
  }
  return ids;
}

Bpe::Bpe(Vocabulary vocabulary, const Merges& merges, BpeOptions options)
    : VocabularyModel(std::move(vocabulary)), options_(std::move(options)) {
  const size_t prefix = options_.continuing_subword_prefix.size();
  for (size_t rank = 0; rank < merges.size(); ++rank) {
    const auto& [left, right] = merges[rank];
    if (right.size() < prefix) {
      throw FormatError("BPE model: merge " + std::to_string(rank) + ": its second part '" + right +
                        "' is shorter than continuing_subword_prefix '" +
                        options_.continuing_subword_prefix + "'");
    }
    const int32_t left_id = merged_id(vocabulary_, left, rank);
    const int32_t right_id = merged_id(vocabulary_, right, rank);
    const int32_t id = merged_id(vocabulary_, left + right.substr(prefix), rank);
    merges_.insert(left_id, right_id, {static_cast<uint32_t>(rank), id});
  }
  if (options_.unk_token) unk_id_ = vocabulary_.find(*options_.unk_token);
  byte_ids_.fill(-1);
  if (options_.byte_fallback) byte_ids_ = byte_fallback_ids(vocabulary_);
}

void Bpe::tokenize(std::string_view text, TextSpan word, std::vector<TextToken>& out) const {
  if (word.begin == word.end) return;
  const std::string_view bytes = text.substr(word.begin, word.end - word.begin);
  if (options_.ignore_merges) {
    if (const auto id = vocabulary_.find(bytes)) {
      out.push_back({*id, word});
      return;
    }
  }
  std::vector<BpeSymbol> symbols = symbols_of(bytes);
  BpeMerges::Scratch scratch;
  merges_.merge(symbols, scratch);
  size_t begin = word.begin;
  for (const BpeSymbol& symbol : symbols) {
    // The bytes of a prefix or suffix that became tokens of their own lie at the end of the word.
    const size_t end = begin + symbol.length;
    out.push_back({symbol.id, {std::min(begin, word.end - 1), std::min(end, word.end)}});
    begin = end;
  }
}

std::vector<BpeSymbol> Bpe::symbols_of(std::string_view word) const {
  std::vector<BpeSymbol> symbols;
  symbols.reserve(word.size());
  Unknown unknown;
  std::string token;
  for (size_t i = 0; i < word.size();) {
    const size_t length = decode_utf8(word, i).length;
    const std::string_view character = word.substr(i, length);
    token.clear();
    if (i > 0) token += options_.continuing_subword_prefix;
    token += character;
    i += length;
    if (i == word.size()) token += options_.end_of_word_suffix;
    if (const auto id = vocabulary_.find(token)) {
      flush(unknown, symbols);
      symbols.push_back({*id, static_cast<uint32_t>(length)});
    } else if (!append_bytes(token, symbols)) {
      append_unknown(character, unknown, symbols);
    }
  }
  flush(unknown, symbols);
  return symbols;
}

// As in HF, the bytes of a character overtake unknown characters before it.
bool Bpe::append_bytes(std::string_view token, std::vector<BpeSymbol>& symbols) const {
  if (!options_.byte_fallback) return false;
  const auto id_of = [this](char byte) { return byte_ids_[static_cast<uint8_t>(byte)]; };
  if (!std::all_of(token.begin(), token.end(), [&](char byte) { return id_of(byte) >= 0; })) {
    return false;
  }
  for (const char byte : token) symbols.push_back({id_of(byte), 1});
  return true;
}

void Bpe::append_unknown(std::string_view character, Unknown& unknown,
                         std::vector<BpeSymbol>& symbols) const {
  if (!options_.unk_token) return;
  if (!unk_id_) {
    throw FormatError("BPE model: no token for '" + std::string(character) +
                      "', and its unk_token '" + *options_.unk_token +
                      "' is not in its vocabulary either");
  }
  if (!options_.fuse_unk) flush(unknown, symbols);
  unknown.is_pending = true;
  unknown.length += static_cast<uint32_t>(character.size());
}

void Bpe::flush(Unknown& unknown, std::vector<BpeSymbol>& symbols) const {
  if (unknown.is_pending) symbols.push_back({*unk_id_, unknown.length});
  unknown = {};
}

}  // namespace maxsimd
