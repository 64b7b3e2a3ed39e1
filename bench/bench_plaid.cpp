// Times PLAID search stage by stage over seeded token vectors in clusters, the size of SciFact:
// 5,183 documents, 1.24 M vectors of dim 96, 16,384 centroids, queries of 32 rows.
//
//   bench_plaid [--documents 5183] [--dim 96] [--centroids 16384] [--nbits 4] [--queries 50]
//               [--query-rows 32] [--n-ivf-probe 8] [--n-full-scores 192] [--k 10]
//               [--threads 1 --threads 2] [--isa avx2] [--recall]
//
// Centroids are the centres that the vectors were drawn around. One line a stage and number of
// threads, milliseconds a query; "search" is the call as a whole. --recall compares with exact
// search over the decoded vectors (some seconds, 1 GB).
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "maxsimd/evaluation/timed_run.h"
#include "maxsimd/search/exact_search.h"
#include "maxsimd/search/plaid_search.h"
#include "maxsimd/search/plaid_testing.h"
#include "scan_input.h"

namespace {

using namespace maxsimd;
using plaid_testing::TestCodebook;
using plaid_testing::TestCorpus;
using Clock = std::chrono::steady_clock;

constexpr int kRounds = 5;
constexpr size_t kTopics = 2048;

struct Shape {
  size_t documents = 5183;
  size_t dim = 96;
  size_t centroids = 16384;
  size_t nbits = 4;
  size_t queries = 50;
  size_t query_rows = 32;
};

/// Centres lie around topics, a document's vectors around centres of some topics.
class Generator {
 public:
  explicit Generator(const Shape& shape)
      : shape_(shape), random_(1), codebook_{shape.dim, shape.nbits, {}, {}, {}} {
    std::vector<float> topics;
    for (size_t t = 0; t < kTopics; ++t) append_near(nullptr, 1.0F, topics);
    for (size_t c = 0; c < shape.centroids; ++c) {
      append_near(topics.data() + c % kTopics * shape.dim, 0.7F, codebook_.centroids);
    }
  }

  void draw(size_t rows, Embeddings& batch, std::vector<uint16_t>* ids) {
    std::vector<size_t> topics(24);
    for (size_t& topic : topics) topic = random_() % kTopics;
    std::vector<float> values;
    for (size_t r = 0; r < rows; ++r) {
      const size_t per_topic = shape_.centroids / kTopics;
      const size_t centroid = random_() % per_topic * kTopics + topics[random_() % topics.size()];
      if (ids != nullptr) ids->push_back(static_cast<uint16_t>(centroid));
      append_near(codebook_.centroids.data() + centroid * shape_.dim, 0.5F, values);
    }
    batch.append({values.data(), rows, shape_.dim});
  }

  std::mt19937& random() { return random_; }
  TestCodebook& codebook() { return codebook_; }

 private:
  void append_near(const float* centre, float spread, std::vector<float>& out) {
    std::vector<float> row(shape_.dim);
    const float scale = spread / std::sqrt(static_cast<float>(shape_.dim));
    float squares = 0.0F;
    for (size_t d = 0; d < shape_.dim; ++d) {
      row[d] = scale * normal_(random_) + (centre == nullptr ? 0.0F : centre[d]);
      squares += row[d] * row[d];
    }
    for (const float value : row) out.push_back(value / std::sqrt(squares));
  }

