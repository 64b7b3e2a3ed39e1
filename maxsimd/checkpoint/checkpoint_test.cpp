#include "maxsimd/checkpoint/checkpoint.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "maxsimd/checkpoint/tensor_values.h"
#include "maxsimd/checkpoint/test_model_folder.h"

namespace maxsimd {
namespace {

using namespace testing_support;

TEST(Checkpoint, ReadsTheMiniModelAsPyLateSavedIt) {
  const fs::path folder = shared_folder() / "models" / "mini";
  if (!fs::exists(folder)) GTEST_SKIP() << "SKIPPED: no model at " << folder;
  const Checkpoint mini = load_checkpoint(folder);
  EXPECT_EQ(mini.layout, CheckpointLayout::pylate);
  EXPECT_EQ(mini.encoder_folder, folder);
  EXPECT_EQ(mini.weights.tensors().size(), 103U);
  EXPECT_EQ(mini.weights.load("embeddings.word_embeddings.weight", {30522, 384}).size(),
            30522U * 384U);
  ASSERT_EQ(mini.dense.size(), 1U);
  EXPECT_EQ(mini.dense[0].in_features, 384U);
  EXPECT_EQ(mini.dense[0].out_features, 96U);
  EXPECT_TRUE(mini.dense[0].bias.empty());
  EXPECT_EQ(mini.settings.query_prefix, "[unused0]");
  EXPECT_EQ(mini.settings.document_prefix, "[unused1]");
  EXPECT_EQ(mini.settings.query_length, 32U);
  EXPECT_EQ(mini.settings.document_length, 300U);
  EXPECT_TRUE(mini.settings.do_query_expansion);
  EXPECT_EQ(mini.settings.skiplist_words, default_skiplist_words());
  EXPECT_TRUE(mini.notes.empty());
}

// models/mini was trained from it (examples/train_mini).
TEST(Checkpoint, TheEmbeddedModelHasTheTensorsOfItsOriginInFloat16WithoutPooler) {
  const fs::path original_folder = shared_folder() / "models" / "mini";
  if (!fs::exists(original_folder)) GTEST_SKIP() << "SKIPPED: no model at " << original_folder;
  const Checkpoint original = load_checkpoint(original_folder);
  const Checkpoint embedded = load_checkpoint(MAXSIMD_SOURCE_DIR "/models/mini");
  size_t compared = 0;
  for (const TensorView& tensor : original.weights.tensors()) {
    const auto trained = embedded.weights.find(tensor.name);
    EXPECT_EQ(trained.has_value(), !tensor.name.starts_with("pooler.")) << tensor.name;
    if (!trained.has_value()) continue;
    EXPECT_EQ(trained->dtype, DType::f16) << tensor.name;
    EXPECT_EQ(trained->shape, tensor.shape) << tensor.name;
    ++compared;
  }
  EXPECT_EQ(compared, 101U);
  EXPECT_EQ(embedded.settings.document_length, original.settings.document_length);
  EXPECT_EQ(embedded.settings.skiplist_words, original.settings.skiplist_words);
}

// Known bug B13: files and keys that are optional.
class MissingFilesAndKeys : public ModelFolder {};

TEST_F(MissingFilesAndKeys, OfSentenceBertConfigMeansNoLowerCasing) {
  EXPECT_FALSE(load().settings.do_lower_case);
  write("sentence_bert_config.json", R"({"max_seq_length": 31, "do_lower_case": true})");
  EXPECT_TRUE(load().settings.do_lower_case);
}

TEST_F(MissingFilesAndKeys, OfSettingsMeanTheDefaultsNeverZero) {
  change_settings({{"do_query_expansion", nullptr},
                   {"attend_to_expansion_tokens", nullptr},
                   {"skiplist_words", nullptr},
                   {"query_length", nullptr},
                   {"document_length", nullptr}});
  const ColbertSettings settings = load().settings;
  EXPECT_TRUE(settings.do_query_expansion);
  EXPECT_FALSE(settings.attend_to_expansion_tokens);
  EXPECT_EQ(settings.skiplist_words.size(), 32U);
  EXPECT_EQ(settings.query_length, 32U);
  EXPECT_EQ(settings.document_length, 180U);
  EXPECT_EQ(settings.query_prefix, "[unused0]");
}

TEST_F(MissingFilesAndKeys, NullIsAsGoodAsAbsent) {
  write("config_sentence_transformers.json", R"({"query_length": null, "query_prefix": null})");
  EXPECT_EQ(load().settings.query_length, 32U);
  EXPECT_EQ(load().settings.query_prefix, "[Q] ");
}

TEST_F(MissingFilesAndKeys, OfTheSettingsFileMeansPyLatesDefaults) {
  fs::remove(file("config_sentence_transformers.json"));
  const Checkpoint checkpoint = load();
  EXPECT_EQ(checkpoint.settings.query_prefix, "[Q] ");
  EXPECT_EQ(checkpoint.settings.document_prefix, "[D] ");
  EXPECT_EQ(checkpoint.settings.skiplist_words, default_skiplist_words());
  EXPECT_TRUE(checkpoint.metadata_text.empty());
}

TEST_F(MissingFilesAndKeys, FalsyValuesOfTheFileAreRespected) {
  change_settings({{"query_prefix", ""},
                   {"document_prefix", ""},
                   {"skiplist_words", Json::array()},
                   {"do_query_expansion", false},
                   {"attend_to_expansion_tokens", true}});
  const ColbertSettings settings = load().settings;
  EXPECT_EQ(settings.query_prefix, "");
  EXPECT_EQ(settings.document_prefix, "");
  EXPECT_TRUE(settings.skiplist_words.empty());
  EXPECT_FALSE(settings.do_query_expansion);
  EXPECT_FALSE(settings.attend_to_expansion_tokens);  // nothing to attend to
}

TEST_F(MissingFilesAndKeys, ExplicitOptionsWinOverTheFile) {
  const ColbertSettings settings =
      load({.query_prefix = "", .document_length = 99, .skiplist_words = {{"a"}}}).settings;
  EXPECT_EQ(settings.query_prefix, "");
  EXPECT_EQ(settings.document_prefix, "[unused1]");
  EXPECT_EQ(settings.document_length, 99U);
  EXPECT_EQ(settings.query_length, 8U);
  EXPECT_EQ(settings.skiplist_words, std::vector<std::string>{"a"});
}

TEST_F(MissingFilesAndKeys, MalformedJsonNamesFileAndPlace) {
  write("config_sentence_transformers.json", "{\n  \"query_length\": 8,\n}");
  const std::string message = refusal();
  expect_contains(message, "config_sentence_transformers.json");
  expect_contains(message, "line 3");
}

TEST_F(MissingFilesAndKeys, UnknownKeysAreIgnored) {
  change_settings({{"some_new_key", {{"a", 1}}}});
  EXPECT_EQ(load().settings.query_length, 8U);
}

TEST_F(MissingFilesAndKeys, ValuesOfAnotherTypeNameFileKeyAndValue) {
  for (const auto& [key, value] : std::map<std::string, Json>{{"query_length", "32"},
                                                              {"document_length", 0},
                                                              {"document_length", -1},
                                                              {"query_length", 1.5},
                                                              {"skiplist_words", "!"},
                                                              {"do_query_expansion", 1},
                                                              {"query_prefix", 3},
                                                              {"prompts", {1, 2}}}) {
    const std::string before = read("config_sentence_transformers.json").dump();
    change_settings({{key, value}});
    const std::string message = refusal();
    expect_contains(message, "\"" + key + "\" must be");
    expect_contains(message, value.dump());
    write("config_sentence_transformers.json", before);
  }
}

TEST_F(MissingFilesAndKeys, LengthsAndWidthsOfZeroAreTheCallersMistake) {
  EXPECT_THROW(load({.query_length = 0}), std::invalid_argument);
  EXPECT_THROW(load({.document_length = 0}), std::invalid_argument);
  EXPECT_THROW(load({.embedding_size = 0}), std::invalid_argument);
}

TEST_F(ModelFolder, PromptsAreRead) {
  change_settings({{"prompts", {{"query", "search: "}}}, {"default_prompt_name", "query"}});
  EXPECT_EQ(load().settings.prompts.at("query"), "search: ");
  EXPECT_EQ(load().settings.default_prompt_name, "query");
}

TEST_F(ModelFolder, AMissingFolderOrConfigIsNamed) {
  expect_contains(message_of<IoError>([&] { load_checkpoint(file("absent")); }), "absent");
  expect_contains(message_of<IoError>([&] { load_checkpoint(file("config.json")); }), "a file");
  fs::remove(file("config.json"));
  expect_contains(message_of<IoError>([&] { load(); }), "config.json");
}

TEST_F(ModelFolder, AnotherEmbeddingSizeAppendsANewDense) {
  EXPECT_EQ(load({.embedding_size = 4}).dense.size(), 1U);
  const Checkpoint checkpoint = load({.embedding_size = 6, .bias = true});
  ASSERT_EQ(checkpoint.dense.size(), 2U);
  EXPECT_EQ(checkpoint.dense[1].in_features, 4U);
  EXPECT_EQ(checkpoint.dense[1].out_features, 6U);
  EXPECT_EQ(checkpoint.dense[1].bias.size(), 6U);
  ASSERT_EQ(checkpoint.notes.size(), 1U);
  expect_contains(checkpoint.notes[0], "4 -> 6");
}

class PlainEncoder : public ModelFolder {
 protected:
  PlainEncoder() {
    for (const char* name : {"modules.json", "config_sentence_transformers.json", "1_Dense"}) {
      fs::remove_all(file(name));
    }
  }
};

TEST_F(PlainEncoder, GetsANewDenseAndANote) {
  const Checkpoint checkpoint = load();
  EXPECT_EQ(checkpoint.layout, CheckpointLayout::plain_encoder);
  ASSERT_EQ(checkpoint.dense.size(), 1U);
  EXPECT_EQ(checkpoint.dense[0].in_features, 8U);
  EXPECT_EQ(checkpoint.dense[0].out_features, 128U);
  EXPECT_TRUE(checkpoint.dense[0].bias.empty());
  EXPECT_EQ(checkpoint.settings.query_prefix, "[Q] ");
  ASSERT_EQ(checkpoint.notes.size(), 1U);
  expect_contains(checkpoint.notes[0], "random weights (seed 42)");
  EXPECT_EQ(load({.embedding_size = 5}).dense[0].out_features, 5U);
}

TEST_F(PlainEncoder, NewWeightsAreUniformAsTorchsLinearAndFixedByTheSeed) {
  const std::vector<float> weight = load({.embedding_size = 4000}).dense[0].weight;
  EXPECT_EQ(weight, load({.embedding_size = 4000}).dense[0].weight);
  EXPECT_NE(weight, load({.embedding_size = 4000, .seed = 43}).dense[0].weight);
  const double bound = 1.0 / std::sqrt(8.0);
  double sum = 0.0, squares = 0.0;
  for (const float value : weight) {
    ASSERT_LE(std::abs(value), bound);
    sum += value;
    squares += static_cast<double>(value) * value;
  }
  const auto n = static_cast<double>(weight.size());  // 32,000: standard errors about 0.001
  EXPECT_NEAR(sum / n, 0.0, 0.005);
  EXPECT_NEAR(squares / n, bound * bound / 3.0, 0.002);  // variance of a uniform distribution
}

TEST_F(PlainEncoder, FilesThatNoModulesJsonListsAreNamedInANote) {
  write("config_sentence_transformers.json", R"({"query_length": 7})");
  const Checkpoint checkpoint = load();
  EXPECT_EQ(checkpoint.settings.query_length, 32U);
  ASSERT_EQ(checkpoint.notes.size(), 2U);
  expect_contains(checkpoint.notes[0], "config_sentence_transformers.json");
}

TEST_F(PlainEncoder, WithoutHiddenSizeIsRefused) {
  Json config = read("config.json");
  config.erase("hidden_size");
  write("config.json", config.dump());
  expect_contains(refusal(), "hidden_size");
}

TEST_F(PlainEncoder, ASentenceTransformersModelWithoutDenseKeepsItsSettings) {
  write("modules.json",
        R"([{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"},
{"idx":1,"name":"1","path":"1_Pooling","type":"sentence_transformers.models.Pooling"}])");
  write("config_sentence_transformers.json", R"({"query_length": 7})");
  const Checkpoint checkpoint = load();
  EXPECT_EQ(checkpoint.layout, CheckpointLayout::plain_encoder);
  EXPECT_EQ(checkpoint.settings.query_length, 7U);
  EXPECT_EQ(checkpoint.dense[0].out_features, 128U);
}

