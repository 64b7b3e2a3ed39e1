// Names as huggingface_hub's validate_repo_id() takes and refuses them.
#include "maxsimd/base/model_id.h"

#include <gtest/gtest.h>

namespace maxsimd {
namespace {

TEST(ModelId, NamesOfTheHubPass) {
  for (const char* id : {"model", "org/model", "a/b", "Org_1/mini-LM.v2", "x_/_y", "0/1"}) {
    EXPECT_EQ(problem_of_model_id(id), "") << id;
  }
  EXPECT_EQ(problem_of_model_id("org/" + std::string(96, 'a')), "");
}

TEST(ModelId, OthersAreToldWhatANameLooksLike) {
  for (const char* id : {"not an id", "", "/", "a/", "/b", "a/b/c", "-a/b", "a/b-", ".a", "a.",
                         "a--b", "a..b", "a/b.git", "a\\b",
                         "org/m\xc3\xb6"
                         "del"}) {
    EXPECT_NE(problem_of_model_id(id).find("expected ORG/NAME"), std::string::npos) << id;
  }
  EXPECT_NE(problem_of_model_id(std::string(97, 'a')), "");
}

TEST(ModelId, AFolderOfTheCacheSaysWhatItIsOnTheHub) {
  for (const char* folder :
       {"/c/models--org--a-b.c/snapshots/0af", "/c/models--org--a-b.c/snapshots/0af/"}) {
    const auto source = hub_source_of(folder);
    ASSERT_TRUE(source.has_value()) << folder;
    EXPECT_EQ(source->id, "org/a-b.c");
    EXPECT_EQ(source->commit, "0af");
  }
  EXPECT_EQ(hub_source_of("/c/models--bert/snapshots/0af").value().id, "bert");
}

TEST(ModelId, OtherFoldersAreNoneOfTheHub) {
  for (const char* folder : {"", "/", "mini", "/c/snapshots/0af", "/c/models--org--a/blobs/0af",
                             "/c/datasets--org--a/snapshots/0af", "/c/models--/snapshots/0af",
                             "/c/models--org--a--b/snapshots/0af"}) {
    EXPECT_FALSE(hub_source_of(folder).has_value()) << folder;
  }
}

}  // namespace
}  // namespace maxsimd
