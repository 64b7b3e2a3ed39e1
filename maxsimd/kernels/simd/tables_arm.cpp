// The AArch64 tables of kernels.h.
#include "maxsimd/kernels/simd/make_table.h"

namespace maxsimd::kernels {
namespace {

void maxsim_i8_dotprod(const PackedI8& query, const int8_t* rows, size_t row_stride,
                       const float* scales, size_t num_rows, float* best) noexcept {
  simd::maxsim_i8_dotprod(raw(query), rows, row_stride, scales, num_rows, best);
}

void gemm_i8_dotprod(const void* a, size_t rows, const PackedI8& weights, size_t panel_begin,
                     size_t panel_end, const Epilogue& epilogue, float* c,
                     size_t c_stride) noexcept {
  simd::gemm_i8_dotprod(a, rows, raw(weights), panel_begin, panel_end, epilogue, c, c_stride);
}

constexpr KernelTable dotprod_table() {
  KernelTable table = kernels::table<simd::kNeonKernels>(Isa::neon_dotprod);
  table.i8_layout = I8Layout::bytes;
  table.i8_element_bytes = sizeof(int8_t);
  table.maxsim_i8 = maxsim_i8_dotprod;
  table.code_rows_i8 = simd::code_rows_i8_dotprod;
  table.gemm_i8 = gemm_i8_dotprod;
  return table;
}

}  // namespace

constinit const KernelTable kNeonTable = table<simd::kNeonKernels>(Isa::neon);
constinit const KernelTable kNeonDotprodTable = dotprod_table();

}  // namespace maxsimd::kernels
