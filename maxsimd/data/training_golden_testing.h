// For tests: what Python's csv module and PyLate make of tables
// (scripts/goldens/training_tables.py).
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "maxsimd/base/json.h"

namespace maxsimd {

inline nlohmann::json training_golden(const std::string& part) {
  return read_json_file(MAXSIMD_SOURCE_DIR "/maxsimd/data/testdata/training_tables.json").at(part);
}

}  // namespace maxsimd
