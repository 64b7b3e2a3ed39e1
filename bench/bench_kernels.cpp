// Speed of the kernels on one core beside the core's measured peak.
//   bench_kernels [ISA...]      default: every instruction set of this machine but scalar
#include <cmath>
#include <cstdio>
#include <random>
#include <string_view>
#include <vector>

#include "bench/peak.h"
#include "maxsimd/kernels/kernels.h"

namespace maxsimd::bench {
namespace {

using kernels::Activation;
using kernels::Epilogue;
using kernels::Isa;
using kernels::KernelTable;
using kernels::PackedF32;

// BERT of 384: fused q|k|v, attention output, up (GELU), down, and a projection to 96.
struct Shape {
  size_t k, n;
  Activation activation;
};
constexpr Shape kShapes[] = {{384, 1152, Activation::none},
                             {384, 384, Activation::none},
                             {384, 1536, Activation::gelu},
                             {1536, 384, Activation::none},
                             {384, 96, Activation::none}};
constexpr size_t kNumLayerShapes = 4;  // the first ones make a layer
constexpr size_t kHidden = 384;
constexpr size_t kNumHeads = 12;

std::vector<float> random_floats(size_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(random() >> 8) * 0x1p-23F - 1.0F;
  return values;
}

size_t rounds_for(double operations) {
  return std::max<size_t>(10, static_cast<size_t>(6e9 / operations));
}

double gemm_seconds(const KernelTable& table, const Shape& shape, size_t rows) {
  const std::vector<float> weight = random_floats(shape.k * shape.n, 1);
  const std::vector<float> bias = random_floats(shape.n, 2);
  const PackedF32 packed(MatrixView<const float>{weight.data(), shape.n, shape.k});
  AlignedBuffer<float> a(rows * shape.k);
  const std::vector<float> values = random_floats(rows * shape.k, 3);
  std::copy(values.begin(), values.end(), a.data());
  AlignedBuffer<float> c(rows * shape.n);
  Epilogue epilogue;
  epilogue.bias = bias.data();
  epilogue.activation = shape.activation;
  const double operations = 2.0 * static_cast<double>(rows * shape.k * shape.n);
  return best_seconds(rounds_for(operations), [&] {
    table.gemm_f32(a.data(), shape.k, rows, packed, 0, packed.num_panels(), epilogue, c.data(),
                   shape.n);
  });
}

void bench_gemm(const KernelTable& table) {
  double peak = peak_f32_gflops(table.isa);
  std::printf("gemm_f32, GFLOP/s (%% of the peak of %.1f)\n%-20s", peak, "  k x n");
  const size_t all_rows[] = {1, 8, 32, 256, 1024};
  for (const size_t rows : all_rows) std::printf("     %4zu rows", rows);
  std::printf("\n");
  for (const Shape& shape : kShapes) {
    std::printf("  %4zu x %4zu%-7s", shape.k, shape.n,
                shape.activation == Activation::gelu ? " gelu" : "");
    for (const size_t rows : all_rows) {
      const double operations = 2.0 * static_cast<double>(rows * shape.k * shape.n);
      const double rate = operations / gemm_seconds(table, shape, rows) / 1e9;
      std::printf("  %6.1f %4.0f%%", rate, 100.0 * rate / peak);
    }
    std::printf("\n");
  }
  std::printf("  the peak again: %.1f\n", peak_f32_gflops(table.isa));
}

double attention_seconds(void (*attention)(const kernels::AttentionArgs&), size_t length) {
  const std::vector<float> qkv = random_floats(length * 3 * kHidden, 4);
  AlignedBuffer<float> out(length * kHidden);
  AlignedBuffer<float> scratch(kernels::attention_scratch_floats(length, kHidden / kNumHeads));
  const kernels::AttentionArgs args = {qkv.data(), 3 * kHidden, length,
                                       length,     kNumHeads,   kHidden / kNumHeads,
                                       0,          kNumHeads,   1.0F / std::sqrt(32.0F),
                                       out.data(), kHidden,     scratch.data()};
  const double operations = 4.0 * static_cast<double>(length * length * kHidden);
  return best_seconds(rounds_for(operations), [&] { attention(args); });
}

/// Both passes of training for one sequence.
struct Passes {
  double forward, backward;
};

Passes training_seconds(const KernelTable& table, size_t length, size_t head_dim, float rate) {
  const std::vector<float> qkv = random_floats(length * 3 * kHidden, 4);
  const std::vector<float> out_gradient = random_floats(length * kHidden, 5);
  AlignedBuffer<float> out(length * kHidden);
  AlignedBuffer<float> gradient(length * 3 * kHidden);
  AlignedBuffer<float> scratch(std::max(kernels::attention_scratch_floats(length, head_dim),
                                        kernels::attention_backward_scratch_floats(head_dim)));
  const size_t heads = kHidden / head_dim;
  std::vector<kernels::SoftmaxRow> rows(length * heads);
  const kernels::AttentionTrainArgs forward = {
      {qkv.data(), 3 * kHidden, length, length, heads, head_dim, 0, heads,
       1.0F / std::sqrt(static_cast<float>(head_dim)), out.data(), kHidden, scratch.data()},
      {rate, 1, 0},
      rows.data()};
  const kernels::AttentionBackwardArgs backward = {forward, out_gradient.data(), kHidden,
                                                   gradient.data(), 3 * kHidden};
  const size_t rounds = rounds_for(4.0 * static_cast<double>(length * length * kHidden)) / 4;
  return {best_seconds(rounds, [&] { table.attention_train_f32(forward); }),
          best_seconds(rounds, [&] { table.attention_backward_f32(backward); })};
}

void bench_training(const KernelTable& table) {
  const double peak = peak_f32_gflops(table.isa);
  std::printf("attention in training (384), microseconds a sequence (%% of the peak of %.1f)\n",
              peak);
  std::printf("  length  head dim  dropout       forward       backward\n");
  for (const size_t length : std::vector<size_t>{32, 180, 512, 2048}) {
    for (const size_t head_dim : {size_t{32}, size_t{64}}) {
      for (const float rate : {0.0F, 0.1F}) {
        const Passes seconds = training_seconds(table, length, head_dim, rate);
        const double product = 2.0 * static_cast<double>(length * length * kHidden) / 1e9 / peak;
        std::printf("  %6zu  %8zu  %7.1f %8.0f %3.0f%% %9.0f %3.0f%%\n", length, head_dim,
                    static_cast<double>(rate), seconds.forward * 1e6,
                    100 * 2 * product / seconds.forward, seconds.backward * 1e6,
                    100 * 5 * product / seconds.backward);
      }
    }
  }
}

double layer_norm_seconds(const KernelTable& table, size_t rows) {
  std::vector<float> x = random_floats(rows * kHidden, 5);
  const std::vector<float> gamma(kHidden, 1.0F);
  const std::vector<float> beta(kHidden, 0.0F);
  return best_seconds(200, [&] {
    table.layer_norm({.x = x.data(),
                      .stride = kHidden,
                      .rows = rows,
                      .cols = kHidden,
                      .gamma = gamma.data(),
                      .beta = beta.data(),
                      .eps = 1e-12F,
                      .out = x.data(),
                      .out_stride = kHidden});
  });
}

/// A layer of BERT for one sequence: where the time goes.
void bench_layer(const KernelTable& table) {
  std::printf("a BERT layer (384, 12 heads), microseconds\n");
  std::printf("  length     gemm  attention  (GFLOP/s)   2 norms  share of attention    in bf16\n");
  for (const size_t length : std::vector<size_t>{32, 128, 300, 512, 2048}) {
    double gemm = 0.0;
    for (size_t i = 0; i < kNumLayerShapes; ++i) gemm += gemm_seconds(table, kShapes[i], length);
    const double attention = attention_seconds(table.attention_f32, length);
    const double narrow = attention_seconds(table.attention_bf16, length);
    const double norms = 2 * layer_norm_seconds(table, length);
    const double operations = 4.0 * static_cast<double>(length * length * kHidden);
    std::printf("  %6zu %8.0f   %8.0f     %6.1f  %8.1f  %6.1f %%            %8.0f\n", length,
                gemm * 1e6, attention * 1e6, operations / attention / 1e9, norms * 1e6,
                100.0 * attention / (gemm + attention + norms), narrow * 1e6);
  }
}

void bench_rows(const KernelTable& table) {
  constexpr size_t kRows = 256;
  constexpr size_t kCols = 96;
  std::vector<float> x = random_floats(kRows * kCols, 6);
  std::vector<int8_t> bytes(kRows * kCols);
  std::vector<float> scales(kRows);
  std::vector<uint16_t> halves(kRows * kCols);
  const double size = static_cast<double>(kRows * kCols * sizeof(float));
  const auto report = [&](const char* name, double bytes_read, double seconds) {
    std::printf("  %-22s %6.1f GB/s\n", name, bytes_read / seconds / 1e9);
  };
  std::printf("rows, float32 bytes read a second\n");
  report("layer_norm 256x384", 4.0 * kRows * kHidden, layer_norm_seconds(table, kRows));
  report("normalize_rows 256x96", size,
         best_seconds(500, [&] { table.normalize_rows(x.data(), kCols, kRows, kCols); }));
  report("quantize_rows_i8", size, best_seconds(500, [&] {
           table.quantize_rows_i8(x.data(), kCols, kRows, kCols, bytes.data(), kCols,
                                  scales.data());
         }));
  report("f32_to_f16", size,
         best_seconds(500, [&] { table.f32_to_f16(x.data(), x.size(), halves.data()); }));
  report("f16_to_f32", size,
         best_seconds(500, [&] { table.f16_to_f32(halves.data(), halves.size(), x.data()); }));
}

}  // namespace
}  // namespace maxsimd::bench

int main(int argc, char** argv) {
  using namespace maxsimd;
  for (const kernels::Isa isa : kernels::supported_isas()) {
    bool wanted = argc == 1 && isa != kernels::Isa::scalar && isa != kernels::Isa::avx512_vnni;
    for (int i = 1; i < argc; ++i) wanted |= std::string_view(argv[i]) == kernels::isa_name(isa);
    if (!wanted) continue;
    const kernels::KernelTable& table = kernels::kernel_table(isa);
    std::printf("== %s\n", kernels::isa_name(isa).data());
    bench::bench_gemm(table);
    bench::bench_layer(table);
    bench::bench_training(table);
    bench::bench_rows(table);
  }
}
