#include "bench/peak.h"

#include "maxsimd/kernels/peak.h"

namespace maxsimd::bench {
namespace {

constexpr size_t kRounds = 30;

double measure(const std::optional<kernels::PeakLoop>& loop) {
  return loop ? loop->operations / best_seconds(kRounds, loop->run) / 1e9 : 0.0;
}

}  // namespace

double peak_f32_gflops(kernels::Isa isa) {
  return measure(kernels::peak_loop_f32(isa));
}

double peak_i8_gops(kernels::Isa isa) {
  return measure(kernels::peak_loop_i8(isa));
}

}  // namespace maxsimd::bench
