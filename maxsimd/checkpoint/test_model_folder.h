// For the tests of this room: a tiny PyLate folder that each test changes and loads.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/checkpoint/checkpoint.h"
#include "maxsimd/checkpoint/test_files.h"
#include "tests/support/tiny_model.h"

namespace maxsimd::testing_support {

using Json = nlohmann::json;
namespace fs = std::filesystem;

class ModelFolder : public testing::Test {
 protected:
  ModelFolder() { write_tiny_model(folder_.path()); }

  fs::path file(const std::string& name) const { return folder_.path() / name; }
  void write(const std::string& name, const std::string& text) { write_text(file(name), text); }
  Json read(const std::string& name) { return Json::parse(read_file(file(name))); }

  void change_settings(const Json& patch) {  // JSON merge patch: null removes a key
    Json settings = read("config_sentence_transformers.json");
    settings.merge_patch(patch);
    write("config_sentence_transformers.json", settings.dump());
  }

  Checkpoint load(const CheckpointOptions& options = {}) {
    return load_checkpoint(folder_.path(), options);
  }
  std::string refusal(const CheckpointOptions& options = {}) {
    return message_of<FormatError>([&] { load(options); });
  }

  TempFolder folder_;
};

inline void expect_contains(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

}  // namespace maxsimd::testing_support
