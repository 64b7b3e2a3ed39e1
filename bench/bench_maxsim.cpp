// An exact scan the size of SciFact with one query, on one thread: 1.22 M token vectors of dim 96
// in documents of about 236 rows, 32 query rows, 3.75 G multiply-adds. Random data, seeded.
//   bench_maxsim [ISA...]      default: every instruction set of this machine but scalar
#include <algorithm>
#include <cstdio>
#include <random>
#include <string_view>
#include <vector>

#include "bench/peak.h"
#include "maxsimd/kernels/kernels.h"

namespace maxsimd::bench {
namespace {

using kernels::KernelTable;

constexpr size_t kDim = 96;
constexpr size_t kQueryRows = 32;
constexpr size_t kTotalRows = 1'220'000;
constexpr size_t kRounds = 9;

struct Corpus {
  std::vector<size_t> lengths;
  std::vector<float> f32;
  std::vector<uint16_t> f16;
  std::vector<int8_t> i8;
  std::vector<float> scales;
  std::vector<float> query;
};

Corpus make_corpus() {
  Corpus corpus;
  std::mt19937 random(1);
  for (size_t total = 0; total < kTotalRows;) {
    const size_t length = std::min<size_t>(180 + random() % 113, kTotalRows - total);
    corpus.lengths.push_back(length);
    total += length;
  }
  const auto uniform = [&] { return static_cast<float>(random() >> 8) * 0x1p-23F - 1.0F; };
  corpus.f32.resize(kTotalRows * kDim);
  std::generate(corpus.f32.begin(), corpus.f32.end(), uniform);
  corpus.query.resize(kQueryRows * kDim);
  std::generate(corpus.query.begin(), corpus.query.end(), uniform);

  const KernelTable& table = kernel_table(kernels::best_isa());
  table.normalize_rows(corpus.f32.data(), kDim, kTotalRows, kDim);
  table.normalize_rows(corpus.query.data(), kDim, kQueryRows, kDim);
  corpus.f16.resize(corpus.f32.size());
  table.f32_to_f16(corpus.f32.data(), corpus.f32.size(), corpus.f16.data());
  corpus.i8.resize(corpus.f32.size());
  corpus.scales.resize(kTotalRows);
  table.quantize_rows_i8(corpus.f32.data(), kDim, kTotalRows, kDim, corpus.i8.data(), kDim,
                         corpus.scales.data());
  return corpus;
}

/// Scans all documents; the sum keeps the work from being dropped and shows that kinds agree.
template <class Score>
double scan(const Corpus& corpus, Score score) {
  float best[kQueryRows];
  double total = 0.0;
  size_t row = 0;
  for (const size_t length : corpus.lengths) {
    score(row, length, best);
    for (const float value : best) total += static_cast<double>(value);
    row += length;
  }
  return total / static_cast<double>(corpus.lengths.size());
}

/// peak: operations a second; bytes: of a document row.
template <class Score>
void report(const char* name, const Corpus& corpus, double peak, size_t bytes, Score score) {
  std::vector<double> seconds;
  double mean = 0.0;
  for (size_t i = 0; i < kRounds; ++i) {
    seconds.push_back(best_seconds(1, [&] { mean = scan(corpus, score); }));
  }
  std::sort(seconds.begin(), seconds.end());
  const double operations = 2.0 * static_cast<double>(kTotalRows * kDim * kQueryRows);
  std::printf(
      "  %-4s %7.1f ms best  %7.1f ms median  %5.1f %% of the peak of %.0f  %5.1f GB/s"
      "  mean score %.4f\n",
      name, seconds.front() * 1e3, seconds[kRounds / 2] * 1e3,
      100.0 * operations / seconds.front() / 1e9 / peak, peak,
      static_cast<double>(kTotalRows * bytes) / seconds.front() / 1e9, mean);
}

void bench_table(const KernelTable& table, const Corpus& corpus) {
  const MatrixView<const float> query = {corpus.query.data(), kQueryRows, kDim};
  const kernels::PackedF32 packed(query);
  const kernels::PackedI8 packed_bytes(query);
  const double peak = peak_f32_gflops(table.isa);
  report("i8", corpus, peak_i8_gops(table.isa), kDim + sizeof(float),
         [&](size_t row, size_t length, float* best) {
           table.maxsim_i8(packed_bytes, corpus.i8.data() + row * kDim, kDim,
                           corpus.scales.data() + row, length, best);
         });
  report("f16", corpus, peak, kDim * 2, [&](size_t row, size_t length, float* best) {
    table.maxsim_f16(packed, corpus.f16.data() + row * kDim, length, best);
  });
  report("f32", corpus, peak, kDim * 4, [&](size_t row, size_t length, float* best) {
    table.maxsim_f32(packed, corpus.f32.data() + row * kDim, length, best);
  });
}

}  // namespace
}  // namespace maxsimd::bench

int main(int argc, char** argv) {
  using namespace maxsimd;
  const bench::Corpus corpus = bench::make_corpus();
  for (const kernels::Isa isa : kernels::supported_isas()) {
    bool wanted = argc == 1 && isa != kernels::Isa::scalar;
    for (int i = 1; i < argc; ++i) wanted |= std::string_view(argv[i]) == kernels::isa_name(isa);
    if (!wanted) continue;
    std::printf("== %s\n", kernels::isa_name(isa).data());
    bench::bench_table(kernels::kernel_table(isa), corpus);
  }
}
