#include "maxsimd/checkpoint/checkpoint.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/checkpoint/tensor_values.h"
#include "maxsimd/checkpoint/test_files.h"
#include "tests/support/tiny_model.h"

namespace maxsimd {
namespace {

using namespace testing_support;
using Json = nlohmann::json;
namespace fs = std::filesystem;

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

TEST(Checkpoint, TheEmbeddedModelIsTheOriginalRoundedToFloat16WithoutPooler) {
  const fs::path original_folder = shared_folder() / "models" / "mini";
  if (!fs::exists(original_folder)) GTEST_SKIP() << "SKIPPED: no model at " << original_folder;
  const Checkpoint original = load_checkpoint(original_folder);
  const Checkpoint embedded = load_checkpoint(MAXSIMD_SOURCE_DIR "/models/mini");
  size_t compared = 0;
  for (const TensorView& tensor : original.weights.tensors()) {
    const auto rounded = embedded.weights.find(tensor.name);
    EXPECT_EQ(rounded.has_value(), !tensor.name.starts_with("pooler.")) << tensor.name;
    if (!rounded.has_value()) continue;
    const std::vector<std::byte> expected =
        encode_values(decode_values(tensor), DType::f16, tensor.name);
    EXPECT_TRUE(std::ranges::equal(rounded->bytes, expected)) << tensor.name;
    ++compared;
  }
  EXPECT_EQ(compared, 101U);
  EXPECT_EQ(embedded.settings.document_length, original.settings.document_length);
  EXPECT_EQ(embedded.settings.skiplist_words, original.settings.skiplist_words);
}

class ModelFolder : public testing::Test {
 protected:
  ModelFolder() { write_tiny_model(folder_.path()); }

  fs::path file(const std::string& name) const { return folder_.path() / name; }
  void write(const std::string& name, const std::string& text) { write_text(file(name), text); }
  Json read(const std::string& name) { return Json::parse(read_file(file(name))); }

  void change_settings(const Json& patch) {  // JSON merge patch: null removes a key
    Json settings = read("config_sentence_transformers.json");
    settings.merge_patch(patch);
    write("config_sentence_transformers.json", settings.dump());
  }

  Checkpoint load(const CheckpointOptions& options = {}) {
    return load_checkpoint(folder_.path(), options);
  }
  std::string refusal(const CheckpointOptions& options = {}) {
    return message_of<FormatError>([&] { load(options); });
  }

