#include "maxsimd/data/json_scanner.h"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "maxsimd/base/utf8.h"

namespace maxsimd {
namespace {

// All members, or the error under the key "!".
std::map<std::string, std::string> scan(std::string_view text) {
  std::map<std::string, std::string> members;
  JsonObjectScanner scanner(text);
  JsonMember member;
  while (scanner.next(member)) {
    std::string value;
    if (member.kind == JsonKind::string) {
      append_json_string(value, member.raw);
    } else {
      value = member.raw;
    }
    members[member.key] = value;
  }
  if (!scanner.error().empty()) members["!"] = scanner.error();
  return members;
}

TEST(JsonScanner, DecodesEveryEscape) {
  const auto members = scan(R"({"a":"\"\\\/\b\f\n\r\t\u0041\u00e9\u2028\ud83d\ude00\u0000z"})");
  EXPECT_EQ(members.at("a"),
            std::string("\"\\/\b\f\n\r\tA\xC3\xA9\xE2\x80\xA8\xF0\x9F\x98\x80\0z", 20));
}

TEST(JsonScanner, DecodesEscapesInKeys) {
  EXPECT_EQ(scan(R"({"\u005fid":"x"})").at("_id"), "x");
}

TEST(JsonScanner, B54_LoneSurrogatesBecomeTheReplacementCharacter) {
  const auto members = scan(R"({"a":"a\ud800b","b":"\udc00\ud800\udc00","c":"\ud800\u0041"})");
  EXPECT_EQ(members.at("a"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(members.at("b"), "\xEF\xBF\xBD\xF0\x90\x80\x80");
  EXPECT_EQ(members.at("c"),
            "\xEF\xBF\xBD"
            "A");
  EXPECT_TRUE(has_lone_surrogate(R"(x\ud800)"));
  EXPECT_FALSE(has_lone_surrogate(R"(x\\ud800\ud83d\ude00)"));
}

TEST(JsonScanner, RepairedMetadataIsAcceptedByAStrictParser) {
  std::string raw = R"({"a\udfff":["\ud800\\ud800","\ud83d\ude00"]})";
  ASSERT_FALSE(nlohmann::json::accept(raw));
  repair_lone_surrogates(raw);
  EXPECT_EQ(raw, R"({"a\ufffd":["\ufffd\\ud800","\ud83d\ude00"]})");
  EXPECT_TRUE(nlohmann::json::accept(raw));
}

TEST(JsonScanner, ErrorsNameTheByte) {
  EXPECT_NE(scan(R"({"_id":)").at("!").find("byte 7"), std::string::npos);
  EXPECT_NE(scan("{\"a\":\"b\tc\"}").at("!").find("control character"), std::string::npos);
  EXPECT_NE(scan(R"([1])").at("!").find("expected '{'"), std::string::npos);
}

TEST(JsonScanner, B54_DeepNestingIsAnErrorNotAStackOverflow) {
  const std::string deep(1000000, '[');
  EXPECT_NE(scan("{\"a\":" + deep).at("!").find("64 levels"), std::string::npos);
  std::string objects = "{\"a\":";
  for (int i = 0; i < 100000; ++i) objects += "{\"a\":";
  EXPECT_NE(scan(objects).at("!").find("64 levels"), std::string::npos);
}

TEST(JsonScanner, AcceptsAndRefusesExactlyWhatNlohmannDoes) {
  const std::vector<std::string> texts = {"{}",
                                          " { } ",
                                          "{\"a\":1}",
                                          "{\"a\":-0}",
                                          "{\"a\":01}",
                                          "{\"a\":1.}",
                                          "{\"a\":.5}",
                                          "{\"a\":1e5}",
                                          "{\"a\":1E+5}",
                                          "{\"a\":1e}",
                                          "{\"a\":+1}",
                                          "{\"a\":NaN}",
                                          "{\"a\":Infinity}",
                                          "{\"a\":tru}",
                                          "{\"a\":true}",
                                          "{\"a\":null}",
                                          "{\"a\":[]}",
                                          "{\"a\":[1,]}",
                                          "{\"a\":[,1]}",
                                          "{\"a\":{\"b\":[{}]}}",
                                          "{\"a\":1,}",
                                          "{,\"a\":1}",
                                          "{\"a\" 1}",
                                          "{\"a\"}",
                                          "{a:1}",
                                          "{\"a\":\"\\x\"}",
                                          "{\"a\":\"\\u12\"}",
                                          "{\"a\":\"\\u12G4\"}",
                                          "{\"a\":\"",
                                          "{\"a\":1}}",
                                          "{\"a\":1} x",
                                          "{\"a\":\"\x01\"}",
                                          "{\"a\":\"\x7f\"}",
                                          "",
                                          "{",
                                          "null",
                                          "{\"a\":[1 2]}",
                                          "{\"a\":{\"b\" :1 , \"c\": [ ] } }",
                                          "{'a':1}",
                                          "{\"a\":1 \"b\":2}",
                                          "{\"a\":\"\\",
                                          "{\"a\":-}"};
  for (const std::string& text : texts) {
    EXPECT_EQ(scan(text).count("!") == 0,
              nlohmann::json::accept(text) && text.find('{') != std::string::npos)
        << text;
  }
}

TEST(JsonScanner, AgreesWithNlohmannOnMutatedLines) {
  const std::string seed_text =
      R"({"_id": "é7", "title": "a\tb \"c\" \\", "text": "x\u00e9y", "metadata": )"
      R"({"n": [1, -2.5e3, true, null, {"k": "v"}]}, "z": 0})";
  const std::string bytes = "{}[]\",:\\ue0019-+.tfn ";
  std::mt19937 random(7);  // seed 7
  size_t accepted = 0;
  for (int round = 0; round < 50000; ++round) {
    std::string text = seed_text;
    const size_t changes = 1 + random() % 3;
    for (size_t i = 0; i < changes; ++i) {
      const size_t place = random() % text.size();
      if ((text[place] & 0x80) != 0) continue;
      const char replacement = bytes[random() % bytes.size()];
      if (random() % 2 == 0) {
        text[place] = replacement;
      } else {
        text.insert(place, 1, replacement);
      }
    }
    if (find_invalid_utf8(text)) continue;
    nlohmann::json theirs;
    try {
      theirs = nlohmann::json::parse(text);
    } catch (const nlohmann::json::out_of_range&) {
      continue;  // 1e999: well-formed, but no double
    } catch (const nlohmann::json::parse_error&) {
      theirs = nullptr;
    }
    const auto ours = scan(text);
    ASSERT_EQ(ours.count("!") == 0, theirs.is_object()) << text << "\n" << ours.begin()->second;
    if (!theirs.is_object()) continue;
    ++accepted;
    for (const auto& [key, value] : theirs.items()) {
      if (value.is_string()) {
        EXPECT_EQ(ours.at(key), value.get<std::string>()) << text;
      } else {
        EXPECT_EQ(nlohmann::json::parse(ours.at(key)), value) << text;
      }
    }
  }
  EXPECT_GT(accepted, 2500U);
}

}  // namespace
}  // namespace maxsimd
