#include "maxsimd/kernels/packed_residual.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "maxsimd/kernels/test_support.h"

namespace maxsimd::kernels {
namespace {

/// Random centroids, bucket weights and rows of codes, and a query with its table of scores.
struct Case {
  size_t query_rows, num_rows, dim, nbits, num_centroids = 11;
  std::vector<float> query, centroids, weights;
  std::vector<uint16_t> ids;
  std::vector<uint8_t> codes;
  PackedBucketWeights packed_weights;
  PackedResidualQuery packed_query;
  std::vector<int16_t> scores;

  Case(size_t query_rows, size_t num_rows, size_t dim, size_t nbits, uint32_t seed)
      : query_rows(query_rows), num_rows(num_rows), dim(dim), nbits(nbits) {
    RandomFloats random(seed);
    query = random.many(query_rows * dim);
    centroids = random.many(num_centroids * dim);
    weights = random.many(dim * buckets(), 0.3F);
    ids.resize(num_rows);
    for (uint16_t& id : ids) id = static_cast<uint16_t>((random.next() + 1.0F) * 5.4F);
    codes.resize(num_rows * residual_row_bytes(dim, nbits));
    for (uint8_t& code : codes) code = static_cast<uint8_t>((random.next() + 1.0F) * 127.9F);
    for (size_t t = 0; t < num_rows; ++t) {  // scales up to 2, and now and then 0 or the largest
      uint8_t& high = codes[t * residual_row_bytes(dim, nbits) + 1];
      high = static_cast<uint8_t>(t % 19 == 7 ? 0xff : t % 17 == 5 ? 0 : high % 8);
    }
    pack();
  }

  size_t buckets() const { return size_t{1} << nbits; }

  void pack() {
    packed_weights = PackedBucketWeights(MatrixView<const float>{weights.data(), buckets(), dim});
    double longest = 0.0;
    for (size_t c = 0; c < num_centroids; ++c) {
      longest = std::max(longest, std::sqrt(dot(&centroids[c * dim], &centroids[c * dim])));
    }
    packed_query.pack(MatrixView<const float>{query.data(), query_rows, dim}, packed_weights,
                      longest);
    const size_t columns = packed_query.num_columns();
    scores.assign(num_centroids * columns, 0);
    for (size_t c = 0; c < num_centroids; ++c) {
      for (size_t r = 0; r < query_rows; ++r) {
        scores[c * columns + r] =
            static_cast<int16_t>(std::lrint(dot(&query[r * dim], &centroids[c * dim]) *
                                            static_cast<double>(packed_query.score_factors()[r])));
      }
    }
  }

  double dot(const float* a, const float* b) const {
    double sum = 0.0;
    for (size_t d = 0; d < dim; ++d) sum += static_cast<double>(a[d]) * static_cast<double>(b[d]);
    return sum;
  }

  /// Row t as floats: centroid and scaled weights, in float32.
  std::vector<float> decoded(size_t t) const {
    std::vector<float> row(dim);
    for (size_t d = 0; d < dim; ++d) {
      const uint8_t* coded = codes.data() + t * packed_weights.residual_bytes();
      const float scale = static_cast<float>(coded[0] + 256 * coded[1]) / 1024.0F;
      const size_t byte = coded[kResidualScaleBytes + d * nbits / 8];
      const size_t bucket = byte >> (d * nbits % 8) & (buckets() - 1);
      row[d] = centroids[ids[t] * dim + d] + scale * weights[bucket * dim + d];
    }
    return row;
  }

  ResidualRows rows() const { return {ids.data(), codes.data(), num_rows, scores.data()}; }

