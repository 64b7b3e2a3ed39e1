#include "maxsimd/hub/repository.h"

#include <gtest/gtest.h>

#include <string>

#include "maxsimd/base/errors.h"

namespace maxsimd {
namespace {

const std::string kCommit(40, 'c');

std::string small(const std::string& name, const std::string& size = "12") {
  return R"({"rfilename": ")" + name + R"(", "size": )" + size + R"(, "blobId": ")" +
         std::string(40, 'a') + R"("})";
}

std::string large(const std::string& name) {
  return R"({"rfilename": ")" + name + R"(", "size": 1, "blobId": ")" + std::string(40, 'a') +
         R"(", "lfs": {"size": 7000000000, "sha256": ")" + std::string(64, 'b') + R"("}})";
}

std::string listing(const std::string& files) {
  return R"({"sha": ")" + kCommit + R"(", "private": false, "siblings": [)" + files + "]}";
}

std::string refusal(const std::string& json) {
  try {
    parse_repository(json, "o/n", "WHERE");
  } catch (const FormatError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(HubRepository, HoldsWhatAModelIsLoadedFromAndNothingElse) {
  const HubRepository repository = parse_repository(
      listing(small(".gitattributes") + "," + small("config.json") + "," + small("README.md") +
              "," + large("model.safetensors") + "," + small("pytorch_model.bin") + "," +
              small("onnx/config.json") + "," + small("1_Dense/config.json") + "," +
              small("a/b/config.json") + "," + small("tf_model.h5") + "," +
              small("checkpoint-10/config.json") + "," + small("vocab.txt", "0")),
      "o/n", "WHERE");
  EXPECT_EQ(repository.commit, kCommit);
  std::vector<std::string> names;
  for (const HubFile& file : repository.files) names.push_back(file.name);
  EXPECT_EQ(names, (std::vector<std::string>{"1_Dense/config.json", "README.md", "config.json",
                                             "model.safetensors", "vocab.txt"}));
  EXPECT_EQ(repository.files[3].size, 7000000000U);
  EXPECT_EQ(repository.files[3].digest, std::string(64, 'b'));
  EXPECT_EQ(repository.files[2].size, 12U);
  EXPECT_EQ(repository.files[2].digest, std::string(40, 'a'));
  EXPECT_EQ(repository.files[4].size, 0U);
}

TEST(HubRepository, RefusesNamesThatLeaveTheFolder) {
  for (const char* name : {"../config.json", "/etc/x.json", "a\\\\..\\\\x.json", "..//x.json",
                           "../weights.bin", "a\\u0000.json", "a\\n.json"}) {
    EXPECT_NE(refusal(listing(large("model.safetensors") + "," + small(name)))
                  .find("outside the model's folder"),
              std::string::npos)
        << name;
  }
}

TEST(HubRepository, RefusesWhatIsNoListing) {
  const std::string weights = large("model.safetensors");
  EXPECT_NE(refusal("<html>").find("WHERE"), std::string::npos);
  for (const std::string& json :
       {std::string("[]"), std::string("{}"), R"({"sha": "main", "siblings": []})" + std::string(),
        R"({"sha": ")" + kCommit + R"("})", R"({"sha": ")" + kCommit + R"(", "siblings": {}})"}) {
    EXPECT_NE(refusal(json).find("expected an object with 'sha'"), std::string::npos) << json;
  }
  EXPECT_NE(refusal(listing(weights + "," + weights)).find("twice"), std::string::npos);
  for (const char* size : {"-1", "1.5", "\"12\"", "null", "99999999999999"}) {
    EXPECT_NE(refusal(listing(weights + "," + small("config.json", size))).find("no size"),
              std::string::npos)
        << size;
  }
  EXPECT_NE(refusal(listing(weights + R"(, {"rfilename": "config.json", "size": 3})"))
                .find("no size and digest of config.json"),
            std::string::npos);
  EXPECT_NE(refusal(listing(weights + ", 7")).find("a file \"\","), std::string::npos);
}

TEST(HubRepository, SaysThatPicklesAreNotRead) {
  EXPECT_NE(refusal(listing(small("config.json") + "," + large("pytorch_model.bin")))
                .find("no .safetensors"),
            std::string::npos);
}

}  // namespace
}  // namespace maxsimd
