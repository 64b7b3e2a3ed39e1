// Index kinds on real text: what kinds plaid and hnsw find of what exact search finds, and that a
// query's first hits do not depend on how many are asked for. models/mini encodes scifact of
// ../shared/data; skipped where that is not here. Tables with times: docs/performance.md.
#include <gtest/gtest.h>

#include <cstdio>
#include <optional>
#include <set>

#include "maxsimd/index/index_writer.h"
#include "maxsimd/search/retriever.h"
#include "tests/quality/quality_support.h"
#include "tests/support/temp_folder.h"

namespace maxsimd::quality_testing {
namespace {

using testing_support::TempFolder;

using Hits = std::vector<std::vector<Hit>>;

/// The first documents of scifact, encoded, and its test queries.
struct Scifact {
  BeirData data;
  Embeddings documents, queries;

  explicit Scifact(size_t most_documents, std::vector<std::string> more_queries = {}) {
    data = load_beir(shared() / "data" / "scifact", "test");
    data.query_texts.insert(data.query_texts.end(), more_queries.begin(), more_queries.end());
    data.document_ids.resize(std::min(most_documents, data.document_ids.size()));
    const ColBERT model =
        ColBERT::load(MAXSIMD_SOURCE_DIR "/models/mini", {.precision = Precision::bf16});
    documents = encode_all(model, std::span(data.document_texts).first(data.document_ids.size()),
                           TextKind::document);
    queries = encode_all(model, data.query_texts, TextKind::query);
  }

  static bool is_here() { return std::filesystem::exists(shared() / "data" / "scifact"); }
};

/// An index of all documents in a folder that is gone afterwards.
class TestIndex {
 public:
  TestIndex(const Scifact& scifact, IndexKind kind, Codec codec, size_t nbits, ThreadPool& pool) {
    IndexWriter writer = IndexWriter::create(folder_.path() / "index",
                                             {.dim = scifact.documents.dim,
                                              .kind = kind,
                                              .codec = codec,
                                              .nbits = nbits,
                                              .m = 16,
                                              .ef_construction = 100},
                                             {.pool = &pool});
    writer.add({.ids = scifact.data.document_ids, .embeddings = &scifact.documents});
    writer.optimize();
    retriever_.emplace(writer.snapshot());
  }

  const Index& index() const { return retriever_->index(); }
  Hits search(const Scifact& scifact, const SearchOptions& options, ThreadPool& pool) const {
    return retriever_->retrieve(scifact.queries, options, pool);
  }