  struct Result {
    std::vector<float> lowest, highest;
    std::vector<uint8_t> marks;
  };
  Result run(const KernelTable& table) const { return run(table, rows()); }
  Result run(const KernelTable& table, const ResidualRows& of) const {
    Result result;
    result.lowest.resize(packed_query.num_columns(), 99);
    result.highest.resize(packed_query.num_columns(), 99);
    result.marks.resize(of.num_rows, 99);
    AlignedBuffer<uint8_t> scratch(residual_scratch_bytes(packed_weights));
    table.maxsim_residual(packed_query, packed_weights, of, scratch.data(), result.lowest.data(),
                          result.highest.data(), result.marks.data());
    return result;
  }
  Result run_row(const KernelTable& table, size_t t) const {
    return run(table, {ids.data() + t, codes.data() + t * packed_weights.residual_bytes(), 1,
                       scores.data()});
  }
};

/// Whether row t may be the best of a column, whose best lower bound is that of all rows.
bool may_be_the_best(const Case& of, size_t t, const std::vector<float>& lowest) {
  const Case::Result row = of.run_row(scalar(), t);
  for (size_t r = 0; r < lowest.size(); ++r) {
    if (row.highest[r] > lowest[r] - of.packed_query.slack()[r]) return true;
  }
  return false;
}

void expect_like_scalar(const Case& of) {
  SCOPED_TRACE(testing::Message() << of.query_rows << " x " << of.num_rows << ", dim " << of.dim
                                  << ", " << of.nbits << " bits");
  const Case::Result expected = of.run(scalar());
  std::vector<uint8_t> near;
  for (size_t t = 0; t < of.num_rows; ++t) {
    near.push_back(may_be_the_best(of, t, expected.lowest));
  }
  for_each_table([&](const KernelTable& table) {
    const Case::Result result = of.run(table);
    ASSERT_EQ(result.lowest, expected.lowest);
    ASSERT_EQ(result.highest, expected.highest);
    for (size_t t = 0; t < of.num_rows; ++t) {
      ASSERT_LE(result.marks[t], 1);
      ASSERT_GE(result.marks[t], near[t]) << t;
    }
  });
}

TEST(MaxSimResidual, MarksFewRowsBesideThoseNearTheBest) {
  const Case of(32, 1000, 96, 4, 13);
  const std::vector<float> lowest = of.run(scalar()).lowest;
  size_t num_near = 0;
  for (size_t t = 0; t < of.num_rows; ++t) num_near += may_be_the_best(of, t, lowest);
  EXPECT_LT(num_near, 100U);
  for_each_table([&](const KernelTable& table) {
    const std::vector<uint8_t> marks = of.run(table).marks;
    const auto num_marked = static_cast<size_t>(std::count(marks.begin(), marks.end(), 1));
    EXPECT_LT(num_marked, num_near + 300);
  });
}

/// Every `step`-th row of the case from row 0, 1, ..., each time a document's.
struct Selection {
  std::vector<const uint8_t*> residuals;
  std::vector<const int16_t*> scores;
  std::vector<uint32_t> ends;

  Selection(const Case& of, size_t num_documents, size_t step) {
    for (size_t document = 0; document < num_documents; ++document) {
      for (size_t t = document; t < of.num_rows; t += step) {
        residuals.push_back(of.codes.data() + t * of.packed_weights.residual_bytes());
        scores.push_back(of.scores.data() + of.ids[t] * of.packed_query.num_columns());
      }
      ends.push_back(static_cast<uint32_t>(residuals.size()));
    }
  }

