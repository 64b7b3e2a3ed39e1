#include "maxsimd/search/search_options.h"

#include <gtest/gtest.h>

namespace maxsimd {
namespace {

TEST(ApplyTunedSearch, SetsTheParametersOfTheKindThatWasMeasuredAlone) {
  SearchOptions options{.k = 3};
  options.plaid.centroid_score_threshold = 0.5F;
  EXPECT_TRUE(apply_tuned_search({.n_ivf_probe = 4, .n_full_scores = 300, .k = 10}, 50, options));
  const PlaidParameters plaid{
      .n_ivf_probe = 4, .n_full_scores = 300, .centroid_score_threshold = 0.5F};
  EXPECT_EQ(options.plaid, plaid);
  EXPECT_EQ(options.hnsw, HnswParameters{});
  EXPECT_TRUE(apply_tuned_search({.k_token = 50, .ef_search = 70, .k = 10}, 50, options));
  EXPECT_EQ(options.plaid, plaid);
  EXPECT_EQ(options.hnsw, (HnswParameters{.k_token = 50, .ef_search = 70}));
  EXPECT_EQ(options.k, 3U);
}

TEST(ApplyTunedSearch, DoesNothingForAnIndexThatHasOutgrownIt) {
  const TunedSearch tuned{.n_ivf_probe = 4, .n_full_scores = 300, .k = 10, .documents = 40};
  SearchOptions options;
  EXPECT_FALSE(apply_tuned_search(tuned, 81, options));
  EXPECT_EQ(options.plaid, PlaidParameters{});
  EXPECT_TRUE(apply_tuned_search(tuned, 80, options));
  EXPECT_EQ(options.plaid.n_ivf_probe, 4U);
}

}  // namespace
}  // namespace maxsimd
