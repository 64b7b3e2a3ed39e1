// Times building and searching a graph over token vectors (HNSW), and what it finds of the exact
// neighbours.
//
//   bench_graph [--vectors 200000] [--dim 96] [--m 64] [--ef-construction 200] [--k 10]
//               [--threads 1 --threads 2] [--ef 50 --ef 100 --ef 200] [--queries 500] [--isa avx2]
//               [--document-embeddings FILE.npz --query-embeddings FILE.npz]
//
// Vectors in seeded clusters whose directions have unequal variance, as token vectors', or those of
// files of `maxsimd encode`. Each query vector is searched for by itself, on one thread, in the
// processor time given. "exact" is the comparison with all vectors, which also says what should be
// found.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <random>
#include <string>
#include <vector>

#include "maxsimd/base/aligned_buffer.h"
#include "maxsimd/base/elapsed.h"
#include "maxsimd/data/embeddings_file.h"
#include "maxsimd/graph/graph_builder.h"
#include "maxsimd/graph/graph_search.h"

namespace {

using namespace maxsimd;
using Clock = std::chrono::steady_clock;

constexpr size_t kClusterSize = 64;

struct Options {
  size_t num_vectors = 200000;
  size_t num_queries = 500;
  size_t dim = 96;
  size_t k = 10;
  GraphOptions graph;
  std::vector<size_t> threads = {1, 2};
  std::vector<size_t> efs = {50, 100, 200};
  std::string document_path, query_path;
};

// Vectors coded as the store does.
class CodedVectors {
 public:
  CodedVectors(MatrixView<const float> rows, const kernels::KernelTable& kernels)
      : stride_((rows.cols + 3) / 4 * 4), codes_(rows.rows * stride_), scales_(rows.rows) {
    kernels.quantize_rows_i8(rows.data, rows.cols, rows.rows, rows.cols, codes_.data(), stride_,
                             scales_.data());
  }
  VectorsI8 view() const { return {codes_.span(), stride_, scales_.span()}; }
  std::span<const int8_t> row(size_t r) const {
    return codes_.span().subspan(r * stride_, stride_);
  }

 private:
  size_t stride_;
  AlignedBuffer<int8_t> codes_;
  AlignedBuffer<float> scales_;
};

// Unit vectors; direction d has a variance of 1 / (1 + d / 8), half of it between clusters.
class ClusteredVectors {
 public:
  ClusteredVectors(size_t num_clusters, size_t dim) : dim_(dim), centres_(num_clusters * dim) {
    for (size_t i = 0; i < centres_.size(); ++i) centres_[i] = draw(i % dim);
  }
  std::vector<float> draw_rows(size_t count) {
    std::vector<float> rows(count * dim_);
    for (size_t r = 0; r < count; ++r) {
      const size_t centre = random_() % (centres_.size() / dim_);
      float squares = 0.0F;
      float* row = rows.data() + r * dim_;
      for (size_t d = 0; d < dim_; ++d) {
        row[d] = centres_[centre * dim_ + d] + draw(d);
        squares += row[d] * row[d];
      }
      for (size_t d = 0; d < dim_; ++d) row[d] /= std::sqrt(squares);
    }
    return rows;
  }

