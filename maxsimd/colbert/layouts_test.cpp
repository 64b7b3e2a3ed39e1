// Model folders written in each layout: the files beside those of the libraries they belong to
// (scripts/goldens/stanford_layout.py, multi_vector_files.py), and what comes back.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/json.h"
#include "maxsimd/checkpoint/checkpoint_writer.h"
#include "maxsimd/checkpoint/safetensors.h"
#include "maxsimd/checkpoint/weight_names.h"
#include "maxsimd/colbert/colbert.h"
#include "tests/support/temp_folder.h"
#include "tests/support/tiny_model.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

const fs::path kTestdata = MAXSIMD_SOURCE_DIR "/maxsimd/colbert/testdata";

const std::vector<std::string>& some_texts() {
  static const std::vector<std::string> texts = {
      "What do owls hunt?",
      "(small) animals, at night!",
      "x",
      "",
      "the river is long " + std::string("and long and long and long and long and long"),
      "[MASK] caf\u00E9 \u65E5\u672C 12"};
  return texts;
}

class Layouts : public testing::Test {
 protected:
  fs::path converted(const fs::path& folder, CheckpointLayout layout) {
    const fs::path out = temp_.path() / std::to_string(count_++);
    convert_checkpoint(folder, out, {.layout = layout});
    EXPECT_EQ(load_checkpoint(out).layout, layout);
    return out;
  }

  // A model for Stanford's layout in PyLate's: prefixes and skiplist as there.
  fs::path small_pylate_model() {
    const fs::path folder = temp_.path() / "small";
    testing_support::write_tiny_model(folder);
    testing_support::write_text(folder / "config_sentence_transformers.json",
                                R"({"query_prefix": "[unused0]", "document_prefix": "[unused1]",
 "query_length": 9, "document_length": 17, "attend_to_expansion_tokens": true})");
    return folder;
  }

  const testing_support::TempFolder temp_;
  int count_ = 0;
};

void expect_same_weights(const Checkpoint& one, const Checkpoint& other) {
  ASSERT_EQ(one.dense.size(), other.dense.size());
  for (size_t i = 0; i < one.dense.size(); ++i) {
    EXPECT_EQ(one.dense[i].weight, other.dense[i].weight);
    EXPECT_EQ(one.dense[i].bias, other.dense[i].bias);
    EXPECT_EQ(one.dense[i].activation, other.dense[i].activation);
    EXPECT_EQ(one.dense[i].use_residual, other.dense[i].use_residual);
    EXPECT_EQ(one.dense[i].residual_weight, other.dense[i].residual_weight);
  }
  const size_t projections = one.layout == CheckpointLayout::stanford ? 1 : 0;
  size_t compared = 0;
  for (const TensorView& tensor : one.weights.tensors()) {
    if (projections > 0 && tensor.name == "linear.weight") continue;
    const std::string name = canonical_weight_name(tensor.name, one.weights.prefix()).value();
    const auto again = other.weights.find(name);
    ASSERT_TRUE(again.has_value()) << name;
    EXPECT_EQ(again->dtype, tensor.dtype) << name;
    EXPECT_TRUE(std::ranges::equal(again->bytes, tensor.bytes)) << name;
    ++compared;
  }
  EXPECT_GT(compared, 10U);
  EXPECT_EQ(compared + projections, one.weights.tensors().size());
}

void expect_same_settings(const ColbertSettings& one, const ColbertSettings& other) {
  EXPECT_EQ(one.query_prefix, other.query_prefix);
  EXPECT_EQ(one.document_prefix, other.document_prefix);
  EXPECT_EQ(one.query_length, other.query_length);
  EXPECT_EQ(one.document_length, other.document_length);
  EXPECT_EQ(one.do_query_expansion, other.do_query_expansion);
  EXPECT_EQ(one.attend_to_expansion_tokens, other.attend_to_expansion_tokens);
  EXPECT_EQ(one.skiplist_words, other.skiplist_words);
  EXPECT_EQ(one.do_lower_case, other.do_lower_case);
  EXPECT_EQ(one.default_prompt_name, other.default_prompt_name);
  const auto texts_of = [](const ColbertSettings& settings) {  // an empty prompt is none
    auto prompts = settings.prompts;
    std::erase_if(prompts, [](const auto& prompt) { return prompt.second.empty(); });
    return prompts;
  };
  EXPECT_EQ(texts_of(one), texts_of(other));
  EXPECT_EQ(one.multi_vector.query_prompt, other.multi_vector.query_prompt);
  EXPECT_EQ(one.multi_vector.document_prompt, other.multi_vector.document_prompt);
  EXPECT_EQ(one.multi_vector.expansion_length, other.multi_vector.expansion_length);
  EXPECT_EQ(one.multi_vector.expansion_token, other.multi_vector.expansion_token);
  EXPECT_EQ(one.multi_vector.skip_in_queries, other.multi_vector.skip_in_queries);
  EXPECT_EQ(one.multi_vector.skip_in_documents, other.multi_vector.skip_in_documents);
}

