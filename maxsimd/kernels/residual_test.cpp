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
  /// The buckets of row r's residual at a multiple of its stretch.
  std::vector<size_t> buckets_at(size_t r, float multiple) const {
    const uint32_t id = ids[r];
    float squares = 0.0F;
    scalar().squared_distances(&values[r * dim], centroids.data(), dim, &id, 1, &squares);
    const float stretch = multiple * residual_stretch(norm, squares);
    std::vector<size_t> buckets(dim);
    for (size_t d = 0; d < dim; ++d) {
      while (buckets[d] + 1 < size_t{1} << nbits &&
             residual(r, d) * stretch > cutoffs[buckets[d] * dim + d]) {
        ++buckets[d];
      }
    }
    return buckets;
  }
  /// Those of a coded row, low bits first.
  std::vector<size_t> buckets_of(const std::vector<uint8_t>& codes, size_t r) const {
    std::vector<size_t> buckets(dim);
    size_t bit = (r * row_bytes() + kResidualScaleBytes) * 8;
    for (size_t d = 0; d < dim; ++d) {
      for (size_t b = 0; b < nbits; ++b, ++bit) {
        buckets[d] |= static_cast<size_t>(codes[bit / 8] >> bit % 8 & 1) << b;
      }
    }
    return buckets;
  }
  /// Of row r when its residual is scale * weights of the buckets: the squared error, and what that
  /// along the row counts more.
  double loss(size_t r, const std::vector<size_t>& buckets, double scale) const {
    double squares = 0.0, along = 0.0, length = 0.0;
    for (size_t d = 0; d < dim; ++d) {
      const double value = values[r * dim + d];
      const double off = double{residual(r, d)} - scale * double{weights[buckets[d] * dim + d]};
      squares += off * off;
      along += off * value;
      length += value * value;
    }
    return squares + double{kErrorAlongRow} * along * along / length;
  }
  /// The least over all scales, 0 and more, which has one minimum.
  double least_loss(size_t r, const std::vector<size_t>& buckets) const {
    double low = 0.0, high = 64.0;
    for (int step = 0; step < 80; ++step) {
      const double a = low + (high - low) / 3.0, b = high - (high - low) / 3.0;
      if (loss(r, buckets, a) < loss(r, buckets, b)) {
        high = b;
      } else {
        low = a;
      }
    }
    return loss(r, buckets, low);
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

TEST(CodeResiduals, BucketsCountTheCutoffsBelowAtTheStretchOfLeastError) {
  for_each_case([](const Case& a_case) {
    const std::vector<uint8_t> codes = a_case.code(scalar());
    for (size_t r = 0; r < a_case.rows; ++r) {
      const std::vector<size_t> buckets = a_case.buckets_of(codes, r);
      bool is_of_a_stretch = false;
      double least = std::numeric_limits<double>::infinity();
      for (const float multiple : ResidualStretches{a_case.nbits}) {
        const std::vector<size_t> these = a_case.buckets_at(r, multiple);
        is_of_a_stretch = is_of_a_stretch || these == buckets;
        least = std::min(least, a_case.least_loss(r, these));
      }
      EXPECT_TRUE(is_of_a_stretch) << r;
      EXPECT_LE(a_case.least_loss(r, buckets), least * 1.00001) << r;
      for (size_t bit = a_case.dim * a_case.nbits; bit % 8 != 0; ++bit) {
        const size_t byte = r * a_case.row_bytes() + kResidualScaleBytes + bit / 8;
        ASSERT_EQ(codes[byte] >> bit % 8 & 1, 0) << "the last byte ends with zeros";
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
      const std::vector<size_t> buckets = a_case.buckets_of(codes, r);
      for (size_t d = 0; d < a_case.dim; ++d) {
        ASSERT_EQ(expected[r * a_case.dim + d],
                  a_case.centroids[a_case.ids[r] * a_case.dim + d] +
                      a_case.scale(codes, r) * a_case.weights[buckets[d] * a_case.dim + d]);
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
      std::vector<double> losses;
      for (size_t r = 0; r < a_case.rows; ++r) {
        losses.push_back(a_case.loss(r, a_case.buckets_of(codes, r), a_case.scale(codes, r)));
      }
      return losses;
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
