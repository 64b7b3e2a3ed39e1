#include "bench/peak.h"

namespace maxsimd::bench {
namespace {

#ifdef __x86_64__
constexpr size_t kLoops = 400000;
constexpr size_t kChains = 12;  // independent sums: more than latency times throughput
constexpr size_t kRounds = 30;

// Assembly, so that no compiler flag is needed and no compiler can be clever. Registers 0 and 1 are
// the operands (zeros), 2 to 13 the sums.
#define MAXSIMD_REPEAT(step)                                                                 \
  step("2") step("3") step("4") step("5") step("6") step("7") step("8") step("9") step("10") \
      step("11") step("12") step("13")
#define MAXSIMD_CLOBBER                                                                    \
  "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", \
      "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "cc"
#define MAXSIMD_LOOP(step)                                                          \
  size_t n = kLoops;                                                                \
  asm volatile("vzeroall\n1:\n" MAXSIMD_REPEAT(step) "dec %0\njnz 1b\nvzeroupper\n" \
               : "+r"(n)                                                            \
               :                                                                    \
               : MAXSIMD_CLOBBER)

#define MAXSIMD_FMA_YMM(r) "vfmadd231ps %%ymm0, %%ymm1, %%ymm" r "\n"
#define MAXSIMD_FMA_ZMM(r) "vfmadd231ps %%zmm0, %%zmm1, %%zmm" r "\n"
#define MAXSIMD_DOT_ZMM(r) "vpdpbusd %%zmm0, %%zmm1, %%zmm" r "\n"
#define MAXSIMD_PAIRS_YMM(r) \
  "vpmaddwd %%ymm0, %%ymm1, %%ymm14\nvpaddd %%ymm14, %%ymm" r ", %%ymm" r "\n"
#define MAXSIMD_PAIRS_ZMM(r) \
  "vpmaddwd %%zmm0, %%zmm1, %%zmm14\nvpaddd %%zmm14, %%zmm" r ", %%zmm" r "\n"

void fma_ymm() {
  MAXSIMD_LOOP(MAXSIMD_FMA_YMM);
}
void fma_zmm() {
  MAXSIMD_LOOP(MAXSIMD_FMA_ZMM);
}
void dot_zmm() {
  MAXSIMD_LOOP(MAXSIMD_DOT_ZMM);
}
void pairs_ymm() {
  MAXSIMD_LOOP(MAXSIMD_PAIRS_YMM);
}
void pairs_zmm() {
  MAXSIMD_LOOP(MAXSIMD_PAIRS_ZMM);
}

/// `operations` of one step.
double measure(void (*loop)(), double operations) {
  const double steps = static_cast<double>(kLoops * kChains);
  return operations * steps / best_seconds(kRounds, loop) / 1e9;
}
#endif

}  // namespace

double peak_f32_gflops([[maybe_unused]] kernels::Isa isa) {
#ifdef __x86_64__
  if (isa == kernels::Isa::avx2) return measure(fma_ymm, 8 * 2);
  if (isa != kernels::Isa::scalar) return measure(fma_zmm, 16 * 2);
#endif
  return 0.0;
}

double peak_i8_gops([[maybe_unused]] kernels::Isa isa) {
#ifdef __x86_64__
  if (isa == kernels::Isa::avx2) return measure(pairs_ymm, 16 * 2);
  if (isa == kernels::Isa::avx512) return measure(pairs_zmm, 32 * 2);
  if (isa == kernels::Isa::avx512_vnni) return measure(dot_zmm, 64 * 2);
#endif
  return 0.0;
}

}  // namespace maxsimd::bench
