// Model folders: tokenizer.json, vocab.txt alone, and the optional files beside them.
#include <gtest/gtest.h>

#include "maxsimd/base/errors.h"
#include "maxsimd/text/test_folder.h"
#include "maxsimd/text/test_texts.h"

namespace maxsimd {
namespace {

using text_tests::Folder;
using text_tests::FuzzedTexts;
using text_tests::line_of;
using text_tests::mini_folder;

void expect_same_as_mini(const Tokenizer& tokenizer) {
  const Tokenizer mini = Tokenizer::load(mini_folder());
  EncodeTextOptions options;
  options.with_offsets = true;
  FuzzedTexts fuzzed;
  for (uint64_t i = 0; i < 2000; ++i) {
    const std::string text = fuzzed.text(13, i);
    ASSERT_EQ(line_of(tokenizer.encode(text, options)), line_of(mini.encode(text, options)))
        << "text " << i;
  }
}

// B13 (b): special_tokens_map.json and tokenizer_config.json may be missing.
TEST(TokenizerFolder, B13NeedsNoneOfTheOptionalFiles) {
  const Folder folder;
  folder.copy("tokenizer.json");
  const Tokenizer tokenizer = Tokenizer::load(folder.path());
  expect_same_as_mini(tokenizer);
  EXPECT_EQ(tokenizer.mask_id(), 103);
  EXPECT_EQ(tokenizer.pad_id(), 0);
}

TEST(TokenizerFolder, VocabularyAndConfigAloneGiveTheSameIds) {
  const Folder folder;
  folder.copy("vocab.txt");
  folder.copy("tokenizer_config.json");
  const Tokenizer tokenizer = Tokenizer::load(folder.path());
  expect_same_as_mini(tokenizer);
  EXPECT_EQ(tokenizer.vocab_size(), 30522U);
  EXPECT_EQ(tokenizer.pad_id(), 103);
}

TEST(TokenizerFolder, VocabularyAloneIsUncasedBert) {
  const Folder folder;
  folder.copy("vocab.txt");
  const Tokenizer tokenizer = Tokenizer::load(folder.path());
  EXPECT_EQ(tokenizer.encode("Hello [MASK] Caf\u00E9").ids,
            (std::vector<TokenId>{101, 7592, 103, 7668, 102}));
  EXPECT_EQ(tokenizer.encode("[unused0]").ids,  // not an added token of a bare vocabulary
            (std::vector<TokenId>{101, 1031, 15171, 2692, 1033, 102}));
}

TEST(TokenizerFolder, ConfigSwitchesLowerCaseOff) {
  const Folder folder;
  folder.write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\r\nHello\n##s\n\nhello\n");
  folder.write("tokenizer_config.json", R"({"do_lower_case": false})");
  const Tokenizer cased = Tokenizer::load(folder.path());
  EXPECT_EQ(cased.encode("Hellos hello").ids, (std::vector<TokenId>{2, 6, 7, 9, 3}));
  EXPECT_EQ(cased.token_to_id(""), 8);
  EXPECT_EQ(cased.id_to_token(5), std::nullopt);  // its line was overridden by line 10
  EXPECT_EQ(cased.vocab_size(), 10U);
}

TEST(TokenizerFolder, TheNewerConfigWinsOverTheMap) {
  const Folder folder;
  folder.copy("tokenizer.json");
  folder.write("special_tokens_map.json",
               R"({"pad_token": {"content": "[UNK]"}, "mask_token": "[SEP]"})");
  EXPECT_EQ(Tokenizer::load(folder.path()).pad_id(), 100);
  folder.write("tokenizer_config.json", R"({"pad_token": "[MASK]"})");
  EXPECT_EQ(Tokenizer::load(folder.path()).pad_id(), 100);
  folder.write("tokenizer_config.json", R"({"pad_token": "[MASK]", "added_tokens_decoder": {}})");
  const Tokenizer tokenizer = Tokenizer::load(folder.path());
  EXPECT_EQ(tokenizer.pad_id(), 103);
  EXPECT_EQ(tokenizer.mask_id(), 103);  // the map is not read beside such a config
}

TEST(TokenizerFolder, MissingAndBrokenFilesAreErrorsThatNameThem) {
  const Folder folder;
  try {
    Tokenizer::load(folder.path());
    FAIL() << "no error";
  } catch (const IoError& error) {
    EXPECT_NE(std::string(error.what()).find("tokenizer.json or vocab.txt"), std::string::npos);
  }
  folder.write("vocab.txt", "[UNK]\nhello\n");
  EXPECT_THROW(Tokenizer::load(folder.path()), FormatError);  // no [CLS]
  folder.write("vocab.txt", "[UNK]\n[CLS]\n[SEP]\nb\xFF\n");
  try {
    Tokenizer::load(folder.path());
    FAIL() << "no error";
  } catch (const FormatError& error) {
    EXPECT_NE(std::string(error.what()).find("vocab.txt:4"), std::string::npos) << error.what();
  }
  folder.copy("tokenizer.json");
  folder.write("special_tokens_map.json", "{\"pad_token\": \"[PAD]\",}");
  try {
    Tokenizer::load(folder.path());
    FAIL() << "no error";
  } catch (const FormatError& error) {
    EXPECT_NE(std::string(error.what()).find("special_tokens_map.json"), std::string::npos);
  }
}

}  // namespace
}  // namespace maxsimd
