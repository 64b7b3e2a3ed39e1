#include "maxsimd/index/tuned_search.h"

#include <gtest/gtest.h>

#include <fstream>

#include "maxsimd/base/errors.h"
#include "maxsimd/index/index_writer.h"
#include "maxsimd/index/verify.h"
#include "tests/support/temp_folder.h"

namespace maxsimd {
namespace {

using testing_support::TempFolder;

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path) << text;
}

TEST(TunedSearch, IsReadAsItWasWritten) {
  TempFolder folder;
  std::filesystem::create_directories(folder.path());
  EXPECT_EQ(read_tuned_search(folder.path()), std::nullopt);
  const TunedSearch tuned{.n_ivf_probe = 4, .n_full_scores = 300, .k = 10, .recall = 0.987};
  write_tuned_search(folder.path(), tuned);
  EXPECT_EQ(read_tuned_search(folder.path()), tuned);
  const TunedSearch graphs{.k_token = 50, .ef_search = 70, .k = 10, .recall = 1.0};
  write_tuned_search(folder.path(), graphs);
  EXPECT_EQ(read_tuned_search(folder.path()), graphs);
  TunedSearch sized = tuned;
  sized.documents = 40;
  write_tuned_search(folder.path(), sized);
  EXPECT_EQ(read_tuned_search(folder.path()), sized);
}

// Tuned on 40 documents, all of which were scored, asked of 2,000: a third of the hits was found.
TEST(TunedSearch, SuitsAnIndexOfUpToTwiceTheDocuments) {
  const TunedSearch tuned{.n_ivf_probe = 1, .n_full_scores = 10, .k = 10, .documents = 40};
  EXPECT_TRUE(tuned.suits(1));
  EXPECT_TRUE(tuned.suits(80));
  EXPECT_FALSE(tuned.suits(81));
  const TunedSearch earlier{.n_ivf_probe = 1, .n_full_scores = 10, .k = 10};
  EXPECT_TRUE(earlier.suits(1000000)) << "files of earlier versions do not say";
}

TEST(TunedSearch, DamagedFileIsAFormatErrorThatVerifyFindsToo) {
  TempFolder folder;
  IndexWriter::create(folder.path(), {.dim = 4});
  const std::filesystem::path file = folder.path() / "search.json";
  for (
      const char* text :
      {"", "{", "[]", "{}", R"({"format": "maxsimd search parameters"})",
       R"({"format": "maxsimd search parameters", "n_ivf_probe": 0, "n_full_scores": 1, "k": 1, "recall": 1})",
       R"({"format": "maxsimd search parameters", "n_ivf_probe": 1, "n_full_scores": -1, "k": 1, "recall": 1})",
       R"({"format": "maxsimd search parameters", "n_ivf_probe": 1, "n_full_scores": 1, "k": 1, "recall": 7})",
       R"({"format": "maxsimd search parameters", "k_token": 1, "k": 1, "recall": 1})",
       R"({"format": "other", "n_ivf_probe": 1, "n_full_scores": 1, "k": 1, "recall": 1})"}) {
    write(file, text);
    EXPECT_THROW(read_tuned_search(folder.path()), FormatError) << text;
    EXPECT_FALSE(verify_index(folder.path()).problems.empty()) << text;
  }
}

TEST(TunedSearch, BelongsToTheIndexWhenItIsRemoved) {
  TempFolder folder;
  IndexWriter::create(folder.path(), {.dim = 4});
  write_tuned_search(folder.path(), {.n_ivf_probe = 1, .n_full_scores = 1, .k = 1, .recall = 1.0});
  write(folder.path() / "search.json.tmp-1-0", "{");  // a killed tune's
  check_index_can_be_replaced(folder.path());
  remove_index(folder.path());
  EXPECT_FALSE(std::filesystem::exists(folder.path()));
}

}  // namespace
}  // namespace maxsimd
