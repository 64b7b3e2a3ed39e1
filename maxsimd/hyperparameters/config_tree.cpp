#include "maxsimd/hyperparameters/config_tree.h"

#include "maxsimd/base/errors.h"
#include "maxsimd/base/utf8.h"

namespace maxsimd::detail {

using Value = HyperparameterValue;

std::string printable(std::string_view message) {
  constexpr size_t kLength = 200;
  std::string text(message.substr(0, kLength));
  for (char& c : text) {
    if (c < ' ' || c > '~') c = '?';
  }
  return message.size() > kLength ? text + "..." : text;
}

void ConfigTree::check_text(std::string_view text) const {
  if (text.size() > kMaxConfigBytes) {
    fail(1,
         std::to_string(text.size()) + " bytes, the limit is " + std::to_string(kMaxConfigBytes));
  }
  if (const auto bad = find_invalid_utf8(text)) {
    fail(1, "not UTF-8: byte " + std::to_string(*bad));
  }
  // nlohmann's lexer takes it for the end of the text, yaml-cpp for a sign of UTF-16 or UTF-32.
  if (const size_t nul = text.find('\0'); nul != text.npos) {
    fail(1, "not text: a NUL byte at byte " + std::to_string(nul));
  }
}

void ConfigTree::begin_map(size_t line) {
  begin({.values = Value::Map()}, line);
}

void ConfigTree::begin_list(size_t line) {
  begin({.values = Value::List()}, line);
}

void ConfigTree::end() {
  Open done = std::move(open_.back());
  open_.pop_back();
  const auto to_value = [](auto& values) { return Value(std::move(values)); };
  const size_t line = open_.empty() ? root_line_ : open_.back().key_line;
  take_value({.value = std::visit(to_value, done.values)}, line);
}

void ConfigTree::scalar(GivenValue value, size_t line) {
  count(line);
  if (is_key_due()) {
    take_key(value, line);
  } else {
    take_value(std::move(value), line);
  }
}

std::vector<ConfigEntry> ConfigTree::entries() && {
  if (!root_ || root_->value.is_none()) return {};
  if (!root_->value.map()) {
    fail(root_line_, "expected a mapping of names to values, got " + shown(root_->value));
  }
  return std::move(entries_);
}

std::optional<HyperparameterValue> ConfigTree::value() && {
  if (!root_) return std::nullopt;
  if (root_->is_plain) return plain_value(*root_->value.string());
  return std::move(root_->value);
}

void ConfigTree::fail(size_t line, const std::string& problem) const {
  throw FormatError(where_ + ":" + std::to_string(line) + ": " + problem);
}

bool ConfigTree::is_key_due() const {
  return !open_.empty() && std::holds_alternative<Value::Map>(open_.back().values) &&
         !open_.back().key;
}

void ConfigTree::take_key(const GivenValue& value, size_t line) {
  if (!value.value.string()) fail(line, "expected a name, got " + shown(value.value));
  const std::string& name = *value.value.string();
  if (!open_.back().names.insert(name).second) fail(line, shown(value.value) + " is given twice");
  open_.back().key = name;
  open_.back().key_line = line;
}

void ConfigTree::take_value(GivenValue value, size_t line) {
  if (open_.empty()) {
    root_ = std::move(value);
    root_line_ = line;
    return;
  }
  Open& parent = open_.back();
  Value inner = value.is_plain ? plain_value(*value.value.string()) : value.value;
  if (auto* list = std::get_if<Value::List>(&parent.values)) {
    list->push_back(std::move(inner));
    return;
  }
  const std::string key = *std::exchange(parent.key, std::nullopt);
  if (open_.size() == 1) entries_.push_back({key, std::move(value), parent.key_line});
  std::get<Value::Map>(parent.values).emplace_back(key, std::move(inner));
}

void ConfigTree::begin(Open open, size_t line) {
  count(line);
  if (is_key_due()) fail(line, "expected a name, got a list or a mapping");
  if (open_.size() == kMaxConfigDepth) {
    fail(line, "nested deeper than " + std::to_string(kMaxConfigDepth) + " levels");
  }
  if (open_.empty()) root_line_ = line;
  open.key_line = line;
  open_.push_back(std::move(open));
}

void ConfigTree::count(size_t line) {
  if (++num_values_ > kMaxConfigValues) {
    fail(line, "more than " + std::to_string(kMaxConfigValues) + " values");
  }
}

}  // namespace maxsimd::detail
