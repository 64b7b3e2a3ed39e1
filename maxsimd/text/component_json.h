// A component of tokenizer.json ("normalizer", "model", ...) as checked JSON: every getter throws
// FormatError naming the file, the component, the key, and what was expected.
//
// Must not outlive the JSON value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "maxsimd/base/json.h"

namespace maxsimd {

class ComponentJson {
 public:
  /// `where` is how messages begin: "tokenizer.json: normalizer".
  ComponentJson(const nlohmann::json& value, std::string where);

  const std::string& where() const { return where_; }
  /// The "type" key; empty when there is none.
  std::string type() const;
  bool has(const char* key) const;  // present and not null

  bool boolean(const char* key) const;
  std::string text(const char* key) const;
  std::string character(const char* key) const;  // a string of one code point
  size_t count(const char* key) const;           // a whole number >= 0
  int32_t token_id(const char* key) const;
  /// A flag that may be missing or null.
  bool boolean_or(const char* key, bool otherwise) const {
    return has(key) ? boolean(key) : otherwise;
  }
  ComponentJson object(const char* key) const;
  /// The elements of an array of objects, each with its place in `where`.
  std::vector<ComponentJson> objects(const char* key) const;
  const nlohmann::json& value() const { return value_; }

  /// Throws FormatError: "<where>: <what>".
  [[noreturn]] void fail(const std::string& what) const;
  /// Throws FormatError saying that this component's type is not supported (yet).
  [[noreturn]] void fail_unsupported(const std::string& supported) const;

 private:
  const nlohmann::json& at(const char* key) const;

  const nlohmann::json& value_;
  std::string where_;
};

/// A token id from JSON: a whole number in 0 .. 2^31 - 1, or nothing.
std::optional<int32_t> as_token_id(const nlohmann::json& value);

}  // namespace maxsimd
