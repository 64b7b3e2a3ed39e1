#include "maxsimd/training/trained_weights.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "maxsimd/base/json.h"
#include "maxsimd/training/colbert_model.h"
#include "tests/support/temp_folder.h"
#include "tests/support/tiny_model.h"

namespace maxsimd::training {
namespace {

using testing_support::TempFolder;

// Without its entry in tokenizer_config.json PyLate would draw a new prefix's trained row anew.
TEST(SaveModel, PrefixesNewToTheVocabularyAreWrittenIntoTheTokenizersFiles) {
  const TempFolder folder;
  const auto start = folder.path() / "start";
  testing_support::write_tiny_model(start);
  testing_support::write_text(start / "tokenizer_config.json", "{\"do_lower_case\": true}");
  const ColBERT model = ColBERT::load(
      start, {.checkpoint = {.query_prefix = "[Q] ", .document_prefix = "[D] "}, .num_threads = 1});
  ColbertModel trained(model);
  const auto saved = folder.path() / "saved";
  save_model(model, trained.parameters(), "", saved);

  const auto id = model.tokenizer().token_to_id("[Q] ").value();
  const nlohmann::json config = read_json_file(saved / "tokenizer_config.json");
  EXPECT_EQ(config.at("added_tokens_decoder").at(std::to_string(id)).at("content"), "[Q] ");
  EXPECT_TRUE(config.at("do_lower_case").get<bool>());
  const ColBERT loaded = ColBERT::load(saved, {.num_threads = 1});
  EXPECT_EQ(loaded.encoder_shape().vocab_size, model.encoder_shape().vocab_size);
  const std::vector<std::string> texts = {"a b", "c"};
  for (const TextKind kind : {TextKind::query, TextKind::document}) {
    EXPECT_EQ(loaded.tokenize(texts[0], kind).ids, model.tokenize(texts[0], kind).ids);
    EXPECT_EQ(loaded.encode(texts, kind).values, model.encode(texts, kind).values);
  }
}

}  // namespace
}  // namespace maxsimd::training
