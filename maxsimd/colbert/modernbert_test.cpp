// A ColBERT on ModernBERT beside PyLate's embeddings (scripts/goldens/colbert_modernbert.py).
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

fs::path folder() {
  return MAXSIMD_SOURCE_DIR "/maxsimd/colbert/testdata/modernbert";
}

std::vector<std::string> texts() {
  return read_json_file(folder() / "texts.json").get<std::vector<std::string>>();
}

/// PyLate's rows of all texts.
Embeddings expected(TextKind kind) {
  const SafetensorsFile file = SafetensorsFile::open(folder() / "embeddings.safetensors");
  Embeddings out;
  for (size_t i = 0; i < texts().size(); ++i) {
    const std::string name = (kind == TextKind::query ? "query." : "document.") + std::to_string(i);
    for (const TensorView& tensor : file.tensors()) {
      if (tensor.name != name) continue;
      out.dim = tensor.shape.at(1);
      out.append({decode_values(tensor).data(), tensor.shape.at(0), out.dim});
    }
  }
  return out;
}

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

TEST(ModernBertColBERT, VectorsAreThoseOfPyLateOnEveryInstructionSet) {
  for (const kernels::Isa isa : kernels::supported_isas()) {
    const ColBERT model = ColBERT::load(folder(), {.num_threads = 2, .isa = isa});
    SCOPED_TRACE(std::string(kernels::isa_name(isa)));
    expect_near(model.encode_queries(texts()), expected(TextKind::query), 1e-4F);
    expect_near(model.encode_documents(texts()), expected(TextKind::document), 1e-4F);
  }
}

TEST(ModernBertColBERT, WrittenAndReadAgainItIsTheSameToTheBit) {
  const testing_support::TempFolder temp;
  const ColBERT model = ColBERT::load(folder(), {.num_threads = 2});
  EXPECT_TRUE(convert_checkpoint(folder(), temp.path() / "out").empty());
  const ColBERT again = ColBERT::load(temp.path() / "out", {.num_threads = 2});
  EXPECT_EQ(again.encode_documents(texts()).values, model.encode_documents(texts()).values);
  EXPECT_EQ(again.encoder_shape().num_parameters, model.encoder_shape().num_parameters);
}

}  // namespace
}  // namespace maxsimd
