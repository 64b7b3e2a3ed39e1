// Linear layers whose int8 inputs are coded in slices.
#include "maxsimd/encoder/linear.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace maxsimd {
namespace {

constexpr size_t kIn = 2 * kI8Slice + 44;  // the last slice is narrower
constexpr size_t kOut = 45;

std::vector<float> random_values(size_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

/// Random inputs, one of them, in the second slice of row 1, as large as a thousand others. Half of
/// the outputs take nothing from that slice.
struct Example {
  explicit Example(size_t num_rows) : rows(num_rows), x(random_values(num_rows * kIn, 2)) {
    x[kIn + kI8Slice + 7] = 1000.0F;
    for (size_t c = 0; c < kOut; c += 2) {
      std::fill_n(weight.data() + c * kIn + kI8Slice, kI8Slice, 0.0F);
    }
  }

  MatrixView<const float> view() const { return {x.data(), rows, kIn}; }

  std::vector<float> apply(const kernels::KernelTable& table, size_t num_threads,
                           kernels::Activation activation = kernels::Activation::none) const {
    const Linear linear({weight.data(), kOut, kIn}, bias, Precision::int8, table);
    ThreadPool pool(num_threads);
    AlignedBuffer<uint8_t> coded;
    std::vector<float> out(rows * kOut);
    linear.apply(view(), out.data(), activation, residual.data(), coded, pool);
    return out;
  }

  double exact(size_t row, size_t column) const {
    double sum = double{bias[column]} + residual[row * kOut + column];
    for (size_t i = 0; i < kIn; ++i) {
      sum += double{x[row * kIn + i]} * weight[column * kIn + i];
    }
    return sum;
  }

  /// What rounding may do: half a step (and as much for the zero point) of each slice's 255 times
  /// its weights, half a step of each slice's weights' 127 times its inputs.
  double bound(size_t row, size_t column) const {
    double bound = 1e-4;
    for (size_t begin = 0; begin < kIn; begin += kI8Slice) {
      double highest = 0.0, lowest = 0.0, largest_weight = 0.0, inputs = 0.0, weights = 0.0;
      for (size_t i = begin; i < std::min(begin + kI8Slice, kIn); ++i) {
        const double value = x[row * kIn + i];
        const double w = std::abs(weight[column * kIn + i]);
        highest = std::max(highest, value);
        lowest = std::min(lowest, value);
        inputs += std::abs(value);
        weights += w;
        largest_weight = std::max(largest_weight, w);
      }
      bound += (highest - lowest) / 255.0 * weights + largest_weight / 127.0 / 2.0 * inputs;
    }
    return bound;
  }

  size_t rows;
  std::vector<float> x, weight = random_values(kOut * kIn, 3), bias = random_values(kOut, 4);
  std::vector<float> residual = random_values(rows * kOut, 5);
};

TEST(Linear, AnOutlierMakesOnlyItsSliceCoarse) {
  const Example example(20);
  for (const kernels::Isa isa : kernels::supported_isas()) {
    SCOPED_TRACE(kernels::isa_name(isa));
    const std::vector<float> out = example.apply(kernels::kernel_table(isa), 1);
    for (size_t r = 0; r < example.rows; ++r) {
      for (size_t c = 0; c < kOut; ++c) {
        ASSERT_NEAR(out[r * kOut + c], example.exact(r, c), example.bound(r, c)) << r << " " << c;
      }
    }
    // With one scale a row, steps of 1000 / 255 would meet all weights.
    EXPECT_LT(example.bound(1, 0), 10.0);
  }
}

TEST(Linear, SlicesGiveTheSameBitsForAnySplit) {
  for (const size_t rows : std::vector<size_t>{1, 20, 500}) {
    const Example example(std::max<size_t>(rows, 2));
    for (const kernels::Isa isa : kernels::supported_isas()) {
      const kernels::KernelTable& table = kernels::kernel_table(isa);
      for (const auto activation : {kernels::Activation::none, kernels::Activation::gelu}) {
        const std::vector<float> alone = example.apply(table, 1, activation);
        EXPECT_EQ(example.apply(table, 2, activation), alone) << kernels::isa_name(isa);
        EXPECT_EQ(example.apply(table, 7, activation), alone) << kernels::isa_name(isa);
      }
    }
  }
}

}  // namespace
}  // namespace maxsimd