  Shape shape_;
  std::mt19937 random_;
  std::normal_distribution<float> normal_;
  TestCodebook codebook_;
};

struct Stages {
  std::vector<double> centroids, candidates, approximate, selected, residuals, rank, total;
  size_t num_candidates = 0, num_ranked = 0;
};

double since(Clock::time_point& from) {
  const auto now = Clock::now();
  const double ms = std::chrono::duration<double, std::milli>(now - from).count();
  from = now;
  return ms;
}

void bench_threads(const TestCorpus& corpus, const Embeddings& queries, size_t k,
                   const PlaidParameters& parameters, kernels::Isa isa, size_t threads) {
  const PlaidCorpus view = corpus.view(isa);
  const size_t n_full_scores = std::max(parameters.n_full_scores, k);
  PlaidQuery query(view);
  const PlaidSearch search(view);
  ThreadPool pool(threads);
  Stages stages;
  std::vector<double> whole;
  for (int round = 0; round < kRounds; ++round) {
    for (size_t q = 0; q < queries.size(); ++q) {
      const auto start = Clock::now();
      auto at = start;
      query.score_centroids(queries.matrix(q), pool);
      stages.centroids.push_back(since(at));
      query.find_candidates(corpus.live(), corpus.live().count(), parameters,
                            kSelectedPerFull * n_full_scores);
      stages.num_candidates += query.num_candidates();
      stages.candidates.push_back(since(at));
      query.approximate(kSelectedPerFull * n_full_scores, pool);
      stages.approximate.push_back(since(at));
      if (query.num_vectors() > kVectorsInFull) query.score_selected(n_full_scores, pool);
      stages.selected.push_back(since(at));
      query.score_residuals(pool);
      stages.residuals.push_back(since(at));
      query.rank(k, pool);
      stages.rank.push_back(since(at));
      stages.num_ranked += query.num_ranked();
      auto begin = start;
      stages.total.push_back(since(begin));
    }
    for (size_t q = 0; q < queries.size(); ++q) {
      const Embeddings one = queries.item(q);
      auto at = Clock::now();
      search.search(one, queries.dim, corpus.live(), {.k = k, .plaid = parameters}, pool);
      whole.push_back(since(at));
    }
  }
  const size_t runs = stages.total.size();
  std::printf("%zu thread(s), %s: %zu candidates, %zu scored from residuals, %zu in float32\n",
              threads, std::string(kernels::isa_name(isa)).c_str(), stages.num_candidates / runs,
              query.num_survivors(), stages.num_ranked / runs);
  const auto line = [](const char* what, const std::vector<double>& times) {
    std::printf("  %-12s p50 %7.3f ms  p95 %7.3f  best %7.3f\n", what, quantile(times, 0.5),
                quantile(times, 0.95), quantile(times, 0.0));
  };
  line("centroids", stages.centroids);
  line("candidates", stages.candidates);
  line("approximate", stages.approximate);
  line("selected", stages.selected);
  line("residuals", stages.residuals);
  line("rank", stages.rank);
  line("all stages", stages.total);
  line("search", whole);
  std::fflush(stdout);
}

void print_recall(const TestCorpus& corpus, const Embeddings& queries,
                  const PlaidParameters& parameters) {
  ThreadPool pool(2);
  CodedEmbeddings decoded(queries.dim, Codec::float32);
  decoded.append(corpus.decoded());
  const PlaidSearch search(corpus.view());
  for (const size_t k : {10U, 100U}) {
    const auto expected = search_exact(queries, decoded, {.k = k}, pool);
    const auto got =
        search.search(queries, queries.dim, corpus.live(), {.k = k, .plaid = parameters}, pool);
    size_t found = 0;
    for (size_t q = 0; q < queries.size(); ++q) {
      for (const ScoredDocument& hit : expected[q]) {
        found += static_cast<size_t>(std::count(got[q].begin(), got[q].end(), hit));
      }
    }
    std::printf("recall@%zu of exact search %.4f\n", k,
                static_cast<double>(found) / static_cast<double>(k * queries.size()));
  }
}

}  // namespace

int main(int argc, char** argv) {
  Shape shape;
  PlaidParameters parameters;
  size_t k = 10;
  bool with_recall = false;
  std::vector<size_t> threads = {1, 2};
  std::string isa_name;
  CLI::App app{"Times PLAID search over clustered token vectors in memory"};
  app.add_option("--documents", shape.documents)->check(CLI::PositiveNumber);
  app.add_option("--dim", shape.dim)->check(CLI::PositiveNumber);
  app.add_option("--centroids", shape.centroids)->check(CLI::Range(kTopics, size_t{65536}));
  app.add_option("--nbits", shape.nbits)->check(CLI::IsMember({1, 2, 4}));
  app.add_option("--queries", shape.queries)->check(CLI::PositiveNumber);
  app.add_option("--query-rows", shape.query_rows)->check(CLI::PositiveNumber);
  app.add_option("--n-ivf-probe", parameters.n_ivf_probe);
  app.add_option("--n-full-scores", parameters.n_full_scores);
  app.add_option("--k", k)->check(CLI::PositiveNumber);
  app.add_option("--threads", threads, "default: 1 and 2");
  app.add_option("--isa", isa_name, "instruction set instead of the best one");
  app.add_flag("--recall", with_recall);
  CLI11_PARSE(app, argc, argv);
  const kernels::Isa isa = kernels::isa_from_name(isa_name).value_or(kernels::best_isa());

  Generator generator(shape);
  Embeddings documents, queries;
  documents.dim = queries.dim = shape.dim;
  std::vector<uint16_t> ids;
  std::normal_distribution<double> length(242.0, 60.0);
  for (size_t i = 0; i < shape.documents; ++i) {
    const double rows = std::clamp(length(generator.random()), 20.0, 300.0);
    generator.draw(static_cast<size_t>(rows), documents, &ids);
  }
  for (size_t q = 0; q < shape.queries; ++q) generator.draw(shape.query_rows, queries, nullptr);
  TestCorpus corpus(generator.codebook(), documents, std::move(ids));
  std::vector<DocId> numbers(shape.documents);
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = i;
  corpus.add_segment(std::move(numbers), true);
  std::printf("%zu documents, %.2f M vectors of dim %zu, %zu centroids, %zu bits\n",
              documents.size(), static_cast<double>(documents.num_tokens()) / 1e6, shape.dim,
              shape.centroids, shape.nbits);
  for (const size_t count : threads) bench_threads(corpus, queries, k, parameters, isa, count);
  if (with_recall) print_recall(corpus, queries, parameters);
  return 0;
}
