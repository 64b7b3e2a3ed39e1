#include <algorithm>
#include <cstring>
#include <limits>

#include "maxsimd/kernels/test_support.h"

namespace maxsimd::kernels {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// A query and a document, with the document in all three element types.
struct Pair {
  size_t query_rows, num_rows, dim;
  size_t byte_stride = (dim + 3) / 4 * 4 + 4;
  std::vector<float> query, rows, half_values, scales;
  std::vector<uint16_t> halves;
  std::vector<int8_t> bytes;
  PackedF32 packed;
  PackedI8 packed_bytes;

  Pair(size_t query_rows, size_t num_rows, size_t dim, uint32_t seed)
      : query_rows(query_rows), num_rows(num_rows), dim(dim) {
    RandomFloats random(seed);
    query = random.many(query_rows * dim);
    rows = random.many(num_rows * dim);
    halves.resize(rows.size());
    half_values.resize(rows.size());
    scalar().f32_to_f16(rows.data(), rows.size(), halves.data());
    scalar().f16_to_f32(halves.data(), halves.size(), half_values.data());
    bytes.resize(num_rows * byte_stride);
    scales.resize(num_rows);
    scalar().quantize_rows_i8(rows.data(), dim, num_rows, dim, bytes.data(), byte_stride,
                              scales.data());
    packed = PackedF32(MatrixView<const float>{query.data(), query_rows, dim});
    packed_bytes = PackedI8(MatrixView<const float>{query.data(), query_rows, dim});
  }

  std::vector<float> run_f32(const KernelTable& table) const {
    std::vector<float> best(packed.num_panels() * kPanelColumns, 99.0F);
    table.maxsim_f32(packed, rows.data(), num_rows, best.data());
    return best;
  }
  std::vector<float> run_f16(const KernelTable& table) const {
    std::vector<float> best(packed.num_panels() * kPanelColumns, 99.0F);
    table.maxsim_f16(packed, halves.data(), num_rows, best.data());
    return best;
  }
  std::vector<float> run_i8(const KernelTable& table) const {
    std::vector<float> best(packed.num_panels() * kPanelColumns, 99.0F);
    table.maxsim_i8(packed_bytes, bytes.data(), byte_stride, scales.data(), num_rows, best.data());
    return best;
  }

