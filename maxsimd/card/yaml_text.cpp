#include "maxsimd/card/yaml_text.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "maxsimd/base/utf8.h"
#include "maxsimd/card/python_text.h"
#include "maxsimd/card/yaml_scalar.h"

namespace maxsimd {
namespace {

using Json = nlohmann::ordered_json;

std::u32string code_points(std::string_view text) {
  std::u32string out;
  for (size_t at = 0; at < text.size();) {
    const Utf8Decoded decoded = decode_utf8(text, at);
    out.push_back(decoded.code_point);
    at += decoded.length;
  }
  return out;
}

// YAML 1.1 wants a point in a float: "1e-05" is a string.
std::string float_text(double value) {
  if (std::isnan(value)) return ".nan";
  if (std::isinf(value)) return value > 0 ? ".inf" : "-.inf";
  std::string text = python_float(value);
  const size_t exponent = text.find('e');
  if (exponent != text.npos && text.find('.') == text.npos) text.insert(exponent, ".0");
  return text;
}

class Emitter {
 public:
  void mapping(const Json& object, size_t indent) {
    bool is_first = true;
    for (const auto& [key, value] : object.items()) {
      if (!is_first) start_line(indent);
      is_first = false;
      out_.append(yaml_scalar(code_points(key), indent, indent)).append(":");
      member(value, indent);
    }
  }

  std::string text() { return std::move(out_).append("\n"); }

 private:
  void start_line(size_t indent) { out_.append("\n").append(indent, ' '); }
  size_t column() const {
    const size_t begin = out_.rfind('\n');
    return num_code_points(std::string_view(out_).substr(begin == out_.npos ? 0 : begin + 1));
  }

  void member(const Json& value, size_t indent) {
    if (value.is_object() && !value.empty()) {
      start_line(indent + 2);
      mapping(value, indent + 2);
    } else if (value.is_array() && !value.empty()) {
      for (const Json& item : value) list_item(item, indent);
    } else {
      out_.append(" ");
      scalar(value, indent);
    }
  }

  void list_item(const Json& item, size_t indent) {
    start_line(indent);
    out_.append("- ");
    if (item.is_array() && !item.empty()) throw std::invalid_argument("yaml: a list in a list");
    if (item.is_object() && !item.empty()) {
      mapping(item, indent + 2);
    } else {
      scalar(item, indent);
    }
  }

  void scalar(const Json& value, size_t indent) {
    if (value.is_string()) {
      const auto text = code_points(value.get_ref<const std::string&>());
      out_.append(yaml_scalar(text, column(), indent + 2));
    } else {
      out_.append(value.is_number_float() ? float_text(value.get<double>()) : value.dump());
    }
  }

  std::string out_;
};

}  // namespace

std::string yaml_text(const Json& object) {
  Emitter emitter;
  emitter.mapping(object, 0);
  return emitter.text();
}

}  // namespace maxsimd
