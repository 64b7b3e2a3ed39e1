#include <gtest/gtest.h>

#include "maxsimd/kernels/kernels.h"

namespace maxsimd::kernels {
namespace {

TEST(Isa, ScalarIsAlwaysThereAndTheBestIsTheLast) {
  const std::vector<Isa> isas = supported_isas();
  ASSERT_FALSE(isas.empty());
  EXPECT_EQ(isas.front(), Isa::scalar);
  EXPECT_EQ(isas.back(), best_isa());
}

TEST(Isa, NamesSurviveTheRoundTripAndTablesSayWhatTheyAre) {
  for (const Isa isa : supported_isas()) {
    EXPECT_EQ(isa_from_name(isa_name(isa)), isa);
    EXPECT_EQ(kernel_table(isa).isa, isa);
  }
  EXPECT_EQ(isa_from_name("avx-512"), std::nullopt);
}

}  // namespace
}  // namespace maxsimd::kernels