// Issue 9: what is beside the weights, or in them, that this reader would pass over.
class WeightsThatAreNotAll : public ModelFolder {};

TEST_F(WeightsThatAreNotAll, BesideAnAdapterAreRefusedWithWhatToDo) {
  write("adapter_config.json", R"({"peft_type": "LORA"})");
  expect_contains(refusal(), "adapter_config.json: the model has an adapter");
  expect_contains(refusal(), "merge_and_unload");
}

TEST_F(WeightsThatAreNotAll, QuantizedByAnotherLibraryAreRefused) {
  Json config = read("config.json");
  config["quantization_config"] = nullptr;
  write("config.json", config.dump());
  EXPECT_NO_THROW(load());
  config["quantization_config"] = {{"quant_method", "bitsandbytes"}};
  write("config.json", config.dump());
  expect_contains(refusal(), "config.json: \"quantization_config\" must be absent");
}

// Issue 9: transformers reads other files then.
TEST_F(WeightsThatAreNotAll, AndConfigsThatLieInOtherFilesAreRefused) {
  const Json config = read("config.json");
  const auto change = [&](const char* key, const Json& value) {
    Json changed = config;
    changed[key] = value;
    write("config.json", changed.dump());
  };
  change("configuration_files", {"config.4.0.0.json", "config.json"});
  expect_contains(refusal(), "config.json: \"configuration_files\" must be absent");
  change("transformers_weights", "other.safetensors");
  expect_contains(refusal(), "config.json: \"transformers_weights\" must be absent");
  for (const auto& [key, value] :
       {std::pair<const char*, Json>{"configuration_files", Json::array({"config.json"})},
        {"transformers_weights", nullptr},
        {"transformers_weights", "model.safetensors"}}) {
    change(key, value);
    EXPECT_NO_THROW(load()) << key;
  }
}

