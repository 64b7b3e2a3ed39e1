// The embeddings of ../shared/parity, made by PyLate 1.6.0 from models/mini in float32: 40 texts as
// query and as document. Ids and masks identical, every token's vector within the tolerances of
// docs/architecture.md (cosine >= 0.9999, largest difference <= 1e-3).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "maxsimd/base/json.h"
#include "maxsimd/colbert/colbert.h"
#include "maxsimd/data/npz/npz_reader.h"

namespace maxsimd {
namespace {

std::filesystem::path shared() {
  const char* from_environment = std::getenv("MAXSIMD_SHARED");
  return from_environment != nullptr ? from_environment : MAXSIMD_SOURCE_DIR "/../shared";
}

class Parity : public testing::TestWithParam<std::pair<TextKind, kernels::Isa>> {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(shared() / "parity")) {
      GTEST_SKIP() << "SKIPPED: " << shared() / "parity"
                   << " is not here; PyLate parity untested";
    }
    const auto json = read_json_file(shared() / "parity" / "texts.json");
    texts_ = json.at("texts").get<std::vector<std::string>>();
  }
  std::vector<std::string> texts_;
};

TEST_P(Parity, IdsMasksAndVectorsAreThoseOfPyLate) {
  const auto [kind, isa] = GetParam();
  const ColBERT model = ColBERT::load(shared() / "models" / "mini", {.num_threads = 2, .isa = isa});
  const NpzReader golden(shared() / "parity" /
                         (kind == TextKind::query ? "query.npz" : "document.npz"));
  const auto ids = golden.read_integers("input_ids").values;
  const auto mask = golden.read_integers("attention_mask").values;
  const auto keep = golden.read_integers("keep_mask").values;
  const auto lengths = golden.read_integers("tok_lens").values;
  const auto rows = golden.read_integers("lens").values;
  const auto expected = golden.read_floats("emb").values;
  const Embeddings got = model.encode(texts_, kind);

  ASSERT_EQ(texts_.size(), 40U);
  ASSERT_EQ(lengths.size(), texts_.size());
  ASSERT_EQ(got.values.size(), expected.size());
  size_t position = 0;
  for (size_t t = 0; t < texts_.size(); ++t) {
    const TokenizedText text = model.tokenize(texts_[t], kind);
    ASSERT_EQ(text.ids.size(), static_cast<size_t>(lengths[t])) << "text " << t;
    for (size_t i = 0; i < text.ids.size(); ++i, ++position) {
      ASSERT_EQ(text.ids[i], ids[position]) << "text " << t << " token " << i;
      ASSERT_EQ(i < text.num_real, mask[position] != 0) << "text " << t << " token " << i;
      ASSERT_EQ(text.keep[i] != 0, keep[position] != 0) << "text " << t << " token " << i;
    }
    ASSERT_EQ(got.rows(t), static_cast<size_t>(rows[t])) << "text " << t;
  }

  double worst_cosine = 1.0;
  double worst_difference = 0.0;
  for (size_t r = 0; r < got.num_tokens(); ++r) {
    double dot = 0, a = 0, b = 0;
    for (size_t d = r * got.dim; d < (r + 1) * got.dim; ++d) {
      const auto x = static_cast<double>(got.values[d]);
      const auto y = static_cast<double>(expected[d]);
      dot += x * y;
      a += x * x;
      b += y * y;
      worst_difference = std::max(worst_difference, std::abs(x - y));
    }
    worst_cosine = std::min(worst_cosine, dot / std::sqrt(a * b));
  }
  std::printf("[ parity   ] %s, %s: %zu vectors, cosine >= %.7f, |difference| <= %.2e\n",
              kind == TextKind::query ? "query" : "document",
              std::string(kernels::isa_name(isa)).c_str(), got.num_tokens(), worst_cosine,
              worst_difference);
  EXPECT_GE(worst_cosine, 0.9999);
  EXPECT_LE(worst_difference, 1e-3);
}

std::vector<std::pair<TextKind, kernels::Isa>> all_cases() {
  std::vector<std::pair<TextKind, kernels::Isa>> cases;
  for (const kernels::Isa isa : kernels::supported_isas()) {
    cases.emplace_back(TextKind::query, isa);
    cases.emplace_back(TextKind::document, isa);
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, Parity, testing::ValuesIn(all_cases()),
                         [](const auto& test) {
                           std::string name(kernels::isa_name(test.param.second));
                           std::replace(name.begin(), name.end(), '-', '_');
                           return (test.param.first == TextKind::query ? "query_" : "document_") +
                                  name;
                         });

}  // namespace
}  // namespace maxsimd