  /// Brute force in double precision; 0 for padding rows.
  std::vector<double> exact(const std::vector<float>& documents) const {
    std::vector<double> best(packed.num_panels() * kPanelColumns, 0.0);
    for (size_t r = 0; r < query_rows; ++r) {
      best[r] = -kInfinity;
      for (size_t t = 0; t < num_rows; ++t) {
        double dot = 0.0;
        for (size_t i = 0; i < dim; ++i) {
          dot += static_cast<double>(query[r * dim + i]) * documents[t * dim + i];
        }
        best[r] = std::max(best[r], dot);
      }
    }
    return best;
  }
};

void expect_near(const std::vector<float>& got, const std::vector<double>& expected,
                 double tolerance) {
  ASSERT_EQ(got.size(), expected.size());
  for (size_t r = 0; r < got.size(); ++r) ASSERT_NEAR(got[r], expected[r], tolerance) << r;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// Every kernel on every table against brute force; the int8 one bit by bit against scalar.
void expect_all_right(const Pair& pair) {
  SCOPED_TRACE(testing::Message() << pair.query_rows << " query rows, " << pair.num_rows
                                  << " rows, dim " << pair.dim);
  const std::vector<double> exact = pair.exact(pair.rows);
  const std::vector<double> exact_halves = pair.exact(pair.half_values);
  const std::vector<float> bytes = pair.run_i8(scalar());
  const double tolerance = 2e-6 * std::sqrt(static_cast<double>(pair.dim) + 1.0);
  // Each factor is off by up to 1/254 of the largest, the errors are independent.
  expect_near(bytes, exact, 0.02 * std::sqrt(static_cast<double>(pair.dim)));
  for_each_table([&](const KernelTable& table) {
    expect_near(pair.run_f32(table), exact, tolerance);
    expect_near(pair.run_f16(table), exact_halves, tolerance);
    EXPECT_TRUE(same_bits(pair.run_i8(table), bytes)) << "int8";
  });
}

TEST(MaxSim, EqualsBruteForceOnOddShapes) {
  for (const size_t rows : std::vector<size_t>{1, 5, 6, 7, 11, 12, 13, 24, 25, 97}) {
    for (const size_t dim : std::vector<size_t>{1, 3, 4, 7, 8, 9, 31, 64, 95, 96, 97, 128}) {
      expect_all_right(Pair(32, rows, dim, static_cast<uint32_t>(rows * 1000 + dim)));
    }
  }
}

TEST(MaxSim, AnyNumberOfQueryRowsWorks) {
  for (const size_t query_rows : std::vector<size_t>{1, 7, 31, 32, 33, 64, 97, 200}) {
    expect_all_right(Pair(query_rows, 41, 96, static_cast<uint32_t>(query_rows)));
  }
}

TEST(MaxSim, RowsLongerThanTheConversionBufferWork) {
  for (const size_t dim : std::vector<size_t>{511, 512, 513, 1024, 1500}) {
    expect_all_right(Pair(40, 17, dim, static_cast<uint32_t>(dim)));
  }
}

// Known bug B41: a document without rows has the lowest score, never NaN or 0.
TEST(MaxSim, ADocumentWithoutRowsIsMinusInfinityEverywhere) {
  const Pair pair(20, 0, 96, 1);
  for_each_table([&](const KernelTable& table) {
    for (const auto& best : {pair.run_f32(table), pair.run_f16(table), pair.run_i8(table)}) {
      for (const float value : best) ASSERT_EQ(value, -kInfinity);
    }
  });
}

// Known bug B41: the score of a document doesn't depend on what lies beside it.
TEST(MaxSim, ADocumentInPiecesGivesTheSameBits) {
  const Pair whole(33, 61, 97, 5);
  for_each_table([&](const KernelTable& table) {
    for (const size_t cut : std::vector<size_t>{1, 12, 30, 60}) {
      std::vector<float> first(64);
      std::vector<float> second(64);
      const float* rows = whole.rows.data();
      table.maxsim_f32(whole.packed, rows, cut, first.data());
      table.maxsim_f32(whole.packed, rows + cut * 97, 61 - cut, second.data());
      for (size_t r = 0; r < 64; ++r) first[r] = std::max(first[r], second[r]);
      EXPECT_TRUE(same_bits(first, whole.run_f32(table))) << cut;

      const int8_t* bytes = whole.bytes.data();
      const float* scales = whole.scales.data();
      const size_t stride = whole.byte_stride;
      table.maxsim_i8(whole.packed_bytes, bytes, stride, scales, cut, first.data());
      table.maxsim_i8(whole.packed_bytes, bytes + cut * stride, stride, scales + cut, 61 - cut,
                      second.data());
      for (size_t r = 0; r < 64; ++r) first[r] = std::max(first[r], second[r]);
      EXPECT_TRUE(same_bits(first, whole.run_i8(table))) << cut;
    }
  });
}

/// The stride the search uses: rows one after the other, converted in one go.
TEST(MaxSim, Int8RowsWithoutGapsGiveTheSameBits) {
  for (const size_t dim : std::vector<size_t>{4, 64, 96, 128, 512, 516}) {
    const Pair pair(32, 37, dim, static_cast<uint32_t>(dim));
    std::vector<int8_t> tight;
    for (size_t t = 0; t < pair.num_rows; ++t) {
      const auto row = pair.bytes.begin() + static_cast<ptrdiff_t>(t * pair.byte_stride);
      tight.insert(tight.end(), row, row + static_cast<ptrdiff_t>(dim));
    }
    const std::vector<float> expected = pair.run_i8(scalar());
    for_each_table([&](const KernelTable& table) {
      std::vector<float> best(kPanelColumns);
      table.maxsim_i8(pair.packed_bytes, tight.data(), dim, pair.scales.data(), pair.num_rows,
                      best.data());
      EXPECT_TRUE(same_bits(best, expected)) << dim;
    });
  }
}

TEST(MaxSim, NegativeSimilaritiesStayNegative) {
  Pair pair(3, 1, 8, 2);
  pair.rows.assign(8, -1.0F);
  pair.query.assign(24, 0.5F);
  pair.packed = PackedF32(MatrixView<const float>{pair.query.data(), 3, 8});
  for_each_table([&](const KernelTable& table) {
    const std::vector<float> best = pair.run_f32(table);
    EXPECT_EQ(best[0], -4.0F);
    EXPECT_EQ(best[3], 0.0F);  // a padding row
  });
}

TEST(MaxSim, Int8IsExactAtTheEndsOfItsRange) {
  const size_t dim = 1024;
  Pair pair(32, 13, dim, 3);
  for (size_t r = 0; r < 32; ++r) {
    std::fill_n(pair.query.begin() + static_cast<ptrdiff_t>(r * dim), dim,
                r % 2 == 0 ? 127.0F : -127.0F);
  }
  pair.packed_bytes = PackedI8(MatrixView<const float>{pair.query.data(), 32, dim});
  for (const int value : {-128, -127, 127}) {
    for (size_t t = 0; t < 13; ++t) {
      std::fill_n(pair.bytes.begin() + static_cast<ptrdiff_t>(t * pair.byte_stride), dim,
                  static_cast<int8_t>(value));
      pair.scales[t] = 1.0F;
    }
    for_each_table([&](const KernelTable& table) {
      const std::vector<float> best = pair.run_i8(table);
      for (size_t r = 0; r < 32; ++r) {
        const float sign = r % 2 == 0 ? 1.0F : -1.0F;
        ASSERT_EQ(best[r], sign * 127.0F * static_cast<float>(value) * 1024.0F) << value;
      }
    });
  }
}

TEST(MaxSim, RowsOfZerosScoreZero) {
  Pair pair(5, 4, 96, 4);
  std::fill(pair.bytes.begin(), pair.bytes.end(), static_cast<int8_t>(0));
  std::fill(pair.scales.begin(), pair.scales.end(), 0.0F);
  for_each_table([&](const KernelTable& table) {
    for (const float value : pair.run_i8(table)) ASSERT_EQ(value, 0.0F);
  });
}

}  // namespace
}  // namespace maxsimd::kernels
