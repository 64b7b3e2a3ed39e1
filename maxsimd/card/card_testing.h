// For the tests of this room: the golden files of testdata.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/card/training_record.h"

namespace maxsimd::testing_support {

using Json = nlohmann::ordered_json;

inline std::string golden_path(const std::string& name) {
  return std::string(MAXSIMD_SOURCE_DIR "/maxsimd/card/testdata/") + name;
}
inline std::string golden_text(const std::string& name) {
  return read_file(golden_path(name));
}
inline Json golden_json(const std::string& name) {
  return Json::parse(golden_text(name));
}

inline void expect_contains(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "no '" << part << "' in:\n" << text;
}
inline void expect_lacks(const std::string& text, const std::string& part) {
  EXPECT_EQ(text.find(part), std::string::npos) << "'" << part << "' in:\n" << text;
}

/// Runs an action that must throw an E and returns its message.
template <class E, class Action>
std::string message_of(Action&& action) {
  try {
    action();
  } catch (const E& error) {
    return error.what();
  }
  ADD_FAILURE() << "expected an exception, none was thrown";
  return "";
}

}  // namespace maxsimd::testing_support
