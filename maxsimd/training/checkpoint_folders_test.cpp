// save_total_limit: which checkpoints of an output folder stay.
#include "maxsimd/training/checkpoint_folders.h"

#include <gtest/gtest.h>

#include "maxsimd/training/run_state.h"
#include "tests/support/tiny_model.h"

namespace maxsimd::training {
namespace {

namespace fs = std::filesystem;

std::vector<int64_t> kept_of(size_t limit, std::optional<int64_t> best, bool load_best = true,
                             int64_t saved = 5) {
  const testing_support::TempFolder folder;
  for (int64_t step = 1; step <= 5; ++step) {
    testing_support::write_text(checkpoint_folder(folder.path(), step) / "trainer_state.json",
                                "{\"files\": {}}");
  }
  SavingArguments arguments;
  arguments.save_total_limit = limit;
  arguments.load_best_model_at_end = load_best;
  drop_old_checkpoints(folder.path(), arguments, best, saved);
  std::vector<int64_t> kept;
  for (int64_t step = 1; step <= 5; ++step) {
    if (fs::exists(checkpoint_folder(folder.path(), step))) kept.push_back(step);
  }
  return kept;
}

using Steps = std::vector<int64_t>;

// The numbers are those of transformers 5.3's rotate_checkpoints().
TEST(CheckpointFolders, TheBestCountsAmongThoseThatSaveTotalLimitKeeps) {
  EXPECT_EQ(kept_of(2, 2), (Steps{2, 5}));
  EXPECT_EQ(kept_of(3, 1), (Steps{1, 4, 5}));
  EXPECT_EQ(kept_of(3, 4), (Steps{3, 4, 5}));
  EXPECT_EQ(kept_of(2, 5), (Steps{4, 5}));
}

TEST(CheckpointFolders, TheNewestAndTheBestStayWithALimitOfOne) {
  EXPECT_EQ(kept_of(1, 2), (Steps{2, 5}));
  EXPECT_EQ(kept_of(1, 5), (Steps{5}));
}

TEST(CheckpointFolders, WithoutABestOneTheNewestStay) {
  EXPECT_EQ(kept_of(2, std::nullopt), (Steps{4, 5}));
  EXPECT_EQ(kept_of(2, 1, false), (Steps{4, 5}));
  EXPECT_EQ(kept_of(2, 9), (Steps{4, 5}));  // it has no checkpoint
  EXPECT_EQ(kept_of(9, 2), (Steps{1, 2, 3, 4, 5}));
}

// A run that went on from checkpoint 1 beside newer ones has saved checkpoint 2.
TEST(CheckpointFolders, TheOneJustSavedStaysBesideOnesOfLaterSteps) {
  EXPECT_EQ(kept_of(1, std::nullopt, true, 2), (Steps{2}));
  EXPECT_EQ(kept_of(2, std::nullopt, true, 2), (Steps{2, 5}));
  EXPECT_EQ(kept_of(1, 3, true, 2), (Steps{2, 3}));
  EXPECT_EQ(kept_of(1, 2, true, 2), (Steps{2}));
}

}  // namespace
}  // namespace maxsimd::training
