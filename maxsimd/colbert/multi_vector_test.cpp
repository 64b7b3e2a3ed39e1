// Folders of a MultiVectorEncoder of sentence-transformers 6 beside its own vectors
// (scripts/goldens/multi_vector_encoder.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/json.h"
#include "maxsimd/checkpoint/checkpoint_writer.h"
#include "maxsimd/colbert/colbert.h"
#include "tests/support/temp_folder.h"
#include "tests/support/tiny_model.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

const fs::path kGolden = MAXSIMD_SOURCE_DIR "/maxsimd/colbert/testdata/multi_vector_encoder";

class MultiVectorEncoder : public testing::Test {
 protected:
  MultiVectorEncoder() : golden_(read_json_file(kGolden / "cases.json")) {}

  /// The golden's folder with a case's files.
  fs::path folder_of(const Json& test) {
    const fs::path folder = temp_.path() / std::to_string(count_++);
    fs::copy(kGolden, folder, fs::copy_options::recursive);
    for (const auto& [path, text] : test["files"].items()) {
      testing_support::write_text(folder / path, text.get<std::string>());
    }
    return folder;
  }

  const Json& named(const std::string& name) const {
    for (const Json& test : golden_["cases"]) {
      if (test["name"] == name) return test;
    }
    throw std::invalid_argument("no case " + name);
  }

  void expect_vectors(const fs::path& folder, const Json& test) const {
    const ColBERT model = ColBERT::load(folder);
    for (const TextKind kind : {TextKind::query, TextKind::document}) {
      const bool is_query = kind == TextKind::query;
      const Json& texts = golden_[is_query ? "query_texts" : "document_texts"];
      const Json& expected = test[is_query ? "queries" : "documents"];
      for (size_t i = 0; i < texts.size(); ++i) {
        SCOPED_TRACE(test["name"].get<std::string>() + ": " + texts[i].get<std::string>());
        const std::vector<std::string> one = {texts[i].get<std::string>()};
        const Embeddings vectors =
            is_query ? model.encode_queries(one) : model.encode_documents(one);
        ASSERT_EQ(vectors.rows(0), expected[i].size());
        double worst = 0.0;
        for (size_t v = 0; v < vectors.values.size(); ++v) {
          const double reference = expected[i][v / vectors.dim][v % vectors.dim].get<double>();
          worst = std::max(worst, std::abs(reference - double{vectors.values[v]}));
        }
        EXPECT_LE(worst, 1e-5);
      }
    }
  }

  std::string refusal(const fs::path& folder) const {
    try {
      ColBERT::load(folder);
    } catch (const FormatError& error) {
      return error.what();
    }
    return "loaded";
  }

  const Json golden_;
  const testing_support::TempFolder temp_;
  int count_ = 0;
};

TEST_F(MultiVectorEncoder, GivesTheVectorsOfSentenceTransformers6) {
  ASSERT_EQ(golden_["cases"].size(), 7U);
  for (const Json& test : golden_["cases"]) expect_vectors(folder_of(test), test);
}

TEST_F(MultiVectorEncoder, IsWrittenInPyLatesLayoutWhenThatCanHoldIt) {
  for (const char* name : {"prompts that are one token", "expansion that is attended to"}) {
    const fs::path out = temp_.path() / ("out" + std::to_string(count_));
    convert_checkpoint(folder_of(named(name)), out);
    EXPECT_EQ(load_checkpoint(out).layout, CheckpointLayout::pylate);
    expect_vectors(out, named(name));
  }
  for (const char* name : {"prompts of text, no expansion", "at least so long",
                           "at least so long, at most so long", "a skiplist for queries alone"}) {
    const fs::path out = temp_.path() / "refused";
    EXPECT_THROW(convert_checkpoint(folder_of(named(name)), out), std::invalid_argument) << name;
    EXPECT_FALSE(fs::exists(out));
  }
}

TEST_F(MultiVectorEncoder, SettingsOfTheCallerWin) {
  const ColBERT model = ColBERT::load(folder_of(named("prompts that are one token")),
                                      {.checkpoint = {.query_length = 9, .document_length = 5}});
  const std::vector<std::string> text = {"owls hunt small animals at night"};
  EXPECT_EQ(model.encode_queries(text).rows(0), 9U);
  EXPECT_EQ(model.encode_documents(text).rows(0), 5U);
}

