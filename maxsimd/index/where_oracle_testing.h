// The meaning of conditions without SQLite, the oracle of the tests: a condition of their own, its
// text, and an evaluator over nlohmann-json with three truth values.
#pragma once

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "maxsimd/base/utf8.h"
#include "maxsimd/index/where_testing.h"

namespace maxsimd::where_testing {

using nlohmann::json;
using Field = std::vector<std::string>;

struct Condition {
  std::string op;  // = != < <= > >= IN LIKE NULL, or NOT AND OR over operands
  Field field;
  std::vector<json> literals;
  std::vector<Condition> operands;
};

inline std::string quoted(const std::string& text, char quote) {
  std::string result(1, quote);
  for (const char c : text) result.append(c == quote ? 2 : 1, c);
  return result + quote;
}

inline std::string text_of(const json& literal) {
  return literal.is_string() ? quoted(literal.get<std::string>(), '\'') : literal.dump();
}

inline std::string text_of(const Field& field) {
  std::string text;
  for (const std::string& name : field)
    text += std::string(text.empty() ? "" : ".") + quoted(name, '"');
  return text;
}

inline std::string text_of(const Condition& condition) {
  const std::string& op = condition.op;
  if (op == "NOT") return std::string("NOT (") + text_of(condition.operands[0]) + ")";
  if (op == "AND" || op == "OR") {
    std::string text;
    for (const Condition& operand : condition.operands) {
      const bool is_group = operand.op == "AND" || operand.op == "OR";
      const std::string inner = text_of(operand);
      text += (text.empty() ? "" : std::string(" ") + op + " ") +
              (is_group ? std::string("(") + inner + ")" : inner);
    }
    return text;
  }
  if (op == "NULL") return text_of(condition.field) + " IS NULL";
  if (op != "IN") return text_of(condition.field) + " " + op + " " + text_of(condition.literals[0]);
  std::string list;
  for (const json& literal : condition.literals)
    list += std::string(list.empty() ? "" : ", ") + text_of(literal);
  return text_of(condition.field) + " IN (" + list + ")";
}

inline const json* find(const json* value, const Field& field) {
  for (const std::string& name : field) {
    if (!value->is_object() || !value->contains(name)) return nullptr;
    value = &(*value)[name];
  }
  return value->is_null() ? nullptr : value;
}

// Exact for every int64 and double: a long double holds 64 bits here. SQLite takes larger integers
// as doubles.
inline long double number_of(const json& value) {
  static_assert(std::numeric_limits<long double>::digits >= 64);
  if (value.is_number_float()) return value.get<double>();
  if (value.is_number_unsigned() &&
      value.get<uint64_t>() > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    return static_cast<double>(value.get<uint64_t>());
  }
  return value.get<int64_t>();
}

// -1, 0, 1; nothing for values of different types.
inline std::optional<int> compared(const json& a, const json& b) {
  const auto order = [](const auto& x, const auto& y) { return x < y ? -1 : (y < x ? 1 : 0); };
  if (a.is_number() && b.is_number()) return order(number_of(a), number_of(b));
  if (a.is_boolean() && b.is_boolean()) return order(a.get<bool>(), b.get<bool>());
  if (!a.is_string() || !b.is_string()) return std::nullopt;
  return order(a.get<std::string>().compare(b.get<std::string>()), 0);
}

inline std::vector<char32_t> code_points(const std::string& text) {
  std::vector<char32_t> points;
  for (size_t i = 0; i < text.size();) {
    const Utf8Decoded decoded = decode_utf8(text, i);
    points.push_back(decoded.code_point);
    i += decoded.length;
  }
  return points;
}

inline bool is_like(const json& value, const std::string& pattern) {
  if (!value.is_string()) return false;
  const auto lower = [](char32_t c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; };
  const auto text = code_points(value.get<std::string>());
  const auto wanted = code_points(pattern);
  std::vector<bool> ends(text.size() + 1);  // whether the pattern so far matches text[0, i)
  ends[0] = true;
  for (size_t p = 0; p < wanted.size(); ++p) {
    std::vector<bool> next(text.size() + 1);
    const bool is_escaped = wanted[p] == '\\';
    const char32_t c = is_escaped ? wanted[++p] : wanted[p];
    if (!is_escaped && c == '%') next[0] = ends[0];
    for (size_t i = 0; i < text.size(); ++i) {
      if (!is_escaped && c == '%') {
        next[i + 1] = next[i] || ends[i + 1];
      } else {
        next[i + 1] = ends[i] && ((!is_escaped && c == '_') || lower(c) == lower(text[i]));
      }
    }
    ends = std::move(next);
  }
  return ends.back();
}

inline bool holds(const std::string& op, std::optional<int> order) {
  if (op == "=") return order == 0;
  if (op == "!=") return order != 0;
  if (!order) return false;
  if (op == "<") return *order < 0;
  if (op == "<=") return *order <= 0;
  return op == ">" ? *order > 0 : *order >= 0;
}

inline Verdict evaluated(const Condition& condition, const json& document) {
  const std::string& op = condition.op;
  if (op == "NOT") {
    const Verdict inner = evaluated(condition.operands[0], document);
    return inner ? Verdict(!*inner) : Verdict();
  }
  if (op == "AND" || op == "OR") {
    const bool decisive = op == "OR";
    Verdict verdict = !decisive;
    for (const Condition& operand : condition.operands) {
      const Verdict inner = evaluated(operand, document);
      if (inner == decisive) return decisive;
      if (!inner) verdict = std::nullopt;
    }
    return verdict;
  }
  const json* value = find(&document, condition.field);
  if (op == "NULL") return value == nullptr;
  if (value == nullptr) return std::nullopt;
  if (op == "LIKE") return is_like(*value, condition.literals[0].get<std::string>());
  if (op != "IN") return holds(op, compared(*value, condition.literals[0]));
  return std::ranges::any_of(condition.literals,
                             [&](const json& literal) { return compared(*value, literal) == 0; });
}

}  // namespace maxsimd::where_testing
