// The search for the nearest of many centroids: best scores, distances, and the largest of some.
#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <numeric>

#include "maxsimd/kernels/test_support.h"

namespace maxsimd::kernels {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// Rows against columns, a few of which may never be chosen; results lie in reverse order.
struct Case {
  size_t rows, k, n;
  std::vector<float> a, weight, bias;
  std::vector<uint32_t> targets;

  Case(size_t rows, size_t k, size_t n, uint32_t seed) : rows(rows), k(k), n(n) {
    RandomFloats random(seed);
    a = random.many(rows * k);
    weight = random.many(n * k);
    bias = random.many(num_panels_of(n) * kPanelColumns);
    std::fill(bias.begin() + static_cast<ptrdiff_t>(n), bias.end(), -kInfinity);
    bias[n / 2] = -kInfinity;
    targets.resize(rows);
    for (size_t r = 0; r < rows; ++r) targets[r] = static_cast<uint32_t>(rows - 1 - r);
  }

  /// In two calls, so that what is there is raised, not replaced.
  std::vector<PanelBest> run(const KernelTable& table) const {
    const PackedI8 packed({weight.data(), n, k}, table.i8_layout);
    AlignedBuffer<uint8_t> coded(rows * table.i8_row_bytes(k));
    table.code_rows_i8(a.data(), k, rows, k, coded.data());
    PanelBest none;
    std::fill(std::begin(none.score), std::end(none.score), -kInfinity);
    std::fill(std::begin(none.panel), std::end(none.panel), -1);
    std::vector<PanelBest> best(rows, none);
    const size_t middle = packed.num_panels() / 2;
    NearestArgs args = {coded.data(), rows, 0, middle, bias.data(), targets.data(), best.data()};
    table.nearest_i8(packed, args);
    args.panel_begin = middle;
    args.panel_end = packed.num_panels();
    table.nearest_i8(packed, args);
    return best;
  }
};

TEST(NearestI8, GivesTheSameBitsOnEveryInstructionSet) {
  for (const size_t k : kOddSizes) {
    for (const size_t rows : std::vector<size_t>{1, 5, 12, 29}) {
      const Case a_case(rows, k, 3 * k + 2, static_cast<uint32_t>(k + rows));
      const std::vector<PanelBest> expected = a_case.run(scalar());
      for_each_table([&](const KernelTable& table) {
        const std::vector<PanelBest> got = a_case.run(table);
        ASSERT_EQ(std::memcmp(got.data(), expected.data(), rows * sizeof(PanelBest)), 0)
            << rows << " x " << k;
      });
    }
  }
}

TEST(NearestI8, FindsTheBestOfTheGemmsScoresInEachColumnClass) {
  const Case a_case(13, 96, 300, 1);
  for_each_table([&](const KernelTable& table) {
    const PackedI8 packed({a_case.weight.data(), a_case.n, a_case.k}, table.i8_layout);
    AlignedBuffer<uint8_t> coded(a_case.rows * table.i8_row_bytes(a_case.k));
    table.code_rows_i8(a_case.a.data(), a_case.k, a_case.rows, a_case.k, coded.data());
    std::vector<float> scores(a_case.rows * a_case.n);
    table.gemm_i8(coded.data(), a_case.rows, packed, 0, packed.num_panels(),
                  {.bias = a_case.bias.data()}, scores.data(), a_case.n);
    const std::vector<PanelBest> best = a_case.run(table);
    for (size_t r = 0; r < a_case.rows; ++r) {
      for (size_t j = 0; j < kPanelColumns; ++j) {
        size_t expected = j;
        for (size_t column = j; column < a_case.n; column += kPanelColumns) {
          if (scores[r * a_case.n + column] > scores[r * a_case.n + expected]) expected = column;
        }
        const PanelBest& found = best[a_case.targets[r]];
        ASSERT_EQ(found.panel[j], static_cast<int32_t>(expected / kPanelColumns)) << r << " " << j;
        ASSERT_EQ(found.score[j], scores[r * a_case.n + expected]);
      }
    }
  });
}

TEST(SquaredDistances, AreNearDoublePrecisionAndTheSameOnEveryInstructionSet) {
  for (const size_t dim : std::vector<size_t>{1, 7, 8, 15, 16, 17, 33, 95, 96, 97, 128, 300}) {
    RandomFloats random(static_cast<uint32_t>(dim));
    const std::vector<float> x = random.many(dim);
    const std::vector<float> rows = random.many(6 * dim);
    const std::vector<uint32_t> ids = {5, 0, 0, 3, 4};
    std::vector<float> expected(ids.size());
    scalar().squared_distances(x.data(), rows.data(), dim, ids.data(), ids.size(), expected.data());
    for (size_t i = 0; i < ids.size(); ++i) {
      double exact = 0.0;
      for (size_t d = 0; d < dim; ++d) {
        const double difference = static_cast<double>(x[d]) - rows[ids[i] * dim + d];
        exact += difference * difference;
      }
      ASSERT_NEAR(expected[i], exact, 1e-6 * (1.0 + exact)) << dim;
    }
    for_each_table([&](const KernelTable& table) {
      std::vector<float> got(ids.size());
      table.squared_distances(x.data(), rows.data(), dim, ids.data(), ids.size(), got.data());
      ASSERT_EQ(got, expected) << dim;
    });
  }
}

std::vector<uint16_t> select(const KernelTable& table, std::vector<float> values, size_t wanted) {
  const size_t count = values.size();
  values.resize(num_panels_of(count) * kPanelColumns, -kInfinity);
  std::vector<uint16_t> selected(count);
  selected.resize(table.select_largest(values.data(), count, wanted, selected.data()));
  return selected;
}

TEST(SelectLargest, TakesWhatSortingTakes) {
  for (const size_t count : std::vector<size_t>{1, 2, 31, 32, 33, 128, 250}) {
    RandomFloats random(static_cast<uint32_t>(count));
    // Around zero, all above it, all below it, and with many ties.
    for (const float offset : {0.0F, 5.0F, -5.0F, 100.0F}) {
      std::vector<float> values = random.many(count);
      for (float& value : values) {
        value += offset;
        if (offset == 100.0F) value = std::round(value);
      }
      for (const size_t wanted : std::vector<size_t>{1, 2, 7, count / 2 + 1, count, count + 9}) {
        std::vector<float> sorted = values;
        std::sort(sorted.begin(), sorted.end(), std::greater<>());
        const float last = sorted[std::min(wanted, count) - 1];
        std::vector<uint16_t> expected;
        for (size_t i = 0; i < count; ++i) {
          if (values[i] >= last) expected.push_back(static_cast<uint16_t>(i));
        }
        for_each_table([&](const KernelTable& table) {
          ASSERT_EQ(select(table, values, wanted), expected) << count << " " << wanted;
        });
      }
    }
  }
}

TEST(SelectLargest, NeighbouringFloatsAreToldApart) {
  const float next = std::nextafter(1.0F, 2.0F);
  for_each_table([&](const KernelTable& table) {
    EXPECT_EQ(select(table, {1.0F, next, 1.0F, -3e30F, 3e30F}, 2), (std::vector<uint16_t>{1, 4}));
    EXPECT_EQ(select(table, {0.0F, 0.0F, 0.0F}, 1), (std::vector<uint16_t>{0, 1, 2}));
  });
}

}  // namespace
}  // namespace maxsimd::kernels
