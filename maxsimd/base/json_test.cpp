#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

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

// Found by fuzz_tokenizer_config: a file that was checked here was parsed again by another reader,
// which saw one mark more than it skips.
TEST(Json, OneByteOrderMarkIsSkippedAndTwoAreAnError) {
  const std::string mark = "\xEF\xBB\xBF";
  EXPECT_EQ(parse_json(mark + "[1]", "t").size(), 1U);
  EXPECT_THROW(parse_json(mark + mark + "[1]", "t"), FormatError);
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

TEST(Json, MessagesAreUtf8WhereTheTextIsNot) {
  for (const char* text : {"{\n \xb7\"b\": 2}", "\xff", "[\"a\xe2\x82\"]", "{\"a\": tr\xe2"}) {
    const std::string message = error_of(text);
    EXPECT_NE(message.find("not valid JSON"), std::string::npos) << text;
    EXPECT_FALSE(find_invalid_utf8(message)) << message;
  }
}

TEST(Json, MembersApartAreThoseAtThePathAndTheRestIsTheTree) {
  const std::string text = R"( {"other": {"vocab": {"x": 1}}, "vocab": {"y": 2},
    "model": {"list": [{"model": {"vocab": {"z": 3}}}], "vocab":
      {"\u00e9\n": 1, "a": -1.5, "": [[], {"b": 1}], "o": {"vocab": {"c": [2]}}, "a": "s"},
     "after": {"vocab": 4}}, "list": [5, {"vocab": {}}, [{}]], "last": 6} )";
  JsonMembers members = {{"old", 0}};
  const nlohmann::json rest = parse_json_apart(text, "file.json", {"model", "vocab"}, members);
  EXPECT_EQ(members, (JsonMembers{{"\u00E9\n", 1},
                                  {"a", -1.5},
                                  {"", nlohmann::json::array()},
                                  {"o", nlohmann::json::object()},
                                  {"a", "s"}}));
  nlohmann::json expected = nlohmann::json::parse(text);
  expected["model"]["vocab"] = nlohmann::json::object();
  EXPECT_EQ(rest, expected);
}

TEST(Json, MembersApartOfWhatIsNoObjectAreNone) {
  for (const char* text :
       {"[]", "3", "{}", R"([{"vocab": {"a": 1}}])", R"({"model": []})",
        R"({"model": [{"vocab": {"a": 1}}]})", R"({"model": {"vocab": [1, 2]}})",
        R"({"model": {"vocab": [{"a": 1}]}})", R"({"model": {"vocab": null}})"}) {
    JsonMembers members;
    EXPECT_EQ(parse_json_apart(text, "file.json", {"model", "vocab"}, members),
              nlohmann::json::parse(text));
    EXPECT_TRUE(members.empty()) << text;
  }
}

TEST(Json, MembersApartOfAnObjectGivenTwiceAreThoseOfTheLast) {
  JsonMembers members;
  parse_json_apart(R"({"a": {"x": 1}, "b": 2, "a": {"y": 3}})", "file.json", {"a"}, members);
  EXPECT_EQ(members, (JsonMembers{{"y", 3}}));
  parse_json_apart(R"({"a": {"b": {"x": 1}}, "a": {"c": 2}})", "file.json", {"a", "b"}, members);
  EXPECT_TRUE(members.empty());
  parse_json_apart(R"({"a": {"x": 1}, "a": 3})", "file.json", {"a"}, members);
  EXPECT_TRUE(members.empty());
}

TEST(Json, MembersApartFailAsEverythingElse) {
  const std::vector<std::string> endings = {"1",
                                            "1,}}",
                                            "\"\xFF\"}}",
                                            "01}}",
                                            std::string("1}}\0", 4),
                                            "\"\\ud800\"}}",
                                            std::string(65, '[')};
  for (const std::string& inside : endings) {
    const std::string text = R"({"model": {"vocab": {"a":)" + inside;
    JsonMembers members;
    try {
      parse_json_apart(text, "file.json", {"model", "vocab"}, members);
      ADD_FAILURE() << text;
    } catch (const FormatError& error) {
      EXPECT_EQ(error.what(), error_of(text));
    }
  }
}

}  // namespace
}  // namespace maxsimd
