// Times exact search over token vectors in memory, for each codec and number of threads.
//
//   bench_scan [--documents 5183] [--queries 32] [--dim 96] [--k 100] [--threads 1 --threads 2]
//              [--codec int8] [--isa avx2]
//              [--document-embeddings FILE.npz --query-embeddings FILE.npz]
//
// The default shape is SciFact's: 5,183 documents, 1.22 M vectors of dim 96 (seeded random unit
// vectors: the work does not depend on the values), queries of 32 rows; files
// of `maxsimd encode` may stand in for both. One line a measurement:
//   single   one query a call
//   batch    all queries in one call, time divided by their number
//   kernel   one thread, nothing but the MaxSim kernel: what is left is the search's overhead
// "processor" is the processor time of all threads, for a machine that has other work as well.
// The GMAC/s are multiply-adds of the dot products, padding of the query to a multiple of 32 rows
// not counted.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <random>
#include <string>
#include <vector>

#include "maxsimd/data/embeddings_file.h"
#include "maxsimd/search/exact_search.h"

namespace {

using namespace maxsimd;
using Clock = std::chrono::steady_clock;

constexpr size_t kQueryRows = 32;
constexpr int kRounds = 3;

struct Shape {
  size_t num_documents = 5183;
  size_t num_queries = 32;
  size_t dim = 96;
  size_t k = 100;
};

Embeddings random_items(size_t dim, const std::vector<size_t>& lengths, std::mt19937& random) {
  std::normal_distribution<float> normal;
  Embeddings batch;
  batch.dim = dim;
  std::vector<float> row(dim);
  for (const size_t length : lengths) {
    for (size_t r = 0; r < length; ++r) {
      float squares = 0.0F;
      for (float& value : row) {
        value = normal(random);
        squares += value * value;
      }
      for (const float value : row) batch.values.push_back(value / std::sqrt(squares));
    }
    batch.offsets.push_back(batch.offsets.back() + length);
  }
  return batch;
}

// Token counts of abstracts cut at 300, as SciFact's: mean 236.
std::vector<size_t> document_lengths(size_t count, std::mt19937& random) {
  std::normal_distribution<double> normal(245.0, 60.0);
  std::vector<size_t> lengths(count);
  for (size_t& length : lengths) {
    length = static_cast<size_t>(std::clamp(normal(random), 20.0, 300.0));
  }
  return lengths;
}

void append_random_documents(const Shape& shape, CodedEmbeddings& documents) {
  constexpr size_t kBatch = 256;
  std::mt19937 random(1);
  const std::vector<size_t> lengths = document_lengths(shape.num_documents, random);
  for (size_t begin = 0; begin < lengths.size(); begin += kBatch) {
    const size_t end = std::min(begin + kBatch, lengths.size());
    documents.append(random_items(
        shape.dim,
        {lengths.begin() + static_cast<long>(begin), lengths.begin() + static_cast<long>(end)},
        random));
  }
}

// At most num_queries queries of the file; random ones without a file.
std::vector<Embeddings> make_queries(const Shape& shape, const std::string& path) {
  std::mt19937 random(2);
  const Embeddings all =
      path.empty()
          ? random_items(shape.dim, std::vector<size_t>(shape.num_queries, kQueryRows), random)
          : read_embeddings(path).embeddings;
  std::vector<Embeddings> queries(std::min(shape.num_queries, all.size()));
  for (size_t q = 0; q < queries.size(); ++q) {
    queries[q].dim = all.dim;
    queries[q].append(all.matrix(q));
  }
  return queries;
}

double mean_rows(const std::vector<Embeddings>& queries) {
  double rows = 0.0;
  for (const Embeddings& query : queries) rows += static_cast<double>(query.num_tokens());
  return rows / static_cast<double>(queries.size());
}

double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(share * static_cast<double>(values.size() - 1))];
}

// Wall time and processor time (of all threads), milliseconds a query.
class Timer {
 public:
  template <class Call>
  void time(Call call, size_t num_queries = 1) {
    const auto wall = Clock::now();
    const std::clock_t cpu = std::clock();
    call();
    const double queries = static_cast<double>(num_queries);
    cpu_.push_back(1e3 * static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC / queries);
    wall_.push_back(std::chrono::duration<double, std::milli>(Clock::now() - wall).count() /
                    queries);
  }

