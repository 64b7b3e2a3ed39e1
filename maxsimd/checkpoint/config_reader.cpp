#include "maxsimd/checkpoint/config_reader.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/json.h"

namespace maxsimd {
namespace {

constexpr uint64_t kMaxCount = uint64_t{1} << 24;

// A key may come from the file: it is escaped and cut as values are.
std::string shown(const nlohmann::json& value) {
  return value.dump(-1, ' ', true).substr(0, 60);
}

}  // namespace

ConfigReader::ConfigReader(std::string where, nlohmann::json json)
    : where_(std::move(where)), json_(std::make_shared<const nlohmann::json>(std::move(json))) {
  if (!json_->is_object()) throw FormatError(where_ + ": expected a JSON object");
}

ConfigReader ConfigReader::read(const std::filesystem::path& path) {
  return {path.string(), read_json_file(path)};
}

ConfigReader ConfigReader::read_if_present(const std::filesystem::path& path) {
  if (std::filesystem::exists(path)) return read(path);
  return {path.string(), nlohmann::json::object()};
}

ConfigReader ConfigReader::parse(std::string_view text, std::string where) {
  nlohmann::json json = parse_json(text, where);
  return {std::move(where), std::move(json)};
}

const nlohmann::json* ConfigReader::find(const std::string& key) const {
  const auto found = json_->find(key);
  return found == json_->end() || found->is_null() ? nullptr : &*found;
}

void ConfigReader::fail(const std::string& key, const std::string& expected) const {
  const nlohmann::json* value = find(key);
  throw FormatError(where_ + ": " + shown(key) + " must be " + expected + ", found " +
                    (value == nullptr ? "nothing" : shown(*value)));
}

std::optional<std::string> ConfigReader::text(const std::string& key) const {
  const nlohmann::json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) fail(key, "a string");
  return value->get<std::string>();
}

std::optional<bool> ConfigReader::flag(const std::string& key) const {
  const nlohmann::json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_boolean()) fail(key, "true or false");
  return value->get<bool>();
}

std::optional<size_t> ConfigReader::count(const std::string& key) const {
  const nlohmann::json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number_unsigned() || value->get<uint64_t>() == 0 ||
      value->get<uint64_t>() > kMaxCount) {
    fail(key, "a whole number from 1 to " + std::to_string(kMaxCount));
  }
  return value->get<size_t>();
}

std::optional<double> ConfigReader::number(const std::string& key) const {
  const nlohmann::json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number() || !std::isfinite(value->get<double>())) fail(key, "a number");
  return value->get<double>();
}

std::optional<ConfigReader> ConfigReader::object(const std::string& key) const {
  const nlohmann::json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_object()) fail(key, "an object");
  return ConfigReader(where_ + ": \"" + key + "\"", *value);
}

std::optional<std::vector<std::string>> ConfigReader::texts(const std::string& key) const {
  const nlohmann::json* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_array()) fail(key, "a list of strings");
  std::vector<std::string> texts;
  for (const nlohmann::json& item : *value) {
    if (!item.is_string()) fail(key, "a list of strings");
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

}  // namespace maxsimd
