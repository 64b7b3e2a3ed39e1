// The fast way through the pipeline against the simple one, and the vocabulary that it is made of.
#include "maxsimd/text/text_pipeline.h"

#include <gtest/gtest.h>

#include <random>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/mapped_file.h"
#include "maxsimd/text/test_texts.h"
#include "maxsimd/text/tokenizer_file.h"

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
        parse_tokenizer_json(bert_json(vocabulary, flags).dump(), "test");
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
        parse_tokenizer_json(bert_json(vocabulary, flags).dump(), "test");
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

// The model of a tokenizer.json with these members beside what every WordPiece model has.
std::string word_piece_json(const std::string& members) {
  std::string json = R"("model":{"type":"WordPiece","unk_token":"u",)";
  json.append(R"("continuing_subword_prefix":"##","max_input_chars_per_word":9)");
  return json.append(members).append("}");
}

// What is wrong with a tokenizer.json of these members.
std::string error_of(const std::string& members) {
  try {
    parse_tokenizer_json(std::string("{").append(members).append("}"), "file.json");
  } catch (const FormatError& error) {
    return error.what();
  }
  return "";
}

TEST(Vocabulary, IsTheOneInTheFile) {
  const MappedFile file = MappedFile::open(mini_folder() / "tokenizer.json");
  const nlohmann::json vocabulary = nlohmann::json::parse(file.text())["model"]["vocab"];
  const TextPipeline pipeline = parse_tokenizer_json(file.text(), "mini");
  EXPECT_EQ(pipeline.model().size(), vocabulary.size());
  for (const auto& [token, id] : vocabulary.items()) {
    ASSERT_EQ(pipeline.model().token_to_id(token), std::optional(id.get<int32_t>())) << token;
  }
}

TEST(Vocabulary, OfTwoTheLastCounts) {
  const std::string first = word_piece_json(R"(,"vocab":{"u":5,"b":7})");
  const std::string last = word_piece_json(R"(,"vocab":{"u":9,"a":1,"u":0})");
  const std::string json = std::string("{").append(first).append(",").append(last).append("}");
  const TextPipeline pipeline = parse_tokenizer_json(json, "twice");
  EXPECT_EQ(pipeline.model().token_to_id("a"), std::optional(1));
  EXPECT_EQ(pipeline.model().token_to_id("u"), std::optional(0));
  EXPECT_EQ(pipeline.model().token_to_id("b"), std::nullopt);
  const std::string error = error_of(first + "," + word_piece_json(""));
  EXPECT_NE(error.find("'vocab' is missing"), std::string::npos) << error;
}

TEST(Vocabulary, WithAnIdThatIsNoneNamesFileAndToken) {
  for (const char* id : {"-1", "1.0", "2147483648", "null", "\"1\"", "[1]", "{\"c\":1}"}) {
    const std::string vocab = std::string(R"(,"vocab":{"u":0,"abc":)") + id + R"(,"d":1})";
    const std::string error = error_of(word_piece_json(vocab));
    EXPECT_NE(error.find("file.json.model.vocab"), std::string::npos) << id << ": " << error;
    EXPECT_NE(error.find("'abc'"), std::string::npos) << id << ": " << error;
  }
  const std::string error = error_of(word_piece_json(R"(,"vocab":[["u",0]])"));
  EXPECT_NE(error.find("expected a JSON object"), std::string::npos) << error;
}

}  // namespace
}  // namespace maxsimd
