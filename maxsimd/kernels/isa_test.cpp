#include <algorithm>

#include "maxsimd/kernels/test_support.h"

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

TEST(Isa, EveryAArch64CpuHasNeonAndNoOtherHasIt) {
  const std::vector<Isa> isas = supported_isas();
  const bool has_neon = std::find(isas.begin(), isas.end(), Isa::neon) != isas.end();
#ifdef __aarch64__
  EXPECT_TRUE(has_neon);
#else
  EXPECT_FALSE(has_neon);
#endif
}

TEST(PackedF32, PanelsHoldEveryWeightAndZerosBeyond) {
  const size_t n = 45;
  const size_t k = 7;
  const std::vector<float> weight = RandomFloats(1).many(n * k);
  const PackedF32 packed(MatrixView<const float>{weight.data(), n, k});
  ASSERT_EQ(packed.num_panels(), 2U);
  for (size_t r = 0; r < packed.num_panels() * kPanelColumns; ++r) {
    for (size_t i = 0; i < k; ++i) {
      const float got = packed.panel(r / kPanelColumns)[i * kPanelColumns + r % kPanelColumns];
      ASSERT_EQ(got, r < n ? weight[r * k + i] : 0.0F) << r << " " << i;
    }
  }
}

TEST(PackedI8, BothLayoutsHoldTheSameQuantizedRows) {
  const size_t n = 33;
  const size_t k = 10;  // padded to 12
  std::vector<float> query = RandomFloats(2).many(n * k);
  std::fill(query.begin() + 5 * k, query.begin() + 6 * k, 0.0F);
  const PackedI8 packed(MatrixView<const float>{query.data(), n, k});
  ASSERT_EQ(packed.padded_k(), 12U);
  EXPECT_EQ(packed.scales()[5], 0.0F);
  for (size_t r = 0; r < packed.num_panels() * kPanelColumns; ++r) {
    const size_t column = r % kPanelColumns;
    int32_t sum = 0;
    for (size_t i = 0; i < packed.padded_k(); ++i) {
      const int8_t* panel = packed.panel(r / kPanelColumns);
      const int16_t* pairs = packed.pair_panel(r / kPanelColumns);
      const int value = panel[(i / 4 * kPanelColumns + column) * 4 + i % 4];
      ASSERT_EQ(value, pairs[(i / 2 * kPanelColumns + column) * 2 + i % 2]);
      const float expected = r < n && i < k ? query[r * k + i] : 0.0F;
      ASSERT_NEAR(static_cast<float>(value) * packed.scales()[r], expected,
                  0.5F * packed.scales()[r] * 1.0001F);
      sum += value;
    }
    ASSERT_EQ(packed.bias()[r], -128 * sum);
  }
}

}  // namespace
}  // namespace maxsimd::kernels
