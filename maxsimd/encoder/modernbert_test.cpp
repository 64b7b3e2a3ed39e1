// ModernBERT: what loading tells and refuses (hidden_states_test.cpp has its hidden states).
#include <gtest/gtest.h>

#include <stdexcept>

#include "maxsimd/base/errors.h"
#include "maxsimd/encoder/golden_testing.h"
#include "tests/support/tiny_model.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;
using namespace testing_support;

TEST(ModernBertModel, SaysItsShapeAndLeavesHeadsAloneSilently) {
  const auto encoder = Golden(Golden::folder_of("modernbert_old")).load();
  const EncoderShape& shape = encoder->shape();
  EXPECT_EQ(shape.model_type, "modernbert");
  EXPECT_EQ(shape.num_layers, 4U);
  EXPECT_EQ(shape.max_positions, 8192U);
  const size_t layer = 4 * 40 * 40 + 3 * 40 * 52;
  EXPECT_EQ(shape.num_linear_weights, 4 * layer);
  // Norms: of the embeddings, at the end, and two a layer but for the first.
  EXPECT_EQ(shape.num_parameters, 61 * 40 + 4 * layer + 9 * 40);
  EXPECT_TRUE(encoder->notes().empty()) << encoder->notes()[0];
}

TEST(ModernBertModel, MissingTensorsAndBadBatchesAreRefused) {
  const testing_support::TempFolder folder;
  fs::copy(Golden::folder_of("modernbert_old"), folder.path(), fs::copy_options::recursive);
  nlohmann::json config = read_json_file(folder.path() / "config.json");
  config["norm_bias"] = true;
  testing_support::write_text(folder.path() / "config.json", config.dump());
  try {
    load_encoder(load_checkpoint(folder.path()), {});
    ADD_FAILURE() << "loaded without its biases";
  } catch (const FormatError& error) {
    EXPECT_NE(std::string(error.what()).find("model.embeddings.norm.bias"), std::string::npos)
        << error.what();
  }
  const auto encoder = Golden(Golden::folder_of("modernbert_new")).load();
  ThreadPool pool(1);
  Batch batch;
  batch.add(std::vector<int32_t>(301, 5), 301);
  EXPECT_THROW(encode(*encoder, batch, pool), std::invalid_argument);
  Batch unknown;
  unknown.add({53}, 1);
  EXPECT_THROW(encode(*encoder, unknown, pool), std::invalid_argument);
}

}  // namespace
}  // namespace maxsimd