class StanfordCheckpoint : public PlainEncoder {
 protected:
  StanfordCheckpoint() {
    Json config = read("config.json");
    config["architectures"] = {"HF_ColBERT"};
    write("config.json", config.dump());
    Tensors tensors = {{"linear.weight", {{4, 8}, random_values(5, 32, 1.0F)}}};
    for (const auto& [name, tensor] : tiny_bert_tensors({})) tensors["bert." + name] = tensor;
    testing_support::write_safetensors(file("model.safetensors"), tensors);
  }
};

TEST_F(StanfordCheckpoint, IsReadWithItsLinearWeightAndArtifactMetadata) {
  write("artifact.metadata",
        R"({"query_token_id": "[q]", "doc_token_id": "[d]", "query_maxlen": 31,
            "doc_maxlen": 301, "attend_to_mask_tokens": true, "dim": 4, "mask_punctuation": true})");
  const Checkpoint checkpoint = load();
  EXPECT_EQ(checkpoint.layout, CheckpointLayout::stanford);
  ASSERT_EQ(checkpoint.dense.size(), 1U);
  EXPECT_EQ(checkpoint.dense[0].weight, random_values(5, 32, 1.0F));
  EXPECT_EQ(checkpoint.dense[0].out_features, 4U);
  EXPECT_EQ(checkpoint.settings.query_prefix, "[q]");
  EXPECT_EQ(checkpoint.settings.document_prefix, "[d]");
  EXPECT_EQ(checkpoint.settings.query_length, 31U);
  EXPECT_EQ(checkpoint.settings.document_length, 301U);
  EXPECT_TRUE(checkpoint.settings.attend_to_expansion_tokens);
  EXPECT_TRUE(checkpoint.weights.find("embeddings.word_embeddings.weight").has_value());
  EXPECT_TRUE(checkpoint.notes.empty());
}

