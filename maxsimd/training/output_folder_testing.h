// For the tests of what lies in output folders: names, and how a run is refused.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "maxsimd/training/run_testing.h"

namespace maxsimd::training {

inline constexpr const char* kResume = "resume_from_checkpoint: true\n";

class OutputFolder : public RunTest {
 protected:
  std::vector<std::string> names_in(const std::string& folder) const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path(folder))) {
      names.push_back(entry.path().filename().string());
    }
    std::ranges::sort(names);
    return names;
  }

  template <class Error>
  std::string refusal(const HyperparameterSet& set) const {
    Witness witness;
    try {
      run(set, witness);
    } catch (const Error& error) {
      EXPECT_TRUE(witness.steps.empty());
      return error.what();
    }
    return "no error";
  }

  void expect_in(const std::string& message, const std::string& part) const {
    EXPECT_NE(message.find(part), std::string::npos) << message;
  }
};

}  // namespace maxsimd::training
