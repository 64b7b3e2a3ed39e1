// BERT, RoBERTa, XLM-RoBERTa, CamemBERT and DistilBERT: what loading tells and refuses
// (hidden_states_test.cpp has their hidden states).
#include <gtest/gtest.h>

#include <stdexcept>

#include "maxsimd/base/errors.h"
#include "maxsimd/encoder/golden_testing.h"
#include "tests/support/tiny_model.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;
using namespace testing_support;

struct Expected {
  const char *folder, *model_type;
  size_t hidden, inner, rows;  // rows of all embedding tables
};
// Three layers each, and 300 tokens.
constexpr Expected kModels[] = {{"bert", "bert", 28, 36, 51 + 300 + 2},
                                {"roberta", "roberta", 40, 52, 61 + 304 + 1},
                                {"xlm_roberta", "xlm-roberta", 36, 44, 53 + 302 + 2},
                                {"camembert", "camembert", 32, 40, 59 + 302 + 1},
                                {"distilbert", "distilbert", 56, 48, 47 + 300}};

class BertFamilyModel : public testing::TestWithParam<Expected> {};

TEST_P(BertFamilyModel, SaysItsShapeAndLeavesHeadsAloneSilently) {
  const Expected& model = GetParam();
  const auto encoder = Golden(Golden::folder_of(model.folder)).load();
  const EncoderShape& shape = encoder->shape();
  EXPECT_EQ(shape.model_type, model.model_type);
  EXPECT_EQ(shape.num_layers, 3U);
  EXPECT_EQ(shape.num_heads, 4U);
  EXPECT_EQ(shape.hidden_size, model.hidden);
  EXPECT_EQ(shape.intermediate_size, model.inner);
  EXPECT_EQ(shape.max_positions, 300U);
  const size_t matrices = 3 * (4 * model.hidden * model.hidden + 2 * model.hidden * model.inner);
  EXPECT_EQ(shape.num_linear_weights, matrices);
  // A norm of the embeddings and two a layer, five biases of H and one of the inner width.
  const size_t vectors = 7 * 2 * model.hidden + 3 * (5 * model.hidden + model.inner);
  EXPECT_EQ(shape.num_parameters, matrices + vectors + model.rows * model.hidden);
  EXPECT_TRUE(encoder->notes().empty()) << encoder->notes()[0];
}

// Known bug B22 (text-embeddings-inference 28): position 514 of 514.
TEST_P(BertFamilyModel, TextsPastThePositionTableAreRefused) {
  const auto encoder = Golden(Golden::folder_of(GetParam().folder)).load();
  ThreadPool pool(1);
  Batch batch;
  batch.add(std::vector<int32_t>(301, 5), 301);
  EXPECT_THROW(encode(*encoder, batch, pool), std::invalid_argument);
}

// Known bug B11: a tensor is never left at zero silently; names are those of the file.
TEST_P(BertFamilyModel, MissingTensorsAreNamed) {
  const TempFolder folder;
  fs::copy(Golden::folder_of(GetParam().folder), folder.path(), fs::copy_options::recursive);
  nlohmann::json config = read_json_file(folder.path() / "config.json");
  config[config.contains("n_layers") ? "n_layers" : "num_hidden_layers"] = 4;
  write_text(folder.path() / "config.json", config.dump());
  try {
    load_encoder(load_checkpoint(folder.path()), {});
    ADD_FAILURE() << "loaded without its fourth layer";
  } catch (const FormatError& error) {
    EXPECT_NE(std::string(error.what()).find("layer.3."), std::string::npos) << error.what();
  }
}

INSTANTIATE_TEST_SUITE_P(Goldens, BertFamilyModel, testing::ValuesIn(kModels),
                         [](const auto& info) { return std::string(info.param.folder); });

}  // namespace
}  // namespace maxsimd
