#include <algorithm>
#include <limits>

#include "maxsimd/kernels/test_support.h"

namespace maxsimd::kernels {
namespace {

constexpr float kUntouched = 3.25F;

/// A linear layer with everything an epilogue can use, and strides wider than the rows.
struct Layer {
  size_t rows, k, n;
  size_t a_stride = k + 3;
  size_t c_stride = n + 5;
  std::vector<float> a, weight, bias, residual, factor;
  PackedF32 packed;

  Layer(size_t rows, size_t k, size_t n, uint32_t seed) : rows(rows), k(k), n(n) {
    RandomFloats random(seed);
    a = random.many(rows * a_stride);
    weight = random.many(n * k);
    bias = random.many(n);
    residual = random.many(rows * c_stride);
    factor = random.many(rows * c_stride);
    packed = PackedF32(MatrixView<const float>{weight.data(), n, k});
  }

  Epilogue epilogue(bool with_bias, Activation activation, bool with_residual) const {
    return {with_bias ? bias.data() : nullptr, activation,
            with_residual ? residual.data() : nullptr, c_stride};
  }

  std::vector<float> run(const KernelTable& table, const Epilogue& epilogue) const {
    std::vector<float> c(rows * c_stride, kUntouched);
    table.gemm_f32(a.data(), a_stride, rows, packed, 0, packed.num_panels(), epilogue, c.data(),
                   c_stride);
    return c;
  }

