// Models of tokenizer.json other than BERT's: the tiny ones of the list of known bugs (B06), and
// files that are wrong. Expected ids are Hugging Face's.
#include <gtest/gtest.h>

#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/text/test_texts.h"

namespace maxsimd {
namespace {

using Ids = std::vector<TokenId>;

Tokenizer from(const nlohmann::json& json) {
  return Tokenizer::from_json(json.dump(), "edited");
}

std::string error_of(const nlohmann::json& json) {
  try {
    from(json);
  } catch (const FormatError& error) {
    return error.what();
  }
  return "no error";
}

nlohmann::json parsed(const std::string& text) {
  return nlohmann::json::parse(text);
}

nlohmann::json b06_bpe() {
  return {
      {"pre_tokenizer",
       {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}}},
      {"post_processor", {{"type", "BertProcessing"}, {"sep", {"</s>", 1}}, {"cls", {"<s>", 0}}}},
      {"model",
       {{"type", "BPE"},
        {"vocab",
         {{"<s>", 0},
          {"</s>", 1},
          {"<mask>", 2},
          {"a", 3},
          {"b", 4},
          {"c", 5},
          {"\u0120", 6},
          {"\u00C3", 7},
          {"\u00A9", 8},
          {"ab", 9},
          {"\u0120ab", 10},
          {"abc", 11},
          {"!", 12},
          {"\u010A", 13}}},
        {"merges", {"a b", "\u0120 ab", "ab c"}}}}};
}

TEST(TokenizerModels, B06BytePairEncodingInBothDialects) {
  nlohmann::json json = b06_bpe();
  const std::vector<std::pair<std::string, Ids>> cases = {{"abc", {0, 11, 1}},
                                                          {"abc abc", {0, 11, 10, 5, 1}},
                                                          {"  ab", {0, 6, 10, 1}},
                                                          {"\u00E9", {0, 7, 8, 1}},
                                                          {"zab", {0, 9, 1}},
                                                          {"a\nb", {0, 3, 13, 4, 1}},
                                                          {"", {0, 1}},
                                                          {" ", {0, 6, 1}}};
  for (const bool as_lists : {false, true}) {
    if (as_lists) json["model"]["merges"] = parsed(R"([["a","b"],["\u0120","ab"],["ab","c"]])");
    for (const auto& [text, ids] : cases) EXPECT_EQ(from(json).encode(text).ids, ids) << text;
  }
  json["pre_tokenizer"]["add_prefix_space"] = true;
  EXPECT_EQ(from(json).encode("abc").ids, (Ids{0, 10, 5, 1}));
  json["pre_tokenizer"]["add_prefix_space"] = false;
  json.erase("post_processor");
  EXPECT_EQ(from(json).encode("abc").ids, (Ids{11}));
  json["model"].erase("type");
  EXPECT_EQ(from(json).encode("abc").ids, (Ids{11}));
}

TEST(TokenizerModels, B06UnigramWithEveryPrependScheme) {
  nlohmann::json json = parsed(R"({
      "pre_tokenizer":
          {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always"},
      "post_processor": null,
      "model": {"type": "Unigram", "unk_id": 0,
                "vocab": [["<unk>", 0], ["\u2581", -2], ["a", -3], ["b", -3], ["ab", -4.5],
                          ["\u2581ab", -5], ["\u2581a", -4]]}})");
  const std::vector<std::pair<std::string, Ids>> cases = {
      {"ab", {5}},    {"ab ab", {5, 5}},  {"a b", {6, 1, 3}},
      {"zz", {1, 0}}, {"azb", {6, 0, 3}}, {"ab  ab", {5, 1, 5}},
      {"", {}}};
  for (const auto& [text, ids] : cases) EXPECT_EQ(from(json).encode(text).ids, ids) << text;
  json["pre_tokenizer"]["prepend_scheme"] = "never";
  EXPECT_EQ(from(json).encode("ab ab").ids, (Ids{4, 5}));
  json["added_tokens"] = {{{"id", 0},
                           {"content", "<unk>"},
                           {"single_word", false},
                           {"lstrip", false},
                           {"rstrip", false},
                           {"normalized", false},
                           {"special", true}}};
  json["pre_tokenizer"]["prepend_scheme"] = "first";
  EXPECT_EQ(from(json).encode("ab<unk>ab").ids, (Ids{5, 0, 4}));
  json["pre_tokenizer"]["prepend_scheme"] = "always";
  EXPECT_EQ(from(json).encode("ab<unk>ab").ids, (Ids{5, 0, 5}));
  json["pre_tokenizer"].erase("prepend_scheme");
  json["pre_tokenizer"]["add_prefix_space"] = true;
  EXPECT_EQ(from(json).encode("ab ab").ids, (Ids{5, 5}));
}

TEST(TokenizerModels, MalformedModelsAreErrorsThatNameThePlace) {
  const auto broken = [](const char* path, const nlohmann::json& value) {
    nlohmann::json json = b06_bpe();
    json[nlohmann::json::json_pointer(path)] = value;
    return error_of(json);
  };
  EXPECT_NE(broken("/model/merges/1", "a b c").find("merges[1]"), std::string::npos);
  EXPECT_NE(broken("/model/merges/1", {"a"}).find("merges[1]"), std::string::npos);
  EXPECT_NE(broken("/model/merges/2", "ab zz").find("'zz'"), std::string::npos);
  EXPECT_NE(broken("/model/merges/2", "c a").find("'ca'"), std::string::npos);
  EXPECT_NE(broken("/model/merges", 5).find("'merges' must be an array"), std::string::npos);
  EXPECT_NE(broken("/model/dropout", 0.1).find("dropout 0.1"), std::string::npos);
  EXPECT_EQ(broken("/model/dropout", nullptr), "no error");
  EXPECT_EQ(broken("/model/dropout", 0.0), "no error");
  EXPECT_NE(broken("/model/type", "CharLevel").find("'CharLevel' is not supported"),
            std::string::npos);
  EXPECT_NE(broken("/model", parsed(R"({"type": "Unigram", "unk_id": 1, "vocab": [["a", 0]]})"))
                .find("unk_id 1"),
            std::string::npos);
  EXPECT_NE(broken("/model", parsed(R"({"type": "Unigram", "vocab": [["a", 0], ["b"]]})"))
                .find("vocab[1]"),
            std::string::npos);
  const nlohmann::json metaspace = {
      {"type", "Metaspace"}, {"replacement", "ab"}, {"prepend_scheme", "always"}};
  EXPECT_NE(broken("/pre_tokenizer", metaspace).find("one character"), std::string::npos);
  const nlohmann::json charsmap = {{"type", "Precompiled"}, {"precompiled_charsmap", "AAA="}};
  EXPECT_NE(broken("/normalizer", charsmap).find("truncated"), std::string::npos);
}

// As Hugging Face reads models without a "type": one with an unk_token is WordLevel unless it has
// all that a WordPiece needs.
TEST(TokenizerModels, WordLevelTakesWholeWords) {
  nlohmann::json json = parsed(R"({
      "pre_tokenizer": {"type": "Whitespace"},
      "model": {"type": "WordLevel", "vocab": {"ab": 0, "cd": 5, "[UNK]": 2},
                "unk_token": "[UNK]"}})");
  EXPECT_EQ(from(json).encode("ab zz  cd").ids, (Ids{0, 2, 5}));
  EXPECT_EQ(from(json).vocab_size(), 6U);
  EXPECT_EQ(from(json).unk_id(), 2);
  json["model"].erase("type");
  json["model"]["continuing_subword_prefix"] = "c";
  EXPECT_EQ(from(json).encode("cd abd").ids, (Ids{5, 2}));
  json["model"]["max_input_chars_per_word"] = 1;
  EXPECT_EQ(from(json).encode("cd abd").ids, (Ids{2, 2}));  // a WordPiece
  json["model"] = parsed(R"({"type": "WordLevel", "vocab": {"ab": 0}, "unk_token": "none"})");
  EXPECT_EQ(from(json).encode("ab ab").ids, (Ids{0, 0}));
  EXPECT_THROW(from(json).encode("ab b"), FormatError);
  json["model"].erase("unk_token");
  EXPECT_NE(error_of(json).find("unk_token"), std::string::npos);
}

TEST(TokenizerModels, UnknownTextWithoutAnUnknownTokenIsAnError) {
  nlohmann::json json = b06_bpe();
  json["model"]["unk_token"] = "<unk>";
  EXPECT_EQ(from(json).encode("abc").ids, (Ids{0, 11, 1}));
  EXPECT_THROW(from(json).encode("z"), FormatError);
  json = parsed(R"({"model": {"type": "Unigram", "vocab": [["a", 0]]}})");
  EXPECT_EQ(from(json).encode("aa").ids, (Ids{0, 0}));
  EXPECT_THROW(from(json).encode("b"), FormatError);
}

}  // namespace
}  // namespace maxsimd
