#include "maxsimd/text/vocabulary.h"

#include <algorithm>

namespace maxsimd {

Vocabulary::Vocabulary(const Entries& entries) {
  by_id_.reserve(entries.size());
  for (const auto& [token, id] : entries) {
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
  if (size_ < by_id_.size()) {
    std::erase_if(by_id_, [this](const Named& named) {
      return find(text_of(named)) != std::optional(named.id);
    });
  }
  std::stable_sort(by_id_.begin(), by_id_.end(),
                   [](const Named& a, const Named& b) { return a.id < b.id; });
}

std::optional<std::string_view> Vocabulary::name_of(int32_t id) const {
  const auto found = std::lower_bound(by_id_.begin(), by_id_.end(), id,
                                      [](const Named& named, int32_t i) { return named.id < i; });
  if (found == by_id_.end() || found->id != id) return std::nullopt;
  return text_of(*found);
}

}  // namespace maxsimd
