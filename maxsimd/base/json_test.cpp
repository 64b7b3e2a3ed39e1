#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/json.h"
#include "maxsimd/base/utf8.h"

namespace maxsimd {
namespace {

std::string error_of(const std::string& text, const JsonOptions& options = {}) {
  try {
    parse_json(text, "file.json", options);
  } catch (const FormatError& error) {
    return error.what();
  }
  return "";
}

TEST(Json, ReadsValues) {
  const nlohmann::json value = parse_json(R"({"a": [1, "x"]})", "file.json");
  EXPECT_EQ(value["a"][1], "x");
}

TEST(Json, MalformedNamesFileAndPlace) {
  const std::string message = error_of("{\"a\": 1,\n}");
  EXPECT_NE(message.find("file.json"), std::string::npos);
  EXPECT_NE(message.find("line 2"), std::string::npos);
}

TEST(Json, DepthIsLimited) {  // known bugs B10 (24), B54
  EXPECT_EQ(error_of(std::string(64, '[') + std::string(64, ']')), "");
  EXPECT_NE(error_of(std::string(65, '[') + std::string(65, ']')).find("nested deeper"),
            std::string::npos);
  EXPECT_NE(error_of(std::string(1000000, '[')).find("nested deeper"), std::string::npos);
  EXPECT_EQ(error_of("[\"" + std::string(100, '[') + "\"]"), "");  // brackets in a string
}

TEST(Json, DuplicateKeysAreRefusedWhenAsked) {
  EXPECT_EQ(error_of(R"({"a": 1, "a": 2})"), "");
  EXPECT_NE(error_of(R"({"a": 1, "a": 2})", {.reject_duplicate_keys = true}).find("'a'"),
            std::string::npos);
  EXPECT_EQ(error_of(R"({"a": {"b": 1}, "b": {"a": 1}})", {.reject_duplicate_keys = true}), "");
}

TEST(Json, ANulByteIsAnErrorNotTheEndOfTheText) {
  EXPECT_NE(error_of(std::string("{}\0garbage", 10)).find("NUL"), std::string::npos);
}

TEST(Json, MessagesStayShortWhateverTheTextHolds) {
  std::string key;
  for (int i = 0; i < 100000; ++i) key += "\xC3\xA9";
  for (const std::string& text :
       {"{\"" + key, "{\"" + key + "\":1,\"" + key + "\":2}", "{\"" + key + "\\ud800\":1}"}) {
    const std::string message = error_of(text, {.reject_duplicate_keys = true});
    EXPECT_NE(message, "");
    EXPECT_LT(message.size(), 400U);
    EXPECT_FALSE(find_invalid_utf8(message)) << message;
  }
}

TEST(Json, WithoutThrowingGivesTheValueOrTheProblemWithoutAPlace) {
  nlohmann::json value;
  EXPECT_EQ(try_parse_json("[1]", value), std::nullopt);
  EXPECT_EQ(value, nlohmann::json({1}));
  EXPECT_EQ(error_of("[1"), "file.json: " + try_parse_json("[1", value).value_or(""));
}

TEST(Json, InvalidUtf8InAStringIsAnError) {
  EXPECT_NE(error_of("\"\xff\""), "");
}

}  // namespace
}  // namespace maxsimd
