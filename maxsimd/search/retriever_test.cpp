// Search over index folders of kind plaid, beside exact search over the same ones.
#include "maxsimd/search/retriever.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "maxsimd/index/index_writer.h"
#include "maxsimd/search/exact_search.h"
#include "maxsimd/search/index_search_testing.h"
#include "maxsimd/search/plaid_testing.h"
#include "maxsimd/search/rerank.h"

namespace maxsimd {
namespace {

using index_search_testing::Ids;
using index_search_testing::numbered;
using index_search_testing::TestFolder;
using index_testing::message_of;
using index_testing::random_lengths;
using plaid_testing::ClusteredVectors;

using Rankings = std::vector<std::vector<ScoredDocument>>;

constexpr size_t kDim = 32;
constexpr size_t kCentroids = 64;
constexpr size_t kAll = 1'000'000;

/// An index of kind plaid in its stages of life, and queries. Document i has the id "d<i>" and the
/// metadata {"n": i}; about one in thirty has no vectors.
class PlaidIndex {
 public:
  explicit PlaidIndex(size_t nbits = 4, Codec codec = Codec::residual)
      : writer_(IndexWriter::create(
            folder_.path(), {.dim = kDim, .kind = IndexKind::plaid, .codec = codec, .nbits = nbits},
            {.pool = &pool_, .num_centroids = kCentroids, .fewest_listed_vectors = 500})) {
    queries_ = vectors_.items({32, 7, 0, 40});
  }

  /// Documents [first, first + count), as one commit.
  void add(size_t first, size_t count) {
    Ids ids, metadata;
    for (size_t i = first; i < first + count; ++i) {
      ids.push_back(numbered("d", i));
      metadata.push_back("{\"n\": " + std::to_string(i) + "}");
    }
    const Embeddings rows = vectors_.items(random_lengths(count, 0, 30, ++seed_));
    writer_.add({.ids = ids, .embeddings = &rows, .metadata = metadata});
    writer_.commit();
  }
  void remove(size_t first, size_t count) {
    Ids ids;
    for (size_t i = first; i < first + count; ++i) ids.push_back(numbered("d", i));
    EXPECT_TRUE(writer_.remove(ids).empty());
    writer_.commit();
  }
  void fill_and_train() {
    add(0, 300);
    add(300, 300);
    writer_.optimize();
  }

  IndexWriter& writer() { return writer_; }
  const Embeddings& queries() const { return queries_; }
  Index open() const { return Index::open(folder_.path()); }
  ThreadPool& pool() { return pool_; }

