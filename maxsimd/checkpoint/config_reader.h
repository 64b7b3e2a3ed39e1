// A JSON object of a model folder, asked for values by key. An absent key and null are "not given";
// a value of another type is a FormatError naming file, key, expected and found.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/base/json.h"

namespace maxsimd {

class ConfigReader {
 public:
  /// Reads a file; throws IoError when it is missing.
  static ConfigReader read(const std::filesystem::path& path);

  /// Reads a file; an absent one is an empty object.
  static ConfigReader read_if_present(const std::filesystem::path& path);

  /// Parses text; `where` starts every message. Throws FormatError unless it is a JSON object.
  static ConfigReader parse(std::string_view text, std::string where);

  const nlohmann::json& json() const { return *json_; }
  const std::string& where() const { return where_; }

  std::optional<std::string> text(const std::string& key) const;
  std::optional<bool> flag(const std::string& key) const;
  /// A whole number in [1, 2^24]: a width or a length, so that 0 never comes from a damaged file.
  std::optional<size_t> count(const std::string& key) const;
  /// A finite number.
  std::optional<double> number(const std::string& key) const;
  /// An object within; its messages start with this one's and the key.
  std::optional<ConfigReader> object(const std::string& key) const;
  std::optional<std::vector<std::string>> texts(const std::string& key) const;

  /// What was expected of `key` and what was found there, as an exception.
  [[noreturn]] void fail(const std::string& key, const std::string& expected) const;

 private:
  ConfigReader(std::string where, nlohmann::json json);
  const nlohmann::json* find(const std::string& key) const;

  std::string where_;
  std::shared_ptr<const nlohmann::json> json_;
};

}  // namespace maxsimd
