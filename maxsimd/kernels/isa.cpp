#include <array>

#include "maxsimd/kernels/tables.h"

#ifdef MAXSIMD_KERNELS_X86
#include <cpuid.h>
#endif
#ifdef MAXSIMD_KERNELS_ARM
#include <sys/auxv.h>
#endif

namespace maxsimd::kernels {
namespace {

constexpr std::array<std::string_view, 7> kIsaNames = {
    "scalar", "avx2", "avx512", "avx512-vnni", "avx512-bf16", "neon", "neon-dotprod"};

#ifdef MAXSIMD_KERNELS_X86
/// __builtin_cpu_supports answers yes only where the operating system saves the registers too.
bool cpu_has_avx2() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  // clang 14's builtin does not know "f16c".
  const bool has_f16c = __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & bit_F16C) != 0;
  return has_f16c && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

bool cpu_has_avx512() {
  return cpu_has_avx2() && __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq");
}
#endif

#ifdef MAXSIMD_KERNELS_ARM
bool cpu_has_dotprod() {
  return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
}
#endif

}  // namespace

std::vector<Isa> supported_isas() {
  std::vector<Isa> isas = {Isa::scalar};
#ifdef MAXSIMD_KERNELS_X86
  __builtin_cpu_init();
  if (cpu_has_avx2()) isas.push_back(Isa::avx2);
  if (cpu_has_avx512()) {
    isas.push_back(Isa::avx512);
    if (__builtin_cpu_supports("avx512vnni")) {
      isas.push_back(Isa::avx512_vnni);
      if (__builtin_cpu_supports("avx512bf16")) isas.push_back(Isa::avx512_bf16);
      // Intel's vdpbf16ps has half the rate of its float32 FMA (measured on Emerald Rapids).
      if (__builtin_cpu_is("intel") != 0) std::swap(isas.back(), isas[isas.size() - 2]);
    }
  }
#endif
#ifdef MAXSIMD_KERNELS_ARM
  isas.push_back(Isa::neon);  // no AArch64 without
  if (cpu_has_dotprod()) isas.push_back(Isa::neon_dotprod);
#endif
  return isas;
}

Isa best_isa() {
  static const Isa best = supported_isas().back();  // asking the CPU is slow in virtual machines
  return best;
}

std::string_view isa_name(Isa isa) {
  return kIsaNames[static_cast<size_t>(isa)];
}

std::optional<Isa> isa_from_name(std::string_view name) {
  for (size_t i = 0; i < kIsaNames.size(); ++i) {
    if (kIsaNames[i] == name) return static_cast<Isa>(i);
  }
  return std::nullopt;
}

const KernelTable& kernel_table(Isa isa) {
  switch (isa) {
#ifdef MAXSIMD_KERNELS_X86
    case Isa::avx2:
      return kAvx2Table;
    case Isa::avx512:
      return kAvx512Table;
    case Isa::avx512_vnni:
      return kAvx512VnniTable;
    case Isa::avx512_bf16:
      return kAvx512Bf16Table;
#endif
#ifdef MAXSIMD_KERNELS_ARM
    case Isa::neon:
      return kNeonTable;
    case Isa::neon_dotprod:
      return kNeonDotprodTable;
#endif
    default:
      return kScalarTable;
  }
}

}  // namespace maxsimd::kernels
