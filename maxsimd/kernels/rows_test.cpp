#include <algorithm>
#include <bit>
#include <complex>
#include <limits>

#include "maxsimd/base/half.h"
#include "maxsimd/kernels/test_support.h"

namespace maxsimd::kernels {
namespace {

TEST(LayerNorm, EqualsDoublePrecisionOnOddWidths) {
  for (const size_t cols :
       std::vector<size_t>{1, 2, 7, 8, 9, 33, 63, 64, 65, 95, 96, 97, 384, 1000}) {
    const size_t stride = cols + 3;
    RandomFloats random(static_cast<uint32_t>(cols));
    std::vector<float> x = random.many(3 * stride);
    for (float& value : x) value = value * 3.0F + 2.0F;
    const std::vector<float> gamma = random.many(cols);
    const std::vector<float> beta = random.many(cols);
    for_each_table([&](const KernelTable& table) {
      std::vector<float> y = x;
      table.layer_norm({.x = y.data(),
                        .stride = stride,
                        .rows = 3,
                        .cols = cols,
                        .gamma = gamma.data(),
                        .beta = beta.data(),
                        .eps = 1e-12F,
                        .out = y.data(),
                        .out_stride = stride});
      for (size_t r = 0; r < 3; ++r) {
        double mean = 0.0;
        double variance = 0.0;
        const float* row = x.data() + r * stride;
        for (size_t i = 0; i < cols; ++i) mean += row[i] / static_cast<double>(cols);
        for (size_t i = 0; i < cols; ++i) {
          variance += (row[i] - mean) * (row[i] - mean) / static_cast<double>(cols);
        }
        for (size_t i = 0; i < cols && cols > 1; ++i) {
          const double exact = (row[i] - mean) / std::sqrt(variance + 1e-12) * gamma[i] + beta[i];
          ASSERT_NEAR(y[r * stride + i], exact, 5e-6) << cols << " " << r << " " << i;
        }
        ASSERT_EQ(y[r * stride + cols], x[r * stride + cols]) << "written beyond the row";
      }
    });
  }
}

TEST(LayerNorm, AConstantRowBecomesBeta) {
  for_each_table([](const KernelTable& table) {
    std::vector<float> x(96, 5.0F);
    const std::vector<float> gamma(96, 2.0F);
    const std::vector<float> beta(96, 0.25F);
    table.layer_norm({.x = x.data(),
                      .stride = 96,
                      .rows = 1,
                      .cols = 96,
                      .gamma = gamma.data(),
                      .beta = beta.data(),
                      .eps = 1e-12F,
                      .out = x.data(),
                      .out_stride = 96});
    for (const float value : x) ASSERT_EQ(value, 0.25F);
  });
}

TEST(LayerNorm, TheResultMayLieElsewhere) {
  const std::vector<float> x = RandomFloats(3).many(3 * 70);
  const std::vector<float> gamma = RandomFloats(4).many(67);
  const std::vector<float> beta = RandomFloats(5).many(67);
  for_each_table([&](const KernelTable& table) {
    std::vector<float> in_place = x;
    std::vector<float> out(3 * 80, 7.0F);
    LayerNormArgs args = {x.data(), 70, 3, 67, gamma.data(), beta.data(), 1e-5F, out.data(), 80};
    table.layer_norm(args);
    args.x = args.out = in_place.data();
    args.out_stride = 70;
    table.layer_norm(args);
    for (size_t r = 0; r < 3; ++r) {
      for (size_t i = 0; i < 67; ++i) ASSERT_EQ(out[r * 80 + i], in_place[r * 70 + i]);
      for (size_t i = 67; i < 80; ++i) ASSERT_EQ(out[r * 80 + i], 7.0F);
    }
  });
}

/// Rows of heads [rows, stride], and tables for positions from 1000 on.
struct Rotation {
  size_t rows = 3, num_heads, head_dim, stride = num_heads * head_dim + 3;
  std::vector<float> x = RandomFloats(static_cast<uint32_t>(head_dim)).many(rows * stride);
  std::vector<float> cosines, sines;