 private:
  TempFolder folder_;
  std::optional<Retriever> retriever_;
};

std::vector<std::string> first_ids(const std::vector<Hit>& hits, size_t count) {
  std::vector<std::string> ids;
  for (size_t i = 0; i < std::min(count, hits.size()); ++i) ids.push_back(hits[i].id);
  return ids;
}

/// How many of the first k of `wanted` are among the first k of `found`, over all queries.
double recall(const Hits& found, const Hits& wanted, size_t k) {
  size_t both = 0, all = 0;
  for (size_t q = 0; q < wanted.size(); ++q) {
    const auto ids = first_ids(found[q], k);
    const std::set<std::string> there(ids.begin(), ids.end());
    for (const std::string& id : first_ids(wanted[q], k)) both += there.contains(id);
    all += std::min(k, wanted[q].size());
  }
  return static_cast<double>(both) / static_cast<double>(all);
}

double ndcg10(const Scifact& scifact, const Hits& hits) {
  Run run;
  for (size_t q = 0; q < scifact.data.query_ids.size(); ++q) {
    run[scifact.data.query_ids[q]] = hits[q];
  }
  return evaluate_run(scifact.data.qrels, run, std::vector<Metric>{parse_metric("nDCG@10")})
      .means[0];
}

struct Form {
  const char* name;
  IndexKind kind;
  Codec codec;
  size_t nbits;
};

constexpr Form kForms[] = {
    {"plaid, 4 bits", IndexKind::plaid, Codec::residual, 4},
    {"plaid, 2 bits", IndexKind::plaid, Codec::residual, 2},
    {"plaid, 4 bits and int8", IndexKind::plaid, Codec::int8, 4},
    {"hnsw", IndexKind::hnsw, Codec::int8, 0},
};

/// Places among the first k that two answers fill differently, over all queries.
size_t num_different(const Hits& a, const Hits& b, size_t k) {
  size_t count = 0;
  for (size_t q = 0; q < a.size(); ++q) {
    const auto of_a = first_ids(a[q], k), of_b = first_ids(b[q], k);
    for (size_t i = 0; i < std::min(of_a.size(), of_b.size()); ++i) count += of_a[i] != of_b[i];
  }
  return count;
}

// The last query is "fever". Up to n_full_scores (192) an answer is the beginning of any longer
// one; beyond, and for graphs where more documents are asked for than k_token brings, more are
// looked at, and one may turn up among the first.
TEST(IndexKinds, B36TheFirstTenAreTheSameForEveryK) {
  if (!Scifact::is_here()) GTEST_SKIP() << "SKIPPED: no ../shared/data/scifact; B36 untested";
  const Scifact scifact(800, {"fever"});
  ThreadPool pool(2);
  for (const Form& form : kForms) {
    SCOPED_TRACE(form.name);
    const TestIndex index(scifact, form.kind, form.codec, form.nbits, pool);
    const Hits all = index.search(scifact, {.k = 800}, pool);
    const Hits at_192 = index.search(scifact, {.k = 192}, pool);
    for (const size_t k : {1U, 10U, 128U, 129U, 192U, 200U, 500U, 800U}) {
      const Hits hits = index.search(scifact, {.k = k}, pool);
      for (const auto& ranking : hits) ASSERT_EQ(ranking.size(), k);
      EXPECT_EQ(first_ids(hits.back(), 10), first_ids(all.back(), std::min<size_t>(k, 10))) << k;
      if (k <= 192 && form.kind == IndexKind::plaid) {
        EXPECT_EQ(num_different(hits, at_192, k), 0U) << k;
      }
      const size_t different = num_different(hits, all, 10);
      std::printf("[ quality  ] %s, k %zu: %zu of %zu places differ from k 800's\n", form.name,
                  static_cast<size_t>(k), different, hits.size() * std::min<size_t>(k, 10));
      EXPECT_LE(different, hits.size() * std::min<size_t>(k, 10) / 200) << k;
    }
    const SearchOptions whole = {.k = 800, .plaid = {.n_ivf_probe = 65536, .n_full_scores = 800}};
    SearchOptions exact = whole;
    exact.exact = true;
    EXPECT_EQ(
        num_different(index.search(scifact, whole, pool), index.search(scifact, exact, pool), 800),
        0U);
  }
}

/// The least that a form finds with the defaults. Measured, in docs/performance.md: about 0.005
/// more each.
struct Least {
  Form form;
  double recall10, recall100, bytes_per_token;
};

const Least kLeast[] = {
    {kForms[0], 0.973, 0.97, 56},
    {kForms[1], 0.91, 0.92, 32.5},
    {kForms[2], 0.99, 0.982, 156.5},
};

TEST(IndexKinds, PlaidFindsWhatExactSearchFinds) {
  if (!Scifact::is_here()) GTEST_SKIP() << "SKIPPED: no ../shared/data/scifact; recall untested";
  const Scifact scifact(100'000);
  ThreadPool pool(2);
  const SearchOptions options = {.k = kHits};
  Hits exact;
  {
    const TestIndex index(scifact, IndexKind::exact, Codec::float32, 0, pool);
    exact = index.search(scifact, options, pool);
  }
  for (const Least& least : kLeast) {
    SCOPED_TRACE(least.form.name);
    const TestIndex index(scifact, least.form.kind, least.form.codec, least.form.nbits, pool);
    const Hits hits = index.search(scifact, options, pool);
    const double at_10 = recall(hits, exact, 10), at_100 = recall(hits, exact, kHits);
    const double quality = ndcg10(scifact, hits), ceiling = ndcg10(scifact, exact);
    std::printf(
        "[ quality  ] %s: recall@10 %.4f, @100 %.4f, nDCG@10 %.4f (exact %.4f), %.1f bytes\n",
        least.form.name, at_10, at_100, quality, ceiling, index.index().bytes_per_token());
    EXPECT_GE(at_10, least.recall10);
    EXPECT_GE(at_100, least.recall100);
    EXPECT_NEAR(quality, ceiling, 0.003);
    EXPECT_LE(index.index().bytes_per_token(), least.bytes_per_token);
  }
}

}  // namespace
}  // namespace maxsimd::quality_testing
