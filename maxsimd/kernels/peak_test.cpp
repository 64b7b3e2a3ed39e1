// The loops run on this CPU and count what they do; how fast they are is for the benchmarks.
#include "maxsimd/kernels/peak.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace maxsimd::kernels {
namespace {

bool has(Isa isa) {
  const std::vector<Isa> isas = supported_isas();
  return std::find(isas.begin(), isas.end(), isa) != isas.end();
}

double operations(const std::optional<PeakLoop>& loop) {
  return loop ? loop->operations : 0;
}

TEST(Peak, EveryLoopOfThisMachineRuns) {
  for (const Isa isa : supported_isas()) {
    for (const auto& loop : {peak_loop_f32(isa), peak_loop_bf16(isa), peak_loop_i8(isa)}) {
      EXPECT_EQ(loop.has_value(), isa != Isa::scalar) << isa_name(isa);
      if (loop) loop->run();
    }
  }
}

TEST(Peak, NarrowFormatsDoMoreAnInstructionWhereTheirTableMultipliesThem) {
  if (!has(Isa::avx512_bf16)) GTEST_SKIP() << "needs AVX-512 with BF16";
  const double f32 = operations(peak_loop_f32(Isa::avx512_bf16));
  EXPECT_EQ(operations(peak_loop_bf16(Isa::avx512_bf16)), 2 * f32);
  EXPECT_EQ(operations(peak_loop_i8(Isa::avx512_bf16)), 4 * f32);
  EXPECT_EQ(operations(peak_loop_bf16(Isa::avx512)), f32) << "widened to float32 first";
  EXPECT_EQ(operations(peak_loop_i8(Isa::avx512)), 2 * f32);
}

}  // namespace
}  // namespace maxsimd::kernels