void expect_same_vectors(const fs::path& one, const fs::path& other) {
  const ColBERT first = ColBERT::load(one);
  const ColBERT second = ColBERT::load(other);
  for (const std::string& text : some_texts()) {
    const std::vector<std::string> texts = {text};
    EXPECT_EQ(first.encode_queries(texts).values, second.encode_queries(texts).values) << text;
    EXPECT_EQ(first.encode_documents(texts).values, second.encode_documents(texts).values) << text;
  }
}

TEST_F(Layouts, GoFromEachToEachAndBackBitForBit) {
  const std::vector<CheckpointLayout> layouts = {
      CheckpointLayout::pylate, CheckpointLayout::stanford, CheckpointLayout::multi_vector_encoder};
  const fs::path start = small_pylate_model();
  for (const CheckpointLayout first : layouts) {
    const fs::path there = converted(start, first);
    for (const CheckpointLayout other : layouts) {
      const fs::path between = converted(there, other);
      const fs::path back = converted(between, first);
      SCOPED_TRACE(there.string() + " " + between.string() + " " + back.string());
      expect_same_weights(load_checkpoint(there), load_checkpoint(back));
      expect_same_settings(load_checkpoint(there).settings, load_checkpoint(back).settings);
      expect_same_vectors(there, between);
      expect_same_vectors(there, back);
    }
  }
}

// Of every architecture and kind of tokenizer; the skiplist stands for the tokenizer's own tokens.
TEST_F(Layouts, HoldEveryArchitecture) {
  for (const char* name : {"distilbert", "modernbert", "roberta", "xlm_roberta"}) {
    SCOPED_TRACE(name);
    for (const CheckpointLayout layout :
         {CheckpointLayout::stanford, CheckpointLayout::multi_vector_encoder}) {
      if (name == std::string("roberta") && layout == CheckpointLayout::stanford)
        continue;  // below
      const fs::path folder = kTestdata / name;
      const fs::path there = converted(folder, layout);
      const fs::path back = converted(there, CheckpointLayout::pylate);
      expect_same_weights(load_checkpoint(folder), load_checkpoint(back));
      expect_same_vectors(folder, back);
      expect_same_vectors(folder, there);
      EXPECT_EQ(read_json_file(back / "config.json")["architectures"],
                read_json_file(folder / "config.json")["architectures"]);
    }
  }
}

// Issue 9: sentence-transformers 6.2 reads such a folder with the prefix and a space before a text,
// which a byte-level BPE reads as another word.
TEST_F(Layouts, OfStanfordHoldNoTokenizerToWhichASpaceBeforeATextMatters) {
  const fs::path out = temp_.path() / "refused";
  try {
    convert_checkpoint(kTestdata / "roberta", out, {.layout = CheckpointLayout::stanford});
    FAIL() << "no error";
  } catch (const std::invalid_argument& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("a space before a text"), std::string::npos) << message;
    EXPECT_NE(message.find("--layout pylate"), std::string::npos) << message;
  }
  EXPECT_FALSE(fs::exists(out));
}

