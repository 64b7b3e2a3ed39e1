// What the tests of the store start from: a folder on a fast file system, and the check that what
// is left there is a whole index in a known state.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "maxsimd/index/verify.h"
#include "tests/store/store_script.h"

namespace maxsimd::store_testing {

/// A new folder that is removed at the end. In memory where there is /dev/shm: a killed process
/// leaves the same bytes there as on a disk, and thousands of fsyncs cost nothing.
class StoreFolder {
 public:
  StoreFolder() {
    const char* parent = ::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    std::string name = std::string(parent) + "/maxsimd-store-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error(name + ": cannot create");
    root_ = name;
    std::filesystem::create_directory(root_ / "work");
  }
  StoreFolder(const StoreFolder&) = delete;
  StoreFolder& operator=(const StoreFolder&) = delete;
  ~StoreFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  /// For things beside the work.
  const std::filesystem::path& root() const { return root_; }
  /// Holds the index and nothing else.
  std::filesystem::path work() const { return root_ / "work"; }
  std::filesystem::path index() const { return root_ / "work" / "index"; }

 private:
  std::filesystem::path root_;
};

/// Names the tests of INSTANTIATE_TEST_SUITE_P over kinds.
inline std::string name_of_kind(const testing::TestParamInfo<StoreKind>& info) {
  return std::string(store_kind_name(info.param));
}

/// A whole number from the environment, for the long versions of a test.
inline size_t number_setting(const char* name, size_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::stoul(value);
}

/// Opens the index and says which of the steps its state is; fails the test when it is none, or
/// when verify finds a problem.
inline size_t expect_whole(const std::filesystem::path& folder, const Script& script,
                           size_t earliest, size_t latest, ThreadPool& pool) {
  const Observation seen = observe(Index::open(folder), script, earliest, latest, pool);
  EXPECT_EQ(seen.problem + seen.row_problem, "");
  EXPECT_FALSE(seen.outdated);
  const VerifyReport report = verify_index(folder);
  for (const std::string& problem : report.problems) ADD_FAILURE() << "verify: " << problem;
  return seen.step;
}

}  // namespace maxsimd::store_testing
