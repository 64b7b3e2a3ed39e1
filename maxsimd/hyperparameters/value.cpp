#include "maxsimd/hyperparameters/value.h"

#include <nlohmann/json.hpp>

#include "maxsimd/base/python_float.h"

namespace maxsimd {
namespace {

std::string string_repr(const std::string& text) {
  const bool has_single = text.find('\'') != std::string::npos;
  const char quote = has_single && text.find('"') == std::string::npos ? '"' : '\'';
  std::string out(1, quote);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == quote || c == '\\') {
      out.append(1, '\\').append(1, c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7F) {
      constexpr std::string_view kHex = "0123456789abcdef";
      out.append("\\x").append(1, kHex[byte >> 4U]).append(1, kHex[byte & 0xFU]);
    } else {
      out += c;
    }
  }
  return out.append(1, quote);
}

std::string list_repr(const HyperparameterValue::List& list) {
  std::string out = "[";
  for (const auto& element : list) {
    if (out.size() > 1) out += ", ";
    out += python_repr(element);
  }
  return out + "]";
}

std::string map_repr(const HyperparameterValue::Map& map) {
  std::string out = "{";
  for (const auto& member : map) {
    if (out.size() > 1) out += ", ";
    out.append(string_repr(member.first)).append(": ").append(python_repr(member.second));
  }
  return out + "}";
}

nlohmann::ordered_json to_json(const HyperparameterValue& value) {
  if (const auto* boolean = value.boolean()) return *boolean;
  if (const auto* integer = value.integer()) return *integer;
  if (const auto* real = value.real()) return *real;
  if (const auto* string = value.string()) return *string;
  if (const auto* list = value.list()) {
    auto out = nlohmann::ordered_json::array();
    for (const auto& element : *list) out.push_back(to_json(element));
    return out;
  }
  if (const auto* map = value.map()) {
    auto out = nlohmann::ordered_json::object();
    for (const auto& member : *map) out[member.first] = to_json(member.second);
    return out;
  }
  return nullptr;
}

}  // namespace

bool HyperparameterValue::is_number() const {
  return integer() || real();
}

double HyperparameterValue::number() const {
  if (const auto* whole = integer()) return static_cast<double>(*whole);
  return std::get<double>(value_);
}

const HyperparameterValue* HyperparameterValue::member(std::string_view name) const {
  if (const Map* members = map()) {
    for (const auto& [key, value] : *members) {
      if (key == name) return &value;
    }
  }
  return nullptr;
}

bool HyperparameterValue::is_empty() const {
  if (const auto* flag = boolean()) return !*flag;
  if (const auto* text = string()) return text->empty();
  if (const auto* elements = list()) return elements->empty();
  if (const auto* members = map()) return members->empty();
  return is_none();
}

bool HyperparameterValue::operator==(const HyperparameterValue& other) const {
  if (is_number() && other.is_number()) return number() == other.number();
  return value_ == other.value_;
}

std::string python_str(const HyperparameterValue& value) {
  const auto* text = value.string();
  return text ? *text : python_repr(value);
}

std::string python_repr(const HyperparameterValue& value) {
  if (const auto* boolean = value.boolean()) return *boolean ? "True" : "False";
  if (const auto* integer = value.integer()) return std::to_string(*integer);
  if (const auto* real = value.real()) return python_float(*real);
  if (const auto* string = value.string()) return string_repr(*string);
  if (const auto* list = value.list()) return list_repr(*list);
  if (const auto* map = value.map()) return map_repr(*map);
  return "None";
}

std::string shown(const HyperparameterValue& value) {
  constexpr size_t kLength = 80;
  std::string text = python_repr(value);
  if (text.size() <= kLength) return text;
  size_t end = kLength;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "...";
}

std::string json_text(const HyperparameterValue& value) {
  return to_json(value).dump();
}

}  // namespace maxsimd
