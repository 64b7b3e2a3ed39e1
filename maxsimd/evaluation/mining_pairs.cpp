#include "maxsimd/evaluation/mining_pairs.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "maxsimd/base/checksum.h"
#include "maxsimd/base/strip.h"

namespace maxsimd {
namespace {

constexpr std::string_view kSpace = " \t\n\v\f\r";

uint64_t hash_of(std::string_view text) {
  text = strip_whitespace(text);
  std::string folded;
  folded.reserve(text.size());
  while (!text.empty()) {
    const size_t word = std::min(text.find_first_of(kSpace), text.size());
    folded.append(text.substr(0, word));
    text.remove_prefix(word);
    if (text.empty()) break;
    folded.push_back(' ');
    text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  }
  return checksum(std::as_bytes(std::span(folded)));
}

void insert_sorted(std::vector<uint64_t>& values, uint64_t value) {
  const auto place = std::ranges::lower_bound(values, value);
  if (place == values.end() || *place != value) values.insert(place, value);
}

}  // namespace

uint64_t MiningPairs::new_document(const Document& document) {
  const uint64_t number = documents_.size();
  documents_.push_back(document);
  by_text_.emplace(document.text, number);
  if (document.short_text != document.text) {
    ShortText& entry =
        by_short_text_.try_emplace(document.short_text, ShortText{number, 0}).first->second;
    ++entry.count;
  }
  if (!document.is_candidate) ++num_hidden_;
  return number;
}

MiningPairs::Added MiningPairs::add_document(std::string_view text, std::string_view short_text) {
  if (!pairs_.empty()) throw std::invalid_argument("mining: documents come before pairs");
  const Hash hash = hash_of(text);
  if (const auto known = by_text_.find(hash); known != by_text_.end()) {
    return {known->second, false};
  }
  return {new_document({hash, short_text.empty() ? hash : hash_of(short_text), true}), true};
}

std::optional<uint64_t> MiningPairs::find(Hash text) const {
  if (const auto found = by_text_.find(text); found != by_text_.end()) return found->second;
  const auto found = by_short_text_.find(text);
  return found == by_short_text_.end() ? std::nullopt : std::optional(found->second.first);
}

std::vector<MiningPairs::Hash>& MiningPairs::excluded_by(std::string_view question) {
  const Hash hash = hash_of(question);
  const auto [entry, is_new] =
      questions_.try_emplace(hash, static_cast<uint32_t>(excluded_.size()));
  if (is_new) excluded_.push_back({hash});
  pairs_.push_back({entry->second, 0});
  return excluded_[entry->second];
}

MiningPairs::Added MiningPairs::add_pair(std::string_view question, std::string_view positive,
                                         bool positive_may_be_one, std::span<const uint64_t> also) {
  for (const uint64_t document : also) {
    if (document < documents_.size()) continue;
    throw std::invalid_argument("mining: expected a document below " +
                                std::to_string(documents_.size()) + ", got " +
                                std::to_string(document));
  }
  std::vector<Hash>& excluded = excluded_by(question);
  const Hash hash = hash_of(positive);
  insert_sorted(excluded, hash);
  for (const uint64_t document : also) {
    insert_sorted(excluded, documents_[document].text);
    insert_sorted(excluded, documents_[document].short_text);
  }
  std::optional<uint64_t> found = find(hash);
  if (found && documents_[*found].text != hash) ++num_short_positives_;
  if (!also.empty()) found = also.front();
  pairs_.back().positive = found ? *found : new_document({hash, hash, positive_may_be_one});
  return {pairs_.back().positive, !found};
}

bool MiningPairs::is_excluded(uint64_t pair, uint64_t document) const {
  const std::vector<Hash>& excluded = excluded_[pairs_[pair].question];
  return std::ranges::binary_search(excluded, documents_[document].text) ||
         std::ranges::binary_search(excluded, documents_[document].short_text);
}

size_t MiningPairs::num_excluded(uint64_t pair) const {
  size_t count = 0;
  for (const Hash hash : excluded_[pairs_[pair].question]) {
    count += by_text_.contains(hash) ? 1 : 0;
    const auto found = by_short_text_.find(hash);
    if (found != by_short_text_.end()) count += found->second.count;
  }
  return count;
}

}  // namespace maxsimd