  TempFolder folder_;
};

void expect_contains(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
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

// Known bug B12: every Dense module of modules.json is read, in idx order.
class DenseChain : public ModelFolder {
 protected:
  void write_dense(const std::string& folder, const Json& config, const Tensors& tensors) {
    write(folder + "/config.json", config.dump());
    testing_support::write_safetensors(file(folder) / "model.safetensors", tensors);
  }

  void write_modules(const std::vector<std::pair<std::string, std::string>>& path_and_type,
                     bool reversed = false) {
    Json modules = Json::array();
    for (size_t i = 0; i < path_and_type.size(); ++i) {
      modules.push_back({{"idx", i},
                         {"name", std::to_string(i)},
                         {"path", path_and_type[i].first},
                         {"type", path_and_type[i].second}});
    }
    if (reversed) std::reverse(modules.begin(), modules.end());
    write("modules.json", modules.dump());
  }

  void write_two_dense() {
    write_dense("1_Dense",
                {{"in_features", 8},
                 {"out_features", 3},
                 {"bias", true},
                 {"activation_function", "torch.nn.modules.activation.Tanh"}},
                {{"linear.weight", {{3, 8}, random_values(1, 24, 1.0F)}},
                 {"linear.bias", {{3}, {0.5F, 0, 0}}}});
    write_dense("2_Dense",
                {{"in_features", 3},
                 {"out_features", 2},
                 {"bias", false},
                 {"activation_function", "torch.nn.modules.linear.Identity"}},
                {{"linear.weight", {{2, 3}, {1, 0, 0, 0, 1, 1}}}});
  }

  static constexpr const char* kTransformer = "sentence_transformers.models.Transformer";
  static constexpr const char* kDense = "pylate.models.Dense.Dense";
  static constexpr const char* kOtherDense = "sentence_transformers.models.Dense";
};

TEST_F(DenseChain, TwoModulesWithBiasAndActivationInIdxOrderWithPoolingDropped) {
  write_two_dense();
  write_modules({{"", kTransformer},
                 {"3_Pooling", "sentence_transformers.models.Pooling"},
                 {"1_Dense/", kDense},
                 {"4_Normalize", "sentence_transformers.models.Normalize"},
                 {"2_Dense", kOtherDense}},
                /*reversed=*/true);
  const Checkpoint checkpoint = load();
  ASSERT_EQ(checkpoint.dense.size(), 2U);
  EXPECT_EQ(checkpoint.dense[0].path, "1_Dense");
  EXPECT_EQ(checkpoint.dense[0].activation, DenseActivation::tanh);
  EXPECT_EQ(checkpoint.dense[0].weight, random_values(1, 24, 1.0F));
  EXPECT_EQ(checkpoint.dense[0].bias, (std::vector<float>{0.5F, 0, 0}));
  EXPECT_EQ(checkpoint.dense[1].activation, DenseActivation::identity);
  EXPECT_EQ(checkpoint.dense[1].weight, (std::vector<float>{1, 0, 0, 0, 1, 1}));
  EXPECT_TRUE(checkpoint.dense[1].bias.empty());
  EXPECT_EQ(checkpoint.dense.back().out_features, 2U);
  ASSERT_EQ(checkpoint.notes.size(), 2U);
  expect_contains(checkpoint.notes[0], "Pooling");
}

TEST_F(DenseChain, ResidualWeightsAreReadWhenTheWidthsDiffer) {
  write_dense("1_Dense",
              {{"in_features", 8}, {"out_features", 2}, {"bias", false}, {"use_residual", true}},
              {{"linear.weight", {{2, 8}, random_values(1, 16, 1.0F)}},
               {"residual.weight", {{2, 8}, random_values(2, 16, 1.0F)}}});
  const Checkpoint checkpoint = load();
  EXPECT_TRUE(checkpoint.dense[0].use_residual);
  EXPECT_EQ(checkpoint.dense[0].residual_weight, random_values(2, 16, 1.0F));
}

TEST_F(DenseChain, EqualWidthsHaveAResidualWithoutWeights) {
  write_dense("1_Dense",
              {{"in_features", 8}, {"out_features", 8}, {"bias", false}, {"use_residual", true}},
              {{"linear.weight", {{8, 8}, random_values(1, 64, 1.0F)}}});
  EXPECT_TRUE(load().dense[0].use_residual);
  EXPECT_TRUE(load().dense[0].residual_weight.empty());
}

TEST_F(DenseChain, EveryKnownActivationIsReadByItsImportPath) {
  const std::map<std::string, DenseActivation> paths = {
      {"torch.nn.modules.linear.Identity", DenseActivation::identity},
      {"torch.nn.Identity", DenseActivation::identity},
      {"torch.nn.modules.activation.Tanh", DenseActivation::tanh},
      {"torch.nn.modules.activation.ReLU", DenseActivation::relu},
      {"torch.nn.modules.activation.GELU", DenseActivation::gelu},
      {"torch.nn.modules.activation.Sigmoid", DenseActivation::sigmoid},
      {"torch.nn.modules.activation.SiLU", DenseActivation::silu}};
  for (const auto& [path, activation] : paths) {
    Json config = read("1_Dense/config.json");
    config["activation_function"] = path;
    write("1_Dense/config.json", config.dump());
    EXPECT_EQ(load().dense[0].activation, activation) << path;
  }
}

TEST_F(DenseChain, AnUnknownActivationIsNamed) {
  for (const char* path : {"torch.nn.modules.activation.Hardtanh", "os.system", "my.nn.Tanh", ""}) {
    Json config = read("1_Dense/config.json");
    config["activation_function"] = path;
    write("1_Dense/config.json", config.dump());
    expect_contains(refusal(), "unknown activation_function '" + std::string(path) + "'");
  }
}

TEST_F(DenseChain, WithoutActivationKeyTheDefaultOfTheClassHolds) {
  Json config = read("1_Dense/config.json");
  config.erase("activation_function");
  write("1_Dense/config.json", config.dump());
  EXPECT_EQ(load().dense[0].activation, DenseActivation::identity);
  write_modules({{"", kTransformer}, {"1_Dense", kOtherDense}});
  EXPECT_EQ(load().dense[0].activation, DenseActivation::tanh);
}

TEST_F(DenseChain, AMissingBiasOrAnotherShapeNamesTheTensor) {
  Json config = read("1_Dense/config.json");
  config["bias"] = true;
  write("1_Dense/config.json", config.dump());
  expect_contains(refusal(), "tensor 'linear.bias' of shape [4] is missing");
  config["bias"] = false;
  config["out_features"] = 5;
  write("1_Dense/config.json", config.dump());
  expect_contains(refusal(), "tensor 'linear.weight': expected shape [5, 8], found [4, 8]");
}

TEST_F(DenseChain, ADenseWithOnlyAPickleIsRefused) {  // known bug B15
  fs::rename(file("1_Dense/model.safetensors"), file("1_Dense/pytorch_model.bin"));
  expect_contains(refusal(), "1_Dense/model.safetensors: missing; only pytorch_model.bin");
}

TEST_F(DenseChain, ModulesThatCannotBeAppliedAreNamed) {
  for (const char* type :
       {"sentence_transformers.models.LayerNorm", "sentence_transformers.models.CNN",
        "custom_code.Transformer", "pylate.models.Dense.Dense.", "os.system"}) {
    write_modules({{"", kTransformer}, {"1_Dense", kDense}, {"2_X", type}});
    expect_contains(refusal(), "module type '" + std::string(type) + "'");
  }
}

TEST_F(DenseChain, SentenceTransformers6ModulesAreRefusedByName) {
  write_modules({{"", "sentence_transformers.base.modules.transformer.Transformer"},
                 {"1_Dense", "sentence_transformers.base.modules.dense.Dense"},
                 {"2_MultiVectorMask",
                  "sentence_transformers.multi_vector_encoder.modules.multi_vector_mask."
                  "MultiVectorMask"}});
  expect_contains(refusal(), "MultiVectorMask");
  expect_contains(refusal(), "sentence-transformers 6");
}

TEST_F(DenseChain, PathsCannotLeaveTheFolder) {
  for (const char* path : {"../1_Dense", "/tmp", "a/b", "..", "1_Dense/.."}) {
    write_modules({{"", kTransformer}, {path, kDense}});
    expect_contains(refusal(), "plain name of a file or folder");
  }
}

TEST_F(DenseChain, TheTransformerMustComeFirstAndOnce) {
  write_modules({{"1_Dense", kDense}, {"", kTransformer}});
  expect_contains(refusal(), "Transformer");
  write_modules({{"", kTransformer}, {"1_Dense", kDense}, {"", kTransformer}});
  expect_contains(refusal(), "Transformer");
  write("modules.json", "[]");
  expect_contains(refusal(), "list of modules");
}

TEST_F(DenseChain, WidthsThatDoNotFitTogetherAreRefused) {
  write_two_dense();
  write_modules({{"", kTransformer}, {"2_Dense", kDense}});
  expect_contains(refusal(), "'2_Dense' takes 3 values, what comes before it gives 8");
}

TEST_F(DenseChain, ATransformerInAFolderOfItsOwnIsRead) {
  fs::create_directory(file("0_Transformer"));
  for (const char* name : {"config.json", "model.safetensors", "tokenizer.json"}) {
    fs::rename(file(name), file("0_Transformer") / name);
  }
  write_modules({{"0_Transformer", kTransformer}, {"1_Dense", kDense}});
  EXPECT_EQ(load().encoder_folder, file("0_Transformer"));
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

TEST_F(StanfordCheckpoint, WithoutItsLinearWeightIsRefused) {
  testing_support::write_safetensors(file("model.safetensors"), tiny_bert_tensors({}));
  expect_contains(refusal(), "linear.weight");
}

}  // namespace
}  // namespace maxsimd
