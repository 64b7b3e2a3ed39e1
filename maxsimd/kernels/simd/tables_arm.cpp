// The AArch64 tables of kernels.h.
#include "maxsimd/kernels/simd/make_table.h"

namespace maxsimd::kernels {
namespace {

constexpr KernelTable dotprod_table() {
  KernelTable table = kernels::table<simd::kNeonKernels>(Isa::neon_dotprod);
  table.i8_layout = I8Layout::bytes;
  table.i8_element_bytes = sizeof(int8_t);
  table.maxsim_i8 = unpacked_maxsim_i8<simd::maxsim_i8_dotprod>;
  table.similarities_i8 = simd::similarities_i8_dotprod;
  table.code_rows_i8 = simd::code_rows_i8_dotprod;
  table.gemm_i8 = unpacked_gemm<simd::gemm_i8_dotprod>;
  table.maxsim_residual = unpacked_maxsim_residual<simd::maxsim_residual_dotprod>;
  table.maxsim_selected = unpacked_maxsim_selected<simd::maxsim_selected_dotprod>;
  table.nearest_i8 = unpacked_nearest_i8<simd::nearest_i8_dotprod>;
  return table;
}

}  // namespace

constinit const KernelTable kNeonTable = table<simd::kNeonKernels>(Isa::neon);
constinit const KernelTable kNeonDotprodTable = dotprod_table();

}  // namespace maxsimd::kernels
