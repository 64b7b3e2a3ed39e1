// The x86-64 tables of kernels.h.
#include "maxsimd/kernels/simd/make_table.h"

namespace maxsimd::kernels {
namespace {

constexpr KernelTable vnni_table() {
  KernelTable table = kernels::table<simd::kAvx512Kernels>(Isa::avx512_vnni);
  table.i8_layout = I8Layout::bytes;
  table.i8_element_bytes = sizeof(uint8_t);
  table.maxsim_i8 = unpacked_maxsim_i8<simd::maxsim_i8_vnni>;
  table.similarities_i8 = simd::similarities_i8_vnni;
  table.code_rows_i8 = simd::code_rows_i8_vnni;
  table.gemm_i8 = unpacked_gemm<simd::gemm_i8_vnni>;
  table.maxsim_residual = unpacked_maxsim_residual<simd::maxsim_residual_vnni>;
  table.maxsim_selected = unpacked_maxsim_selected<simd::maxsim_selected_vnni>;
  table.nearest_i8 = unpacked_nearest_i8<simd::nearest_i8_vnni>;
  return table;
}

constexpr KernelTable bf16_table() {
  KernelTable table = vnni_table();
  table.isa = Isa::avx512_bf16;
  table.bf16_element_bytes = sizeof(uint16_t);
  table.attention_bf16 = simd::attention_bf16_native;
  table.code_rows_bf16 = simd::code_rows_bf16_native;
  table.gemm_bf16 = unpacked_gemm<simd::gemm_bf16_native>;
  return table;
}

}  // namespace

constinit const KernelTable kAvx2Table = table<simd::kAvx2Kernels>(Isa::avx2);
constinit const KernelTable kAvx512Table = table<simd::kAvx512Kernels>(Isa::avx512);
constinit const KernelTable kAvx512VnniTable = vnni_table();
constinit const KernelTable kAvx512Bf16Table = bf16_table();

}  // namespace maxsimd::kernels
