// The residual codec's kernels: buckets, packing, and back.
#include <algorithm>
#include <cmath>
#include <limits>

#include "maxsimd/kernels/test_support.h"

namespace maxsimd::kernels {
namespace {

constexpr uint8_t kUntouched = 0xa5;

struct Case {
  size_t dim, nbits;
  size_t rows = 7;
  float norm = 1.5F;
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
    return {dim, nbits, centroids.data(), cutoffs.data(), weights.data(), norm};
  }
  size_t row_bytes() const { return residual_row_bytes(dim, nbits); }
  float residual(size_t r, size_t d) const {
    return values[r * dim + d] - centroids[ids[r] * dim + d];
  }
  /// Row r's residual as it is put into buckets.
  std::vector<float> stretched(size_t r) const {
    const uint32_t id = ids[r];
    float squares = 0.0F;
    scalar().squared_distances(&values[r * dim], centroids.data(), dim, &id, 1, &squares);
    std::vector<float> row;
    for (size_t d = 0; d < dim; ++d) {
      row.push_back(residual(r, d) * residual_stretch(norm, squares));
    }
    return row;
  }
  float scale(const std::vector<uint8_t>& codes, size_t r) const {
    return static_cast<float>(codes[r * row_bytes()] + 256 * codes[r * row_bytes() + 1]) / 1024.0F;
  }

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
      const std::vector<float> stretched = a_case.stretched(r);
      size_t bit = (r * a_case.row_bytes() + kResidualScaleBytes) * 8;
      for (size_t d = 0; d < a_case.dim; ++d) {
        size_t bucket = 0;
        for (size_t b = 0; b < a_case.nbits; ++b, ++bit) {
          bucket |= static_cast<size_t>(codes[bit / 8] >> bit % 8 & 1) << b;
        }
        const float residual = stretched[d];
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
      const std::vector<float> stretched = a_case.stretched(r);
      for (size_t d = 0; d < a_case.dim; ++d) {
        size_t bucket = 0;
        while (bucket + 1 < size_t{1} << a_case.nbits &&
               a_case.cutoffs[bucket * a_case.dim + d] < stretched[d]) {
          ++bucket;
        }
        ASSERT_EQ(expected[r * a_case.dim + d],
                  a_case.centroids[a_case.ids[r] * a_case.dim + d] +
                      a_case.scale(codes, r) * a_case.weights[bucket * a_case.dim + d]);
      }
    }
    EXPECT_EQ(expected.back(), 7.5F) << "written beyond the last row";
    for_each_table(
        [&](const KernelTable& table) { ASSERT_EQ(a_case.decode(table, codes), expected); });
  });
}

TEST(CodeResiduals, TheScaleIsTheOneOfLeastErrorWhereThatAlongTheRowCountsMore) {
  for_each_case([](const Case& a_case) {
    std::vector<uint8_t> codes = a_case.code(scalar());
    const auto errors = [&] {
      const std::vector<float> decoded = a_case.decode(scalar(), codes);
      std::vector<double> sums(a_case.rows), along(a_case.rows), lengths(a_case.rows);
      for (size_t i = 0; i < a_case.rows * a_case.dim; ++i) {
        const double value = a_case.values[i];
        const double off = double{decoded[i]} - value;
        sums[i / a_case.dim] += off * off;
        along[i / a_case.dim] += off * value;
        lengths[i / a_case.dim] += value * value;
      }
      for (size_t r = 0; r < a_case.rows; ++r) {
        sums[r] += double{kErrorAlongRow} * along[r] * along[r] / lengths[r];
      }
      return sums;
    };
    const std::vector<double> least = errors();
    for (const int step : {-8, 8}) {
      for (size_t r = 0; r < a_case.rows; ++r) {
        const float units = a_case.scale(codes, r) * 1024.0F;
        const auto moved = static_cast<uint16_t>(std::clamp(units + float(step), 0.0F, 65535.0F));
        codes[r * a_case.row_bytes()] = static_cast<uint8_t>(moved & 0xff);
        codes[r * a_case.row_bytes() + 1] = static_cast<uint8_t>(moved >> 8);
      }
      const std::vector<double> moved = errors();
      for (size_t r = 0; r < a_case.rows; ++r) ASSERT_GE(moved[r] * 1.00001, least[r]) << step;
      codes = a_case.code(scalar());
    }
  });
}

TEST(CodeResiduals, ALongResidualHasTheLargestScaleAndNoneHasZero) {
  Case a_case(33, 4);
  for (size_t d = 0; d < a_case.dim; ++d) {
    for (size_t b = 0; b < 16; ++b) {
      a_case.weights[b * a_case.dim + d] = 0.1F * (static_cast<float>(b) - 7.5F);
      if (b < 15) a_case.cutoffs[b * a_case.dim + d] = 0.1F * (static_cast<float>(b) - 7.0F);
    }
    a_case.values[d] = a_case.centroids[2 * a_case.dim + d];  // the first row's centroid
    a_case.values[a_case.dim + d] *= 1e7F;
    a_case.values[2 * a_case.dim + d] = std::numeric_limits<float>::infinity();
  }
  for_each_table([&](const KernelTable& table) {
    const std::vector<uint8_t> codes = a_case.code(table);
    EXPECT_EQ(a_case.scale(codes, 0), 0.0F);
    EXPECT_EQ(a_case.scale(codes, 1), kMaxResidualScale);
    EXPECT_EQ(a_case.scale(codes, 2), 0.0F);
    for (const float value : a_case.decode(table, codes)) ASSERT_TRUE(std::isfinite(value));
  });
}

TEST(CodeResiduals, AResidualOnACutoffIsInTheBucketBelowAndNanIsInTheFirst) {
  Case a_case(40, 2);
  a_case.norm = std::sqrt(40.0F);  // rows of ones stay as they are
  std::fill(a_case.centroids.begin(), a_case.centroids.end(), 0.0F);
  for (size_t d = 0; d < 40; ++d) {
    for (size_t c = 0; c < 3; ++c) a_case.cutoffs[c * 40 + d] = static_cast<float>(c);
    a_case.values[d] = 1.0F;  // on the second cutoff
    a_case.values[80 + d] = std::numeric_limits<float>::quiet_NaN();
  }
  for_each_table([&](const KernelTable& table) {
    const std::vector<uint8_t> codes = a_case.code(table);
    for (size_t i = 0; i < 10; ++i) {
      ASSERT_EQ(codes[2 + i], 0b01010101);
      ASSERT_EQ(codes[2 * 12 + 2 + i], 0);
    }
  });
}

}  // namespace
}  // namespace maxsimd::kernels