 private:
  float draw(size_t d) { return normal_(random_) / std::sqrt(1.0F + static_cast<float>(d) / 8.0F); }
  size_t dim_;
  std::mt19937 random_{1};
  std::normal_distribution<float> normal_;
  std::vector<float> centres_;
};

using Answers = std::vector<std::vector<Neighbour>>;

double processor_seconds_since(std::clock_t start) {
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

// Prints a line; `exact` is what should be found, when it is known.
Answers bench_search(const GraphSearch& search, const CodedVectors& queries, size_t count,
                     const GraphSearchOptions& options, const Answers* exact) {
  GraphScratch scratch;
  Answers answers(count);
  const std::clock_t start = std::clock();
  for (size_t q = 0; q < count; ++q) {
    const auto found = search.search(queries.row(q), options, scratch);
    answers[q].assign(found.begin(), found.end());
  }
  const double microseconds = 1e6 * processor_seconds_since(start) / static_cast<double>(count);
  if (exact == nullptr) {
    std::printf("exact: %.1f us a search\n", microseconds);
    return answers;
  }
  size_t common = 0;
  for (size_t q = 0; q < count; ++q) {
    for (const Neighbour& hit : answers[q]) {
      common += std::find((*exact)[q].begin(), (*exact)[q].end(), hit) != (*exact)[q].end();
    }
  }
  std::printf("ef %zu: recall@%zu %.4f, %.1f us a search\n", options.ef, options.k,
              static_cast<double>(common) / static_cast<double>(count * options.k), microseconds);
  std::fflush(stdout);
  return answers;
}

std::vector<std::byte> bench_build(const VectorsI8& vectors, const Options& options) {
  std::vector<std::byte> bytes;
  for (const size_t threads : options.threads) {
    ThreadPool pool(threads);
    const auto start = Clock::now();
    const std::clock_t cpu = std::clock();
    bytes = build_graph(vectors, options.graph, pool);
    std::printf("build: m %zu, ef_construction %zu, %zu thread(s): %.1f s, processor %.1f s\n",
                options.graph.m, options.graph.ef_construction, threads, seconds_since(start),
                processor_seconds_since(cpu));
    std::fflush(stdout);
  }
  return bytes;
}

void report_size(const GraphView& graph, size_t num_bytes, size_t stride) {
  const auto n = static_cast<double>(graph.size());
  const double links = static_cast<double>(graph.level(0).all_links.size()) / n;
  const double graph_bytes = static_cast<double>(num_bytes) / n;
  const double vector_bytes = static_cast<double>(stride + sizeof(float));
  std::printf(
      "size: %.1f links a vector on level 0, %zu levels; %.1f bytes a vector, %.1f with the "
      "vectors\n",
      links, graph.num_levels(), graph_bytes, graph_bytes + vector_bytes);
}

void run(const Options& options, MatrixView<const float> documents,
         MatrixView<const float> query_rows) {
  const kernels::KernelTable& kernels = kernels::kernel_table(options.graph.isa);
  const CodedVectors vectors(documents, kernels);
  const CodedVectors queries(query_rows, kernels);
  std::printf("%zu vectors of dim %zu, %zu queries, %s\n", documents.rows, documents.cols,
              query_rows.rows, std::string(kernels::isa_name(options.graph.isa)).c_str());
  const std::vector<std::byte> bytes = bench_build(vectors.view(), options);
  const GraphView graph = GraphView::parse(bytes, documents.rows);
  report_size(graph, bytes.size(), vectors.view().stride);
  const GraphSearch search(graph, vectors.view(), options.graph.isa);
  // With an ef of all vectors they are compared one by one.
  const Answers exact = bench_search(search, queries, query_rows.rows,
                                     {.k = options.k, .ef = documents.rows}, nullptr);
  for (const size_t ef : options.efs) {
    bench_search(search, queries, query_rows.rows, {.k = options.k, .ef = ef}, &exact);
  }
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  std::string isa_name;
  CLI::App app{"Times building and searching a graph over token vectors"};
  app.add_option("--vectors", options.num_vectors)->check(CLI::PositiveNumber);
  app.add_option("--queries", options.num_queries)->check(CLI::PositiveNumber);
  app.add_option("--dim", options.dim)->check(CLI::PositiveNumber);
  app.add_option("--k", options.k)->check(CLI::PositiveNumber);
  app.add_option("--m", options.graph.m);
  app.add_option("--ef-construction", options.graph.ef_construction);
  app.add_option("--threads", options.threads, "default: 1 and 2");
  app.add_option("--ef", options.efs, "default: 50, 100 and 200");
  app.add_option("--isa", isa_name, "instruction set instead of the best one");
  app.add_option("--document-embeddings", options.document_path)->check(CLI::ExistingFile);
  app.add_option("--query-embeddings", options.query_path)
      ->check(CLI::ExistingFile)
      ->needs("--document-embeddings");
  CLI11_PARSE(app, argc, argv);
  options.graph.isa = kernels::isa_from_name(isa_name).value_or(kernels::best_isa());

  if (options.document_path.empty()) {
    ClusteredVectors source(options.num_vectors / kClusterSize + 1, options.dim);
    const std::vector<float> documents = source.draw_rows(options.num_vectors);
    const std::vector<float> queries = source.draw_rows(options.num_queries);
    run(options, {documents.data(), options.num_vectors, options.dim},
        {queries.data(), options.num_queries, options.dim});
  } else {
    const Embeddings documents = read_embeddings(options.document_path).embeddings;
    const Embeddings queries = read_embeddings(options.query_path).embeddings;
    run(options,
        {documents.values.data(), std::min(options.num_vectors, documents.num_tokens()),
         documents.dim},
        {queries.values.data(), std::min(options.num_queries, queries.num_tokens()), queries.dim});
  }
  return 0;
}