  void report(const char* what, size_t threads, const CodedEmbeddings& documents,
              const std::vector<Embeddings>& queries) const {
    const double p50 = quantile(wall_, 0.5);
    const double tokens = static_cast<double>(documents.num_tokens());
    const double multiply_adds = tokens * mean_rows(queries) * static_cast<double>(documents.dim());
    std::printf(
        "%-8s %-7s %zu thread(s): ms a query p50 %6.1f p95 %6.1f best %6.1f, processor %6.1f; "
        "%5.1f GMAC/s; %.2f M tokens of %zu bytes\n",
        std::string(codec_name(documents.codec())).c_str(), what, threads, p50,
        quantile(wall_, 0.95), quantile(wall_, 0.0), quantile(cpu_, 0.5), multiply_adds / p50 / 1e6,
        tokens / 1e6, bytes_per_vector(documents.codec(), documents.dim()));
    std::fflush(stdout);
  }

 private:
  std::vector<double> wall_;
  std::vector<double> cpu_;
};

void bench_kernel(const CodedEmbeddings& documents, const std::vector<Embeddings>& queries) {
  const kernels::KernelTable& kernels = documents.kernels();
  AlignedBuffer<float> best;
  Timer timer;
  for (const Embeddings& query : queries) {
    const kernels::PackedF32 packed_f32(query.matrix(0));
    const kernels::PackedI8 packed_i8(query.matrix(0));
    best.ensure(packed_i8.num_panels() * kernels::kPanelColumns);
    timer.time([&] {
      for (DocId document = 0; document < documents.size(); ++document) {
        const CodedRows rows = documents.rows(document);
        if (rows.codec == Codec::int8) {
          kernels.maxsim_i8(packed_i8, rows.codes_as<int8_t>(), code_stride(rows.codec, rows.dim),
                            rows.scales.data(), rows.num_rows(), best.data());
        } else if (rows.codec == Codec::float16) {
          kernels.maxsim_f16(packed_f32, rows.codes_as<uint16_t>(), rows.num_rows(), best.data());
        } else {
          kernels.maxsim_f32(packed_f32, rows.codes_as<float>(), rows.num_rows(), best.data());
        }
      }
    });
  }
  timer.report("kernel", 1, documents, queries);
}

void bench_search(const CodedEmbeddings& documents, const std::vector<Embeddings>& queries,
                  size_t threads, size_t k) {
  ThreadPool pool(threads);
  Embeddings all;
  all.dim = documents.dim();
  for (const Embeddings& query : queries) all.append(query.matrix(0));
  Timer single, batch;
  for (int round = 0; round < kRounds; ++round) {
    for (const Embeddings& query : queries) {
      single.time([&] { search_exact(query, documents, {.k = k}, pool); });
    }
    batch.time([&] { search_exact(all, documents, {.k = k}, pool); }, queries.size());
  }
  single.report("single", threads, documents, queries);
  batch.report("batch", threads, documents, queries);
}

}  // namespace

int main(int argc, char** argv) {
  Shape shape;
  std::vector<size_t> threads;
  std::vector<std::string> codec_names;
  std::string isa_name, document_path, query_path;
  CLI::App app{"Times exact search over token vectors in memory"};
  app.add_option("--documents", shape.num_documents);
  app.add_option("--queries", shape.num_queries)->check(CLI::PositiveNumber);
  app.add_option("--dim", shape.dim)->check(CLI::PositiveNumber);
  app.add_option("--k", shape.k)->check(CLI::PositiveNumber);
  app.add_option("--threads", threads, "default: 1 and 2");
  app.add_option("--codec", codec_names, "default: float32, float16 and int8")
      ->check(CLI::IsMember({"float32", "float16", "int8"}));
  app.add_option("--isa", isa_name, "instruction set instead of the best one");
  app.add_option("--document-embeddings", document_path)->check(CLI::ExistingFile);
  app.add_option("--query-embeddings", query_path)->check(CLI::ExistingFile);
  CLI11_PARSE(app, argc, argv);
  if (threads.empty()) threads = {1, 2};
  if (codec_names.empty()) codec_names = {"float32", "float16", "int8"};
  const kernels::Isa isa = kernels::isa_from_name(isa_name).value_or(kernels::best_isa());

  Embeddings given;
  if (!document_path.empty()) given = read_embeddings(document_path).embeddings;
  if (!document_path.empty()) shape.dim = given.dim;
  const std::vector<Embeddings> queries = make_queries(shape, query_path);
  if (queries.empty() || queries.front().dim != shape.dim) {
    std::fprintf(stderr, "bench_scan: expected at least one query, of dim %zu\n", shape.dim);
    return 2;
  }
  for (const std::string& codec_name : codec_names) {
    CodedEmbeddings documents(shape.dim, *codec_from_name(codec_name), isa);
    if (document_path.empty()) {
      append_random_documents(shape, documents);
    } else {
      documents.append(given);
    }
    std::printf("%zu documents of dim %zu, %s\n", documents.size(), shape.dim,
                std::string(kernels::isa_name(isa)).c_str());
    bench_kernel(documents, queries);
    for (const size_t count : threads) bench_search(documents, queries, count, shape.k);
  }
  return 0;
}
