// The fast way through the pipeline against the simple one, and the vocabulary reader against the
// JSON parser.
#include "maxsimd/text/text_pipeline.h"

#include <gtest/gtest.h>

#include <random>

#include "maxsimd/base/mapped_file.h"
#include "maxsimd/text/test_texts.h"
#include "maxsimd/text/tokenizer_file.h"
#include "maxsimd/text/vocabulary_json.h"

namespace maxsimd {
namespace {

using text_tests::FuzzedTexts;
using text_tests::line_of;
using text_tests::mini_folder;

nlohmann::json bert_json(const nlohmann::json& vocabulary, uint32_t flags) {
  const nlohmann::json accents[] = {nullptr, true, false};
  const auto token = [&](const char* content, uint32_t bits) {
    return nlohmann::json{{"id", 0},
                          {"content", content},
                          {"single_word", (bits & 1) != 0},
                          {"lstrip", (bits & 2) != 0},
                          {"rstrip", (bits & 4) != 0},
                          {"normalized", (bits & 8) != 0},
                          {"special", false}};
  };
  return {{"added_tokens",
           {token("[MASK]", flags >> 5), token("the", flags >> 3), token("\u00C9", flags >> 1),
            token("\uFFFD", flags), token("[unused0]", flags | 8U)}},
          {"normalizer",
           {{"type", "BertNormalizer"},
            {"clean_text", (flags & 1) != 0},
            {"handle_chinese_chars", (flags & 2) != 0},
            {"strip_accents", accents[flags / 8 % 3]},
            {"lowercase", (flags & 4) != 0}}},
          {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
          {"post_processor",
           {{"type", "BertProcessing"}, {"sep", {"[SEP]", 102}}, {"cls", {"[CLS]", 101}}}},
          {"model",
           {{"type", "WordPiece"},
            {"unk_token", "[UNK]"},
            {"continuing_subword_prefix", "##"},
            {"max_input_chars_per_word", 20},
            {"vocab", vocabulary}}}};
}

TEST(TextPipeline, TheFastWayIsTheSimpleWayForAllFlagsAndLengths) {
  const nlohmann::json vocabulary =
      read_json_file(mini_folder() / "tokenizer.json")["model"]["vocab"];
  FuzzedTexts fuzzed;
  for (uint32_t flags = 0; flags < 128; flags += 5) {
    const TextPipeline pipeline =
        parse_tokenizer_json(bert_json(vocabulary, flags).dump(), "test", false);
    for (uint64_t i = 0; i < 400; ++i) {
      EncodeTextOptions options;
      options.with_offsets = i % 3 != 0;
      options.add_special_tokens = i % 5 != 0;
      if (i % 2 == 0) options.max_length = 2 + i % 17;
      if (i % 4 == 0) options.truncation_side = TruncationSide::left;
      const std::string text = fuzzed.text(flags, i);
      ASSERT_EQ(line_of(pipeline.encode(text, options)),
                line_of(pipeline.encode_simply(text, options)))
          << "flags " << flags << ", text " << nlohmann::json(text).dump();
    }
  }
}

TEST(TextPipeline, TheFastWayIsTheSimpleWayOnRandomBytes) {
  const nlohmann::json vocabulary =
      read_json_file(mini_folder() / "tokenizer.json")["model"]["vocab"];
  std::mt19937 random(3);
  for (const uint32_t flags : {7U, 126U}) {
    const TextPipeline pipeline =
        parse_tokenizer_json(bert_json(vocabulary, flags).dump(), "test", false);
    EncodeTextOptions options;
    options.with_offsets = true;
    for (int i = 0; i < 20'000; ++i) {
      std::string text;
      for (size_t length = random() % 24; length > 0; --length) {
        constexpr std::string_view kBytes = "a [M\xC3\xA9\xEF\xBF\xBD\xE2\x80\xF0\x9F\xFF";
        const bool any = random() % 4 == 0;
        text.push_back(any ? static_cast<char>(random()) : kBytes[random() % kBytes.size()]);
      }
      ASSERT_EQ(line_of(pipeline.encode(text, options)),
                line_of(pipeline.encode_simply(text, options)))
          << ::testing::PrintToString(text);
    }
  }
}

TEST(CutVocabulary, ReadsWhatTheParserReads) {
  const MappedFile file = MappedFile::open(mini_folder() / "tokenizer.json");
  const auto cut = cut_vocabulary(file.text());
  ASSERT_TRUE(cut.has_value());
  nlohmann::json document = nlohmann::json::parse(file.text());
  nlohmann::json vocabulary = nlohmann::json::object();
  for (const auto& [token, id] : cut->vocabulary) vocabulary[token] = id;
  EXPECT_EQ(vocabulary, document["model"]["vocab"]);
  document["model"]["vocab"] = kVocabularyMark;
  EXPECT_EQ(nlohmann::json::parse(cut->rest), document);
}

TEST(CutVocabulary, UnderstandsEscapesAndOrder) {
  const auto cut = cut_vocabulary(
      " { \"a\" : [1, {\"model\": 2}, \"}\\\"\"], \"b\":-1.5e3, \"model\" :{\"x\":null, \"vocab\" "
      ": "
      "{ \"\\u00e9\\n\\\\\" : 1 , \"\\ud83d\\ude00\":20, \"\":0 } , \"y\":{}} }");
  ASSERT_TRUE(cut.has_value());
  EXPECT_EQ(cut->vocabulary,
            (WordPiece::Vocabulary{{"\u00E9\n\\", 1}, {"\U0001F600", 20}, {"", 0}}));
}

TEST(CutVocabulary, LeavesEverythingOddToTheParser) {
  for (const char* json :
       {"", "[]", "{}", "{\"model\":{}}", "{\"model\":{\"vocab\":[]}}",
        "{\"model\":{\"vocab\":{\"a\":-1}}}", "{\"model\":{\"vocab\":{\"a\":1.0}}}",
        "{\"model\":{\"vocab\":{\"a\":01}}}", "{\"model\":{\"vocab\":{\"a\":1234567890}}}",
        "{\"model\":{\"vocab\":{\"a\":1,}}}", "{\"model\":{\"vocab\":{\"\\ud800\":1}}}",
        "{\"model\":{\"vocab\":{\"\\udc00\":1}}}", "{\"model\":{\"vocab\":{\"a\n\":1}}}",
        "{\"model\":{\"vocab\":{\"\xFF\":1}}}", "{\"model\":{\"vocab\":{\"a\":1",
        "{\"a\":}, \"model\":{\"vocab\":{}}}", "{\"a\":[1, \"model\":{\"vocab\":{}}}"}) {
    EXPECT_FALSE(cut_vocabulary(json).has_value()) << json;
  }
}

TEST(CutVocabulary, OfTwoModelsTheLastCountsAsInTheParser) {
  const std::string model =
      R"("model":{"type":"WordPiece","unk_token":"u","continuing_subword_prefix":"##",)"
      R"("max_input_chars_per_word":9,"vocab":)";
  const std::string json = "{" + model + R"({"u":5}},)" + model + R"({"u":0,"a":1}}})";
  const TextPipeline pipeline = parse_tokenizer_json(json, "twice", false);
  EXPECT_EQ(pipeline.encode("a", {}).ids, std::vector<TokenId>{1});
}

}  // namespace
}  // namespace maxsimd
