// The kernels that gain from AVX-512 BF16: GEMM with vdpbf16ps, which multiplies two pairs of
// bfloat16 values and adds both products to a float.
#include "maxsimd/kernels/simd/gemm_bf16.h"
#include "maxsimd/kernels/simd/simd_avx512.h"

namespace maxsimd::kernels::simd {
namespace {

struct Bf16Product {
  using Element = uint16_t;
  using PanelElement = uint16_t;
  using Vector = __m512;
  static constexpr size_t kGroup = 2;
  static constexpr size_t kParts = 1;

  // The bits of a vector of pairs; only accumulate() takes them as bfloat16.
  static MAXSIMD_INLINE __m512i load(const uint16_t* p, size_t) { return _mm512_loadu_si512(p); }
  static MAXSIMD_INLINE __m512i broadcast(const uint16_t* p, size_t) {
    return _mm512_set1_epi32(load_step(p));
  }
  static MAXSIMD_INLINE Vector accumulate(Vector sum, __m512i a, __m512i b) {
    return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b));
  }
};

}  // namespace

void code_rows_bf16_native(const float* x, size_t stride, size_t rows, size_t cols,
                           void* out) noexcept {
  const size_t row_bytes = coded_row_bytes((cols + 1) / 2 * 2 * sizeof(uint16_t));
  for (size_t r = 0; r < rows; ++r) {
    char* coded = static_cast<char*>(out) + r * row_bytes;
    auto* values = reinterpret_cast<uint16_t*>(coded + kCodedHeader);
    const float* row = x + r * stride;
    for_vectors<Avx512>(cols, [&](size_t i, auto lanes) {  // beyond the last value: zeros
      const __m512i bits = _mm512_castps_si512(Avx512::round_to_bf16(lanes.load(row + i)));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(values + i),
                          _mm512_cvtepi32_epi16(_mm512_srli_epi32(bits, 16)));
    });
  }
}

void gemm_bf16_native(const void* a, size_t rows, const PanelsBf16& weights, size_t panel_begin,
                      size_t panel_end, const Epilogue& epilogue, float* c,
                      size_t c_stride) noexcept {
  gemm_bf16<Avx512, Bf16Product>(a, rows, weights, panel_begin, panel_end, epilogue, c, c_stride);
}

}  // namespace maxsimd::kernels::simd
