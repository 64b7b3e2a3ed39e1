// What the narrow formats cost in retrieval quality: whole collections encoded in float32, bf16 and
// int8, queries too, exact search in float32. Long, so asked for by MAXSIMD_PRECISIONS=1
// (scripts/nightly.sh).
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "tests/quality/quality_support.h"

namespace maxsimd::quality_testing {
namespace {

// In nDCG@10; either way: another ranking is another ranking.
const std::map<Precision, double> kBounds = {{Precision::bf16, 0.001}, {Precision::int8, 0.005}};

struct Cosines {
  double least = 1, low = 1, median = 1;  // `low`: one in a hundred is below it
};

/// Of the rows of two encodings of the same texts.
Cosines cosines_of(const Embeddings& a, const Embeddings& b) {
  std::vector<double> cosines(a.num_tokens());
  for (size_t t = 0; t < cosines.size(); ++t) {
    double dot = 0, aa = 0, bb = 0;
    for (size_t i = t * a.dim; i < (t + 1) * a.dim; ++i) {
      const double x = a.values[i], y = b.values[i];
      dot += x * y;
      aa += x * x;
      bb += y * y;
    }
    cosines[t] = dot / std::sqrt(aa * bb);
  }
  std::sort(cosines.begin(), cosines.end());
  return {cosines.front(), cosines[cosines.size() / 100], cosines[cosines.size() / 2]};
}

class PrecisionQuality : public testing::TestWithParam<const char*> {};

TEST_P(PrecisionQuality, StaysWithinItsBoundOfFloat32) {
  if (std::getenv("MAXSIMD_PRECISIONS") == nullptr) {
    GTEST_SKIP() << "SKIPPED: long; set MAXSIMD_PRECISIONS=1 to encode " << GetParam()
                 << " in every precision";
  }
  const std::filesystem::path folder = shared() / "data" / GetParam();
  if (!std::filesystem::exists(folder)) {
    GTEST_SKIP() << "SKIPPED: " << folder << " is not here; quality of precisions untested";
  }
  const BeirData data = load_beir(folder, "test");
  Embeddings exact;
  double exact_ndcg = 0;
  for (const Precision precision : {Precision::f32, Precision::bf16, Precision::int8}) {
    const ColBERT model = ColBERT::load(shared() / "models" / "mini", {.precision = precision});
    Embeddings documents = encode_all(model, data.document_texts, TextKind::document);
    const Embeddings queries = model.encode_queries(data.query_texts);
    CodedEmbeddings coded(model.dim(), Codec::float32);
    coded.append(documents);
    const double ndcg = evaluate(model, data, queries, coded).means[0];
    if (precision == Precision::f32) {
      exact = std::move(documents);
      exact_ndcg = ndcg;
      continue;
    }
    ASSERT_EQ(documents.offsets, exact.offsets);
    const Cosines cosines = cosines_of(exact, documents);
    std::printf(
        "[ quality  ] %s, %s: nDCG@10 %.5f, float32 %.5f (%+.2f points); cosine of a row to "
        "float32's: least %.4f, 1 %% below %.4f, median %.5f\n",
        GetParam(), std::string(precision_name(precision)).c_str(), ndcg, exact_ndcg,
        100 * (ndcg - exact_ndcg), cosines.least, cosines.low, cosines.median);
    EXPECT_NEAR(ndcg, exact_ndcg, kBounds.at(precision)) << precision_name(precision);
  }
}

INSTANTIATE_TEST_SUITE_P(Collections, PrecisionQuality,
                         testing::Values("scifact", "nq-mini", "vaswani"), [](const auto& test) {
                           std::string name = test.param;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace maxsimd::quality_testing
