#include "maxsimd/hub/hub_names.h"

#include <gtest/gtest.h>

#include <string>

namespace maxsimd {
namespace {

// The rules of huggingface_hub's validate_repo_id, for ids with an organisation.
TEST(HubNames, IdsAreWhatTheHubAllows) {
  for (const char* id : {"org/name", "a/b", "lightonai/GTE-ModernColBERT-v1", "o_o/n.a.m-e_1"}) {
    EXPECT_TRUE(is_hub_id(id)) << id;
  }
  for (const char* id : {"", "name", "/", "org/", "/name", "a/b/c", "org/na me", "org/.name",
                         "org/name.", "-org/name", "org-/name", "org/na--me", "org/na..me",
                         "../name", "org/..", "org\\name", "org/n\xC3\xA4me", "./models"}) {
    EXPECT_FALSE(is_hub_id(id)) << id;
  }
  EXPECT_TRUE(is_hub_id("o/" + std::string(96, 'n')));
  EXPECT_FALSE(is_hub_id("o/" + std::string(97, 'n')));
}

TEST(HubNames, FilesOfAServerStayInTheirFolder) {
  for (const char* name : {"config.json", "1_Dense/model.safetensors", ".gitattributes", "a..b"}) {
    EXPECT_TRUE(is_inner_path(name)) << name;
  }
  EXPECT_TRUE(is_inner_path("1_Dense/" + std::string(255, 'a')));
  for (const std::string& name :
       {std::string(), std::string("/etc/passwd"), std::string("../x"), std::string("a/../b"),
        std::string("a//b"), std::string("a/"), std::string("."), std::string("a/./b"),
        std::string("a\\b"), std::string("a\nb"), std::string("a\0b", 3), std::string("\x7F"),
        std::string(256, 'a'), std::string(1025, 'a'), std::string("1/2/3/4/5/6/7/8/9")}) {
    EXPECT_FALSE(is_inner_path(name)) << name;
  }
}

TEST(HubNames, RevisionsAndCommits) {
  EXPECT_TRUE(is_revision("main"));
  EXPECT_TRUE(is_revision("refs/pr/1"));
  EXPECT_FALSE(is_revision(""));
  EXPECT_FALSE(is_revision("../main"));
  EXPECT_FALSE(is_revision(std::string(256, 'r')));
  EXPECT_TRUE(is_commit("0123456789abcdef0123456789abcdef01234567"));
  EXPECT_FALSE(is_commit("0123456789ABCDEF0123456789abcdef01234567"));
  EXPECT_FALSE(is_commit("0123456789abcdef"));
}

TEST(HubNames, UrlsAreEscaped) {
  EXPECT_EQ(url_escaped("1_Dense/a b%c?.json", true), "1_Dense/a%20b%25c%3F.json");
  EXPECT_EQ(url_escaped("refs/pr/1", false), "refs%2Fpr%2F1");
  EXPECT_EQ(url_escaped("\xC3\xA4-._~#", true), "%C3%A4-._~%23");
}

}  // namespace
}  // namespace maxsimd
