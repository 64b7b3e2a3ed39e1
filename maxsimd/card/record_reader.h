// One JSON object of run.json, asked for its fields by name. Private to this room.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "maxsimd/base/json.h"
#include "maxsimd/card/training_record.h"

namespace maxsimd {

/// Absent and null are "not given"; a value of another type is a FormatError that names file,
/// field, what was expected and what was found.
class RecordReader {
 public:
  /// `json` must outlive the reader. Throws FormatError unless it is an object.
  RecordReader(const nlohmann::json& json, std::string where);

  std::optional<std::string> text(const char* key) const;
  std::string required_text(const char* key) const;
  std::optional<uint64_t> count(const char* key) const;
  uint64_t required_count(const char* key) const;
  /// A number, or "nan", "inf", "-inf".
  std::optional<double> number(const char* key) const;
  double required_number(const char* key) const;
  bool required_flag(const char* key) const;
  std::vector<std::string> texts(const char* key) const;
  std::vector<std::vector<std::string>> text_rows(const char* key) const;
  TextPairs text_pairs(const char* key) const;  // a list of [name, text]
  std::vector<std::pair<std::string, double>> number_pairs(const char* key) const;

  /// Calls `visit` with a reader of each object of the list; an absent list is empty.
  void for_each(const char* key, const std::function<void(const RecordReader&)>& visit) const;

  [[noreturn]] void fail(const std::string& key, const std::string& expected,
                         const nlohmann::json& got) const;

 private:
  const nlohmann::json* find(const char* key) const;
  const nlohmann::json& required(const char* key, const char* expected) const;
  const nlohmann::json* list(const char* key) const;
  std::string text_of(const std::string& key, const nlohmann::json& json) const;
  double number_of(const std::string& key, const nlohmann::json& json) const;
  std::pair<std::string, const nlohmann::json*> pair_of(const std::string& key,
                                                        const nlohmann::json& json) const;

  const nlohmann::json& json_;
  std::string where_;
};

}  // namespace maxsimd
