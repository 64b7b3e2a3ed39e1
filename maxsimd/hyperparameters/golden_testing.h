// Golden values of the tests of this room.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "maxsimd/base/json.h"
#include "maxsimd/hyperparameters/value.h"

namespace maxsimd::golden_testing {

inline std::string testdata(const std::string& name) {
  return std::string(MAXSIMD_SOURCE_DIR "/maxsimd/hyperparameters/testdata/") + name;
}

inline nlohmann::json golden(const std::string& name) {
  return read_json_file(testdata(name));
}

inline HyperparameterValue value_of(const nlohmann::json& json) {
  if (json.is_boolean()) return HyperparameterValue(json.get<bool>());
  if (json.is_number_integer()) return HyperparameterValue(json.get<int64_t>());
  if (json.is_number()) return HyperparameterValue(json.get<double>());
  if (json.is_string()) return HyperparameterValue(json.get<std::string>());
  if (json.is_array()) {
    HyperparameterValue::List list;
    for (const auto& element : json) list.push_back(value_of(element));
    return HyperparameterValue(std::move(list));
  }
  if (json.is_object()) {
    HyperparameterValue::Map map;
    for (const auto& [key, member] : json.items()) map.emplace_back(key, value_of(member));
    return HyperparameterValue(std::move(map));
  }
  return HyperparameterValue();
}

}  // namespace maxsimd::golden_testing
