// Attention of a training batch, forward and backward: by kernels, and by LibTorch's operators.
//   OMP_WAIT_POLICY=passive bench_attention [--documents 64] [--document-length 180] ...
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "maxsimd/training/packed_attention.h"

namespace maxsimd::training {
namespace {

struct Settings {
  size_t documents = 64, document_length = 180, queries = 32, query_length = 32;
  int64_t hidden = 384, heads = 12;
  int threads = 0;
  size_t rounds = 10;
};

struct Seconds {
  double wall, processor;  // processor: of all threads, system included
};

Seconds now() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return {
      std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(),
      seconds(usage.ru_utime) + seconds(usage.ru_stime)};
}

template <class F>
Seconds measure(const F& f) {
  const Seconds begin = now();
  f();
  const Seconds end = now();
  return {end.wall - begin.wall, end.processor - begin.processor};
}

std::vector<Sequence> batch(const Settings& settings) {
  std::vector<Sequence> sequences;
  size_t begin = 0;
  const auto add = [&](size_t count, size_t length) {
    for (size_t i = 0; i < count; ++i, begin += length) {
      sequences.push_back({.begin = begin, .length = length, .attended = length});
    }
  };
  add(settings.documents, settings.document_length);
  add(settings.queries, settings.query_length);
  return sequences;
}

using Attention = at::Tensor (*)(const at::Tensor&, std::span<const Sequence>,
                                 const AttentionOptions&);

/// The medians of both passes.
void report(const char* name, Attention attention, const Settings& settings, double dropout) {
  const std::vector<Sequence> sequences = batch(settings);
  const auto rows = static_cast<int64_t>(sequences.back().begin + sequences.back().length);
  const at::Tensor qkv = at::randn({rows, 3 * settings.hidden}).requires_grad_();
  const at::Tensor gradient = at::randn({rows, settings.hidden});
  std::vector<double> wall[2], processor[2];
  for (size_t round = 0; round <= settings.rounds; ++round) {
    qkv.mutable_grad() = at::Tensor();
    at::Tensor context;
    const Seconds passes[2] = {
        measure([&] {
          context = attention(qkv, sequences, {.num_heads = settings.heads, .dropout = dropout});
        }),
        measure([&] { context.backward(gradient); })};
    for (size_t pass = 0; pass < 2 && round > 0; ++pass) {  // the first one warms up
      wall[pass].push_back(passes[pass].wall);
      processor[pass].push_back(passes[pass].processor);
    }
  }
  const auto median = [](std::vector<double>& values) {
    std::sort(values.begin(), values.end());
    return 1e3 * values[values.size() / 2];
  };
  std::printf(
      "%-8s  dropout %.1f   forward %7.1f ms (processor %7.1f)   backward %7.1f ms (%7.1f)\n", name,
      dropout, median(wall[0]), median(processor[0]), median(wall[1]), median(processor[1]));
}

void run(const Settings& settings) {
  if (settings.threads > 0) at::set_num_threads(settings.threads);
  std::printf("%zu documents of %zu, %zu queries of %zu, H = %ld, %ld heads, %d threads\n",
              settings.documents, settings.document_length, settings.queries, settings.query_length,
              static_cast<long>(settings.hidden), static_cast<long>(settings.heads),
              at::get_num_threads());
  for (const double dropout : {0.0, 0.1}) {
    report("kernels", packed_attention, settings, dropout);
    report("LibTorch", padded_attention, settings, dropout);
  }
}

}  // namespace
}  // namespace maxsimd::training

int main(int argc, char** argv) {
  maxsimd::training::Settings settings;
  CLI::App app("attention of a training batch");
  app.add_option("--documents", settings.documents);
  app.add_option("--document-length", settings.document_length);
  app.add_option("--queries", settings.queries);
  app.add_option("--query-length", settings.query_length);
  app.add_option("--hidden", settings.hidden);
  app.add_option("--heads", settings.heads);
  app.add_option("--threads", settings.threads, "0: LibTorch's choice");
  app.add_option("--rounds", settings.rounds);
  CLI11_PARSE(app, argc, argv);
  maxsimd::training::run(settings);
}
