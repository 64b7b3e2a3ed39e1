// Pooling against scipy's labels and PyLate's rows (scripts/goldens/pooling_scipy.py).
#include "maxsimd/colbert/pooling.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "maxsimd/base/json.h"
#include "tests/support/tiny_model.h"

namespace maxsimd {
namespace {

nlohmann::json goldens() {
  return read_json_file(MAXSIMD_SOURCE_DIR "/maxsimd/colbert/testdata/pooling.json");
}

TEST(Pooling, WardClustersAreScipysLabelForLabel) {
  size_t cases = 0;
  const nlohmann::json all = goldens();
  for (const auto& golden : all.at("clusters")) {
    const auto n = golden["n"].get<size_t>();
    std::vector<double> distances;
    for (const float v : testing_support::random_values(golden["seed"], n * (n - 1) / 2, 1.0F)) {
      double distance = static_cast<double>(v) + 1.0;
      if (golden["kind"] == "ties") distance = std::nearbyint(distance * 4) / 4;
      distances.push_back(distance);
    }
    EXPECT_EQ(ward_clusters(distances, n, golden["k"]),
              golden["labels"].get<std::vector<uint32_t>>())
        << "n " << n << " k " << golden["k"] << " " << golden["kind"];
    ++cases;
  }
  EXPECT_EQ(cases, 66U);
}

TEST(Pooling, PooledRowsAreThoseOfPyLate) {
  const nlohmann::json all = goldens();
  ASSERT_EQ(all.at("pooling").size(), 3U);
  for (const auto& golden : all.at("pooling")) {
    const auto n = golden["n"].get<size_t>();
    const auto dim = golden["dim"].get<size_t>();
    std::vector<float> rows = testing_support::random_values(golden["seed"], n * dim, 1.0F);
    for (size_t r = 0; r < n; ++r) {
      double norm = 0;
      for (size_t d = 0; d < dim; ++d) norm += std::pow(static_cast<double>(rows[r * dim + d]), 2);
      for (size_t d = 0; d < dim; ++d) rows[r * dim + d] /= static_cast<float>(std::sqrt(norm));
    }
    const auto expected = golden["rows"].get<std::vector<float>>();
    const std::vector<float> got =
        pool_rows({rows.data(), n, dim}, golden["factor"], golden["protected"]);
    ASSERT_EQ(got.size(), expected.size());
    for (size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], expected[i], 1e-6F) << i;
  }
}

TEST(Pooling, NothingToMergeLeavesTheRowsAlone) {
  const std::vector<float> rows = {1, 0, 0, 1, 1, 1};
  EXPECT_EQ(pool_rows({rows.data(), 3, 2}, 1, 1), rows);
  EXPECT_EQ(pool_rows({rows.data(), 2, 2}, 4, 1), (std::vector<float>{1, 0, 0, 1}));
  EXPECT_EQ(pool_rows({rows.data(), 0, 2}, 2, 1), std::vector<float>{});
  EXPECT_EQ(pool_rows({rows.data(), 3, 2}, 2, 9), rows);
  EXPECT_THROW(pool_rows({rows.data(), 3, 2}, 0, 1), std::invalid_argument);
}

TEST(Pooling, TwoRowsBecomeTheirMean) {
  const std::vector<float> rows = {1, 0, 0, 1};
  EXPECT_EQ(pool_rows({rows.data(), 2, 2}, 2, 0), (std::vector<float>{0.5F, 0.5F}));
}

}  // namespace
}  // namespace maxsimd
