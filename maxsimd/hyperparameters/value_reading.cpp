#include "maxsimd/hyperparameters/value_reading.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/json.h"
#include "maxsimd/hyperparameters/choices.h"
#include "maxsimd/hyperparameters/yaml_reader.h"

namespace maxsimd::detail {
namespace {

using T = HyperparameterType;
using Value = HyperparameterValue;

template <size_t n>
bool is_one_of(std::string_view text, const std::array<std::string_view, n>& words) {
  return std::ranges::find(words, text) != words.end();
}

bool is_none_word(std::string_view text) {
  constexpr std::array<std::string_view, 5> kWords = {"None", "null", "Null", "NULL", "~"};
  return is_one_of(text, kWords);
}

// "none" may be the text, or one of the choices, of a row that takes those.
bool is_none(const Hyperparameter& row, std::string_view text) {
  if ((row.types & T::kNone) == 0) return false;
  if (is_none_word(text)) return true;
  if (text != "none" && text != "NONE") return false;
  if ((row.types & T::kString) != 0 && row.choices.empty()) return false;
  const auto choices = split_choices(row.choices);
  return std::ranges::find(choices, text) == choices.end();
}

// YAML's words, and Python's.
std::optional<bool> plain_bool(std::string_view text) {
  constexpr std::array<std::string_view, 3> kTrue = {"true", "True", "TRUE"};
  constexpr std::array<std::string_view, 3> kFalse = {"false", "False", "FALSE"};
  if (is_one_of(text, kTrue)) return true;
  if (is_one_of(text, kFalse)) return false;
  return std::nullopt;
}

// What YAML 1.1 and the command lines of transformers take for a bool besides: where nothing but a
// bool is wanted.
std::optional<bool> wanted_bool(std::string_view text) {
  constexpr std::array<std::string_view, 10> kTrue = {"yes", "Yes", "YES", "on", "On",
                                                      "ON",  "1",   "y",   "t",  "T"};
  constexpr std::array<std::string_view, 10> kFalse = {"no",  "No", "NO", "off", "Off",
                                                       "OFF", "0",  "n",  "f",   "F"};
  if (const auto plain = plain_bool(text)) return plain;
  if (is_one_of(text, kTrue)) return true;
  if (is_one_of(text, kFalse)) return false;
  return std::nullopt;
}

std::string_view without_plus(std::string_view text) {
  const bool has_plus = text.starts_with('+') && !text.starts_with("+-");
  return has_plus ? text.substr(1) : text;
}

std::optional<int64_t> plain_integer(std::string_view text) {
  text = without_plus(text);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// A decimal number with a digit; not inf, nan or hexadecimal.
std::optional<double> plain_real(std::string_view text) {
  text = without_plus(text);
  if (text.find_first_not_of("0123456789+-.eE") != text.npos) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Value> plain_number(const Hyperparameter& row, const std::string& text) {
  if ((row.types & (T::kInt | T::kFloat)) != 0) {
    if (const auto integer = plain_integer(text)) return Value(*integer);
  }
  if ((row.types & T::kFloat) != 0) {
    if (const auto real = plain_real(text)) return Value(*real);
  }
  return std::nullopt;
}

// The text of an unquoted word as the row wants it; nothing when it cannot be.
std::optional<Value> read_plain(const Hyperparameter& row, const std::string& text) {
  const bool takes_text = (row.types & (T::kString | T::kList)) != 0;
  if (is_none(row, text)) return Value();
  if ((row.types & T::kBool) != 0) {
    const bool only_bool = (row.types & ~(T::kNone | T::kBool)) == 0;
    if (const auto flag = only_bool ? wanted_bool(text) : plain_bool(text)) return Value(*flag);
  }
  if (auto number = plain_number(row, text)) return number;
  const bool takes_list = (row.types & (T::kList | T::kMixedList)) != 0;
  if (takes_list && text.starts_with('[')) return parse_yaml_value(text);
  if ((row.types & T::kMap) != 0 && text.starts_with('{')) return parse_yaml_value(text);
  return takes_text ? std::optional(Value(text)) : std::nullopt;
}

bool is_of_type(const Value& value, HyperparameterTypes types) {
  if (value.is_none()) return (types & T::kNone) != 0;
  if (value.boolean()) return (types & T::kBool) != 0;
  if (value.integer()) return (types & (T::kInt | T::kFloat)) != 0;
  if (value.real()) return (types & T::kFloat) != 0;
  if (value.string()) return (types & T::kString) != 0;
  if (value.map()) return (types & T::kMap) != 0;
  if ((types & (T::kList | T::kMixedList)) == 0) return false;
  const bool takes_maps = (types & T::kMixedList) != 0;
  return std::ranges::all_of(*value.list(), [&](const Value& element) {
    return element.string() != nullptr || (takes_maps && element.map() != nullptr);
  });
}

std::string wrong_type(const Hyperparameter& row, const GivenValue& given) {
  std::string text = "expected " + describe_type(row) + ", got " +
                     (given.is_plain ? python_str(given.value) : shown(given.value));
  if (given.is_plain) text = "expected " + describe_type(row) + ", got " + shown(given.value);
  const auto* quoted = given.is_plain ? nullptr : given.value.string();
  if (quoted && read_plain(row, *quoted)) text += " (a text: write it without quotes)";
  return text;
}

// What is wrong with the text of a list or a dict. A text whose names are in quotes was meant as
// JSON, and YAML's words on it would help nobody.
std::string collection_problem(const std::string& text, const FormatError& yaml_error) {
  const size_t first = text.find_first_not_of("[{ ");
  nlohmann::json value;
  if (first != text.npos && text[first] == '"') {
    if (const auto problem = try_parse_json(text, value)) {
      return "not valid JSON: " + *problem + ", in " + shown(Value(text));
    }
  }
  const char end = text.front() == '{' ? '}' : ']';
  const size_t last = text.find_last_not_of(" \t\r\n");
  if (text[last] != end) {
    return std::string("expected a ") + (end == '}' ? "mapping" : "list") + " that ends with '" +
           end + "', got " + shown(Value(text));
  }
  return std::string(yaml_error.what()).append(", in ").append(shown(Value(text)));
}

// By the type alone.
ReadValue read_type(const Hyperparameter& row, const GivenValue& given) {
  std::optional<Value> value = given.value;
  if (given.is_plain) {
    try {
      value = read_plain(row, *given.value.string());
    } catch (const FormatError& error) {  // of a list or a dict
      return {.problem = collection_problem(*given.value.string(), error)};
    }
  }
  // One element may be given for a list.
  if (value && value->string() && (row.types & (T::kString | T::kList)) == T::kList) {
    value = Value(Value::List{*value});
  }
  if (!value || !is_of_type(*value, row.types)) return {.problem = wrong_type(row, given)};
  return {.value = std::move(*value)};
}

std::string choice_problem(const Hyperparameter& row, const std::string& text) {
  const auto choices = split_choices(row.choices);
  if (std::ranges::find(choices, text) != choices.end()) return "";
  const auto refused = split_choices(row.refused_choices);
  if (std::ranges::find(refused, text) != refused.end()) {
    return shown(Value(text)) + " is refused: " + std::string(row.refusal);
  }
  return "expected " + describe_type(row) + ", got " + shown(Value(text));
}

std::string range_problem(const Hyperparameter& row, const Value& value) {
  const double number = value.number();
  const auto& range = row.range;
  const bool above = range.min_excluded ? number > range.min : number >= range.min;
  const bool below = range.max_excluded ? number < range.max : number <= range.max;
  if (above && below && std::isfinite(number)) return "";
  return "expected " + describe_type(row) + ", got " + shown(value);
}

// A row that is refused accepts what asks for nothing, or its default.
std::string refusal_problem(const Hyperparameter& row, const Value& value) {
  const Value standard = default_value(row);
  if (value == standard || (value.is_empty() && standard.is_empty())) return "";
  return shown(value) + " is refused: " + std::string(row.refusal);
}

std::string problem_of(const Hyperparameter& row, const Value& value) {
  if (row.verdict == HyperparameterVerdict::kRefused) return refusal_problem(row, value);
  if (value.string() && !row.choices.empty()) return choice_problem(row, *value.string());
  if (value.is_number()) {
    std::string problem = range_problem(row, value);
    if (!problem.empty()) return problem;
  }
  return row.check ? row.check(value) : "";
}

}  // namespace

ReadValue read_value(const Hyperparameter& row, const GivenValue& given) {
  ReadValue read = read_type(row, given);
  if (read.problem.empty()) read.problem = problem_of(row, read.value);
  return read;
}

HyperparameterValue default_value(const Hyperparameter& row) {
  return read_type(row, {.value = Value(std::string(row.default_text)), .is_plain = true}).value;
}

HyperparameterValue plain_value(const std::string& text) {
  if (is_none_word(text)) return Value();
  if (const auto flag = plain_bool(text)) return Value(*flag);
  if (const auto integer = plain_integer(text)) return Value(*integer);
  if (const auto real = plain_real(text)) return Value(*real);
  return Value(text);
}

}  // namespace maxsimd::detail