  double exact(size_t row, size_t column, const Epilogue& epilogue) const {
    double sum = 0.0;
    for (size_t i = 0; i < k; ++i) {
      sum +=
          static_cast<double>(a[row * a_stride + i]) * static_cast<double>(weight[column * k + i]);
    }
    if (epilogue.accumulate) sum += kUntouched;
    if (epilogue.bias != nullptr) sum += bias[column];
    if (epilogue.activation == Activation::gelu) sum *= 0.5 * std::erfc(-sum / std::sqrt(2.0));
    if (epilogue.factor != nullptr) sum *= factor[row * c_stride + column];
    if (epilogue.residual != nullptr) sum += residual[row * c_stride + column];
    return sum;
  }
};

void expect_exact(const Layer& layer, const Epilogue& epilogue) {
  SCOPED_TRACE(testing::Message() << layer.rows << " x " << layer.k << " x " << layer.n);
  // k roundings of sums that grow as sqrt(k).
  const double tolerance = 1e-7 * (20.0 + static_cast<double>(layer.k));
  for_each_table([&](const KernelTable& table) {
    const std::vector<float> c = layer.run(table, epilogue);
    for (size_t r = 0; r < layer.rows; ++r) {
      for (size_t j = 0; j < layer.n; ++j) {
        ASSERT_NEAR(c[r * layer.c_stride + j], layer.exact(r, j, epilogue), tolerance)
            << r << " " << j;
      }
      for (size_t j = layer.n; j < layer.c_stride; ++j) {
        ASSERT_EQ(c[r * layer.c_stride + j], kUntouched) << "beyond the row, " << r << " " << j;
      }
    }
  });
}

TEST(Gemm, EqualsDoublePrecisionOnOddShapes) {
  for (const size_t rows : std::vector<size_t>{1, 5, 6, 7, 11, 12, 13, 25, 97}) {
    for (const size_t k : kOddSizes) {
      for (const size_t n : std::vector<size_t>{1, 8, 31, 33, 96, 97}) {
        const Layer layer(rows, k, n, static_cast<uint32_t>(rows * 10000 + k * 100 + n));
        expect_exact(layer, layer.epilogue(true, Activation::none, false));
      }
    }
  }
}

TEST(Gemm, EqualsDoublePrecisionOnTheShapesOfBert) {
  expect_exact(Layer(3, 384, 1152, 1), Epilogue{});
  expect_exact(Layer(3, 1536, 384, 2), Epilogue{});
}

TEST(Gemm, EveryEpilogueIsApplied) {
  const Layer layer(14, 40, 45, 3);
  for (const bool bias : {false, true}) {
    for (const Activation activation : {Activation::none, Activation::gelu}) {
      for (const bool residual : {false, true}) {
        Epilogue epilogue = layer.epilogue(bias, activation, residual);
        expect_exact(layer, epilogue);
        epilogue.accumulate = true;
        expect_exact(layer, epilogue);
        if (activation == Activation::none) continue;
        epilogue.factor = layer.factor.data();
        epilogue.factor_stride = layer.c_stride;
        expect_exact(layer, epilogue);
      }
    }
  }
}

TEST(Gemm, ResidualMayBeTheOutputItself) {
  const Layer layer(13, 24, 70, 4);
  for_each_table([&](const KernelTable& table) {
    const std::vector<float> expected =
        layer.run(table, layer.epilogue(true, Activation::none, true));
    std::vector<float> c = layer.residual;
    const Epilogue in_place = {layer.bias.data(), Activation::none, c.data(), layer.c_stride};
    table.gemm_f32(layer.a.data(), layer.a_stride, layer.rows, layer.packed, 0,
                   layer.packed.num_panels(), in_place, c.data(), layer.c_stride);
    for (size_t r = 0; r < layer.rows; ++r) {
      for (size_t j = 0; j < layer.n; ++j) {
        ASSERT_EQ(c[r * layer.c_stride + j], expected[r * layer.c_stride + j]);
      }
    }
  });
}

TEST(Gemm, PanelRangesWriteTheirColumnsOnly) {
  const Layer layer(9, 20, 100, 5);  // panels of 32, 32, 32, 4 columns
  const Epilogue epilogue = layer.epilogue(true, Activation::gelu, true);
  for_each_table([&](const KernelTable& table) {
    const std::vector<float> whole = layer.run(table, epilogue);
    for (size_t begin = 0; begin <= 4; ++begin) {
      for (size_t end = begin; end <= 4; ++end) {
        std::vector<float> c(whole.size(), kUntouched);
        table.gemm_f32(layer.a.data(), layer.a_stride, layer.rows, layer.packed, begin, end,
                       epilogue, c.data(), layer.c_stride);
        for (size_t i = 0; i < c.size(); ++i) {
          const size_t j = i % layer.c_stride;
          const bool inside =
              j >= begin * kPanelColumns && j < std::min(end * kPanelColumns, layer.n);
          ASSERT_EQ(c[i], inside ? whole[i] : kUntouched) << begin << " " << end << " " << i;
        }
      }
    }
  });
}

// Known bug B19: a text's vectors must not depend on what else is in the batch.
TEST(Gemm, ARowIsBitwiseTheSameAloneAndInAnyBatch) {
  const Layer layer(205, 97, 65, 6);
  const Epilogue epilogue = layer.epilogue(true, Activation::gelu, false);
  for_each_table([&](const KernelTable& table) {
    const std::vector<float> whole = layer.run(table, epilogue);
    for (size_t rows = 1; rows <= 30; ++rows) {
      std::vector<float> c(rows * layer.c_stride, kUntouched);
      const size_t first = 205 - rows;
      table.gemm_f32(layer.a.data() + first * layer.a_stride, layer.a_stride, rows, layer.packed, 0,
                     layer.packed.num_panels(), epilogue, c.data(), layer.c_stride);
      const bool same = std::equal(c.begin(), c.end(),
                                   whole.begin() + static_cast<ptrdiff_t>(first * layer.c_stride));
      ASSERT_TRUE(same) << rows << " rows";
    }
  });
}

/// GELU of x by a GEMM with one weight of 1.
std::vector<float> gelu(const KernelTable& table, const std::vector<float>& x) {
  const float one = 1.0F;
  const PackedF32 identity(MatrixView<const float>{&one, 1, 1});
  Epilogue epilogue;
  epilogue.activation = Activation::gelu;
  std::vector<float> y(x.size());
  table.gemm_f32(x.data(), 1, x.size(), identity, 0, 1, epilogue, y.data(), 1);
  return y;
}

TEST(Gemm, GeluIsWithinAMillionthOfTheErfForm) {
  std::vector<float> x;
  for (int i = -80000; i <= 80000; ++i) x.push_back(static_cast<float>(i) * 1e-4F);
  for_each_table([&](const KernelTable& table) {
    const std::vector<float> y = gelu(table, x);
    for (size_t i = 0; i < x.size(); ++i) {
      const double value = x[i];
      const double exact = 0.5 * value * std::erfc(-value / std::sqrt(2.0));
      ASSERT_NEAR(y[i], exact, 5e-7) << x[i];
      if (std::abs(value) < 3.0) {
        ASSERT_NEAR(y[i], exact, 3e-6 * std::abs(exact)) << x[i];
      }
    }
  });
}

TEST(Gemm, GeluOfExtremeValuesIsItsLimit) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const std::vector<float> x = {0.0F,   100.0F,    -100.0F,    1e30F,
                                -1e30F, kInfinity, -kInfinity, std::nanf("")};
  for_each_table([&](const KernelTable& table) {
    const std::vector<float> y = gelu(table, x);
    EXPECT_EQ(y[0], 0.0F);
    EXPECT_EQ(y[1], 100.0F);
    EXPECT_NEAR(y[2], 0.0F, 1e-7F);
    EXPECT_EQ(y[3], 1e30F);
    EXPECT_NEAR(y[4], 0.0F, 1e-7F);
    EXPECT_EQ(y[5], kInfinity);
    // -infinity times 0: NaN by the formula, about 0 where the tail is cut off.
    EXPECT_TRUE(std::isnan(y[6]) || std::abs(y[6]) < 1e-7F);
    EXPECT_TRUE(std::isnan(y[7]));
  });
}

}  // namespace
}  // namespace maxsimd::kernels