TEST_F(StanfordCheckpoint, MetadataWithoutPrefixesMeansTheUnusedTokens) {
  write("artifact.metadata", R"({"query_maxlen": 31})");
  const ColbertSettings settings = load({.query_prefix = "x"}).settings;
  EXPECT_EQ(settings.query_prefix, "x");
  EXPECT_EQ(settings.document_prefix, "[unused1]");
  EXPECT_EQ(settings.document_length, 180U);
}

TEST_F(StanfordCheckpoint, NoMetadataMeansTheUnusedTokensAndPyLatesLengths) {
  const ColbertSettings settings = load().settings;
  EXPECT_EQ(settings.query_prefix, "[unused0]");
  EXPECT_EQ(settings.document_prefix, "[unused1]");
  EXPECT_EQ(settings.query_length, 32U);
  EXPECT_EQ(settings.document_length, 180U);
}

// Issue 9: PyLate and colbert-ai know it by this name alone.
TEST_F(StanfordCheckpoint, ProjectsByLinearWeightNotByOneWithTheEncodersPrefix) {
  Tensors tensors;
  for (const auto& [name, tensor] : tiny_bert_tensors({})) tensors["bert." + name] = tensor;
  tensors["bert.linear.weight"] = {{4, 8}, random_values(6, 32, 1.0F)};
  testing_support::write_safetensors(file("model.safetensors"), tensors);
  expect_contains(refusal(), "'linear.weight'");
  tensors["linear.weight"] = {{4, 8}, random_values(5, 32, 1.0F)};
  testing_support::write_safetensors(file("model.safetensors"), tensors);
  EXPECT_EQ(load().dense[0].weight, random_values(5, 32, 1.0F));
}

TEST_F(StanfordCheckpoint, WithoutItsLinearWeightIsRefused) {
  testing_support::write_safetensors(file("model.safetensors"), tiny_bert_tensors({}));
  expect_contains(refusal(), "linear.weight");
}

}  // namespace
}  // namespace maxsimd
