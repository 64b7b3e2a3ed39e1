#include "maxsimd/text/added_vocabulary.h"

#include <algorithm>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/utf8.h"
#include "maxsimd/text/unicode/code_points.h"

namespace maxsimd {
namespace {

// The start of the character before `position` (> 0) of well-formed UTF-8.
size_t previous_char(std::string_view text, size_t position) {
  do {
    --position;
  } while (position > 0 && (static_cast<uint8_t>(text[position]) & 0xC0U) == 0x80);
  return position;
}

CodePointProperties properties_at(std::string_view text, size_t position) {
  return properties_of(decode_utf8(text, position).code_point);
}

bool is_whole_word(std::string_view text, TextSpan span) {
  const bool joins_left =
      span.begin > 0 && properties_at(text, previous_char(text, span.begin)).is_word();
  const bool joins_right = span.end < text.size() && properties_at(text, span.end).is_word();
  return !joins_left && !joins_right;
}

size_t skip_space_left(std::string_view text, size_t position, size_t limit) {
  while (position > limit) {
    const size_t previous = previous_char(text, position);
    if (!properties_at(text, previous).is_whitespace()) break;
    position = previous;
  }
  return std::max(position, limit);
}

size_t skip_space_right(std::string_view text, size_t position) {
  while (position < text.size() && properties_at(text, position).is_whitespace()) {
    position += decode_utf8(text, position).length;
  }
  return position;
}

}  // namespace

void AddedTokenMatcher::add(std::string_view pattern, const AddedToken& token) {
  if (pattern.empty() || trie_.find(pattern) != ByteTrie::kNoValue) return;
  trie_.insert(pattern, static_cast<int32_t>(rules_.size()));
  rules_.push_back({token.id, token.single_word, token.lstrip, token.rstrip});
  starts_[static_cast<uint8_t>(pattern.front())] = true;
}

bool AddedTokenMatcher::may_match(std::string_view text) const noexcept {
  if (empty()) return false;
  return std::any_of(text.begin(), text.end(),
                     [this](char byte) { return starts_[static_cast<uint8_t>(byte)]; });
}

std::optional<AddedTokenMatcher::Found> AddedTokenMatcher::longest_at(
    std::string_view text, size_t position) const noexcept {
  std::optional<Found> found;
  ByteTrie::Node node = ByteTrie::kRoot;
  for (size_t i = position; i < text.size(); ++i) {
    const ByteTrie::Step step = trie_.step(node, text[i]);
    node = step.node;
    if (node == ByteTrie::kNone) break;
    if (step.value != ByteTrie::kNoValue) {
      found = Found{{position, i + 1}, &rules_[static_cast<size_t>(step.value)]};
    }
  }
  return found;
}

void AddedTokenMatcher::cut(std::string_view text, std::vector<AddedTokenMatch>& out) const {
  size_t done = 0;
  const auto put = [&out](size_t begin, size_t end, std::optional<int32_t> id) {
    if (begin < end) out.push_back({{begin, end}, id});
  };
  for (size_t i = 0; i < text.size();) {
    const auto found = starts_[static_cast<uint8_t>(text[i])] ? longest_at(text, i) : std::nullopt;
    if (!found) {
      ++i;
      continue;
    }
    i = found->span.end;
    TextSpan span = found->span;
    if (found->rule->single_word && !is_whole_word(text, span)) continue;
    if (found->rule->lstrip) {
      // White space that the token before took with rstrip is not taken twice.
      span.begin = std::max(skip_space_left(text, span.begin, std::min(done, span.begin)), done);
    }
    if (found->rule->rstrip) span.end = skip_space_right(text, span.end);
    put(done, span.begin, std::nullopt);
    put(span.begin, span.end, found->rule->id);
    done = span.end;
  }
  put(done, text.size(), std::nullopt);
}

std::vector<std::optional<int32_t>> AddedVocabulary::add(const std::vector<AddedToken>& tokens,
                                                         const ModelId& model_id, size_t model_size,
                                                         const Normalize& normalize) {
  auto next = static_cast<int32_t>(model_size);
  if (!tokens_.empty() && (tokens_.back().id >= next || model_size == 0)) {
    next = tokens_.back().id + 1;
  }
  for (const AddedToken& token : tokens) {
    if (!token.special || token.content.empty() || is_special(token.content)) continue;
    special_patterns_.push_back({token.content, token.normalized});
    special_.insert(token.content, 0);
  }
  std::vector<std::optional<int32_t>> ids;
  for (AddedToken token : tokens) {
    if (token.content.empty()) {
      ids.emplace_back(std::nullopt);
      continue;
    }
    std::optional<int32_t> known = token_to_id(token.content);
    if (!known) known = model_id(token.content);
    token.id = known ? *known : next++;
    ids.emplace_back(token.id);
    ids_.insert(token.content, token.id);
    put(std::move(token));
  }
  rebuild(normalize);
  return ids;
}

void AddedVocabulary::put(AddedToken token) {
  AddedToken* const existing = find_mutable(token.id);
  if (existing != nullptr && *existing == token) return;
  if (!is_special(token.content)) other_patterns_.push_back({token.content, token.normalized});
  if (existing != nullptr) {
    *existing = std::move(token);
    return;
  }
  const auto place =
      std::upper_bound(tokens_.begin(), tokens_.end(), token.id,
                       [](int32_t id, const AddedToken& other) { return id < other.id; });
  tokens_.insert(place, std::move(token));
}

bool AddedVocabulary::is_special(std::string_view content) const {
  return special_.find(content) != ByteTrie::kNoValue;
}

void AddedVocabulary::rebuild(const Normalize& normalize) {
  raw_ = {};
  normalized_ = {};
  for (const auto* patterns : {&special_patterns_, &other_patterns_}) {
    for (const Pattern& pattern : *patterns) {
      const AddedToken& token = *find(token_to_id(pattern.content).value());
      if (pattern.normalized) {
        normalized_.add(normalize(pattern.content), token);
      } else {
        raw_.add(pattern.content, token);
      }
    }
  }
}

std::optional<int32_t> AddedVocabulary::token_to_id(std::string_view content) const {
  const int32_t id = content.empty() ? ByteTrie::kNoValue : ids_.find(content);
  return id == ByteTrie::kNoValue ? std::nullopt : std::optional(id);
}

const AddedToken* AddedVocabulary::find(int32_t id) const {
  const auto found =
      std::lower_bound(tokens_.begin(), tokens_.end(), id,
                       [](const AddedToken& token, int32_t i) { return token.id < i; });
  return found != tokens_.end() && found->id == id ? &*found : nullptr;
}

AddedToken* AddedVocabulary::find_mutable(int32_t id) {
  return const_cast<AddedToken*>(find(id));
}

}  // namespace maxsimd
