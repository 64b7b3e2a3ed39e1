#include "maxsimd/graph/rank_key.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace maxsimd {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(RankKey, OrdersBySimilarityThenByTheLowerPlace) {
  const std::vector<float> ascending = {-kInfinity, -2.5F, -1e-40F, 0.0F, 1e-40F, 0.25F, kInfinity};
  for (size_t i = 0; i + 1 < ascending.size(); ++i) {
    EXPECT_LT(rank_key(ascending[i], 0), rank_key(ascending[i + 1], 0xfffffffeU)) << i;
    EXPECT_GT(rank_key(ascending[i], 7), rank_key(ascending[i], 8)) << i;
  }
}

TEST(RankKey, HoldsWhatItWasMadeOf) {
  for (const float similarity : {-kInfinity, -3.0F, -1e-40F, 0.0F, 0.5F, kInfinity}) {
    for (const uint32_t place : {0U, 1U, 0x80000000U, 0xfffffffeU}) {
      EXPECT_EQ(similarity_of(rank_key(similarity, place)), similarity);
      EXPECT_EQ(place_of(rank_key(similarity, place)), place);
    }
  }
}

TEST(RankKey, ZerosOfBothSignsAreEqualAndNaNHasAPlaceInTheOrder) {
  EXPECT_EQ(rank_key(-0.0F, 3), rank_key(0.0F, 3));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(similarity_of(rank_key(nan, 5))));
  EXPECT_NE(rank_key(nan, 5), rank_key(kInfinity, 5));
}

}  // namespace
}  // namespace maxsimd
