#include "maxsimd/checkpoint/checkpoint.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace maxsimd {
namespace {

std::filesystem::path shared_folder() {
  const char* from_environment = std::getenv("MAXSIMD_SHARED");
  return from_environment != nullptr ? from_environment : MAXSIMD_SOURCE_DIR "/../shared";
}

TEST(Checkpoint, ReadsTheMiniModelAsPyLateSavedIt) {
  const std::filesystem::path folder = shared_folder() / "models" / "mini";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "SKIPPED: no model at " << folder;
  const Checkpoint mini = load_checkpoint(folder);
  EXPECT_EQ(mini.layout, CheckpointLayout::pylate);
  EXPECT_EQ(mini.weights.tensors().size(), 103U);
  EXPECT_EQ(mini.weights.load("embeddings.word_embeddings.weight", {30522, 384}).size(),
            30522U * 384U);
  ASSERT_EQ(mini.dense.size(), 1U);
  EXPECT_EQ(mini.dense[0].in_features, 384U);
  EXPECT_EQ(mini.dense[0].out_features, 96U);
  EXPECT_TRUE(mini.dense[0].bias.empty());
  EXPECT_EQ(mini.settings.query_prefix, "[unused0]");
  EXPECT_EQ(mini.settings.document_prefix, "[unused1]");
  EXPECT_EQ(mini.settings.query_length, 32U);
  EXPECT_EQ(mini.settings.document_length, 300U);
  EXPECT_TRUE(mini.settings.do_query_expansion);
  EXPECT_EQ(mini.settings.skiplist_words, default_skiplist_words());
  EXPECT_TRUE(mini.notes.empty());
}

}  // namespace
}  // namespace maxsimd
