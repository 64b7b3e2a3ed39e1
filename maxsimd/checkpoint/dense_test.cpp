#include "maxsimd/checkpoint/dense.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "maxsimd/checkpoint/test_model_folder.h"

namespace maxsimd {
namespace {

using namespace testing_support;

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

// Issue 9: PyLate refuses it; to leave a bias out would give other vectors.
TEST_F(DenseChain, ATensorThatTheConfigDoesNotCallForIsNamed) {
  const Json config = {{"in_features", 8},
                       {"out_features", 4},
                       {"bias", false},
                       {"activation_function", "torch.nn.Identity"}};
  const Tensor weight = {{4, 8}, random_values(1, 32, 1.0F)};
  write_dense("1_Dense", config, {{"linear.weight", weight}, {"linear.bias", {{4}, {1, 1, 1, 1}}}});
  expect_contains(refusal(), "1_Dense/model.safetensors: tensor 'linear.bias' is not one that");
  write_dense("1_Dense", config, {{"linear.weight", weight}, {"residual.weight", weight}});
  expect_contains(refusal(), "tensor 'residual.weight' is not one that");
}

TEST_F(DenseChain, AnIdxBeyond64BitsIsRefusedNotNegative) {
  Json modules = read("modules.json");
  modules[0]["idx"] = 18446744073709551615U;
  write("modules.json", modules.dump());
  expect_contains(refusal(), "\"idx\" must be a whole number below 2^63");
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

TEST_F(DenseChain, AMultiVectorMaskHasAFolderAndEndsTheChain) {
  constexpr const char* kMask =
      "sentence_transformers.multi_vector_encoder.modules.multi_vector_mask.MultiVectorMask";
  constexpr const char* kNormalize = "sentence_transformers.base.modules.normalize.Normalize";
  write_modules({{"", kTransformer}, {"1_Dense", kDense}, {"", kMask}});
  expect_contains(refusal(), "one MultiVectorMask, in a folder of its own");
  write_modules({{"", kTransformer}, {"2_Mask", kMask}, {"1_Dense", kDense}});
  expect_contains(refusal(), "comes after the MultiVectorMask");
  write_modules({{"", kTransformer}, {"1_Dense", kDense}, {"2_Mask", kMask}});
  expect_contains(refusal(), "no Normalize");
  write_modules({{"", kTransformer}, {"2_Mask", kMask}, {"3_Mask", kMask}, {"4_N", kNormalize}});
  expect_contains(refusal(), "one MultiVectorMask");
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

}  // namespace
}  // namespace maxsimd
