// A small ColBERT of each architecture, with the tokenizer it has in use, beside PyLate's
// embeddings (scripts/goldens/colbert_modernbert.py, colbert_bert_family.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "maxsimd/base/json.h"
#include "maxsimd/checkpoint/checkpoint_writer.h"
#include "maxsimd/checkpoint/safetensors.h"
#include "maxsimd/checkpoint/tensor_values.h"
#include "maxsimd/colbert/colbert.h"
#include "tests/support/temp_folder.h"

namespace maxsimd {
namespace {

namespace fs = std::filesystem;

void expect_near(const Embeddings& got, const Embeddings& want, float tolerance) {
  ASSERT_EQ(got.offsets, want.offsets);
  ASSERT_EQ(got.dim, want.dim);
  for (size_t row = 0; row < got.num_tokens(); ++row) {
    double dot = 0.0;  // of unit vectors
    for (size_t i = row * got.dim; i < (row + 1) * got.dim; ++i) {
      ASSERT_NEAR(got.values[i], want.values[i], tolerance) << "row " << row;
      dot += double{got.values[i]} * want.values[i];
    }
    ASSERT_GE(dot, 0.9999) << "row " << row;
  }
}

class PyLateModel : public testing::TestWithParam<const char*> {
 protected:
  static fs::path folder() {
    return fs::path(MAXSIMD_SOURCE_DIR "/maxsimd/colbert/testdata") / GetParam();
  }

  static std::vector<std::string> texts() {
    return read_json_file(folder() / "texts.json").get<std::vector<std::string>>();
  }

  /// PyLate's rows of all texts.
  static Embeddings expected(TextKind kind) {
    const SafetensorsFile file = SafetensorsFile::open(folder() / "embeddings.safetensors");
    Embeddings out;
    for (size_t i = 0; i < texts().size(); ++i) {
      const std::string name =
          (kind == TextKind::query ? "query." : "document.") + std::to_string(i);
      for (const TensorView& tensor : file.tensors()) {
        if (tensor.name != name) continue;
        out.dim = tensor.shape.at(1);
        out.append({decode_values(tensor).data(), tensor.shape.at(0), out.dim});
      }
    }
    return out;
  }
};

TEST_P(PyLateModel, VectorsAreThoseOfPyLateOnEveryInstructionSet) {
  for (const kernels::Isa isa : kernels::supported_isas()) {
    const ColBERT model = ColBERT::load(folder(), {.num_threads = 2, .isa = isa});
    SCOPED_TRACE(std::string(kernels::isa_name(isa)));
    expect_near(model.encode_queries(texts()), expected(TextKind::query), 1e-4F);
    expect_near(model.encode_documents(texts()), expected(TextKind::document), 1e-4F);
  }
}

TEST_P(PyLateModel, WrittenAndReadAgainItIsTheSameToTheBit) {
  const testing_support::TempFolder temp;
  const ColBERT model = ColBERT::load(folder(), {.num_threads = 2});
  EXPECT_TRUE(convert_checkpoint(folder(), temp.path() / "out").empty());
  const ColBERT again = ColBERT::load(temp.path() / "out", {.num_threads = 2});
  EXPECT_EQ(again.encode_documents(texts()).values, model.encode_documents(texts()).values);
  EXPECT_EQ(again.encoder_shape().num_parameters, model.encoder_shape().num_parameters);
}

// Known bug B22: a RoBERTa has two positions fewer than its table has rows.
TEST_P(PyLateModel, ALengthPastItsPositionsIsClampedWithANote) {
  if (std::string(GetParam()) == "modernbert") return;  // rotary: below
  const ColBERT model =
      ColBERT::load(folder(), {.checkpoint = {.document_length = 4000}, .num_threads = 2});
  const size_t longest = model.encoder_shape().max_positions;
  EXPECT_EQ(longest, 80U);
  ASSERT_EQ(model.notes().size(), 1U);
  EXPECT_NE(model.notes()[0].find("clamped"), std::string::npos) << model.notes()[0];
  std::vector<std::string> long_text(1);
  for (size_t i = 0; i < 400; ++i) long_text[0] += "owl ";
  EXPECT_EQ(model.encode_documents(long_text).num_tokens(), longest);
}

// Issue 9: its max_position_embeddings are 128, and PyLate goes on all the same.
TEST(PyLateModernBert, EncodesTextsOfAnyLengthItIsAskedFor) {
  const ColBERT model = ColBERT::load(MAXSIMD_SOURCE_DIR "/maxsimd/colbert/testdata/modernbert",
                                      {.checkpoint = {.document_length = 300}, .num_threads = 2});
  EXPECT_TRUE(model.notes().empty());
  EXPECT_EQ(model.settings().document_length, 300U);
  std::vector<std::string> long_text(1);
  for (size_t i = 0; i < 400; ++i) long_text[0] += "owl ";
  EXPECT_EQ(model.encode_documents(long_text).num_tokens(), 300U);
}

INSTANTIATE_TEST_SUITE_P(Goldens, PyLateModel,
                         testing::Values("modernbert", "roberta", "xlm_roberta", "camembert",
                                         "distilbert"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace maxsimd
