// What a layout cannot hold is refused by name, before anything is written.
#include <gtest/gtest.h>

#include <functional>

#include "maxsimd/checkpoint/checkpoint_writer.h"
#include "maxsimd/checkpoint/test_model_folder.h"

namespace maxsimd {
namespace {

using namespace testing_support;

class LayoutLimits : public ModelFolder {
 protected:
  LayoutLimits() { change_settings({{"skiplist_words", nullptr}}); }

  std::string refusal_of(CheckpointLayout layout,
                         const std::function<void(Checkpoint&)>& change = {}) {
    Checkpoint checkpoint = load();
    if (change) change(checkpoint);
    const std::string message = message_of<std::invalid_argument>(
        [&] { write_checkpoint(checkpoint, file("out"), {.layout = layout}); });
    EXPECT_FALSE(fs::exists(file("out")));
    return message;
  }
};

TEST_F(LayoutLimits, OfStanfordsAreNamedAllAtOnce) {
  const std::string message = refusal_of(CheckpointLayout::stanford, [](Checkpoint& checkpoint) {
    DenseLayer& layer = checkpoint.dense.at(0);
    layer.bias.assign(layer.out_features, 1.0F);
    layer.activation = DenseActivation::tanh;
    layer.use_residual = true;
    layer.residual_weight = layer.weight;
    checkpoint.dense.push_back(make_dense(4, 6, false, 1));
    checkpoint.settings.do_query_expansion = false;
    checkpoint.settings.skiplist_words = {"!"};
    checkpoint.settings.query_prefix = "";
    checkpoint.settings.document_prefix = "[none]";
    checkpoint.settings.prompts = {{"query", "search: "}};
    checkpoint.settings.do_lower_case = true;
    checkpoint.settings.multi_vector.expansion_length = 5;
    checkpoint.settings.multi_vector.expansion_token = "[SEP]";
    checkpoint.settings.multi_vector.query_prompt = "find ";
    checkpoint.settings.multi_vector.skip_in_queries = true;
  });
  for (const char* part :
       {"'stanford'", "a chain of Dense modules", "with bias", "modules.activation.Tanh",
        "a residual", "queries without expansion", "another skiplist", "an empty prefix",
        "'[none]', which is no token", "prompts", "do_lower_case", "another expansion token",
        "more than one token", "longer than they are filled up to", "a skiplist for queries"}) {
    expect_contains(message, part);
  }
}

TEST_F(LayoutLimits, OfStanfordsIncludeArchitecturesWithoutItsClass) {
  const std::string message = refusal_of(CheckpointLayout::stanford, [](Checkpoint& checkpoint) {
    checkpoint.config_text = R"({"model_type": "other"})";
  });
  expect_contains(message, "model_type");
}

TEST_F(LayoutLimits, OfSentenceTransformersAreNamedAllAtOnce) {
  const auto layout = CheckpointLayout::multi_vector_encoder;
  const std::string message = refusal_of(layout, [](Checkpoint& checkpoint) {
    checkpoint.settings.query_prefix = "[none]";
    checkpoint.settings.prompts = {{"query", "search: "}};
    checkpoint.settings.do_lower_case = true;
  });
  for (const char* part :
       {"'sentence-transformers'", "'[none]', which is no token", "prompts", "do_lower_case"}) {
    expect_contains(message, part);
  }
}

TEST_F(LayoutLimits, APlainEncoderIsNoLayoutToWrite) {
  expect_contains(refusal_of(CheckpointLayout::plain_encoder), "stanford");
}

TEST_F(LayoutLimits, EmptyPromptsAreNone) {
  change_settings({{"prompts", {{"query", ""}, {"document", ""}}}});
  convert_checkpoint(folder_.path(), file("out"), {.layout = CheckpointLayout::stanford});
  const Checkpoint written = load_checkpoint(file("out"));
  EXPECT_EQ(written.layout, CheckpointLayout::stanford);
  EXPECT_TRUE(written.notes.empty());
}

TEST_F(LayoutLimits, AWeightThatIsNotFiniteLeavesNothingInAnyLayout) {
  Tensors tensors = tiny_bert_tensors({});
  tensors["encoder.layer.1.output.dense.bias"].values[0] = INFINITY;
  testing_support::write_safetensors(file("model.safetensors"), tensors);
  for (const CheckpointLayout layout : {CheckpointLayout::pylate, CheckpointLayout::stanford,
                                        CheckpointLayout::multi_vector_encoder}) {
    EXPECT_THROW(convert_checkpoint(folder_.path(), file("out"), {.layout = layout}), FormatError);
    EXPECT_FALSE(fs::exists(file("out")));
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_.path())) {
    EXPECT_EQ(entry.path().filename().string().find("out"), std::string::npos) << entry.path();
  }
}

}  // namespace
}  // namespace maxsimd
