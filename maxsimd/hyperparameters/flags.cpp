#include "maxsimd/hyperparameters/flags.h"

#include <map>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "maxsimd/hyperparameters/value_reading.h"

namespace maxsimd {
namespace {

using Value = HyperparameterValue;
using Words = std::span<const std::string>;

struct Flag {
  const Hyperparameter* row = nullptr;
  std::string shown_name;           // as it was written, with its dashes
  bool is_negated = false;          // --no_NAME
  std::optional<std::string> text;  // after '='
};

bool is_flag(const std::string& word) {
  return word.size() > 2 && word.starts_with("--");
}

bool takes(const Hyperparameter& row, HyperparameterTypes types) {
  return (row.types & types) != 0;
}

Flag read_flag(const std::string& word) {
  if (!is_flag(word)) {
    throw std::invalid_argument("expected a flag (--NAME), got " + shown(Value(word)));
  }
  const size_t equals = word.find('=');
  Flag flag{.shown_name = word.substr(0, equals)};
  if (equals != word.npos) flag.text = word.substr(equals + 1);
  const std::string name = flag.shown_name.substr(2);
  flag.row = find_hyperparameter(name);
  if (!flag.row && (name.starts_with("no_") || name.starts_with("no-"))) {
    flag.row = find_hyperparameter(std::string_view(name).substr(3));
    flag.is_negated = flag.row != nullptr;
  }
  if (!flag.row) {
    throw std::invalid_argument("--" + name + ": " + unknown_hyperparameter(name));
  }
  if (flag.is_negated && (flag.text || !takes(*flag.row, HyperparameterType::kBool))) {
    throw std::invalid_argument(flag.shown_name + ": expected a flag that is True or False, alone");
  }
  return flag;
}

// The words after a flag that belong to it.
Words values_of(const Flag& flag, Words rest) {
  if (flag.text || flag.is_negated) return {};
  size_t count = 0;
  const bool takes_many =
      takes(*flag.row, HyperparameterType::kList | HyperparameterType::kMixedList);
  while (count < rest.size() && !is_flag(rest[count]) && (takes_many || count == 0)) ++count;
  return rest.first(count);
}

detail::GivenValue given_value(const Flag& flag, Words values) {
  if (flag.is_negated) return {.value = Value(false)};
  if (flag.text) return {.value = Value(*flag.text), .is_plain = true};
  if (values.empty()) {
    if (takes(*flag.row, HyperparameterType::kBool)) return {.value = Value(true)};
    throw std::invalid_argument(flag.shown_name + ": expected a value after it");
  }
  if (values.size() == 1) return {.value = Value(values[0]), .is_plain = true};
  Value::List list;
  for (const std::string& value : values) list.emplace_back(value);
  return {.value = Value(std::move(list))};
}

// What each flag that may be repeated was given so far.
using Repeated = std::map<const Hyperparameter*, Value::List>;

detail::GivenValue with_earlier(const Flag& flag, const detail::GivenValue& given,
                                Repeated& repeated) {
  const detail::ReadValue read = detail::read_value(*flag.row, given);
  if (!read.problem.empty()) throw std::invalid_argument(flag.shown_name + ": " + read.problem);
  Value::List& all = repeated[flag.row];
  if (const Value::List* list = read.value.list()) {
    all.insert(all.end(), list->begin(), list->end());
  } else if (!read.value.is_none()) {
    all.push_back(read.value);
  }
  return {.value = Value(all)};
}

}  // namespace

void parse_hyperparameter_flags(Words words, HyperparameterSet& set) {
  Repeated repeated;
  while (!words.empty()) {
    const Flag flag = read_flag(words.front());
    words = words.subspan(1);
    const Words values = values_of(flag, words);
    words = words.subspan(values.size());
    detail::GivenValue given = given_value(flag, values);
    if (flag.row->is_repeated) given = with_earlier(flag, given, repeated);
    const std::string problem = set.try_set(*flag.row, given);
    if (!problem.empty()) throw std::invalid_argument(flag.shown_name + ": " + problem);
  }
}

}  // namespace maxsimd