  std::vector<float> best(const KernelTable& table, const Case& of) const {
    std::vector<float> best(ends.size() * of.packed_query.num_columns(), 99);
    AlignedBuffer<uint8_t> scratch(residual_scratch_bytes(of.packed_weights));
    AlignedBuffer<float> out(best.size());
    table.maxsim_selected(of.packed_query, of.packed_weights,
                          {residuals.data(), scores.data(), ends.data(), ends.size()},
                          scratch.data(), out.data());
    std::copy_n(out.data(), best.size(), best.begin());
    return best;
  }
};

TEST(MaxSimSelected, IsTheLargestSumOfEachDocumentsRows) {
  const Case of(33, 300, 31, 4, 15);
  const Selection selection(of, 2, 7);
  const std::vector<float> best = selection.best(scalar(), of);
  const size_t columns = of.packed_query.num_columns();
  std::vector<float> largest(2 * columns, -std::numeric_limits<float>::infinity());
  for (size_t t = 0; t < of.num_rows; ++t) {
    if (t % 7 > 1) continue;
    const Case::Result row = of.run_row(scalar(), t);  // its sum lies midway between the bounds
    for (size_t r = 0; r < columns; ++r) {
      float& value = largest[t % 7 * columns + r];
      value = std::max(value, 0.5F * (row.lowest[r] + row.highest[r]));
    }
  }
  for (size_t i = 0; i < best.size(); ++i) {
    EXPECT_NEAR(best[i], largest[i], 1e-5F * std::abs(largest[i]) + 1e-3F) << i;
  }
}

TEST(MaxSimSelected, EveryTableGivesTheScalarBits) {
  for (const size_t nbits : std::vector<size_t>{4, 2, 1}) {
    for (const size_t dim : std::vector<size_t>{3, 31, 96, 130}) {
      for (const size_t query_rows : std::vector<size_t>{3, 32, 70}) {
        const Case of(query_rows, 300, dim, nbits, static_cast<uint32_t>(dim + query_rows));
        for (const size_t num_documents : std::vector<size_t>{0, 1, 5}) {
          for (const size_t step : std::vector<size_t>{5, 7, 299}) {
            const Selection selection(of, num_documents, step);
            const std::vector<float> expected = selection.best(scalar(), of);
            for_each_table([&](const KernelTable& table) {
              ASSERT_EQ(selection.best(table, of), expected) << nbits << ' ' << dim << ' ' << step;
            });
          }
        }
      }
    }
  }
}

TEST(MaxSimSelected, DocumentsWithoutRowsGetTheLowestNumber) {
  const Case of(5, 20, 20, 4, 6);
  Selection selection(of, 1, 3);
  selection.ends = {0, selection.ends[0], selection.ends[0]};
  for_each_table([&](const KernelTable& table) {
    const std::vector<float> best = selection.best(table, of);
    const size_t columns = of.packed_query.num_columns();
    for (size_t r = 0; r < columns; ++r) {
      EXPECT_EQ(best[r], -std::numeric_limits<float>::infinity());
      EXPECT_TRUE(std::isfinite(best[columns + r]));
      EXPECT_EQ(best[2 * columns + r], -std::numeric_limits<float>::infinity());
    }
  });
}

TEST(MaxSimResidual, RowsOfZerosMarkNothing) {
  Case of(3, 40, 24, 4, 14);
  std::fill(of.query.begin(), of.query.end(), 0.0F);
  of.pack();
  for_each_table([&](const KernelTable& table) {
    EXPECT_EQ(of.run(table).marks, std::vector<uint8_t>(40, 0));
  });
}

TEST(MaxSimResidual, EveryTableGivesTheScalarBits) {
  for (const size_t nbits : std::vector<size_t>{4, 2, 1}) {
    for (const size_t dim : std::vector<size_t>{1, 3, 4, 31, 64, 96, 97, 128, 257}) {
      for (const size_t num_rows : std::vector<size_t>{1, 15, 33, 64, 65, 150}) {
        for (const size_t query_rows : std::vector<size_t>{1, 32, 33, 100}) {
          if (num_rows * query_rows * dim > 500'000) continue;
          expect_like_scalar(
              Case(query_rows, num_rows, dim, nbits, static_cast<uint32_t>(dim * 1000 + num_rows)));
        }
      }
    }
  }
}

TEST(MaxSimResidual, SumsAreExactAtTheEndsOfTheirRange) {
  const size_t dim = 1028;
  for (const size_t nbits : std::vector<size_t>{4, 2, 1}) {
    Case of(3, 70, dim, nbits, 5);
    for (size_t i = 0; i < of.query.size(); ++i) of.query[i] = i / dim == 1 ? -1.0F : 1.0F;
    for (size_t i = 0; i < of.weights.size(); ++i) of.weights[i] = i / dim % 2 == 0 ? -1.0F : 1.0F;
    for (float& value : of.centroids) value = 1.0F;
    std::fill(of.codes.begin(), of.codes.end(), uint8_t{0xff});
    of.pack();
    expect_like_scalar(of);
    std::fill(of.codes.begin(), of.codes.end(), uint8_t{0});
    expect_like_scalar(of);
  }
}

TEST(MaxSimResidual, NoRowsGiveTheLowestNumber) {
  const Case of(5, 0, 20, 4, 6);
  for_each_table([&](const KernelTable& table) {
    for (const float highest : of.run(table).highest) {
      EXPECT_EQ(highest, -std::numeric_limits<float>::infinity());
    }
  });
}

/// Rows one at a time, so that the bounds are those of the similarity with each query row.
void expect_within_errors(const Case& of) {
  const std::span<const double> units = of.packed_query.units();
  const std::span<const double> errors = of.packed_query.fixed_errors();
  std::vector<float> similarity(of.packed_query.num_columns());
  const PackedF32 packed(MatrixView<const float>{of.query.data(), of.query_rows, of.dim});
  for (size_t t = 0; t < of.num_rows; ++t) {
    const Case::Result row = of.run_row(scalar(), t);
    scalar().maxsim_f32(packed, of.decoded(t).data(), 1, similarity.data());
    for (size_t r = 0; r < of.query_rows; ++r) {
      ASSERT_LE(double{row.lowest[r]} * units[r] - errors[r], similarity[r]) << t << ' ' << r;
      ASSERT_GE(double{row.highest[r]} * units[r] + errors[r], similarity[r]) << t << ' ' << r;
    }
  }
}

TEST(MaxSimResidual, SumsAreWithinTheirErrorsOfTheFloatSimilarities) {
  for (const size_t nbits : std::vector<size_t>{4, 2, 1}) {
    for (const size_t dim : std::vector<size_t>{1, 7, 96, 300}) {
      Case of(6, 100, dim, nbits, static_cast<uint32_t>(dim));
      for (size_t i = 0; i < dim; ++i) {
        of.query[i] = 0.0F;                        // a row of zeros,
        of.query[dim + i] *= 1e-36F;               // of next to nothing,
        of.query[2 * dim + i] *= 1e12F;            // of huge values,
        if (i != 0) of.query[3 * dim + i] = 0.0F;  // of one value
      }
      of.pack();
      EXPECT_EQ(of.packed_query.units()[0], 0.0);
      EXPECT_EQ(of.packed_query.fixed_errors()[0], 0.0);
      EXPECT_EQ(of.packed_query.scaled_errors()[0], 0.0F);
      expect_within_errors(of);
    }
  }
}

TEST(MaxSimResidual, ErrorsAreSmallBesideTheSimilarities) {
  const Case of(1, 1, 96, 4, 8);  // |q| |x| about 5.7 * 6
  EXPECT_LT(of.packed_query.fixed_errors()[0], 0.01 * 34);
  EXPECT_LT(of.packed_query.units()[0] * double{of.packed_query.scaled_errors()[0]}, 0.01 * 34);
}

TEST(MaxSimResidual, WeightsWithoutResidualsAreExact) {
  Case of(4, 20, 96, 4, 9);
  std::fill(of.weights.begin(), of.weights.end(), 0.0F);
  of.pack();
  EXPECT_LT(of.packed_query.fixed_errors()[0], 0.01);
  EXPECT_EQ(of.packed_query.scaled_errors()[0], 0.0F);
  expect_within_errors(of);
  expect_like_scalar(of);
}

TEST(MaxSimResidual, PackingAgainForgetsTheQueryBefore) {
  Case large(70, 40, 33, 2, 10);
  Case small(3, 40, 33, 2, 11);
  const std::vector<float> expected = small.run(scalar()).highest;
  small.packed_query = std::move(large.packed_query);
  small.pack();
  EXPECT_EQ(small.run(scalar()).highest, expected);
  for_each_table([&](const KernelTable& table) { EXPECT_EQ(small.run(table).highest, expected); });
}

// ---- The table of centroid scores.

struct ScoreTable {
  size_t rows, cols;
  std::vector<float> floats, factors;
  std::vector<int16_t> shorts;
  std::vector<int32_t> lowest, highest;

  ScoreTable(size_t rows, size_t cols, const KernelTable& table) : rows(rows), cols(cols) {
    RandomFloats random(static_cast<uint32_t>(rows + cols));
    floats = random.many(rows * cols);
    for (size_t c = 0; c < cols; ++c)
      factors.push_back(c % 7 == 6 ? 0.0F : 30000.0F + 100.0F * random.next());
    if (!floats.empty()) floats[0] = 5.0F;  // saturates
    shorts.resize(rows * cols);
    lowest.assign(cols, 0x7fffffff);
    highest.assign(cols, -0x7fffffff);
    table.round_scores(floats.data(), rows, cols, factors.data(), shorts.data(), lowest.data(),
                       highest.data());
  }
};

const std::vector<size_t> kColumns = {32, 64, 128, 160, 320};

TEST(CentroidScores, AreRoundedToTheSameBitsByEveryTable) {
  for (const size_t cols : kColumns) {
    for (const size_t rows : std::vector<size_t>{1, 3, 50}) {
      const ScoreTable expected(rows, cols, scalar());
      EXPECT_EQ(expected.shorts[0], 32767);
      for (size_t i = 1; i < rows * cols; ++i) {
        ASSERT_NEAR(expected.shorts[i], expected.floats[i] * expected.factors[i % cols], 0.51);
      }
      for_each_table([&](const KernelTable& table) {
        const ScoreTable got(rows, cols, table);
        EXPECT_EQ(got.shorts, expected.shorts);
        EXPECT_EQ(got.lowest, expected.lowest);
        EXPECT_EQ(got.highest, expected.highest);
      });
    }
  }
}

TEST(CentroidScores, FirstAboveStopsAtEveryValueAboveItsLimitOnly) {
  for (const size_t cols : kColumns) {
    std::vector<int16_t> limits(cols);
    for (size_t c = 0; c < cols; ++c) limits[c] = static_cast<int16_t>(static_cast<int>(c) - 7);
    for_each_table([&](const KernelTable& table) {
      std::vector<int16_t> scores;
      for (int row = 0; row < 9; ++row) scores.insert(scores.end(), limits.begin(), limits.end());
      EXPECT_EQ(table.first_above(scores.data(), cols, 2, 9, limits.data()), 9U);
      for (size_t c = 0; c < cols; ++c) {
        ++scores[5 * cols + c];
        EXPECT_EQ(table.first_above(scores.data(), cols, 2, 9, limits.data()), 5U);
        EXPECT_EQ(table.first_above(scores.data(), cols, 5, 9, limits.data()), 5U);
        EXPECT_EQ(table.first_above(scores.data(), cols, 6, 9, limits.data()), 9U);
        EXPECT_EQ(table.first_above(scores.data(), cols, 0, 5, limits.data()), 5U);
        --scores[5 * cols + c];
      }
    });
  }
}

TEST(CentroidScores, BecomeBytesInTheSameWayOnEveryTable) {
  for (const size_t cols : kColumns) {
    const ScoreTable scores(40, cols, scalar());
    std::vector<int16_t> offsets;
    std::vector<uint16_t> factors;
    for (size_t c = 0; c < cols; ++c) {
      offsets.push_back(static_cast<int16_t>(scores.lowest[c]));
      factors.push_back(static_cast<uint16_t>(c % 5 == 0 ? 65535 : 255 + 3 * c));
    }
    std::vector<uint8_t> expected(40 * cols);
    for (size_t i = 0; i < expected.size(); ++i) {
      const int64_t above = scores.shorts[i] - scores.lowest[i % cols];
      expected[i] = static_cast<uint8_t>(std::min<int64_t>(above * factors[i % cols] >> 16, 255));
    }
    for_each_table([&](const KernelTable& table) {
      std::vector<uint8_t> bytes(40 * cols);
      table.scores_to_bytes(scores.shorts.data(), 40, cols, offsets.data(), factors.data(),
                            bytes.data());
      EXPECT_EQ(bytes, expected);
    });
  }
}

/// Rows of random bytes, and some of them.
struct ByteTable {
  size_t cols;
  std::vector<uint8_t> bytes;
  std::vector<uint16_t> ids;

  ByteTable(size_t cols, size_t count) : cols(cols), bytes(300 * cols), ids(count) {
    RandomFloats random(static_cast<uint32_t>(cols + count));
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>((random.next() + 1.0F) * 127.99F);
    for (uint16_t& id : ids) id = static_cast<uint16_t>((random.next() + 1.0F) * 149.9F);
  }
};

const std::vector<size_t> kCounts = {0, 1, 2, 61, 300};

TEST(CentroidScores, SelectsRowsWithAValueAboveItsLimit) {
  for (const size_t cols : kColumns) {
    for (const size_t count : kCounts) {
      const ByteTable table(cols, count);
      for (const int below : {1, 4, 40, 255}) {  // of the largest there may be
        std::vector<uint8_t> limits(cols, static_cast<uint8_t>(255 - below));
        limits[9] = 255;
        std::vector<uint32_t> expected;
        for (uint32_t t = 0; t < count; ++t) {
          bool is_above = false;
          for (size_t c = 0; c < cols; ++c) {
            is_above = is_above || table.bytes[table.ids[t] * cols + c] > limits[c];
          }
          if (is_above) expected.push_back(t);
        }
        for_each_table([&](const KernelTable& kernels) {
          std::vector<uint32_t> selected(count);
          selected.resize(kernels.select_above(table.bytes.data(), cols, table.ids.data(), count,
                                               limits.data(), selected.data()));
          EXPECT_EQ(selected, expected);
        });
      }
    }
  }
}

TEST(CentroidScores, MaxSimOfCentroidsIsTheSumOfTheLargest) {
  for (const size_t cols : kColumns) {
    for (const size_t count : kCounts) {
      const ByteTable table(cols, count);
      std::vector<uint8_t> expected(cols);
      uint32_t total = 0;
      for (size_t c = 0; c < cols; ++c) {
        for (const uint16_t id : table.ids) {
          expected[c] = std::max(expected[c], table.bytes[id * cols + c]);
        }
        total += expected[c];
      }
      for_each_table([&](const KernelTable& kernels) {
        std::vector<uint8_t> best(cols, 99);
        EXPECT_EQ(kernels.maxsim_centroids(table.bytes.data(), cols, table.ids.data(), count,
                                           best.data()),
                  total);
        EXPECT_EQ(best, expected);
      });
    }
  }
}

}  // namespace
}  // namespace maxsimd::kernels
