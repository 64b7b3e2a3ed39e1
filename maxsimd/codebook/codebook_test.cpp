#include "maxsimd/codebook/codebook.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>

#include "maxsimd/codebook/vectors_testing.h"

namespace maxsimd {
namespace {

struct Coded {
  std::vector<uint16_t> ids;
  std::vector<std::byte> residuals;
  double error = 0.0;
  bool operator==(const Coded&) const = default;
};

Coded encode(const Codebook& codebook, MatrixView<const float> rows, ThreadPool& pool) {
  Coded coded{std::vector<uint16_t>(rows.rows),
              std::vector<std::byte>(rows.rows * codebook.residual_bytes())};
  coded.error = codebook.encode(rows, pool, coded.ids, coded.residuals);
  return coded;
}

Vectors decode(const Codebook& codebook, const Coded& coded) {
  Vectors out{coded.ids.size(), codebook.dim(), {}};
  out.values.resize(out.rows * out.dim);
  codebook.decode(coded.ids, coded.residuals, {out.values.data(), out.rows, out.dim});
  return out;
}

double mean_squared_error(const Vectors& a, MatrixView<const float> b) {
  double sum = 0.0;
  for (size_t r = 0; r < a.rows; ++r) sum += exact_squared_distance(a.view().row(r), b.row(r));
  return sum / static_cast<double>(a.rows);
}

bool same_parts(const CodebookParts& a, const CodebookParts& b) {
  return a.dim == b.dim && a.nbits == b.nbits && a.centroids == b.centroids &&
         a.cutoffs == b.cutoffs && a.weights == b.weights && a.error == b.error &&
         a.num_probes == b.num_probes;
}

TEST(DefaultNumCentroids, IsThePowerOfTwoBelow16RootsWith8VectorsEachAtLeast) {
  EXPECT_EQ(default_num_centroids(0), 1U);
  EXPECT_EQ(default_num_centroids(15), 1U);
  EXPECT_EQ(default_num_centroids(2000), 128U);       // 250 of 8 vectors each
  EXPECT_EQ(default_num_centroids(100000), 4096U);    // 5,059
  EXPECT_EQ(default_num_centroids(1220000), 16384U);  // 17,672
  EXPECT_EQ(default_num_centroids(UINT64_MAX), 65536U);
}

TEST(Codebook, RoundTripErrIsWhatTrainingSaysAndFallsWithTheBits) {
  ThreadPool pool(2);
  const Vectors vectors = clustered_vectors(9000, 96, 200, 1);
  double last = std::numeric_limits<double>::infinity();
  for (const size_t nbits : std::vector<size_t>{1, 2, 4}) {
    const Codebook codebook =
        Codebook::train(vectors.view(0, 8000), 8000, {.nbits = nbits, .num_centroids = 256}, pool);
    EXPECT_EQ(codebook.num_centroids(), 256U);
    EXPECT_EQ(codebook.residual_bytes(), 12 * nbits + 2);
    const auto fresh = vectors.view(8000, 1000);
    const Coded coded = encode(codebook, fresh, pool);
    const double error = mean_squared_error(decode(codebook, coded), fresh);
    EXPECT_NEAR(coded.error, error, 1e-5 * error);
    EXPECT_NEAR(codebook.parts().error, error, 0.1 * error) << "held-out and fresh vectors";
    EXPECT_LT(error, 0.5 * last);
    last = error;
  }
  EXPECT_LT(last, 0.02);
}

TEST(Codebook, CodesAreTheNearestCentroidAndBucketsOfTheResidualAtAStretch) {
  ThreadPool pool(1);
  const Vectors vectors = clustered_vectors(2000, 19, 20, 2);
  const Codebook codebook =
      Codebook::train(vectors.view(), 2000, {.nbits = 2, .num_centroids = 30}, pool);
  const Coded coded = encode(codebook, vectors.view(), pool);
  size_t nearest = 0;
  for (size_t r = 0; r < vectors.rows; ++r) {
    const auto row = vectors.view().row(r);
    if (coded.ids[r] == exact_nearest(row, codebook.centroids())) ++nearest;
    const uint32_t id = coded.ids[r];
    float squares = 0.0F;
    codebook.kernels().squared_distances(row.data(), codebook.centroids().data, 19, &id, 1,
                                         &squares);
    const float stretch = kernels::residual_stretch(codebook.parts().norm, squares);
    const auto has_buckets_of = [&](float multiple) {
      for (size_t d = 0; d < 19; ++d) {
        const float residual = row[d] - codebook.centroids().row(coded.ids[r])[d];
        size_t bucket = 0;
        for (size_t c = 0; c < 3; ++c) {
          if (codebook.parts().cutoffs[c * 19 + d] < residual * (multiple * stretch)) ++bucket;
        }
        const auto byte = static_cast<size_t>(coded.residuals[r * 7 + 2 + d / 4]);
        if ((byte >> d % 4 * 2 & 3) != bucket) return false;
      }
      return true;
    };
    ASSERT_TRUE(std::ranges::any_of(kernels::ResidualStretches{2}, has_buckets_of)) << r;
  }
  EXPECT_GE(nearest, 1990U);
}

TEST(Codebook, AShortResidualIsCodedAsWellInProportionAsALongOne) {
  ThreadPool pool(1);
  const Vectors vectors = clustered_vectors(4000, 24, 20, 5);
  const Codebook codebook =
      Codebook::train(vectors.view(), 4000, {.nbits = 4, .num_centroids = 20}, pool);
  std::vector<double> share;  // of the squared residual that is lost
  for (const float length : {0.02F, 1.0F, 2.0F}) {
    Vectors moved = vectors;
    const Coded there = encode(codebook, vectors.view(), pool);
    for (size_t i = 0; i < moved.values.size(); ++i) {
      const float centroid = codebook.centroids().row(there.ids[i / 24])[i % 24];
      moved.values[i] = centroid + length * (vectors.values[i] - centroid);
    }
    const Coded coded = encode(codebook, moved.view(), pool);
    double squares = 0.0;
    for (size_t i = 0; i < moved.values.size(); ++i) {
      const float centroid = codebook.centroids().row(coded.ids[i / 24])[i % 24];
      squares += std::pow(double{moved.values[i] - centroid}, 2.0);
    }
    share.push_back(coded.error * static_cast<double>(moved.rows) / squares);
  }
  EXPECT_LT(share[0], 1.2 * share[1]);
  EXPECT_LT(share[2], 1.2 * share[1]);
}

// The largest scale there is would cut one short that was coded at a small stretch.
TEST(Codebook, ResidualsSixtyTimesAsLongAsTheTypicalOneKeepTheirLengths) {
  ThreadPool pool(1);
  Vectors vectors = clustered_vectors(4000, 96, 20, 5);
  const Codebook codebook =
      Codebook::train(vectors.view(), 4000, {.nbits = 4, .num_centroids = 1}, pool);
  const auto centroid = codebook.centroids().row(0);
  const auto length_of = [&](MatrixView<const float> rows, size_t r) {
    double squares = 0.0;
    for (size_t d = 0; d < 96; ++d) {
      squares += std::pow(double{rows.row(r)[d]} - double{centroid[d]}, 2.0);
    }
    return std::sqrt(squares);
  };
  for (size_t r = 0; r < vectors.rows; ++r) {
    const auto stretch =
        static_cast<float>(60.0 * double{codebook.parts().norm} / length_of(vectors.view(), r));
    for (size_t d = 0; d < 96; ++d) {
      float& value = vectors.values[r * 96 + d];
      value = centroid[d] + stretch * (value - centroid[d]);
    }
  }
  const Vectors decoded = decode(codebook, encode(codebook, vectors.view(), pool));
  double shares = 0.0;
  for (size_t r = 0; r < vectors.rows; ++r) {
    const double share = length_of(decoded.view(), r) / length_of(vectors.view(), r);
    EXPECT_GT(share, 0.9) << r;
    shares += share;
  }
  EXPECT_GT(shares / static_cast<double>(vectors.rows), 0.99);
}

TEST(Codebook, TrainingAndCodingGiveTheSameBitsForAnyNumberOfThreadsAndInstructionSet) {
  const Vectors vectors = clustered_vectors(6000, 40, 100, 3);
  ThreadPool one(1);
  const CodebookOptions scalar{.num_centroids = 300, .iterations = 4, .isa = kernels::Isa::scalar};
  const Codebook expected = Codebook::train(vectors.view(), 6000, scalar, one);
  const Coded expected_codes = encode(expected, vectors.view(), one);
  for (const size_t num_threads : std::vector<size_t>{1, 2, 7}) {
    ThreadPool pool(num_threads);
    for (const kernels::Isa isa : kernels::supported_isas()) {
      SCOPED_TRACE(testing::Message() << num_threads << " " << kernels::isa_name(isa));
      CodebookOptions options = scalar;
      options.isa = isa;
      const Codebook codebook = Codebook::train(vectors.view(), 6000, options, pool);
      EXPECT_TRUE(same_parts(codebook.parts(), expected.parts()));
      EXPECT_EQ(encode(codebook, vectors.view(), pool), expected_codes);
    }
  }
}

TEST(Codebook, ManyCentroidsAreTheSameForAnyNumberOfThreads) {
  const Vectors vectors = clustered_vectors(20000, 8, 500, 4);
  const CodebookOptions options{.num_centroids = 8192, .iterations = 2};
  ThreadPool one(1), seven(7);
  const Codebook a = Codebook::train(vectors.view(), 20000, options, one);
  const Codebook b = Codebook::train(vectors.view(), 20000, options, seven);
  EXPECT_TRUE(same_parts(a.parts(), b.parts()));
  EXPECT_EQ(encode(a, vectors.view(), one), encode(b, vectors.view(), seven));
}

TEST(Codebook, OfManyCentroidsCodingFindsTheNearestIn98Of100VectorsOfAnySpectrum) {
  constexpr size_t kTraining = 20000, kFresh = 2000;
  ThreadPool pool(2);
  std::vector<size_t> probes;
  for (const Vectors& vectors : {clustered_vectors(kTraining + kFresh, 24, 2000, 13),
                                 flat_vectors(kTraining + kFresh, 24, 2000, 13)}) {
    const Codebook codebook = Codebook::train(vectors.view(0, kTraining), kTraining,
                                              {.num_centroids = 8192, .iterations = 2}, pool);
    const auto fresh = vectors.view(kTraining, kFresh);
    const Coded coded = encode(Codebook::from_parts(codebook.parts()), fresh, pool);
    size_t right = 0;
    for (size_t r = 0; r < kFresh; ++r) {
      if (coded.ids[r] == exact_nearest(fresh.row(r), codebook.centroids())) ++right;
    }
    probes.push_back(codebook.parts().num_probes);
    RecordProperty("right_with_" + std::to_string(probes.back()), std::to_string(right));
    EXPECT_GE(right, kFresh * 98 / 100) << probes.back() << " groups probed";
    EXPECT_LT(probes.back(), 90U) << "all groups: no choice was made";

    CodebookParts parts = codebook.parts();
    parts.num_probes = 1;
    EXPECT_NE(encode(Codebook::from_parts(parts), fresh, pool).ids, coded.ids);
  }
  EXPECT_LT(probes[0], probes[1]);
}

TEST(Codebook, TrainingAsksAllTheTimeAndEndsByWhatIsThrown) {
  struct Stopped {};
  ThreadPool pool(2);
  const Vectors vectors = clustered_vectors(9000, 16, 50, 7);
  std::atomic<size_t> calls{0};
  const auto train = [&](const std::function<void()>& check) {
    return Codebook::train(vectors.view(), 9000, {.check = check}, pool).parts().centroids;
  };
  const std::vector<float> asked = train([&] { ++calls; });
  EXPECT_GE(calls, 8U * 7);  // rounds, blocks of 1,024 rows
  EXPECT_EQ(asked, train({}));
  EXPECT_THROW(train([&] {
                 if (--calls == 20) throw Stopped();
               }),
               Stopped);
}

TEST(Codebook, DependsOnTheSeed) {
  ThreadPool pool(1);
  const Vectors vectors = clustered_vectors(500, 4, 10, 5);
  const CodebookOptions options{.num_centroids = 16};
  CodebookOptions other = options;
  other.seed = 43;
  EXPECT_FALSE(same_parts(Codebook::train(vectors.view(), 500, options, pool).parts(),
                          Codebook::train(vectors.view(), 500, other, pool).parts()));
}

TEST(Codebook, FromPartsCodesAsTheTrainedOne) {
  ThreadPool pool(1);
  const Vectors vectors = clustered_vectors(700, 9, 10, 6);
  const Codebook trained = Codebook::train(vectors.view(), 700, {.num_centroids = 20}, pool);
  const Codebook again = Codebook::from_parts(trained.parts());
  EXPECT_EQ(encode(again, vectors.view(), pool), encode(trained, vectors.view(), pool));
}

TEST(Codebook, AFewVectorsEqualOnesZerosAndOneDimensionAreCodedExactly) {
  ThreadPool pool(2);
  const std::vector<Vectors> cases = {
      {3, 5, clustered_vectors(3, 5, 3, 7).values},  // fewer than centroids
      {1, 1, {0.5F}},
      {200, 1, std::vector<float>(200, -2.0F)},     // all equal
      {64, 96, std::vector<float>(64 * 96, 0.0F)},  // zeros
      {500, 7, std::vector<float>(500 * 7, 1e-20F)},
  };
  for (const Vectors& vectors : cases) {
    for (const size_t nbits : std::vector<size_t>{1, 2, 4}) {
      const Codebook codebook = Codebook::train(vectors.view(), vectors.rows,
                                                {.nbits = nbits, .num_centroids = 64}, pool);
      EXPECT_LE(codebook.num_centroids(), std::min<size_t>(64, vectors.rows));
      const Coded coded = encode(codebook, vectors.view(), pool);
      EXPECT_EQ(coded.error, 0.0) << vectors.rows << " x " << vectors.dim;
      EXPECT_EQ(decode(codebook, coded).values, vectors.values);
    }
  }
}

// Pages that say "left blank on purpose", and then the corpus.
TEST(Codebook, ASampleOfFewDifferentVectorsStillCodesOthersAndTellsThatTheyDrifted) {
  ThreadPool pool(2);
  const Vectors others = clustered_vectors(500, 96, 50, 3);
  Vectors equal{2000, 96, {}}, nearly{2000, 96, {}};
  Normals normals(5);
  for (size_t i = 0; i < 2000 * 96; ++i) {
    equal.values.push_back(others.values[i % (20 * 96)]);
    nearly.values.push_back(equal.values[i] + 1e-4F * normals.next());
  }
  const Vectors zeros{2000, 96, std::vector<float>(size_t{2000} * 96, 0.0F)};
  for (const Vectors* sample : std::initializer_list<const Vectors*>{&equal, &nearly, &zeros}) {
    for (const size_t nbits : std::vector<size_t>{1, 2, 4}) {
      const Codebook codebook = Codebook::train(sample->view(), 2000, {.nbits = nbits}, pool);
      const Coded coded = encode(codebook, others.view(), pool);
      const Vectors decoded = decode(codebook, coded);
      double residuals = 0.0;
      for (size_t i = 0; i < others.values.size(); ++i) {
        const float centroid = codebook.centroids().row(coded.ids[i / 96])[i % 96];
        residuals += std::pow(double{others.values[i] - centroid}, 2.0);
      }
      const double lost = mean_squared_error(decoded, others.view()) * 500 / residuals;
      EXPECT_LT(lost, nbits == 4 ? 0.07 : nbits == 2 ? 0.25 : 0.6) << nbits;
      EXPECT_GT(codebook.parts().error, 0.0);
      EXPECT_GT(coded.error, 1.5 * codebook.parts().error) << nbits;
    }
  }
}

TEST(Codebook, ManyCentroidsAreHalfPrecisionNumbersUnlessTheyAreOfAnotherSize) {
  const auto are_halves = [](const Codebook& codebook) {
    const std::vector<float>& values = codebook.parts().centroids;
    return std::ranges::all_of(values, [](float value) {
      const int exponent = value == 0.0F ? 0 : std::max(std::ilogb(value), -14);
      const float significand = std::ldexp(value, 10 - exponent);  // of 11 bits
      return significand == std::nearbyint(significand);
    });
  };
  ThreadPool pool(2);
  Vectors vectors = clustered_vectors(4000, 12, 60, 3);
  const auto train = [&](size_t num_centroids) {
    return Codebook::train(vectors.view(), 4000, {.num_centroids = num_centroids}, pool);
  };
  EXPECT_TRUE(are_halves(train(256)));
  EXPECT_FALSE(are_halves(train(255)));
  for (float& value : vectors.values) value *= 1e6F;
  EXPECT_FALSE(are_halves(train(256)));
  for (float& value : vectors.values) value *= 1e-16F;
  EXPECT_FALSE(are_halves(train(256)));
}

TEST(Codebook, ManyCopiesOfFewVectorsAreCodedExactly) {
  ThreadPool pool(2);
  const Vectors distinct = clustered_vectors(10, 12, 5, 8);
  Vectors copies{0, 12, {}};
  for (size_t i = 0; i < 100; ++i) {
    copies.values.insert(copies.values.end(), distinct.values.begin(), distinct.values.end());
    copies.rows += 10;
  }
  const Codebook codebook = Codebook::train(copies.view(), 1000, {.num_centroids = 50}, pool);
  EXPECT_LT(encode(codebook, copies.view(), pool).error, 1e-12);
}

TEST(Codebook, LargeValuesWorkUpToTheBoundAndAreRefusedBeyond) {
  ThreadPool pool(1);
  Vectors vectors = clustered_vectors(600, 10, 20, 9);
  for (float& value : vectors.values) value *= 1e14F;
  const Codebook codebook = Codebook::train(vectors.view(), 600, {.num_centroids = 20}, pool);
  EXPECT_LT(encode(codebook, vectors.view(), pool).error, 0.05 * 1e28);
  for (const float bad :
       {1e17F, std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    Vectors damaged = vectors;
    damaged.values[5123] = bad;
    EXPECT_THROW(encode(codebook, damaged.view(), pool), std::invalid_argument) << bad;
    EXPECT_THROW(Codebook::train(damaged.view(), 600, {.num_centroids = 500}, pool),
                 std::invalid_argument)
        << bad;
  }
}

TEST(Codebook, NoRowsAreNoWork) {
  ThreadPool pool(1);
  const Vectors vectors = clustered_vectors(100, 4, 5, 10);
  const Codebook codebook = Codebook::train(vectors.view(), 100, {}, pool);
  EXPECT_EQ(encode(codebook, {nullptr, 0, 4}, pool).error, 0.0);
  EXPECT_NO_THROW(codebook.decode({}, {}, {nullptr, 0, 4}));
}

TEST(Codebook, RefusesSizesThatDoNotFit) {
  ThreadPool pool(1);
  const Vectors vectors = clustered_vectors(100, 4, 5, 11);
  const Codebook codebook = Codebook::train(vectors.view(), 100, {}, pool);
  std::vector<uint16_t> ids(100);
  std::vector<std::byte> residuals(200);
  std::vector<float> out(400);
  EXPECT_THROW(codebook.encode(vectors.view(0, 99), pool, ids, residuals), std::invalid_argument);
  EXPECT_THROW(codebook.encode(vectors.view(), pool, ids, std::span(residuals).first(199)),
               std::invalid_argument);
  EXPECT_THROW(codebook.encode({out.data(), 80, 5}, pool, std::span(ids).first(80), residuals),
               std::invalid_argument);
  EXPECT_THROW(codebook.decode(ids, residuals, {out.data(), 99, 4}), std::invalid_argument);
  EXPECT_THROW(codebook.decode(ids, std::span(residuals).first(1), {out.data(), 100, 4}),
               std::invalid_argument);
  ids[7] = static_cast<uint16_t>(codebook.num_centroids());
  EXPECT_THROW(codebook.decode(ids, residuals, {out.data(), 100, 4}), std::invalid_argument);
  for (const CodebookOptions& options :
       {CodebookOptions{.nbits = 3}, CodebookOptions{.num_centroids = 65537}}) {
    EXPECT_THROW(Codebook::train(vectors.view(), 100, options, pool), std::invalid_argument);
  }
  EXPECT_THROW(Codebook::train({nullptr, 0, 4}, 0, {}, pool), std::invalid_argument);
  EXPECT_THROW(Codebook::train({out.data(), 5, 0}, 5, {}, pool), std::invalid_argument);
}

TEST(Codebook, FromPartsRefusesWhatTrainingNeverMakes) {
  ThreadPool pool(1);
  const Vectors vectors = clustered_vectors(100, 4, 5, 12);
  const CodebookParts good = Codebook::train(vectors.view(), 100, {}, pool).parts();
  EXPECT_NO_THROW(Codebook::from_parts(good));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<std::function<void(CodebookParts&)>> damages = {
      [](CodebookParts& p) { p.nbits = 3; },
      [](CodebookParts& p) { p.nbits = 2; },
      [](CodebookParts& p) { p.nbits = 64; },
      [](CodebookParts& p) { p.dim = 0; },
      [](CodebookParts& p) { p.dim = 3; },
      [](CodebookParts& p) { p.dim = 1U << 20; },
      [](CodebookParts& p) { p.centroids.clear(); },
      [](CodebookParts& p) { p.centroids.push_back(0.0F); },
      [](CodebookParts& p) { p.centroids.resize(4 * 65537); },
      [](CodebookParts& p) { p.cutoffs.pop_back(); },
      [](CodebookParts& p) { p.weights.pop_back(); },
      [=](CodebookParts& p) { p.centroids[1] = nan; },
      [=](CodebookParts& p) { p.cutoffs[2] = nan; },
      [](CodebookParts& p) { p.weights[3] = std::numeric_limits<float>::infinity(); },
      [](CodebookParts& p) { p.cutoffs[5] = p.cutoffs[1] - 1.0F; },
      [](CodebookParts& p) { p.norm = -1.0F; },
      [=](CodebookParts& p) { p.norm = nan; },
      [](CodebookParts& p) { p.error = -1.0; },
      [=](CodebookParts& p) { p.error = double{nan}; },
  };
  for (size_t i = 0; i < damages.size(); ++i) {
    CodebookParts parts = good;
    damages[i](parts);
    EXPECT_THROW(Codebook::from_parts(parts), std::invalid_argument) << i;
  }
}

TEST(Codebook, FromPartsTakesProbesFromOneToTheGroupsAndNoneOfFewCentroids) {
  CodebookParts parts{.dim = 1, .nbits = 1};
  parts.cutoffs = {0.0F};
  parts.weights = {-1.0F, 1.0F};
  for (const size_t num_centroids : std::vector<size_t>{8191, 8192, 65536}) {
    parts.centroids.resize(num_centroids);
    const size_t most = num_centroids == 8191 ? 0 : num_centroids == 8192 ? 91 : 256;
    for (const size_t num_probes : std::vector<size_t>{0, 1, most, most + 1, SIZE_MAX}) {
      parts.num_probes = num_probes;
      if (most == 0 ? num_probes == 0 : num_probes >= 1 && num_probes <= most) {
        EXPECT_NO_THROW(Codebook::from_parts(parts)) << num_centroids << " " << num_probes;
      } else {
        EXPECT_THROW(Codebook::from_parts(parts), std::invalid_argument)
            << num_centroids << " " << num_probes;
      }
    }
  }
}

}  // namespace
}  // namespace maxsimd