// Its skiplist is punctuation, and sentence-transformers 6 passes over what is no token of it.
TEST_F(Layouts, OfStanfordWithSkiplistWordsThatAreNoTokensIsNoted) {
  const std::vector<std::string> notes = convert_checkpoint(
      kTestdata / "xlm_roberta", temp_.path() / "out", {.layout = CheckpointLayout::stanford});
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_NE(notes[0].find("words of the skiplist are no tokens"), std::string::npos) << notes[0];
  EXPECT_TRUE(convert_checkpoint(temp_.path() / "out", temp_.path() / "again",
                                 {.layout = CheckpointLayout::stanford})
                  .empty());
}

class StanfordGolden : public Layouts {
 protected:
  const fs::path golden_ = kTestdata / "stanford";

  void expect_vectors(const fs::path& folder) const {
    const Json cases = read_json_file(golden_ / "cases.json");
    const ColBERT model = ColBERT::load(folder);
    for (const bool is_query : {true, false}) {
      const Json& texts = cases[is_query ? "query_texts" : "document_texts"];
      const Json& expected = cases[is_query ? "queries" : "documents"];
      for (size_t i = 0; i < texts.size(); ++i) {
        SCOPED_TRACE(texts[i].get<std::string>());
        const std::vector<std::string> one = {texts[i].get<std::string>()};
        const Embeddings vectors =
            is_query ? model.encode_queries(one) : model.encode_documents(one);
        ASSERT_EQ(vectors.rows(0), expected[i].size());
        for (size_t v = 0; v < vectors.values.size(); ++v) {
          const double reference = expected[i][v / vectors.dim][v % vectors.dim].get<double>();
          ASSERT_NEAR(vectors.values[v], reference, 1e-5);
        }
      }
    }
  }
};

TEST_F(StanfordGolden, GivesTheVectorsOfColbertAi) {
  expect_vectors(golden_);
}

TEST_F(StanfordGolden, IsWrittenAgainAsColbertAiSavesIt) {
  const fs::path pylate = converted(golden_, CheckpointLayout::pylate);
  expect_vectors(pylate);
  const fs::path back = converted(pylate, CheckpointLayout::stanford);
  expect_vectors(back);
  EXPECT_EQ(read_file(back / "artifact.metadata"), read_file(golden_ / "artifact.metadata"));
  EXPECT_EQ(read_json_file(back / "config.json"), read_json_file(golden_ / "config.json"));
  const SafetensorsFile written = SafetensorsFile::open(back / "model.safetensors");
  const SafetensorsFile original = SafetensorsFile::open(golden_ / "model.safetensors");
  ASSERT_EQ(written.tensors().size(), original.tensors().size());
  for (const TensorView& tensor : original.tensors()) {
    const TensorView* again = written.find(tensor.name);
    ASSERT_NE(again, nullptr) << tensor.name;
    EXPECT_EQ(again->shape, tensor.shape);
    EXPECT_TRUE(std::ranges::equal(again->bytes, tensor.bytes)) << tensor.name;
  }
  for (const char* name : {"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"}) {
    EXPECT_EQ(read_file(back / name), read_file(golden_ / name)) << name;
  }
  EXPECT_FALSE(fs::exists(back / "modules.json"));
  EXPECT_FALSE(fs::exists(back / "sentence_bert_config.json"));
}

// PyLate saves tokenizers that pad with the mask token; colbert-ai would drop every mask token.
TEST_F(StanfordGolden, HasItsOwnPaddingTokenAgainWhenItComesFromPyLate) {
  const fs::path pylate = converted(golden_, CheckpointLayout::pylate);
  Json config = read_json_file(pylate / "tokenizer_config.json");
  config["pad_token"] = "[MASK]";
  testing_support::write_text(pylate / "tokenizer_config.json", config.dump());
  Json map = read_json_file(pylate / "special_tokens_map.json");
  map["pad_token"]["content"] = "[MASK]";
  testing_support::write_text(pylate / "special_tokens_map.json", map.dump());
  const fs::path back = converted(pylate, CheckpointLayout::stanford);
  for (const char* name : {"tokenizer_config.json", "special_tokens_map.json"}) {
    EXPECT_EQ(read_json_file(back / name), read_json_file(golden_ / name)) << name;
  }
}

