// The residual codec's kernels: buckets, packing, and back.
#include <algorithm>
#include <limits>

#include "maxsimd/kernels/test_support.h"

namespace maxsimd::kernels {
namespace {

constexpr uint8_t kUntouched = 0xa5;

struct Case {
  size_t dim, nbits;
  size_t rows = 7;
  std::vector<float> centroids, cutoffs, weights, values;
  std::vector<uint16_t> ids = {2, 0, 1, 1, 2, 0, 2};

  Case(size_t dim, size_t nbits) : dim(dim), nbits(nbits) {
    RandomFloats random(static_cast<uint32_t>(dim * 8 + nbits));
    const size_t num_buckets = size_t{1} << nbits;
    centroids = random.many(3 * dim);
    values = random.many(rows * dim, 2.0F);
    weights = random.many(num_buckets * dim);
    cutoffs = random.many((num_buckets - 1) * dim);
    for (size_t d = 0; d < dim; ++d) {
      std::vector<float> column;
      for (size_t c = 0; c + 1 < num_buckets; ++c) column.push_back(cutoffs[c * dim + d]);
      std::sort(column.begin(), column.end());
      for (size_t c = 0; c + 1 < num_buckets; ++c) cutoffs[c * dim + d] = column[c];
    }
  }

  ResidualTables tables() const {
    return {dim, nbits, centroids.data(), cutoffs.data(), weights.data()};
  }
  size_t row_bytes() const { return residual_row_bytes(dim, nbits); }

  std::vector<uint8_t> code(const KernelTable& table) const {
    std::vector<uint8_t> codes(rows * row_bytes() + 1, kUntouched);
    table.code_residuals(tables(), values.data(), ids.data(), rows, codes.data());
    return codes;
  }
  std::vector<float> decode(const KernelTable& table, const std::vector<uint8_t>& codes) const {
    std::vector<float> out(rows * dim + 1, 7.5F);
    table.decode_residuals(tables(), codes.data(), ids.data(), rows, out.data());
    return out;
  }
};

template <class F>
void for_each_case(F f) {
  for (const size_t nbits : std::vector<size_t>{1, 2, 4}) {
    for (const size_t dim :
         std::vector<size_t>{1, 2, 3, 7, 8, 9, 31, 32, 33, 63, 95, 96, 97, 128}) {
      SCOPED_TRACE(testing::Message() << nbits << " bits, dim " << dim);
      f(Case(dim, nbits));
    }
  }
}

TEST(CodeResiduals, BucketsCountTheCutoffsBelowAndLieLowBitsFirst) {
  for_each_case([](const Case& a_case) {
    const std::vector<uint8_t> codes = a_case.code(scalar());
    for (size_t r = 0; r < a_case.rows; ++r) {
      size_t bit = r * a_case.row_bytes() * 8;
      for (size_t d = 0; d < a_case.dim; ++d) {
        size_t bucket = 0;
        for (size_t b = 0; b < a_case.nbits; ++b, ++bit) {
          bucket |= static_cast<size_t>(codes[bit / 8] >> bit % 8 & 1) << b;
        }
        const float residual =
            a_case.values[r * a_case.dim + d] - a_case.centroids[a_case.ids[r] * a_case.dim + d];
        const auto cutoff = [&](size_t c) { return a_case.cutoffs[c * a_case.dim + d]; };
        if (bucket > 0) {
          ASSERT_GT(residual, cutoff(bucket - 1));
        }
        if (bucket + 1 < size_t{1} << a_case.nbits) {
          ASSERT_LE(residual, cutoff(bucket));
        }
      }
      for (; bit < (r + 1) * a_case.row_bytes() * 8; ++bit) {
        ASSERT_EQ(codes[bit / 8] >> bit % 8 & 1, 0) << "the last byte ends with zeros";
      }
    }
  });
}

TEST(CodeResiduals, GivesTheSameBitsOnEveryInstructionSet) {
  for_each_case([](const Case& a_case) {
    const std::vector<uint8_t> expected = a_case.code(scalar());
    EXPECT_EQ(expected.back(), kUntouched);
    for_each_table([&](const KernelTable& table) { ASSERT_EQ(a_case.code(table), expected); });
  });
}

TEST(DecodeResiduals, AddsTheBucketsWeightsAndIsTheSameOnEveryInstructionSet) {
  for_each_case([](const Case& a_case) {
    const std::vector<uint8_t> codes = a_case.code(scalar());
    const std::vector<float> expected = a_case.decode(scalar(), codes);
    for (size_t r = 0; r < a_case.rows; ++r) {
      for (size_t d = 0; d < a_case.dim; ++d) {
        const float residual =
            a_case.values[r * a_case.dim + d] - a_case.centroids[a_case.ids[r] * a_case.dim + d];
        size_t bucket = 0;
        while (bucket + 1 < size_t{1} << a_case.nbits &&
               a_case.cutoffs[bucket * a_case.dim + d] < residual) {
          ++bucket;
        }
        ASSERT_EQ(expected[r * a_case.dim + d], a_case.centroids[a_case.ids[r] * a_case.dim + d] +
                                                    a_case.weights[bucket * a_case.dim + d]);
      }
    }
    EXPECT_EQ(expected.back(), 7.5F) << "written beyond the last row";
    for_each_table(
        [&](const KernelTable& table) { ASSERT_EQ(a_case.decode(table, codes), expected); });
  });
}

TEST(CodeResiduals, AResidualOnACutoffIsInTheBucketBelowAndNanIsInTheFirst) {
  Case a_case(40, 2);
  std::fill(a_case.centroids.begin(), a_case.centroids.end(), 0.0F);
  for (size_t d = 0; d < 40; ++d) {
    for (size_t c = 0; c < 3; ++c) a_case.cutoffs[c * 40 + d] = static_cast<float>(c);
    a_case.values[d] = 1.0F;                             // on the second cutoff
    a_case.values[40 + d] = std::nextafter(1.0F, 2.0F);  // just above
    a_case.values[80 + d] = std::numeric_limits<float>::quiet_NaN();
    a_case.values[120 + d] = std::numeric_limits<float>::infinity();
  }
  for_each_table([&](const KernelTable& table) {
    const std::vector<uint8_t> codes = a_case.code(table);
    for (size_t i = 0; i < 10; ++i) {
      ASSERT_EQ(codes[i], 0b01010101);
      ASSERT_EQ(codes[10 + i], 0b10101010);
      ASSERT_EQ(codes[20 + i], 0);
      ASSERT_EQ(codes[30 + i], 0b11111111);
    }
  });
}

}  // namespace
}  // namespace maxsimd::kernels
