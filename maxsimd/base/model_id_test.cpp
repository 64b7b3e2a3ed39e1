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

}  // namespace
}  // namespace maxsimd
