// The tokenizer of the embedded model, and the known bugs of other tokenizers
// (B01 ... are numbers of the project's list of real bugs). Expected ids are Hugging Face's.
#include "maxsimd/text/tokenizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/text/test_texts.h"

namespace maxsimd {
namespace {

using Ids = std::vector<TokenId>;
using text_tests::line_of;
using text_tests::mini_folder;

const Tokenizer& mini() {
  static const Tokenizer tokenizer = Tokenizer::load(mini_folder());
  return tokenizer;
}

// [CLS] inner [SEP]
Ids framed(Ids inner) {
  inner.insert(inner.begin(), 101);
  inner.push_back(102);
  return inner;
}

void expect_ids(const Tokenizer& tokenizer, const std::vector<std::pair<std::string, Ids>>& cases) {
  for (const auto& [text, inner] : cases) {
    EXPECT_EQ(tokenizer.encode(text).ids, framed(inner)) << text;
  }
}

nlohmann::json mini_json() {
  return read_json_file(mini_folder() / "tokenizer.json");
}

Tokenizer from(const nlohmann::json& json) {
  return Tokenizer::from_json(json.dump(), "edited");
}

std::string repeat(const std::string& text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

std::string error_of(const nlohmann::json& json) {
  try {
    from(json);
  } catch (const FormatError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Tokenizer, B01AccentsAreDecomposedAndDroppedNotLost) {
  for (const char* text : {"caf\u00E9", "cafe\u0301", "Caf\u00C9"}) {
    expect_ids(mini(), {{text, {7668}}});
  }
  expect_ids(mini(), {{"Gospi\u0107", {2175, 13102, 2594}},
                      {"Hokkaid\u014D", {20826}},
                      {"\u1EA1\u0323\u0302", {1037}},
                      {"\u0130stanbul", {9960}},
                      {"stra\u00DFe", {2358, 27807}},
                      {"STRASSE \u1E9E", {2358, 8180, 3366, 1096}},
                      {"\u03A3\u0391\u03A3", {1173, 14608, 29733}},
                      {"\u212B", {1037}},
                      {"K\u212A", {1047, 2243}},
                      {"\uAC00\uB098", {1455, 30006, 29992, 30006}},
                      {"\u30AB\u3099", {1700}},
                      {"\u30AC", {1700}}});
}

nlohmann::json with_flags(bool clean, bool chinese, const nlohmann::json& accents, bool lower) {
  nlohmann::json json = mini_json();
  json["normalizer"] = {{"type", "BertNormalizer"},
                        {"clean_text", clean},
                        {"handle_chinese_chars", chinese},
                        {"strip_accents", accents},
                        {"lowercase", lower}};
  return json;
}

TEST(Tokenizer, B02NormalizerFlagsAreObeyed) {
  const std::string nfc = "Caf\u00E9";
  const std::string nfd = "cafe\u0301";
  const std::string japanese = "\u65E5\u672C\u8A9E";
  const std::string nul("a\0b", 3);
  expect_ids(from(with_flags(true, true, false, true)), {{nfc, {100}}, {nfd, {100}}});
  expect_ids(from(with_flags(true, true, nullptr, false)), {{nfc, {100}}, {nfd, {100}}});
  expect_ids(from(with_flags(true, true, true, false)), {{nfc, {100}}, {nfd, {7668}}});
  expect_ids(from(with_flags(false, false, nullptr, true)),
             {{"\u4F60\u597D", {100}}, {nul, {100}}, {"a\tb", {1037, 1038}}});
  nlohmann::json none = mini_json();
  none["normalizer"] = nullptr;
  expect_ids(from(none), {{"hello", {7592}},
                          {"Hello", {100}},
                          {"caf\u00E9", {100}},
                          {japanese, {1864, 30402, 30476}}});
  expect_ids(mini(), {{japanese, {1864, 1876, 1950}}});
}

TEST(Tokenizer, B03InvisibleAndCombinedCharactersGoTheWayOfHuggingFace) {
  for (const char* text : {"a\u200Bb", "a\u200Db", "a\u202Eb", "a\u00ADb",
                           "a\u0085"
                           "b",
                           "a\u007F"
                           "b",
                           "a\uFFFD"
                           "b"}) {
    expect_ids(mini(), {{text, {11113}}});
  }
  for (const char* text : {"a\u00A0b", "a\u3000b", "a\u2028b", "a\r\nb"}) {
    expect_ids(mini(), {{text, {1037, 1038}}});
  }
  for (const char* text : {"\uFFFE", "\u0E2A\u0E27\u0E31\u0E2A\u0E14\u0E35",
                           "\U0001F468\u200D\U0001F469\u200D\U0001F467", "\U0001F44D\U0001F3FD",
                           "hello\U0001F600", "I\u2764\uFE0FNY"}) {
    expect_ids(mini(), {{text, {100}}});
  }
  expect_ids(mini(), {{"\uFEFFtest", {3231}},
                      {"\uE000", {}},
                      {"\U000E0001", {}},
                      {"\u0928\u092E\u0938\u094D\u0924\u0947", {1327, 29867, 29874, 29859}},
                      {"\u0627\u0644\u0633\u0644\u0627\u0645\u064F",
                       {1270, 23673, 29824, 23673, 25573, 22192}},
                      {"hello \U0001F600", {7592, 100}},
                      {"\u4F60\u597D\uFF0C\u4E16\u754C", {100, 100, 1989, 1745, 100}},
                      {"GPT\u4E2D\u6587"
                       "abc",
                       {14246, 2102, 1746, 1861, 5925}},
                      {"don\u2019t", {2123, 1521, 1056}},
                      {"\u2014\u2014", {1517, 1517}},
                      {"\x1b[31mred\x1b[0m", {1031, 2861, 2213, 5596, 1031, 1014, 2213}}});
}

TEST(Tokenizer, B04SpecialTokensInTheTextAreMatchedAsAddedTokens) {
  expect_ids(mini(), {{"[unused0] hi", {1, 7632}},
                      {"[unused0]hi", {1, 7632}},
                      {"hi[unused1]there", {7632, 2, 2045}},
                      {"[UNUSED0]", {1}},
                      {"[MASK]", {103}},
                      {"[mask]", {1031, 7308, 1033}},
                      {"foo[SEP]bar", {29379, 102, 3347}},
                      {"[CLS] x [SEP]", {101, 1060, 102}},
                      {"##ing", {1001, 1001, 13749}},
                      {"[unused1]", {2}}});
}

TEST(Tokenizer, B04UnknownPrefixesAreAddedBehindTheVocabulary) {
  Tokenizer tokenizer = Tokenizer::load(mini_folder());
  ASSERT_EQ(tokenizer.vocab_size(), 30522U);
  EXPECT_EQ(tokenizer.add_tokens({"[Q] ", "[D] "}), (Ids{30522, 30523}));
  EXPECT_EQ(tokenizer.vocab_size(), 30524U);
  EXPECT_EQ(tokenizer.token_to_id("[D] "), 30523);
  EXPECT_EQ(tokenizer.id_to_token(30522), "[Q] ");
  expect_ids(tokenizer, {{"[Q] hello", {30522, 7592}}, {"[q] hello", {30522, 7592}}});
  // A known token keeps its id, and is found in raw text from now on.
  EXPECT_EQ(tokenizer.add_tokens({"##ing", "hello"}), (Ids{2075, 7592}));
  expect_ids(tokenizer, {{"sayhello", {2360, 7592}}});
  EXPECT_THROW(tokenizer.add_tokens({""}), std::invalid_argument);
}

TEST(Tokenizer, B05TruncationAndPaddingOfTheFileNeverApplyByThemselves) {
  nlohmann::json json = mini_json();
  ASSERT_EQ(json["truncation"]["max_length"], 299);
  ASSERT_TRUE(json["padding"].is_object());
  nlohmann::json bare = json;
  bare["truncation"] = nullptr;
  bare["padding"] = nullptr;
  for (const nlohmann::json& file : {json, bare}) {
    const Tokenizer tokenizer = from(file);
    const std::string text = repeat("a ", 600);
    EXPECT_EQ(tokenizer.encode(text).ids.size(), 602U);
    for (const size_t length : {512U, 64U, 299U}) {
      EncodeTextOptions options;
      options.max_length = length;
      const Ids ids = tokenizer.encode(text, options).ids;
      ASSERT_EQ(ids.size(), length);
      EXPECT_EQ(ids.front(), 101);
      EXPECT_EQ(ids[length - 2], 1037);
      EXPECT_EQ(ids.back(), 102);
    }
  }
}

TEST(Tokenizer, B05TruncatesTheSideTheFileOrTheCallerSays) {
  const std::string text = "one two three four five six seven eight nine";
  const Ids first_six = framed({2028, 2048, 2093, 2176, 2274, 2416});
  const Ids last_six = framed({2176, 2274, 2416, 2698, 2809, 3157});
  nlohmann::json json = mini_json();
  json["truncation"]["direction"] = "Left";
  const Tokenizer left = from(json);
  EncodeTextOptions options;
  options.max_length = 8;
  EXPECT_EQ(left.encode(text, options).ids, last_six);
  EXPECT_EQ(mini().encode(text, options).ids, first_six);
  options.truncation_side = TruncationSide::right;
  EXPECT_EQ(left.encode(text, options).ids, first_six);
  options.truncation_side = TruncationSide::left;
  EXPECT_EQ(mini().encode(text, options).ids, last_six);
}

TEST(Tokenizer, ComponentsThatAreNotSupportedAreErrorsThatNameThem) {
  nlohmann::json json = mini_json();
  json["normalizer"] = {{"type", "Sequence"},
                        {"normalizers", {{{"type", "NFC"}}, {{"type", "NoSuchThing"}}}}};
  EXPECT_NE(error_of(json).find("normalizers[1]: type 'NoSuchThing' is not supported"),
            std::string::npos)
      << error_of(json);
  json = mini_json();
  json["pre_tokenizer"] = {{"type", "NoSuchThing"}};
  EXPECT_NE(error_of(json).find("pre_tokenizer: type 'NoSuchThing'"), std::string::npos);
  json = mini_json();
  json["post_processor"] = {{"type", "NoSuchThing"}};
  EXPECT_NE(error_of(json).find("post_processor: type 'NoSuchThing'"), std::string::npos);
}

TEST(Tokenizer, MalformedFilesAreErrorsThatNameThePlace) {
  const auto broken = [](const char* path, const nlohmann::json& value) {
    nlohmann::json json = mini_json();
    json[nlohmann::json::json_pointer(path)] = value;
    return error_of(json);
  };
  EXPECT_NE(broken("/version", "2.0").find("'2.0'"), std::string::npos);
  EXPECT_NE(broken("/model/vocab/hello", -1).find("'hello'"), std::string::npos);
  EXPECT_NE(broken("/model/vocab/hello", 2147483648).find("'hello'"), std::string::npos);
  EXPECT_NE(broken("/model/vocab/hello", 1.5).find("'hello'"), std::string::npos);
  EXPECT_NE(broken("/model/unk_token", "[NO]").find("'[NO]'"), std::string::npos);
  EXPECT_TRUE(broken("/model/unk_token", "[NO]").starts_with("edited: "));
  EXPECT_NE(broken("/model/vocab", 3).find("model.vocab"), std::string::npos);
  EXPECT_NE(broken("/normalizer/lowercase", "yes").find("'lowercase'"), std::string::npos);
  EXPECT_NE(broken("/added_tokens/2/content", 5).find("added_tokens[2]"), std::string::npos);
  EXPECT_NE(broken("/post_processor/special_tokens", nlohmann::json::object()).find("'[CLS]'"),
            std::string::npos);
  EXPECT_NE(broken("/truncation/direction", "Up").find("'Up'"), std::string::npos);
  EXPECT_THROW(Tokenizer::from_json("", "empty"), FormatError);
  EXPECT_THROW(Tokenizer::from_json("[]", "list"), FormatError);
  EXPECT_THROW(Tokenizer::from_json(repeat("[", 5000), "deep"), FormatError);
}

// B13 (g): a trailing comma, with the file's name and the position.
TEST(Tokenizer, B13ATrailingCommaIsAnErrorWithThePosition) {
  try {
    Tokenizer::from_json("{\"version\": \"1.0\",}", "model/tokenizer.json");
    FAIL() << "no error";
  } catch (const FormatError& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("model/tokenizer.json"), std::string::npos) << message;
    EXPECT_NE(message.find("line 1"), std::string::npos) << message;
  }
}

// The text half of B22: the content is cut, never the frame; a length without room is an error.
TEST(Tokenizer, B22EveryLengthCountsTheSpecialTokens) {
  for (const size_t words : {400U, 5000U}) {
    for (const size_t length : {300U, 512U, 513U, 600U, 2U, 3U}) {
      EncodeTextOptions options;
      options.max_length = length;
      options.with_offsets = true;
      const Encoding encoding = mini().encode(repeat("a ", words), options);
      EXPECT_EQ(encoding.ids.size(), std::min<size_t>(length, words + 2));
      EXPECT_EQ(encoding.offsets.size(), encoding.ids.size());
      EXPECT_EQ(encoding.ids.back(), 102);
    }
  }
  EncodeTextOptions dots;
  dots.max_length = 300;
  EXPECT_EQ(mini().encode(repeat(".", 5000), dots).ids.size(), 300U);
  EncodeTextOptions none;
  none.max_length = 1;
  EXPECT_THROW(mini().encode("a", none), std::invalid_argument);
  none.add_special_tokens = false;
  EXPECT_EQ(mini().encode("a b", none).ids, Ids{1037});
}

TEST(Tokenizer, B54IllFormedBytesAreReplacedNeverFatal) {
  expect_ids(mini(), {{"a\xED\xA0\x80"
                       "b",
                       {11113}},  // a lone surrogate
                      {"a\xFF"
                       "b",
                       {11113}},
                      {"a\xE9"
                       "b",
                       {11113}},  // Latin-1
                      {std::string("a\0b", 3), {11113}},
                      {"a\xF0\x9F\x98", {1037}},  // an unfinished emoji
                      {"a\xF0\x9F\x98\x80"
                       "b",
                       {100}}});
  EncodeTextOptions options;
  options.with_offsets = true;
  EXPECT_EQ(line_of(mini().encode("x\xFFy \xC3 z", options)),
            "101 1060 2100 1062 102|0:0 0:1 2:3 6:7 0:0");
}

TEST(Tokenizer, EmptyAndBlankTextsAreTheFrameAlone) {
  for (const char* text : {"", "   ", "\t\n", "\u200B"}) expect_ids(mini(), {{text, {}}});
  EncodeTextOptions bare;
  bare.add_special_tokens = false;
  bare.with_offsets = true;
  EXPECT_EQ(line_of(mini().encode("", bare)), "|");
}

TEST(Tokenizer, KnowsItsSpecialTokens) {
  EXPECT_EQ(mini().unk_id(), 100);
  EXPECT_EQ(mini().mask_id(), 103);
  EXPECT_EQ(mini().pad_id(), 103);  // special_tokens_map.json of this model pads with [MASK]
  EXPECT_EQ(mini().eos_id(), std::nullopt);
  EXPECT_EQ(from(mini_json()).pad_id(), 0);  // tokenizer.json alone
  EXPECT_EQ(mini().token_to_id("hello"), 7592);
  EXPECT_EQ(mini().token_to_id("no such token"), std::nullopt);
  EXPECT_EQ(mini().id_to_token(7592), "hello");
  EXPECT_EQ(mini().id_to_token(1), "[unused0]");
  EXPECT_EQ(mini().id_to_token(30522), std::nullopt);
  EXPECT_EQ(mini().id_to_token(-1), std::nullopt);
}

TEST(Tokenizer, OffsetsAreBytesOfTheOriginalText) {
  EncodeTextOptions options;
  options.with_offsets = true;
  EXPECT_EQ(line_of(mini().encode("Caf\u00E9 [MASK]\u65E5!", options)),
            "101 7668 103 1864 999 102|0:0 0:5 6:12 12:15 15:16 0:0");
}

TEST(Tokenizer, ToJsonKeepsAddedTokens) {
  Tokenizer tokenizer = Tokenizer::load(mini_folder());
  tokenizer.add_tokens({"[Q] ", "\u00E9t\u00E9"});
  const Tokenizer again = Tokenizer::from_json(tokenizer.to_json(), "written");
  EXPECT_EQ(again.vocab_size(), 30524U);
  for (const char* text : {"[Q] hello \u00E9t\u00E9", "[unused0] x [MASK]", "plain text"}) {
    EXPECT_EQ(again.encode(text).ids, tokenizer.encode(text).ids) << text;
  }
  EXPECT_EQ(again.token_to_id("\u00E9t\u00E9"), 30523);
}

// sentence_bert_config.json's do_lower_case is Python's str.lower(): with the final sigma.
TEST(Tokenizer, LowercaseFirstIsPythonsLower) {
  nlohmann::json json = mini_json();
  json["normalizer"] = nullptr;
  const Tokenizer plain = from(json);
  TokenizerLoadOptions options;
  options.lowercase_first = true;
  const Tokenizer lower = Tokenizer::from_json(json.dump(), "edited", options);
  EXPECT_EQ(lower.encode("HELLO").ids, framed({7592}));
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"\u03A3\u0391\u03A3", "\u03C3\u03B1\u03C2"},  // computed with CPython 3.11
      {"\u03A3", "\u03C3"},
      {"A\u03A3'B", "a\u03C3'b"},
      {"A\u03A3' B", "a\u03C2' b"},
      {"A\u00AD\u03A3", "a\u00AD\u03C2"},
      {"\u0130", "i\u0307"},
  };
  for (const auto& [text, lowered] : cases) {
    EXPECT_EQ(lower.encode(text).ids, plain.encode(lowered).ids) << text;
  }
  EncodeTextOptions offsets;
  offsets.with_offsets = true;
  EXPECT_EQ(line_of(lower.encode("\u0130 ok HELLO", offsets)),
            "101 100 7929 7592 102|0:0 0:2 3:5 6:11 0:0");
}

}  // namespace
}  // namespace maxsimd
