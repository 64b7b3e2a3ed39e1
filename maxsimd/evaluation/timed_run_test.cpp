#include "maxsimd/evaluation/timed_run.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "maxsimd/search/retrieve.h"

namespace maxsimd {
namespace {

// Three documents on the axes of a plane, and a query that shares its id with the first.
struct Plane {
  ThreadPool pool{2};
  std::vector<std::string> document_ids = {"q", "x", "y"};
  CodedEmbeddings documents{2, Codec::float32};
  Embeddings queries{.dim = 2};

  Plane() {
    Embeddings rows{.dim = 2};
    for (const std::vector<float>& row : {std::vector<float>{1, 0}, {0.5F, 0}, {0, 1}}) {
      rows.append({row.data(), 1, 2});
    }
    documents.append(rows);
    const std::vector<float> query = {1, 0.25F};
    queries.append({query.data(), 1, 2});
  }
  RetrieveFn retriever() {
    return [this](const Embeddings& query, size_t k) {
      return retrieve(query, documents, document_ids, {.k = k}, pool);
    };
  }
  TimedRun search(const TimedRunOptions& options) {
    return search_timed(queries, std::vector<std::string>{"q"}, retriever(), options);
  }
};

TEST(TimedRun, HitsAreBestFirstAndEveryQueryIsTimed) {
  Plane plane;
  const TimedRun got = plane.search({.k = 2});
  EXPECT_EQ(got.run.at("q"), (std::vector<Hit>{{"q", 1.0F}, {"x", 0.5F}}));
  ASSERT_EQ(got.search_ms.size(), 1U);
  EXPECT_GT(got.search_ms[0], 0.0);
}

TEST(TimedRun, B49_IgnoringIdenticalIdsStillGivesKHits) {
  Plane plane;
  const TimedRun got = plane.search({.k = 2, .ignore_identical_ids = true});
  EXPECT_EQ(got.run.at("q"), (std::vector<Hit>{{"x", 0.5F}, {"y", 0.25F}}));
}

TEST(TimedRun, WrongIdsAndZeroKAreRefused) {
  Plane plane;
  EXPECT_THROW(plane.search({.k = 0}), std::invalid_argument);
  EXPECT_THROW(search_timed(plane.queries, {}, plane.retriever(), {}), std::invalid_argument);
}

TEST(TimedRun, QuantilesAreNearestRank) {
  EXPECT_EQ(quantile({}, 0.5), 0.0);
  EXPECT_EQ(quantile({3, 1, 2}, 0.5), 2.0);
  EXPECT_EQ(quantile({3, 1, 2}, 1.0), 3.0);
  EXPECT_EQ(quantile({3, 1, 2}, 0.0), 1.0);
}

}  // namespace
}  // namespace maxsimd