TEST_F(Layouts, MultiVectorEncodersAreWrittenAsSentenceTransformersSavesThem) {
  const Json cases = read_json_file(kTestdata / "multi_vector_files.json");
  ASSERT_EQ(cases.size(), 3U);
  for (const Json& test : cases) {
    SCOPED_TRACE(test["name"].get<std::string>());
    const fs::path folder = temp_.path() / ("case" + std::to_string(count_));
    fs::copy(kTestdata / "multi_vector_encoder", folder, fs::copy_options::recursive);
    for (const auto& [path, text] : test["loaded"].items()) {
      testing_support::write_text(folder / path, text.get<std::string>());
    }
    const fs::path out = converted(folder, CheckpointLayout::multi_vector_encoder);
    for (const auto& [path, text] : test["saved"].items()) {
      EXPECT_EQ(read_file(out / path), text.get<std::string>()) << path;
    }
    expect_same_settings(load_checkpoint(folder).settings, load_checkpoint(out).settings);
    expect_same_vectors(folder, out);
  }
}

TEST_F(Layouts, PyLateFoldersAreWrittenAsPyLateSavesThem) {
  const fs::path out = converted(kTestdata / "distilbert", CheckpointLayout::pylate);
  for (const char* name : {"modules.json", "config_sentence_transformers.json"}) {
    EXPECT_EQ(read_json_file(out / name), read_json_file(kTestdata / "distilbert" / name)) << name;
  }
  Json dense = read_json_file(kTestdata / "distilbert" / "1_Dense" / "config.json");
  dense.erase("use_residual");  // PyLate 1.1 refuses the key
  EXPECT_EQ(read_json_file(out / "1_Dense" / "config.json"), dense);
}

// A folder that transformers 5 saved must load in PyLate 1.1, which has transformers 4.
TEST_F(Layouts, FilesOfTransformers5AreWrittenInWordsOfTransformers4) {
  const fs::path bpe = converted(kTestdata / "modernbert", CheckpointLayout::pylate);
  EXPECT_EQ(read_json_file(kTestdata / "modernbert" / "tokenizer_config.json")["tokenizer_class"],
            "TokenizersBackend");
  EXPECT_EQ(read_json_file(bpe / "tokenizer_config.json")["tokenizer_class"],
            "PreTrainedTokenizerFast");
  const Json config = read_json_file(bpe / "config.json");
  EXPECT_EQ(config["global_rope_theta"], 160000.0);
  EXPECT_EQ(config["local_rope_theta"], 10000.0);
  const fs::path folder = small_pylate_model();
  testing_support::write_text(folder / "tokenizer_config.json",
                              R"({"extra_special_tokens": ["[unused0]"]})");
  const fs::path out = converted(folder, CheckpointLayout::stanford);
  const Json tokenizer = read_json_file(out / "tokenizer_config.json");
  EXPECT_FALSE(tokenizer.contains("extra_special_tokens"));
  EXPECT_EQ(tokenizer["additional_special_tokens"], Json({"[unused0]"}));
  expect_same_vectors(folder, out);
}

// transformers reads the added tokens from there, where it is.
TEST_F(StanfordGolden, HasItsPrefixesAmongTheAddedTokensForSentenceTransformers) {
  const fs::path out = converted(golden_, CheckpointLayout::multi_vector_encoder);
  const Json decoder = read_json_file(out / "tokenizer_config.json")["added_tokens_decoder"];
  EXPECT_EQ(decoder["1"]["content"], "[unused0]");
  EXPECT_EQ(decoder["2"]["content"], "[unused1]");
  expect_vectors(out);
}

// In PyLate a skiplist word that is no token stands for the unknown token.
TEST_F(Layouts, UnknownSkiplistWordsSkipTheUnknownTokenInSentenceTransformersToo) {
  const fs::path folder = small_pylate_model();
  testing_support::write_text(folder / "config_sentence_transformers.json",
                              R"({"query_prefix": "[unused0]", "document_prefix": "[unused1]",
 "query_length": 8, "document_length": 16, "skiplist_words": ["!", "no such word"]})");
  const fs::path out = converted(folder, CheckpointLayout::multi_vector_encoder);
  EXPECT_EQ(read_json_file(out / "2_MultiVectorMask" / "config.json")["skiplist_words"],
            (Json{"!", "no such word", "[UNK]"}));
  expect_same_vectors(folder, out);
}

}  // namespace
}  // namespace maxsimd