  Rotation(size_t num_heads, size_t head_dim) : num_heads(num_heads), head_dim(head_dim) {
    for (size_t i = 0; i < rows * head_dim / 2; ++i) {
      cosines.push_back(static_cast<float>(std::cos(angle(i))));
      sines.push_back(static_cast<float>(std::sin(angle(i))));
    }
  }
  double angle(size_t i) const {
    const size_t half = head_dim / 2;
    const auto pair = static_cast<double>(i % half);
    const double frequency = std::pow(160000.0, -2.0 * pair / static_cast<double>(head_dim));
    return static_cast<double>(1000 + i / half) * frequency;
  }
  RotateArgs args(std::vector<float>& values, const std::vector<float>& signed_sines) const {
    return {values.data(), stride, rows, num_heads, head_dim, cosines.data(), signed_sines.data()};
  }
};

TEST(Rotate, TurnsPairsOfTheHalvesOnOddSizes) {
  for (const size_t head_dim : std::vector<size_t>{2, 6, 10, 16, 18, 30, 34, 64, 66, 80}) {
    const Rotation rotation(2, head_dim);
    for_each_table([&](const KernelTable& table) {
      std::vector<float> y = rotation.x;
      table.rotate_f32(rotation.args(y, rotation.sines));
      const size_t half = head_dim / 2;
      for (size_t r = 0; r < rotation.rows; ++r) {
        for (size_t h = 0; h < 2; ++h) {
          for (size_t i = 0; i < half; ++i) {
            const size_t at = r * rotation.stride + h * head_dim + i;
            const std::complex<double> turned =
                std::complex<double>(rotation.x[at], rotation.x[at + half]) *
                std::polar(1.0, rotation.angle(r * half + i));
            ASSERT_NEAR(y[at], turned.real(), 3e-7) << head_dim << " " << r << " " << i;
            ASSERT_NEAR(y[at + half], turned.imag(), 3e-7) << head_dim << " " << r << " " << i;
          }
        }
        for (size_t i = 2 * head_dim; i < rotation.stride; ++i) {
          const size_t at = r * rotation.stride + i;
          ASSERT_EQ(y[at], rotation.x[at]) << "written beyond the heads";
        }
      }
    });
  }
}

TEST(Rotate, TurnedSinesTurnBack) {
  const Rotation rotation(3, 22);
  std::vector<float> back = rotation.sines;
  for (float& sine : back) sine = -sine;
  for_each_table([&](const KernelTable& table) {
    std::vector<float> y = rotation.x;
    table.rotate_f32(rotation.args(y, rotation.sines));
    table.rotate_f32(rotation.args(y, back));
    for (size_t i = 0; i < y.size(); ++i) ASSERT_NEAR(y[i], rotation.x[i], 5e-7);
  });
}

TEST(NormalizeRows, RowsHaveLengthOneAndZerosStayZero) {
  for (const size_t cols : kOddSizes) {
    const size_t stride = cols + 1;
    std::vector<float> x = RandomFloats(static_cast<uint32_t>(cols)).many(3 * stride, 4.0F);
    std::fill_n(x.begin() + static_cast<ptrdiff_t>(stride), cols, 0.0F);
    for_each_table([&](const KernelTable& table) {
      std::vector<float> y = x;
      table.normalize_rows(y.data(), stride, 3, cols);
      for (size_t r = 0; r < 3; ++r) {
        double squares = 0.0;
        for (size_t i = 0; i < cols; ++i) {
          squares += static_cast<double>(x[r * stride + i]) * x[r * stride + i];
        }
        const double norm = std::max(std::sqrt(squares), 1e-12);
        for (size_t i = 0; i < cols; ++i) {
          ASSERT_NEAR(y[r * stride + i], x[r * stride + i] / norm, 2e-7) << cols << " " << r;
        }
        ASSERT_EQ(y[r * stride + cols], x[r * stride + cols]) << "written beyond the row";
      }
    });
  }
}

struct Quantized {
  std::vector<int8_t> bytes;
  std::vector<float> scales;
};

Quantized quantize(const KernelTable& table, const std::vector<float>& x, size_t cols) {
  const size_t stride = (cols + 3) / 4 * 4 + 4;
  const size_t rows = x.size() / cols;
  Quantized result = {std::vector<int8_t>(rows * stride, 77), std::vector<float>(rows)};
  table.quantize_rows_i8(x.data(), cols, rows, cols, result.bytes.data(), stride,
                         result.scales.data());
  return result;
}

TEST(QuantizeRows, EveryTableGivesTheSameBits) {
  for (const size_t cols : std::vector<size_t>{1, 3, 7, 8, 9, 15, 16, 17, 31, 95, 96, 97, 128}) {
    std::vector<float> x = RandomFloats(static_cast<uint32_t>(cols)).many(40 * cols);
    std::fill_n(x.begin(), cols, 0.0F);                           // a row of zeros
    for (size_t i = cols; i < 2 * cols; ++i) x[i] *= 1e-38F;      // subnormal scale
    for (size_t i = 2 * cols; i < 3 * cols; ++i) x[i] *= 2e-45F;  // scale underflows
    for (size_t i = 3 * cols; i < 4 * cols; ++i) x[i] *= 3e38F;   // the largest floats
    const Quantized expected = quantize(scalar(), x, cols);
    for_each_table([&](const KernelTable& table) {
      const Quantized got = quantize(table, x, cols);
      EXPECT_EQ(got.bytes, expected.bytes) << cols;
      EXPECT_EQ(got.scales, expected.scales) << cols;
    });
  }
}

TEST(QuantizeRows, RoundsToNearestEvenAndFillsThePadding) {
  // The largest is 127, so the scale is 1 and values are rounded as they are.
  const std::vector<float> x = {127.0F, -127.0F, 0.5F, 1.5F, -0.5F, -2.5F, 3.49F};
  for_each_table([&](const KernelTable& table) {
    const Quantized got = quantize(table, x, x.size());
    EXPECT_EQ(got.scales[0], 1.0F);
    EXPECT_EQ(got.bytes, (std::vector<int8_t>{127, -127, 0, 2, 0, -2, 3, 0, 0, 0, 0, 0}));
  });
}

TEST(QuantizeRows, TheErrorIsAtMostHalfAStep) {
  const std::vector<float> x = RandomFloats(9).many(96 * 20);
  for_each_table([&](const KernelTable& table) {
    const Quantized got = quantize(table, x, 96);
    for (size_t i = 0; i < x.size(); ++i) {
      const float scale = got.scales[i / 96];
      const float value = static_cast<float>(got.bytes[i / 96 * 100 + i % 96]) * scale;
      ASSERT_NEAR(value, x[i], scale * 0.50001F);
    }
  });
}

TEST(Halves, EveryFloat16IsConvertedAsInBase) {
  std::vector<uint16_t> halves(65536 + 5);
  for (size_t i = 0; i < halves.size(); ++i) halves[i] = static_cast<uint16_t>(i);
  for_each_table([&](const KernelTable& table) {
    std::vector<float> values(halves.size());
    table.f16_to_f32(halves.data(), halves.size(), values.data());
    std::vector<uint16_t> back(halves.size());
    table.f32_to_f16(values.data(), values.size(), back.data());
    for (size_t i = 0; i < halves.size(); ++i) {
      if (std::isnan(f16_to_float(halves[i]))) {
        ASSERT_TRUE(std::isnan(values[i]) && std::isnan(f16_to_float(back[i]))) << i;
      } else {
        ASSERT_EQ(values[i], f16_to_float(halves[i])) << i;
        ASSERT_EQ(back[i], halves[i]) << i;
      }
    }
  });
}

TEST(Halves, FloatsRoundToNearestEvenAsInBase) {
  std::mt19937 random(11);
  std::vector<float> values;
  while (values.size() < 200001) {
    const float value = std::bit_cast<float>(static_cast<uint32_t>(random()));
    if (!std::isnan(value)) values.push_back(value);
  }
  for (uint16_t half = 0; half < 0x7bff; ++half) {  // the midpoints between neighbours
    values.push_back((f16_to_float(half) + f16_to_float(static_cast<uint16_t>(half + 1))) / 2);
  }
  for_each_table([&](const KernelTable& table) {
    std::vector<uint16_t> halves(values.size());
    table.f32_to_f16(values.data(), values.size(), halves.data());
    for (size_t i = 0; i < values.size(); ++i) {
      ASSERT_EQ(halves[i], float_to_f16(values[i])) << values[i];
    }
  });
}

TEST(Halves, OddCountsWriteNothingBeyond) {
  for (size_t count = 0; count < 40; ++count) {
    const std::vector<float> values = RandomFloats(12).many(count);
    for_each_table([&](const KernelTable& table) {
      std::vector<uint16_t> halves(count + 1, 0x1234);
      std::vector<float> back(count + 1, 7.0F);
      table.f32_to_f16(values.data(), count, halves.data());
      table.f16_to_f32(halves.data(), count, back.data());
      EXPECT_EQ(halves[count], 0x1234);
      EXPECT_EQ(back[count], 7.0F);
      for (size_t i = 0; i < count; ++i) ASSERT_NEAR(back[i], values[i], 5e-4);
    });
  }
}

}  // namespace
}  // namespace maxsimd::kernels