 private:
  TestFolder folder_;
  ThreadPool pool_{2};
  ClusteredVectors vectors_{{.dim = kDim}, 201};
  uint32_t seed_ = 300;
  Embeddings queries_;
  IndexWriter writer_;
};

size_t num_parts(const Index& index, bool has_codebook, bool has_lists) {
  return static_cast<size_t>(std::ranges::count_if(index.parts(), [&](const IndexPart& part) {
    return (part.codebook != nullptr) == has_codebook && part.lists.has_value() == has_lists;
  }));
}

// Once with all documents as candidates, and once with those of the lists of all centroids, which
// lack only the documents without vectors.
void expect_exact_answers(PlaidIndex& plaid) {
  const Index index = plaid.open();
  const Retriever retriever(index);
  const Ids ids = {"d1", "d7", "d299", "d300", "d450", "d605", "nobody"};
  const Filter some = index.filter_ids(ids);
  const Filter many = index.filter_where(Where::parse("n >= 100 AND n != 333"));
  for (const Filter* filter : {static_cast<const Filter*>(nullptr), &some, &many}) {
    const size_t num_allowed = filter != nullptr ? filter->count() : index.size();
    for (const size_t k : {size_t{10}, size_t{2000}}) {
      for (const size_t n_full_scores : {kAll, num_allowed - 1}) {
        const SearchOptions options{
            .k = k,
            .filter = filter,
            .plaid = {.n_ivf_probe = kCentroids, .n_full_scores = n_full_scores}};
        ASSERT_EQ(retriever.search(plaid.queries(), options, plaid.pool()),
                  search_exact(plaid.queries(), index, options, plaid.pool()))
            << "k " << k << ", " << num_allowed << " allowed, n_full_scores " << n_full_scores;
      }
    }
  }
}

TEST(Retriever, LookingAtAllOfAPlaidIndexGivesTheExactAnswersWhateverWasDoneToIt) {
  const std::pair<size_t, Codec> forms[] = {{1, Codec::residual}, {2, Codec::residual},
                                            {4, Codec::residual}, {1, Codec::float32},
                                            {2, Codec::float16},  {4, Codec::int8}};
  for (const auto& [nbits, codec] : forms) {
    SCOPED_TRACE(std::to_string(nbits) + " bits, " + std::string(codec_name(codec)));
    PlaidIndex plaid(nbits, codec);
    plaid.add(0, 300);
    plaid.add(300, 300);
    ASSERT_EQ(num_parts(plaid.open(), false, false), 2U);  // nothing is coded yet
    expect_exact_answers(plaid);
    plaid.writer().optimize();
    ASSERT_EQ(num_parts(plaid.open(), true, true), 1U);
    expect_exact_answers(plaid);
    plaid.add(590, 20);  // ten replace others
    plaid.add(610, 200);
    ASSERT_EQ(num_parts(plaid.open(), true, false), 1U);
    ASSERT_EQ(num_parts(plaid.open(), true, true), 2U);
    expect_exact_answers(plaid);
    plaid.remove(0, 7);
    plaid.remove(300, 40);
    plaid.remove(700, 5);
    plaid.add(300, 3);
    ASSERT_GT(plaid.open().num_deleted(), 50U);
    expect_exact_answers(plaid);
    plaid.writer().compact();
    expect_exact_answers(plaid);
    plaid.writer().compact({.retrain = true});
    expect_exact_answers(plaid);
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(Retriever, FewProbesFindMostOfTheExactAnswerWithExactScores) {
  PlaidIndex plaid;
  plaid.fill_and_train();
  plaid.add(600, 20);
  plaid.remove(100, 30);
  const Index index = plaid.open();
  const Retriever retriever(index);
  const SearchOptions few{.plaid = {.n_ivf_probe = 2, .n_full_scores = 60}};
  const Rankings found = retriever.search(plaid.queries(), few, plaid.pool());
  const Rankings all = search_exact(plaid.queries(), index, {.k = 1000}, plaid.pool());
  size_t num_hits = 0, num_best = 0;
  for (size_t q = 0; q < found.size(); ++q) {
    for (const ScoredDocument& hit : found[q]) {
      EXPECT_EQ(std::ranges::count(all[q], hit), 1);
      num_best += static_cast<size_t>(std::count(all[q].begin(), all[q].begin() + 10, hit));
      ++num_hits;
    }
  }
  EXPECT_EQ(num_hits, 30U);
  EXPECT_GE(num_best, 27U);
  EXPECT_EQ(retrieve(plaid.queries(), index, few, plaid.pool()),
            retriever.retrieve(plaid.queries(), few, plaid.pool()));
}

/// Rows that are near to no centroid.
Embeddings queries_of_noise() {
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  std::vector<float> rows(20 * kDim);
  Embeddings queries;
  queries.dim = kDim;
  for (int query = 0; query < 8; ++query) {
    for (float& value : rows) value = normal(random);
    queries.append({rows.data(), 20, kDim});
  }
  return queries;
}

// The scores of the documents that few bits find are those of the vectors beside them, and with
// them the order.
TEST(Retriever, VectorsBesideTheCodesRankWhatOneBitHasFound) {
  PlaidIndex codes(1), vectors(1, Codec::int8);
  size_t with_codes = 0, with_vectors = 0;
  for (PlaidIndex* plaid : {&codes, &vectors}) {
    for (size_t batch = 0; batch < 6; ++batch) plaid->add(batch * 1000, 1000);
    plaid->writer().optimize();
  }
  const Index whole = vectors.open();
  const SearchOptions few{.k = 20, .plaid = {.n_ivf_probe = 4, .n_full_scores = 100}};
  const Rankings best = search_exact(vectors.queries(), whole, few, vectors.pool());
  const Rankings all = search_exact(vectors.queries(), whole, {.k = 6000}, vectors.pool());
  const Rankings found = Retriever(whole).search(vectors.queries(), few, vectors.pool());
  const Rankings coarse = Retriever(codes.open()).search(codes.queries(), few, codes.pool());
  for (size_t query = 0; query < best.size(); ++query) {
    const auto is_among = [&](const Rankings& ranking, const ScoredDocument& wanted) {
      return std::ranges::any_of(ranking[query], [&](const ScoredDocument& hit) {
        return hit.document == wanted.document;
      });
    };
    for (const ScoredDocument& hit : found[query]) {
      EXPECT_TRUE(std::ranges::find(all[query], hit) != all[query].end()) << hit.document;
    }
    for (const ScoredDocument& hit : best[query]) {
      with_codes += is_among(coarse, hit) ? 1 : 0;
      with_vectors += is_among(found, hit) ? 1 : 0;
    }
  }
  EXPECT_GT(with_vectors, 57U);  // of 60
  EXPECT_LT(with_codes + 6, with_vectors);
}

TEST(Retriever, ExactSearchIsRightWhereFewProbesAreNot) {
  PlaidIndex plaid(1);
  for (size_t batch = 0; batch < 6; ++batch) plaid.add(batch * 1000, 1000);
  plaid.writer().optimize();
  const Index index = plaid.open();
  const Retriever retriever(index);
  const Embeddings queries = queries_of_noise();
  SearchOptions few{.k = 5, .plaid = {.n_ivf_probe = 1, .n_full_scores = 1}};
  const Rankings best = search_exact(queries, index, few, plaid.pool());
  EXPECT_NE(retriever.search(queries, few, plaid.pool()), best);
  few.exact = true;
  EXPECT_EQ(retriever.search(queries, few, plaid.pool()), best);
}

TEST(Retriever, HitsAreNamedRerankedToThemselvesAndAligned) {
  PlaidIndex plaid;
  plaid.fill_and_train();
  plaid.remove(0, 50);
  const Index index = plaid.open();
  const Retriever retriever(index);
  const auto hits = retriever.retrieve(plaid.queries(), {.k = 20}, plaid.pool());
  std::vector<Ids> candidates;
  for (const auto& of_query : hits) {
    Ids& ids = candidates.emplace_back();
    for (const Hit& hit : of_query) ids.insert(ids.begin(), hit.id);
  }
  EXPECT_EQ(rerank(candidates, plaid.queries(), index, {}, plaid.pool()), hits);
  ASSERT_EQ(hits[0].size(), 20U);
  ASSERT_TRUE(hits[2].empty());  // no rows
  double sum = 0.0;
  for (const Alignment& match :
       align(plaid.queries().matrix(0), index, *index.find(hits[0][3].id))) {
    sum += static_cast<double>(match.similarity);
  }
  EXPECT_NEAR(sum, hits[0][3].score, 1e-4);
}

TEST(Retriever, KeepsItsSnapshotAndIsRefreshedToTheNext) {
  PlaidIndex plaid;
  plaid.fill_and_train();
  const Retriever before(plaid.open());
  const auto expected = before.retrieve(plaid.queries(), {}, plaid.pool());
  EXPECT_EQ(&before.refresh().index().live(), &before.index().live());
  const std::string best = expected[0][0].id;
  plaid.writer().remove(Ids{best});
  plaid.writer().compact({.retrain = true});
  EXPECT_EQ(before.retrieve(plaid.queries(), {}, plaid.pool()), expected);
  const Retriever after = before.refresh();
  EXPECT_EQ(after.index().size(), 599U);
  const SearchOptions all{.plaid = {.n_full_scores = kAll}};
  EXPECT_EQ(after.search(plaid.queries(), all, plaid.pool()),
            search_exact(plaid.queries(), plaid.open(), {}, plaid.pool()));
  const Retriever copy = after;
  EXPECT_EQ(copy.search(plaid.queries(), all, plaid.pool()),
            after.search(plaid.queries(), all, plaid.pool()));
}

TEST(Retriever, NothingIsFoundInAnIndexOfNothing) {
  PlaidIndex plaid;
  const Rankings none(plaid.queries().size());
  EXPECT_EQ(Retriever(plaid.open()).search(plaid.queries(), {}, plaid.pool()), none);
  plaid.fill_and_train();
  plaid.remove(0, 600);
  EXPECT_EQ(Retriever(plaid.open()).search(plaid.queries(), {}, plaid.pool()), none);
  plaid.writer().compact();
  EXPECT_EQ(Retriever(plaid.open()).search(plaid.queries(), {}, plaid.pool()), none);
}

TEST(Retriever, MistakesAreNamedForEveryKind) {
  PlaidIndex plaid;
  plaid.fill_and_train();
  index_search_testing::MirroredIndex exact(kDim);
  for (const Index& index : {plaid.open(), exact.open()}) {
    const Retriever retriever(index);
    const auto mistake = [&](const Embeddings& queries, const SearchOptions& options) {
      return message_of([&] { retriever.search(queries, options, plaid.pool()); });
    };
    const Filter other(7);
    EXPECT_EQ(mistake(plaid.queries(), {.k = 0}), "search: k must be at least 1, got 0");
    EXPECT_NE(mistake(plaid.queries(), {.filter = &other}).find("got one over 7"),
              std::string::npos);
    EXPECT_EQ(mistake(plaid.queries(), {.plaid = {.n_ivf_probe = 0}}),
              "search: n_ivf_probe must be at least 1, got 0");
    EXPECT_NE(mistake(plaid.queries(), {.plaid = {.centroid_score_threshold = NAN}})
                  .find("centroid_score_threshold"),
              std::string::npos);
    EXPECT_NE(mistake(index_testing::random_batch(7, {3}, 1), {}).find("dim"), std::string::npos);
  }
}

}  // namespace
}  // namespace maxsimd
