#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "maxsimd/base/half.h"

namespace maxsimd {
namespace {

TEST(Half, KnownValues) {  // known bug B14
  EXPECT_EQ(bf16_to_float(0x3f80), 1.0F);
  EXPECT_EQ(bf16_to_float(0xc040), -3.0F);
  EXPECT_EQ(f16_to_float(0x3c00), 1.0F);
  EXPECT_EQ(f16_to_float(0xfc00), -std::numeric_limits<float>::infinity());
  EXPECT_EQ(f16_to_float(0x0001), 5.9604644775390625e-08F);
  EXPECT_TRUE(std::isnan(bf16_to_float(0x7fc0)));
}

TEST(Half, EveryF16ValueSurvivesTheRoundTrip) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<uint16_t>(bits);
    const float value = f16_to_float(half);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(f16_to_float(float_to_f16(value))));
    } else {
      ASSERT_EQ(float_to_f16(value), half) << bits;
    }
  }
}

TEST(Half, EveryBf16ValueSurvivesTheRoundTrip) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<uint16_t>(bits);
    const float value = bf16_to_float(half);
    if (std::isnan(value)) continue;
    ASSERT_EQ(float_to_bf16(value), half) << bits;
  }
}

// Every pair of neighbours: values just below, at and just above the midpoint round as IEEE says.
TEST(Half, F16RoundsToNearestEven) {
  for (uint16_t half = 0; half < 0x7bff; ++half) {
    const auto next = static_cast<uint16_t>(half + 1);
    const float middle = (f16_to_float(half) + f16_to_float(next)) / 2;  // exact in float32
    const uint16_t even = half % 2 == 0 ? half : next;
    ASSERT_EQ(float_to_f16(middle), even) << half;
    ASSERT_EQ(float_to_f16(std::nextafter(middle, 0.0F)), half) << half;
    ASSERT_EQ(float_to_f16(std::nextafter(middle, 1e9F)), next) << half;
  }
  EXPECT_EQ(float_to_f16(65519.0F), 0x7bff);
  EXPECT_EQ(float_to_f16(65520.0F), 0x7c00);
  EXPECT_EQ(float_to_f16(-1e30F), 0xfc00);
}

TEST(Half, Bf16RoundsToNearestEven) {
  EXPECT_EQ(float_to_bf16(std::bit_cast<float>(0x3f808000U)), 0x3f80);
  EXPECT_EQ(float_to_bf16(std::bit_cast<float>(0x3f818000U)), 0x3f82);
  EXPECT_EQ(float_to_bf16(std::bit_cast<float>(0x3f808001U)), 0x3f81);
  EXPECT_EQ(float_to_bf16(std::numeric_limits<float>::max()), 0x7f80);
  EXPECT_TRUE(std::isnan(bf16_to_float(float_to_bf16(std::bit_cast<float>(0x7f800001U)))));
}

}  // namespace
}  // namespace maxsimd
