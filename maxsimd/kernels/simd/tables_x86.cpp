// The x86-64 tables of kernels.h.
#include "maxsimd/kernels/simd/make_table.h"

namespace maxsimd::kernels {
namespace {

void maxsim_i8_vnni(const PackedI8& query, const int8_t* rows, size_t row_stride,
                    const float* scales, size_t num_rows, float* best) noexcept {
  simd::maxsim_i8_vnni(raw(query), rows, row_stride, scales, num_rows, best);
}

void gemm_i8_vnni(const void* a, size_t rows, const PackedI8& weights, size_t panel_begin,
                  size_t panel_end, const Epilogue& epilogue, float* c, size_t c_stride) noexcept {
  simd::gemm_i8_vnni(a, rows, raw(weights), panel_begin, panel_end, epilogue, c, c_stride);
}

void gemm_bf16_native(const void* a, size_t rows, const PackedBf16& weights, size_t panel_begin,
                      size_t panel_end, const Epilogue& epilogue, float* c,
                      size_t c_stride) noexcept {
  simd::gemm_bf16_native(a, rows, raw(weights), panel_begin, panel_end, epilogue, c, c_stride);
}

constexpr KernelTable vnni_table() {
  KernelTable table = kernels::table<simd::kAvx512Kernels>(Isa::avx512_vnni);
  table.i8_layout = I8Layout::bytes;
  table.i8_element_bytes = sizeof(uint8_t);
  table.maxsim_i8 = maxsim_i8_vnni;
  table.code_rows_i8 = simd::code_rows_i8_vnni;
  table.gemm_i8 = gemm_i8_vnni;
  return table;
}

constexpr KernelTable bf16_table() {
  KernelTable table = vnni_table();
  table.isa = Isa::avx512_bf16;
  table.bf16_element_bytes = sizeof(uint16_t);
  table.attention_bf16 = simd::attention_bf16_native;
  table.code_rows_bf16 = simd::code_rows_bf16_native;
  table.gemm_bf16 = gemm_bf16_native;
  return table;
}

}  // namespace

constinit const KernelTable kAvx2Table = table<simd::kAvx2Kernels>(Isa::avx2);
constinit const KernelTable kAvx512Table = table<simd::kAvx512Kernels>(Isa::avx512);
constinit const KernelTable kAvx512VnniTable = vnni_table();
constinit const KernelTable kAvx512Bf16Table = bf16_table();

}  // namespace maxsimd::kernels
