#include "maxsimd/text/unigram.h"

#include <algorithm>
#include <limits>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/utf8.h"
#include "maxsimd/text/bpe.h"

namespace maxsimd {
namespace {

constexpr double kUnkPenalty = 10.0;  // below the lowest score of the vocabulary
constexpr uint32_t kNowhere = UINT32_MAX;

Vocabulary vocabulary_of(const Unigram::Pieces& pieces) {
  Vocabulary::Entries entries;
  entries.reserve(pieces.size());
  for (const auto& [token, score] : pieces) {
    entries.emplace_back(token, static_cast<int32_t>(entries.size()));
  }
  return Vocabulary(entries);
}

}  // namespace

Unigram::Unigram(Pieces pieces, const Options& options)
    : pieces_(std::move(pieces)), vocabulary_(vocabulary_of(pieces_)), options_(options) {
  if (options_.unk_id && static_cast<size_t>(*options_.unk_id) >= pieces_.size()) {
    throw FormatError("Unigram model: its unk_id " + std::to_string(*options_.unk_id) +
                      " is not in its vocabulary of " + std::to_string(pieces_.size()) + " tokens");
  }
  double lowest = std::numeric_limits<double>::infinity();
  for (const auto& [token, score] : pieces_) {
    scores_.push_back(score);
    if (score < lowest) lowest = score;
  }
  unk_score_ = lowest - kUnkPenalty;
  byte_ids_.fill(-1);
  if (options_.byte_fallback) byte_ids_ = byte_fallback_ids(vocabulary_);
}

std::optional<std::string_view> Unigram::id_to_token(int32_t id) const {
  if (id < 0 || static_cast<size_t>(id) >= pieces_.size()) return std::nullopt;
  return pieces_[static_cast<size_t>(id)].first;
}

void Unigram::tokenize(std::string_view text, TextSpan word, std::vector<TextToken>& out) const {
  Scratch scratch;
  const size_t first = out.size();
  tokenize(text.substr(word.begin, word.end - word.begin), scratch, out);
  for (size_t i = first; i < out.size(); ++i) {
    out[i].span.begin += word.begin;
    out[i].span.end += word.begin;
  }
}

// A run of unknown tokens is one token, and may then be one of the vocabulary after all.
void Unigram::tokenize(std::string_view word, Scratch& scratch, std::vector<TextToken>& out) const {
  if (word.empty()) return;
  search(word, scratch.best);
  auto& reversed = scratch.reversed;
  reversed.clear();
  bool is_unknown = false;  // the token last put
  for (size_t end = word.size(); end > 0;) {
    const Scratch::Best& last = scratch.best[end];
    const bool joins = is_unknown && last.id == options_.unk_id;
    if (joins) {
      reversed.back().span.begin = last.begin;
    } else {
      reversed.push_back({last.id, {last.begin, end}});
    }
    is_unknown = last.id == options_.unk_id;
    end = last.begin;
  }
  for (auto token = reversed.rbegin(); token != reversed.rend(); ++token) {
    if (token->id == options_.unk_id) {
      append_unknown(word, token->span, out);
    } else {
      out.push_back(*token);
    }
  }
}

// Of ways with the same score the one found first stays: its last token begins earlier.
void Unigram::search(std::string_view word, std::vector<Scratch::Best>& best) const {
  best.assign(word.size() + 1, {0, 0, kNowhere});
  const ByteTrie& trie = vocabulary_.trie();
  for (size_t begin = 0; begin < word.size();) {
    const double score_here = best[begin].score;
    const size_t char_length = decode_utf8(word, begin).length;
    const auto offer = [&](size_t end, int32_t id, double score) {
      Scratch::Best& target = best[end];
      const double total = score + score_here;
      if (target.begin != kNowhere && !(total > target.score)) return;
      target = {total, id, static_cast<uint32_t>(begin)};
    };
    bool has_single = false;
    ByteTrie::Node node = ByteTrie::kRoot;
    for (size_t i = begin; i < word.size(); ++i) {
      const ByteTrie::Step step = trie.step(node, word[i]);
      node = step.node;
      if (node == ByteTrie::kNone) break;
      if (step.value == ByteTrie::kNoValue) continue;
      offer(i + 1, step.value, scores_[static_cast<size_t>(step.value)]);
      has_single = has_single || i + 1 == begin + char_length;
    }
    if (!has_single) {
      const size_t end = begin + char_length;
      const bool is_better =
          best[end].begin == kNowhere || unk_score_ + score_here > best[end].score;
      if (is_better) offer(end, need_unk_id(word), unk_score_);
    }
    begin += char_length;
  }
}

void Unigram::append_unknown(std::string_view word, TextSpan span,
                             std::vector<TextToken>& out) const {
  const std::string_view text = word.substr(span.begin, span.end - span.begin);
  if (const auto id = vocabulary_.find(text)) {
    out.push_back({*id, span});
    return;
  }
  const auto id_of = [this](char byte) { return byte_ids_[static_cast<uint8_t>(byte)]; };
  if (options_.byte_fallback &&
      std::all_of(text.begin(), text.end(), [&](char byte) { return id_of(byte) >= 0; })) {
    for (const char byte : text) out.push_back({id_of(byte), span});
    return;
  }
  out.push_back({need_unk_id(word), span});
}

int32_t Unigram::need_unk_id(std::string_view word) const {
  if (options_.unk_id) return *options_.unk_id;
  throw FormatError("Unigram model: no tokens for '" + std::string(word.substr(0, 64)) +
                    "', and it has no unk_id");
}

}  // namespace maxsimd
