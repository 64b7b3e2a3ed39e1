// The files beside tokenizer.json or vocab.txt, against transformers' AutoTokenizer
// (scripts/goldens/tokenizer_config_files.py).
#include "maxsimd/text/tokenizer_config.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "maxsimd/base/errors.h"
#include "maxsimd/text/test_folder.h"

namespace maxsimd {
namespace {

using nlohmann::json;
using text_tests::Folder;

std::string refusal_of(const std::filesystem::path& folder) {
  try {
    Tokenizer::load(folder);
  } catch (const FormatError& error) {
    return error.what();
  }
  return {};
}

void expect_contains(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

void expect_ids(const Tokenizer& tokenizer, const json& golden, const json& expected) {
  EncodeTextOptions truncated;
  truncated.max_length = golden["max_length"].get<size_t>();
  for (size_t i = 0; i < golden["texts"].size(); ++i) {
    const auto text = golden["texts"][i].get<std::string>();
    EXPECT_EQ(json(tokenizer.encode(text).ids), expected[i][0]) << text;
    EXPECT_EQ(json(tokenizer.encode(text, truncated).ids), expected[i][1]) << text;
  }
}

// Where transformers 5 makes parts of the file anew: the file is followed, and a note names them.
void expect_notes(const Tokenizer& tokenizer, const json& parts) {
  ASSERT_EQ(tokenizer.notes().size(), parts.empty() ? 0U : 1U);
  if (parts.empty()) return;
  const std::string& note = tokenizer.notes()[0];
  expect_contains(note, "tokenizer.json: ");
  expect_contains(note, "gives other ids");
  expect_contains(note, "follows");
  for (const char* part : {"normalizer", "pre_tokenizer", "model", "post_processor"}) {
    const bool is_named = note.find(std::string("'").append(part).append("'")) != note.npos;
    EXPECT_EQ(is_named, std::ranges::find(parts, json(part)) != parts.end()) << part << note;
  }
  for (const json& part : parts) expect_contains(note, part.get<std::string>());
}

TEST(TokenizerConfig, EveryFolderIsReadAsTransformersDoesOrRefused) {
  const json golden = text_tests::read_golden("config_files.json");
  for (const json& test : golden["cases"]) {
    SCOPED_TRACE(test["name"].get<std::string>());
    const Folder folder;
    for (const auto& [name, text] : test["files"].items()) {
      folder.write(name.c_str(), text.get<std::string>());
    }
    if (test["ids"].is_null()) {
      EXPECT_NE(refusal_of(folder.path()), "");
      continue;
    }
    const Tokenizer tokenizer = Tokenizer::load(folder.path());
    expect_ids(tokenizer, golden, test["ids"]);
    expect_notes(tokenizer, test.value("notes", json::array()));
    // What is written carries the changes in itself.
    expect_ids(Tokenizer::from_json(tokenizer.to_json(), "written"), golden, test["ids"]);
  }
}

class VocabularyOfAnotherClass : public testing::Test {
 protected:
  VocabularyOfAnotherClass() { folder_.write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n"); }
  Folder folder_;
};

TEST_F(VocabularyOfAnotherClass, IsRefusedWithFileFieldAndWhatToDo) {
  folder_.write("tokenizer_config.json",
                R"({"tokenizer_class": "BertJapaneseTokenizer", "word_tokenizer_type": "mecab"})");
  const std::string message = refusal_of(folder_.path());
  for (const char* part : {"vocab.txt", "tokenizer_config.json: \"tokenizer_class\"",
                           "'BertJapaneseTokenizer'", "DistilBertTokenizer", "save_pretrained"}) {
    expect_contains(message, part);
  }
}

TEST_F(VocabularyOfAnotherClass, ByItsArchitectureNamesTheModelType) {
  folder_.write("config.json", R"({"model_type": "xlm-roberta"})");
  expect_contains(refusal_of(folder_.path()), "model_type 'xlm-roberta'");
}

TEST_F(VocabularyOfAnotherClass, WithASettingThatOnlyTheSlowFormTakesNamesIt) {
  folder_.write("tokenizer_config.json", R"({"do_basic_tokenize": false})");
  const std::string message = refusal_of(folder_.path());
  expect_contains(message, "tokenizer_config.json: \"do_basic_tokenize\" is false");
  expect_contains(message, "supported is only true");
}

TEST_F(VocabularyOfAnotherClass, IsNoMatterWithATokenizerJson) {
  Folder folder;
  folder.copy("tokenizer.json");
  folder.write("tokenizer_config.json", R"({"tokenizer_class": "BertJapaneseTokenizer"})");
  EXPECT_FALSE(Tokenizer::load(folder.path()).differs_from_file());
}

TEST(TokenizerConfig, TheEmbeddedModelIsAsItsFile) {
  const Tokenizer tokenizer = Tokenizer::load(text_tests::mini_folder());
  EXPECT_FALSE(tokenizer.differs_from_file());
  EXPECT_EQ(tokenizer.notes(), std::vector<std::string>());
}

TEST(TokenizerConfig, ATokenWithAndWithoutNormalizedIsRefusedWithWhatToDo) {
  Folder folder;
  folder.copy("tokenizer.json");
  folder.write("tokenizer_config.json",
               R"({"tokenizer_class": "PreTrainedTokenizerFast", "added_tokens_decoder":
                   {"103": {"content": "[MASK]", "normalized": true, "special": true}}})");
  const std::string message = refusal_of(folder.path());
  for (const char* part : {"tokenizer.json: ", "'[MASK]'", "\"normalized\"",
                           "tokenizer_config.json", "write the same value"}) {
    expect_contains(message, part);
  }
}

TEST(TokenizerConfig, ATokenThatTheClassNeedsAndTheConfigDeniesIsRefusedWithItsField) {
  Folder folder;
  folder.copy("tokenizer.json");
  folder.write("tokenizer_config.json",
               R"({"tokenizer_class": "BertTokenizer", "unk_token": null})");
  const std::string message = refusal_of(folder.path());
  expect_contains(message, "tokenizer_config.json: 'unk_token' is null");
  expect_contains(message, "leave the field out");
}

// Issue 9: PyLate fills queries up on the left then, and puts the prefix into the padding.
TEST(TokenizerConfig, PaddingOnTheLeftIsRefusedWithFileAndField) {
  Folder folder;
  folder.copy("tokenizer.json");
  folder.write("tokenizer_config.json", R"({"padding_side": "left"})");
  const std::string message = refusal_of(folder.path());
  expect_contains(message, "tokenizer_config.json: 'padding_side' must be \"right\", is \"left\"");
  expect_contains(message, "write \"right\"");
}

TEST(TokenizerConfig, PaddingOnTheLeftInThePaddingBlockIsRefusedUnlessPaddingSideWins) {
  Folder folder;
  folder.copy("tokenizer.json");
  json file = read_json_file(folder.path() / "tokenizer.json");
  file["padding"] = {{"strategy", "BatchLongest"}, {"direction", "Left"},
                     {"pad_to_multiple_of", 8},    {"pad_id", 0},
                     {"pad_type_id", 0},           {"pad_token", "[PAD]"}};
  folder.write("tokenizer.json", file.dump());
  expect_contains(refusal_of(folder.path()), "padding: direction must be \"Right\", is \"Left\"");
  folder.write("tokenizer_config.json", R"({"padding_side": "right"})");
  EXPECT_EQ(refusal_of(folder.path()), "");
  std::filesystem::remove(folder.path() / "tokenizer_config.json");
  file["padding"]["direction"] = "Right";
  folder.write("tokenizer.json", file.dump());
  EXPECT_EQ(refusal_of(folder.path()), "");
}

// Issue 9: transformers reads the named file instead of tokenizer.json.
TEST(TokenizerConfig, ATokenizerInAnotherFileIsRefused) {
  Folder folder;
  folder.copy("tokenizer.json");
  const auto refusal_with = [&](const json& config) {
    folder.write("tokenizer_config.json", config.dump());
    return refusal_of(folder.path());
  };
  expect_contains(
      refusal_with({{"fast_tokenizer_files", {"tokenizer.4.0.0.json", "tokenizer.json"}}}),
      "tokenizer_config.json: 'fast_tokenizer_files' names");
  EXPECT_EQ(refusal_with({{"fast_tokenizer_files", {"tokenizer.json"}}}), "");
  folder.write("other.json", "{}");
  const std::string other = (folder.path() / "other.json").string();
  expect_contains(refusal_with({{"tokenizer_file", other}}),
                  "'tokenizer_file' names a file that is there");
  // A path of the machine that it was saved on, as many files have it, is none here.
  for (const json& harmless :
       {json(nullptr), json("/of/another/machine/tokenizer.json"), json(std::string(5000, 'a')),
        json((folder.path() / "tokenizer.json").string())}) {
    EXPECT_EQ(refusal_with({{"tokenizer_file", harmless}}), "");
  }
}

// A Folder with the embedded model's tokenizer.json, of an architecture without a class by rule.
class NamedTokens : public testing::Test {
 protected:
  NamedTokens() {
    folder_.copy("tokenizer.json");
    write_model("modernbert");
  }
  void write_model(const std::string& model_type) {
    folder_.write("config.json", json({{"model_type", model_type}}).dump());
  }
  Tokenizer load_with(const json& config) {
    folder_.write("tokenizer_config.json", config.dump());
    return Tokenizer::load(folder_.path());
  }
  Folder folder_;
};

// Issue 9: PyLate fills queries up with the mask token that is named, else eos, else pad; a token
// that only lies in the vocabulary under a usual name is none.
TEST_F(NamedTokens, OfAClassReadAsItsFileAreThoseThatAFileNames) {
  const Tokenizer of_block = Tokenizer::load(folder_.path());  // its padding block has "[MASK]"
  EXPECT_EQ(of_block.mask_id(), std::nullopt);
  EXPECT_EQ(of_block.pad_id(), 103);
  EXPECT_EQ(of_block.expansion_id(), 103);
  json file = read_json_file(folder_.path() / "tokenizer.json");
  file["padding"] = nullptr;
  folder_.write("tokenizer.json", file.dump());
  const Tokenizer none = Tokenizer::load(folder_.path());
  EXPECT_EQ(none.mask_id(), std::nullopt);
  EXPECT_EQ(none.pad_id(), std::nullopt);
  EXPECT_EQ(none.expansion_id(), std::nullopt);
  EXPECT_EQ(load_with({{"pad_token", "[PAD]"}}).expansion_id(), 0);
  EXPECT_EQ(load_with({{"pad_token", "[PAD]"}, {"eos_token", "[SEP]"}}).expansion_id(), 102);
  EXPECT_EQ(load_with({{"mask_token", "[MASK]"}, {"eos_token", "[SEP]"}}).expansion_id(), 103);
}

TEST_F(NamedTokens, OfAClassWithDefaultsAreThoseUnlessAFileSaysNull) {
  write_model("bert");
  const Tokenizer bert = Tokenizer::load(folder_.path());
  EXPECT_EQ(bert.mask_id(), 103);
  EXPECT_EQ(bert.pad_id(), 0);
  EXPECT_EQ(bert.expansion_id(), 103);
  const Tokenizer denied = load_with({{"mask_token", nullptr}});
  EXPECT_EQ(denied.mask_id(), std::nullopt);
  EXPECT_EQ(denied.expansion_id(), 0);
  // By rule another class of a BERT is read as its file.
  EXPECT_EQ(load_with({{"tokenizer_class", "PreTrainedTokenizerFast"}}).mask_id(), std::nullopt);
}

TEST_F(NamedTokens, OfThePaddingBlockIsThePaddingTokenIfNoneIsNamed) {
  json file = read_json_file(folder_.path() / "tokenizer.json");
  file["padding"] = {{"direction", "Right"}, {"pad_token", "[unused3]"}};
  folder_.write("tokenizer.json", file.dump());
  EXPECT_EQ(Tokenizer::load(folder_.path()).expansion_id(), 4);
  EXPECT_EQ(load_with({{"pad_token", "[PAD]"}}).pad_id(), 0);
}

TEST_F(NamedTokens, OfAnUnknownClassMayBeItsOwnSoThatTheMaskTokenMustBeNamed) {
  const json other = {{"tokenizer_class", "MPNetTokenizer"}, {"pad_token", "[PAD]"}};
  const Tokenizer tokenizer = load_with(other);
  try {
    tokenizer.expansion_id();
    FAIL() << "no error";
  } catch (const FormatError& error) {
    expect_contains(error.what(), "no file names a \"mask_token\"");
    expect_contains(error.what(), "MPNetTokenizer");
  }
  json named = other;
  named["mask_token"] = "[MASK]";
  EXPECT_EQ(load_with(named).expansion_id(), 103);
}

// Issue 9: PyLate hands them to the model; here every token has type 0.
class TokenTypes : public NamedTokens {
 protected:
  TokenTypes() {
    write_model("bert");
    json file = read_json_file(folder_.path() / "tokenizer.json");
    file["post_processor"]["single"][1]["Sequence"]["type_id"] = 1;
    folder_.write("tokenizer.json", file.dump());
  }
};

TEST_F(TokenTypes, OtherThan0InTheTemplateAreRefused) {
  folder_.write("tokenizer_config.json", R"({"tokenizer_class": "PreTrainedTokenizerFast"})");
  const std::string message = refusal_of(folder_.path());
  expect_contains(message, "tokenizer.json: post_processor: \"single\"");
  expect_contains(message, "\"type_id\" other than 0");
}

TEST_F(TokenTypes, AreNoMatterWhereTheTemplateIsMadeAnewOrTheModelTakesNone) {
  EXPECT_EQ(refusal_of(folder_.path()), "");  // BertTokenizer's own template
  folder_.write("tokenizer_config.json",
                R"({"tokenizer_class": "PreTrainedTokenizerFast",
                    "model_input_names": ["input_ids", "attention_mask"]})");
  EXPECT_EQ(refusal_of(folder_.path()), "");
  folder_.write("tokenizer_config.json", "{}");
  write_model("modernbert");
  EXPECT_EQ(refusal_of(folder_.path()), "");
}

}  // namespace
}  // namespace maxsimd
