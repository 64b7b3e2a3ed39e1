#include "maxsimd/kernels/peak.h"

namespace maxsimd::kernels {
namespace {

#if defined(MAXSIMD_KERNELS_X86) || defined(MAXSIMD_KERNELS_ARM)
constexpr size_t kSteps = 400000;
constexpr size_t kChains = 12;  // independent sums: more than latency times throughput

/// `multiply_adds`: of an instruction, or of those that make one step of a sum.
PeakLoop loop(void (*run)() noexcept, size_t multiply_adds) {
  return {run, 2.0 * static_cast<double>(kSteps * kChains * multiply_adds)};
}

// Assembly, so that no compiler flag is needed and no compiler can be clever. Registers 0 and 1 are
// the operands (zeros), 2 to 13 the sums.
#define MAXSIMD_REPEAT(step)                                                                 \
  step("2") step("3") step("4") step("5") step("6") step("7") step("8") step("9") step("10") \
      step("11") step("12") step("13")
#endif

#ifdef MAXSIMD_KERNELS_X86
#define MAXSIMD_CLOBBER                                                                    \
  "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", \
      "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "cc"
#define MAXSIMD_LOOP(step)                                                          \
  size_t n = kSteps;                                                                \
  asm volatile("vzeroall\n1:\n" MAXSIMD_REPEAT(step) "dec %0\njnz 1b\nvzeroupper\n" \
               : "+r"(n)                                                            \
               :                                                                    \
               : MAXSIMD_CLOBBER)

#define MAXSIMD_FMA_YMM(r) "vfmadd231ps %%ymm0, %%ymm1, %%ymm" r "\n"
#define MAXSIMD_FMA_ZMM(r) "vfmadd231ps %%zmm0, %%zmm1, %%zmm" r "\n"
#define MAXSIMD_DOT_ZMM(r) "vpdpbusd %%zmm0, %%zmm1, %%zmm" r "\n"
#define MAXSIMD_BF16_ZMM(r) "vdpbf16ps %%zmm0, %%zmm1, %%zmm" r "\n"
#define MAXSIMD_PAIRS_YMM(r) \
  "vpmaddwd %%ymm0, %%ymm1, %%ymm14\nvpaddd %%ymm14, %%ymm" r ", %%ymm" r "\n"
#define MAXSIMD_PAIRS_ZMM(r) \
  "vpmaddwd %%zmm0, %%zmm1, %%zmm14\nvpaddd %%zmm14, %%zmm" r ", %%zmm" r "\n"

void fma_ymm() noexcept {
  MAXSIMD_LOOP(MAXSIMD_FMA_YMM);
}
void fma_zmm() noexcept {
  MAXSIMD_LOOP(MAXSIMD_FMA_ZMM);
}
void dot_zmm() noexcept {
  MAXSIMD_LOOP(MAXSIMD_DOT_ZMM);
}
void bf16_zmm() noexcept {
  MAXSIMD_LOOP(MAXSIMD_BF16_ZMM);
}
void pairs_ymm() noexcept {
  MAXSIMD_LOOP(MAXSIMD_PAIRS_YMM);
}
void pairs_zmm() noexcept {
  MAXSIMD_LOOP(MAXSIMD_PAIRS_ZMM);
}
#endif

#ifdef MAXSIMD_KERNELS_ARM
#define MAXSIMD_ZERO(r) "movi v" r ".4s, #0\n"
#define MAXSIMD_FMLA(r) "fmla v" r ".4s, v0.4s, v1.4s\n"
#define MAXSIMD_SMLAL(r) "smlal v" r ".4s, v0.4h, v1.4h\n"
#define MAXSIMD_SDOT(r) "sdot v" r ".4s, v0.16b, v1.16b\n"
#define MAXSIMD_LOOP(step)                                                                        \
  size_t n = kSteps;                                                                              \
  asm volatile(".arch armv8.2-a+dotprod\n" MAXSIMD_ZERO("0") MAXSIMD_ZERO("1") MAXSIMD_REPEAT(    \
                   MAXSIMD_ZERO) "1:\n" MAXSIMD_REPEAT(step) "subs %0, %0, #1\nb.ne 1b\n"         \
               : "+r"(n)                                                                          \
               :                                                                                  \
               : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", \
                 "v13", "cc")

void fmla() noexcept {
  MAXSIMD_LOOP(MAXSIMD_FMLA);
}
void smlal() noexcept {
  MAXSIMD_LOOP(MAXSIMD_SMLAL);
}
void sdot() noexcept {
  MAXSIMD_LOOP(MAXSIMD_SDOT);
}
#endif

}  // namespace

std::optional<PeakLoop> peak_loop_f32([[maybe_unused]] Isa isa) {
#ifdef MAXSIMD_KERNELS_X86
  if (isa == Isa::avx2) return loop(fma_ymm, 8);
  if (isa != Isa::scalar) return loop(fma_zmm, 16);
#elif defined(MAXSIMD_KERNELS_ARM)
  if (isa != Isa::scalar) return loop(fmla, 4);
#endif
  return std::nullopt;
}

std::optional<PeakLoop> peak_loop_bf16(Isa isa) {
#ifdef MAXSIMD_KERNELS_X86
  if (isa == Isa::avx512_bf16) return loop(bf16_zmm, 32);
#endif
  return peak_loop_f32(isa);
}

std::optional<PeakLoop> peak_loop_i8([[maybe_unused]] Isa isa) {
#ifdef MAXSIMD_KERNELS_X86
  switch (isa) {
    case Isa::avx2:
      return loop(pairs_ymm, 16);
    case Isa::avx512:
      return loop(pairs_zmm, 32);
    case Isa::avx512_vnni:
    case Isa::avx512_bf16:
      return loop(dot_zmm, 64);
    default:  // the compiler's own
      break;
  }
#elif defined(MAXSIMD_KERNELS_ARM)
  if (isa == Isa::neon) return loop(smlal, 4);
  if (isa == Isa::neon_dotprod) return loop(sdot, 16);
#endif
  return std::nullopt;
}

}  // namespace maxsimd::kernels
