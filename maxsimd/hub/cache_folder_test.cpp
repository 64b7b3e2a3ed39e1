#include "maxsimd/hub/cache_folder.h"

#include <gtest/gtest.h>

#include <fstream>
#include <future>
#include <string>
#include <vector>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/hub/hub_model.h"
#include "tests/support/temp_folder.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

class HubCache : public testing::Test {
 protected:
  HubCache() {
    for (const HubFile& file : repository_.files)
      write(cache_.blob(file), "content of " + file.name);
  }

  fs::path root() const { return folder_.path() / "hub"; }
  fs::path of_model(const std::string& path) const { return root() / "models--org--name" / path; }

  const std::string commit_ = std::string(40, 'c');
  const HubRepository repository_{
      "org/name",
      commit_,
      {{"1_Dense/config.json", 3, std::string(40, 'a')}, {"config.json", 3, std::string(64, 'b')}}};
  const testing_support::TempFolder folder_;
  const CacheFolder cache_{root(), "org/name"};
};

// The layout of huggingface_hub: what its snapshot_download() makes of the same repository.
TEST_F(HubCache, HasHuggingFacesLayout) {
  cache_.publish(repository_, "refs/pr/1");
  EXPECT_EQ(read_file(of_model("refs/refs/pr/1")), commit_);
  const fs::path snapshot = of_model("snapshots/" + commit_);
  EXPECT_EQ(cache_.snapshot(commit_), snapshot);
  EXPECT_EQ(fs::read_symlink(snapshot / "config.json"), "../../blobs/" + std::string(64, 'b'));
  EXPECT_EQ(fs::read_symlink(snapshot / "1_Dense/config.json"),
            "../../../blobs/" + std::string(40, 'a'));
  EXPECT_EQ(read_file(snapshot / "1_Dense/config.json"), "content of 1_Dense/config.json");
  cache_.publish(repository_, "refs/pr/1");  // again changes nothing
  EXPECT_EQ(read_file(snapshot / "config.json"), "content of config.json");
}

TEST_F(HubCache, ManyMayPublishACommitAtOnce) {
  for (int round = 0; round < 50; ++round) {
    fs::remove_all(of_model("snapshots"));
    std::vector<std::future<void>> publishers;
    for (int i = 0; i < 4; ++i) {
      publishers.push_back(
          std::async(std::launch::async, [&] { cache_.publish(repository_, "main"); }));
    }
    for (std::future<void>& publisher : publishers) ASSERT_NO_THROW(publisher.get());
    ASSERT_TRUE(cache_.is_whole(commit_));
  }
}

TEST_F(HubCache, FindsARevision) {
  EXPECT_FALSE(cache_.commit_of("main").has_value());
  EXPECT_EQ(cache_.commit_of(commit_), commit_);
  cache_.publish(repository_, "main");
  EXPECT_EQ(cache_.commit_of("main"), commit_);
  write(of_model("refs/other"), commit_ + "\n");
  EXPECT_EQ(cache_.commit_of("other"), commit_);
  write(of_model("refs/broken"), "no commit");
  EXPECT_FALSE(cache_.commit_of("broken").has_value());
}

TEST_F(HubCache, IsWholeOnlyWithAllFilesAndTheirContents) {
  EXPECT_FALSE(cache_.is_whole(commit_));
  cache_.publish(repository_, commit_);
  EXPECT_TRUE(cache_.is_whole(commit_));
  fs::remove(cache_.blob(repository_.files[0]));
  EXPECT_FALSE(cache_.is_whole(commit_));
}

// Other tools download file by file.
TEST_F(HubCache, WhatOthersPutThereCountsOfflineOnly) {
  write(of_model("refs/main"), commit_);
  write(of_model("snapshots/" + commit_ + "/config.json"), "{}");
  HubOptions options{.cache = root()};
  EXPECT_FALSE(cached_model("org/name", options).has_value());
  options.offline = true;
  EXPECT_EQ(cached_model("org/name", options), of_model("snapshots/" + commit_));
  EXPECT_FALSE(cached_model("org/other", options).has_value());
}

// Issue 9: as snapshot_download of huggingface_hub.
TEST_F(HubCache, PullingOfflineGivesWhatIsThereOrSaysThatNothingIs) {
  write(of_model("refs/main"), commit_);
  write(of_model("snapshots/" + commit_ + "/config.json"), "{}");
  const HubOptions options{.cache = root(), .offline = true};
  EXPECT_EQ(pull_model("org/name", options), of_model("snapshots/" + commit_));
  EXPECT_THROW(pull_model("org/other", options), IoError);
}

}  // namespace
}  // namespace maxsimd
