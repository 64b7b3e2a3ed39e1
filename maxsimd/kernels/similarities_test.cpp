#include <cstring>

#include "maxsimd/kernels/test_support.h"

namespace maxsimd::kernels {
namespace {

/// Rows of random bytes of the whole range, and a query.
struct Bytes {
  size_t num_rows, stride;
  std::vector<int8_t> rows, query;
  std::vector<float> scales;

  Bytes(size_t num_rows, size_t stride, uint32_t seed) : num_rows(num_rows), stride(stride) {
    std::mt19937 random(seed);
    const auto byte = [&] { return static_cast<int8_t>(random() >> 8); };
    for (size_t i = 0; i < num_rows * stride; ++i) rows.push_back(byte());
    for (size_t i = 0; i < stride; ++i) query.push_back(byte());
    scales = RandomFloats(seed).many(num_rows);
  }

  std::vector<float> run(const KernelTable& table, const std::vector<uint32_t>& ids) const {
    std::vector<float> out(ids.size() + 1, 99.0F);
    table.similarities_i8(query.data(), {rows.data(), stride, scales.data()}, ids.data(),
                          ids.size(), out.data());
    EXPECT_EQ(out.back(), 99.0F) << "wrote past the end";
    out.pop_back();
    return out;
  }
};

std::vector<uint32_t> random_ids(size_t count, size_t num_rows, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<uint32_t> ids(count);
  for (uint32_t& id : ids) id = static_cast<uint32_t>(random() % num_rows);
  return ids;
}

TEST(Similarities, AreExactOnEveryTableForAnyCountAndStride) {
  for (const size_t stride : std::vector<size_t>{4, 8, 12, 28, 32, 36, 60, 64, 68, 96, 128, 300}) {
    const Bytes bytes(50, stride, static_cast<uint32_t>(stride));
    for (const size_t count : std::vector<size_t>{0, 1, 2, 3, 4, 5, 8, 9, 13, 31, 64}) {
      const std::vector<uint32_t> ids = random_ids(count, 50, static_cast<uint32_t>(count));
      std::vector<float> expected;
      for (const uint32_t id : ids) {
        int64_t dot = 0;
        for (size_t j = 0; j < stride; ++j) dot += bytes.query[j] * bytes.rows[id * stride + j];
        expected.push_back(static_cast<float>(dot) * bytes.scales[id]);
      }
      for_each_table([&](const KernelTable& table) {
        EXPECT_EQ(bytes.run(table, ids), expected) << count << " rows of " << stride;
      });
    }
  }
}

TEST(Similarities, SumsAreExactAtTheEndsOfTheirRange) {
  for (const int row_value : {-128, -127, 127}) {
    for (const int query_value : {-128, -127, 127}) {
      Bytes bytes(5, 65500, 1);
      std::fill(bytes.rows.begin(), bytes.rows.end(), static_cast<int8_t>(row_value));
      std::fill(bytes.query.begin(), bytes.query.end(), static_cast<int8_t>(query_value));
      const float sum = static_cast<float>(65500 * row_value * query_value);
      for_each_table([&](const KernelTable& table) {
        const std::vector<float> got = bytes.run(table, {4, 0, 3, 1, 2});
        EXPECT_EQ(got[0], sum * bytes.scales[4]);
        EXPECT_EQ(got[4], sum * bytes.scales[2]);
      });
    }
  }
}

// Rows at the end of a mapped file: nothing past them is read (the address sanitizer looks).
TEST(Similarities, ReadNothingPastTheLastRow) {
  for (const size_t stride : std::vector<size_t>{4, 20, 44, 96, 100}) {
    const Bytes bytes(1, stride, 7);
    for_each_table([&](const KernelTable& table) {
      EXPECT_EQ(bytes.run(table, {0}), bytes.run(scalar(), {0}));
    });
  }
}

}  // namespace
}  // namespace maxsimd::kernels
