#include "maxsimd/card/record_reader.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "maxsimd/base/errors.h"

namespace maxsimd {
namespace {

std::string item(const char* key, size_t index) {
  return std::string(key).append("[").append(std::to_string(index)).append("]");
}

}  // namespace

RecordReader::RecordReader(const nlohmann::json& json, std::string where)
    : json_(json), where_(std::move(where)) {
  if (!json.is_object()) {
    throw FormatError(where_ + ": expected a JSON object, got " + json.type_name());
  }
}

void RecordReader::fail(const std::string& key, const std::string& expected,
                        const nlohmann::json& got) const {
  std::string found = got.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  constexpr size_t kShown = 60;
  if (found.size() > kShown) found = std::string("a long ") + got.type_name();
  throw FormatError(where_ + ": " + key + ": expected " + expected + ", got " + found);
}

const nlohmann::json* RecordReader::find(const char* key) const {
  const auto found = json_.find(key);
  return found == json_.end() || found->is_null() ? nullptr : &*found;
}

const nlohmann::json& RecordReader::required(const char* key, const char* expected) const {
  if (const nlohmann::json* found = find(key)) return *found;
  throw FormatError(where_ + ": " + key + ": is missing; expected " + expected);
}

const nlohmann::json* RecordReader::list(const char* key) const {
  const nlohmann::json* found = find(key);
  if (found != nullptr && !found->is_array()) fail(key, "a list", *found);
  return found;
}

std::string RecordReader::text_of(const std::string& key, const nlohmann::json& json) const {
  if (!json.is_string()) fail(key, "a string", json);
  return json.get<std::string>();
}

double RecordReader::number_of(const std::string& key, const nlohmann::json& json) const {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (json.is_number()) return json.get<double>();
  if (json == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (json == "inf") return kInfinity;
  if (json == "-inf") return -kInfinity;
  fail(key, "a number", json);
}

std::optional<std::string> RecordReader::text(const char* key) const {
  const nlohmann::json* found = find(key);
  return found ? std::optional(text_of(key, *found)) : std::nullopt;
}

std::string RecordReader::required_text(const char* key) const {
  return text_of(key, required(key, "a string"));
}

std::optional<uint64_t> RecordReader::count(const char* key) const {
  const nlohmann::json* found = find(key);
  if (found == nullptr) return std::nullopt;
  if (!found->is_number_unsigned()) fail(key, "a whole number from 0", *found);
  return found->get<uint64_t>();
}

uint64_t RecordReader::required_count(const char* key) const {
  required(key, "a whole number from 0");
  return *count(key);
}

std::optional<double> RecordReader::number(const char* key) const {
  const nlohmann::json* found = find(key);
  return found ? std::optional(number_of(key, *found)) : std::nullopt;
}

double RecordReader::required_number(const char* key) const {
  return number_of(key, required(key, "a number"));
}

bool RecordReader::required_flag(const char* key) const {
  const nlohmann::json& found = required(key, "true or false");
  if (!found.is_boolean()) fail(key, "true or false", found);
  return found.get<bool>();
}

std::vector<std::string> RecordReader::texts(const char* key) const {
  std::vector<std::string> out;
  const nlohmann::json* found = list(key);
  for (size_t i = 0; found != nullptr && i < found->size(); ++i) {
    out.push_back(text_of(item(key, i), (*found)[i]));
  }
  return out;
}

std::vector<std::vector<std::string>> RecordReader::text_rows(const char* key) const {
  std::vector<std::vector<std::string>> out;
  const nlohmann::json* found = list(key);
  for (size_t i = 0; found != nullptr && i < found->size(); ++i) {
    const nlohmann::json& row = (*found)[i];
    if (!row.is_array()) fail(item(key, i), "a list of strings", row);
    out.emplace_back();
    for (const auto& value : row) out.back().push_back(text_of(item(key, i), value));
  }
  return out;
}

std::pair<std::string, const nlohmann::json*> RecordReader::pair_of(
    const std::string& key, const nlohmann::json& json) const {
  if (!json.is_array() || json.size() != 2) fail(key, "a pair [name, value]", json);
  return {text_of(key, json[0]), &json[1]};
}

TextPairs RecordReader::text_pairs(const char* key) const {
  TextPairs out;
  const nlohmann::json* found = list(key);
  for (size_t i = 0; found != nullptr && i < found->size(); ++i) {
    const auto pair = pair_of(item(key, i), (*found)[i]);
    out.emplace_back(pair.first, text_of(item(key, i), *pair.second));
  }
  return out;
}

std::vector<std::pair<std::string, double>> RecordReader::number_pairs(const char* key) const {
  std::vector<std::pair<std::string, double>> out;
  const nlohmann::json* found = list(key);
  for (size_t i = 0; found != nullptr && i < found->size(); ++i) {
    const auto pair = pair_of(item(key, i), (*found)[i]);
    out.emplace_back(pair.first, number_of(item(key, i), *pair.second));
  }
  return out;
}

void RecordReader::for_each(const char* key,
                            const std::function<void(const RecordReader&)>& visit) const {
  const nlohmann::json* found = list(key);
  for (size_t i = 0; found != nullptr && i < found->size(); ++i) {
    visit(RecordReader((*found)[i], where_ + ": " + item(key, i)));
  }
}

}  // namespace maxsimd
