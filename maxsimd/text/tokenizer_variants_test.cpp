// Every supported component against Hugging Face's results on the same tokenizer and texts
// (scripts/goldens/tokenizer_variants.py).
#include <gtest/gtest.h>

#include "maxsimd/text/test_texts.h"

namespace maxsimd {
namespace {

using text_tests::line_of;
using text_tests::read_golden;

std::string tokenizer_json(const nlohmann::json& variant, const nlohmann::json& golden) {
  nlohmann::json document = {{"version", "1.0"}};
  document["model"] = {{"type", "WordPiece"},
                       {"unk_token", "[UNK]"},
                       {"continuing_subword_prefix", "##"},
                       {"max_input_chars_per_word", 100},
                       {"vocab", golden["vocab"]}};
  for (const auto& [key, value] : variant.items()) {
    if (key == "model" && value.is_number()) {
      document["model"] = golden["models"][value.get<size_t>()];
    } else if (key == "model") {  // what differs from the base
      document["model"].update(value);
    } else {
      document[key] = value;
    }
  }
  return document.dump();
}

// B05: the truncation block alone does nothing; here the caller asks for the length it holds.
EncodeTextOptions options_of(const nlohmann::json& variant) {
  EncodeTextOptions options;
  options.with_offsets = true;
  if (variant.contains("truncation") && variant["truncation"].is_object()) {
    options.max_length = variant["truncation"]["max_length"].get<size_t>();
  }
  return options;
}

TEST(TokenizerVariants, EveryComponentGivesTheIdsAndOffsetsOfHuggingFace) {
  const nlohmann::json golden = read_golden("variants.json");
  size_t compared = 0;
  for (const nlohmann::json& entry : golden["variants"]) {
    const nlohmann::json& variant = entry["variant"];
    const Tokenizer tokenizer = Tokenizer::from_json(tokenizer_json(variant, golden), "variant");
    const nlohmann::json& texts = golden["texts"][entry["texts"].get<size_t>()];
    EncodeTextOptions options = options_of(variant);
    EncodeTextOptions bare = options;
    bare.add_special_tokens = false;
    for (size_t i = 0; i < texts.size(); ++i) {
      const std::string text = texts[i];
      EXPECT_EQ(line_of(tokenizer.encode(text, options)), entry["results"][i])
          << variant.dump() << "\ntext: " << texts[i].dump(-1, ' ', true);
      if (entry.contains("bare")) {
        EXPECT_EQ(line_of(tokenizer.encode(text, bare)), entry["bare"][i])
            << variant.dump() << " without special tokens\ntext: " << texts[i];
      }
      ++compared;
    }
  }
  EXPECT_GT(compared, 8500U);
}

TEST(TokenizerVariants, SurviveBeingWrittenAndReadAgain) {
  const nlohmann::json golden = read_golden("variants.json");
  for (size_t v = 0; v < golden["variants"].size(); v += 7) {
    const nlohmann::json& entry = golden["variants"][v];
    const Tokenizer first =
        Tokenizer::from_json(tokenizer_json(entry["variant"], golden), "variant");
    const Tokenizer second = Tokenizer::from_json(first.to_json(), "written");
    for (const nlohmann::json& text : golden["texts"][entry["texts"].get<size_t>()]) {
      const EncodeTextOptions options = options_of(entry["variant"]);
      EXPECT_EQ(line_of(first.encode(text.get<std::string>(), options)),
                line_of(second.encode(text.get<std::string>(), options)));
    }
  }
}

}  // namespace
}  // namespace maxsimd
