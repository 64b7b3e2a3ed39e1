// Times exact search over token vectors in memory, for each codec and number of threads.
//
//   bench_scan [--documents 5183] [--queries 32] [--dim 96] [--k 100] [--threads 1 --threads 2]
//              [--codec int8] [--isa avx2]
//              [--document-embeddings FILE.npz --query-embeddings FILE.npz]
//
// Random vectors in the shape of SciFact, or those of files of `maxsimd encode`. One line a
// measurement:
//   single   one query a call
//   batch    all queries in one call, time divided by their number
//   kernel   one thread, nothing but the MaxSim kernel: what is left is the search's overhead
// "processor" is the processor time of all threads, for a machine that has other work as well.
// The GMAC/s are multiply-adds of the dot products, padding of the query to a multiple of 32 rows
// not counted.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include "maxsimd/evaluation/timed_run.h"
#include "maxsimd/search/exact_search.h"
#include "scan_input.h"

namespace {

using namespace maxsimd;
using bench::ScanInput;
using Clock = std::chrono::steady_clock;

constexpr int kRounds = 3;

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
              const ScanInput& input) const {
    const double p50 = quantile(wall_, 0.5);
    const double tokens = static_cast<double>(documents.num_tokens());
    const double multiply_adds =
        tokens * input.mean_query_rows() * static_cast<double>(documents.dim());
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

void bench_kernel(const CodedEmbeddings& documents, const ScanInput& input) {
  const kernels::KernelTable& kernels = documents.kernels();
  AlignedBuffer<float> best;
  Timer timer;
  for (const Embeddings& query : input.queries()) {
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
  timer.report("kernel", 1, documents, input);
}

void bench_search(const CodedEmbeddings& documents, const ScanInput& input, size_t threads,
                  size_t k) {
  ThreadPool pool(threads);
  const Embeddings all = input.all_queries();
  Timer single, batch;
  for (int round = 0; round < kRounds; ++round) {
    for (const Embeddings& query : input.queries()) {
      single.time([&] { search_exact(query, documents, {.k = k}, pool); });
    }
    batch.time([&] { search_exact(all, documents, {.k = k}, pool); }, all.size());
  }
  single.report("single", threads, documents, input);
  batch.report("batch", threads, documents, input);
}

}  // namespace

int main(int argc, char** argv) {
  bench::ScanShape shape;
  size_t k = 100;
  std::vector<size_t> threads = {1, 2};
  std::vector<std::string> codec_names = {"float32", "float16", "int8"};
  std::string isa_name, document_path, query_path;
  CLI::App app{"Times exact search over token vectors in memory"};
  app.add_option("--documents", shape.num_documents);
  app.add_option("--queries", shape.num_queries)->check(CLI::PositiveNumber);
  app.add_option("--dim", shape.dim)->check(CLI::PositiveNumber);
  app.add_option("--k", k)->check(CLI::PositiveNumber);
  app.add_option("--threads", threads, "default: 1 and 2");
  app.add_option("--codec", codec_names, "default: float32, float16 and int8")
      ->check(CLI::IsMember({"float32", "float16", "int8"}));
  app.add_option("--isa", isa_name, "instruction set instead of the best one");
  app.add_option("--document-embeddings", document_path)->check(CLI::ExistingFile);
  app.add_option("--query-embeddings", query_path)->check(CLI::ExistingFile);
  CLI11_PARSE(app, argc, argv);
  const kernels::Isa isa = kernels::isa_from_name(isa_name).value_or(kernels::best_isa());

  const ScanInput input(shape, document_path, query_path);
  for (const std::string& codec_name : codec_names) {
    CodedEmbeddings documents(input.dim(), *codec_from_name(codec_name), isa);
    input.for_each_batch([&](const Embeddings& batch) { documents.append(batch); });
    std::printf("%zu documents of dim %zu, %s\n", documents.size(), input.dim(),
                std::string(kernels::isa_name(isa)).c_str());
    bench_kernel(documents, input);
    for (const size_t count : threads) bench_search(documents, input, count, k);
  }
  return 0;
}