TEST_F(MultiVectorEncoder, WhatIsNotSupportedIsRefusedByName) {
  const auto with = [&](const char* file, const Json& content) {
    return refusal(folder_of({{"files", {{file, content.dump()}}}}));
  };
  const char* mask = "2_MultiVectorMask/config.json";
  const char* transformer = "sentence_bert_config.json";
  EXPECT_NE(with(mask, {{"keep_only_token_ids", {5}}}).find("keep_only_token_ids"),
            std::string::npos);
  EXPECT_NE(with(transformer, {{"transformer_task", "retrieval"}}).find("transformer_task"),
            std::string::npos);
  EXPECT_NE(with(transformer, {{"query_expansion", {{"strategy", "max"}, {"length", 8}}}})
                .find("\"fixed\" or \"min\""),
            std::string::npos);
  EXPECT_NE(with(transformer, {{"query_expansion", {{"strategy", "fixed"}}}}).find("length"),
            std::string::npos);
  EXPECT_NE(with(transformer,
                 {{"query_expansion", {{"strategy", "fixed"}, {"length", 8}, {"token", "[NONE]"}}}})
                .find("[NONE]"),
            std::string::npos);
}

// Issue 9: by default Normalize works on a text's one vector, and leaves those of its tokens.
TEST_F(MultiVectorEncoder, ANormalizeThatIsNotOfTokenVectorsIsRefused) {
  const char* file = "3_Normalize/config.json";
  const auto with = [&](const Json& content) {
    return refusal(folder_of({{"files", {{file, content.dump()}}}}));
  };
  for (const Json& content : {Json::object(), Json{{"module_input_name", "sentence_embedding"}},
                              Json{{"module_input_name", "token_embeddings"},
                                   {"module_output_name", "sentence_embedding"}}}) {
    EXPECT_NE(with(content).find("\"token_embeddings\""), std::string::npos) << content;
    EXPECT_NE(with(content).find(file), std::string::npos) << content;
  }
  EXPECT_EQ(with({{"module_input_name", "token_embeddings"}}), "loaded");
}

TEST_F(MultiVectorEncoder, ADenseBehindNormalizeIsRefused) {
  Json modules = read_json_file(kGolden / "modules.json");
  std::swap(modules[1], modules[3]);  // then Transformer, Normalize, Dense,
  std::swap(modules[2], modules[3]);  // MultiVectorMask
  for (size_t i = 0; i < modules.size(); ++i) modules[i]["idx"] = i;
  EXPECT_NE(refusal(folder_of({{"files", {{"modules.json", modules.dump()}}}}))
                .find("comes after the Normalize"),
            std::string::npos);
}

// sentence-transformers adds a normalizer, which leaves "[MASK]" in a text alone.
TEST_F(MultiVectorEncoder, LowerCasingOfItsTransformerIsRefused) {
  Json transformer = read_json_file(kGolden / "sentence_bert_config.json");
  transformer["do_lower_case"] = true;
  EXPECT_NE(refusal(folder_of({{"files", {{"sentence_bert_config.json", transformer.dump()}}}}))
                .find("\"do_lower_case\" must be false"),
            std::string::npos);
}

TEST_F(MultiVectorEncoder, OneTaskOfTheSkiplistMayStandWithoutAList) {
  const Json mask = {{"skiplist_words", {"."}}, {"skiplist_tasks", "query"}};
  const fs::path folder = folder_of({{"files", {{"2_MultiVectorMask/config.json", mask.dump()}}}});
  const MultiVectorSettings settings = ColBERT::load(folder).settings().multi_vector;
  EXPECT_TRUE(settings.skip_in_queries);
  EXPECT_FALSE(settings.skip_in_documents);
}

// Issue 9: sentence-transformers takes some of these keys and makes other settings of them.
TEST_F(MultiVectorEncoder, SettingsOfPyLateAndDenseModulesOfOtherVectorsAreRefused) {
  const fs::path folder = folder_of(golden_["cases"][0]);
  const auto refusal_with = [&](const fs::path& file, const char* key, const Json& value) {
    const Json whole = read_json_file(file);
    Json changed = whole;
    changed[key] = value;
    testing_support::write_text(file, changed.dump());
    const std::string message = refusal(folder);
    testing_support::write_text(file, whole.dump());
    return message;
  };
  for (const auto& [key, value] : {std::pair<const char*, Json>{"query_prefix", "[Q] "},
                                   {"document_length", 11},
                                   {"skiplist_words", {"the"}},
                                   {"do_query_expansion", nullptr}}) {
    EXPECT_NE(refusal_with(folder / "config_sentence_transformers.json", key, value)
                  .find(std::string("\"") + key + "\" must be absent beside a MultiVectorMask"),
              std::string::npos)
        << key;
  }
  EXPECT_NE(refusal_with(folder / "config_sentence_transformers.json", "model_type", "ColBERT")
                .find("\"model_type\" must be \"MultiVectorEncoder\""),
            std::string::npos);
  EXPECT_NE(refusal_with(folder / "1_Dense/config.json", "module_output_name", "sentence_embedding")
                .find("1_Dense/config.json: \"module_output_name\" must be \"token_embeddings\""),
            std::string::npos);
  EXPECT_EQ(refusal(folder), "loaded");
}

}  // namespace
}  // namespace maxsimd
