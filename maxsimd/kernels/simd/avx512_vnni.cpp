// The kernels that gain from AVX-512 VNNI: MaxSim and GEMM over int8 with vpdpbusd, which
// multiplies unsigned by signed bytes and adds four products to an int32 without saturating. In
// MaxSim document bytes become unsigned by adding 128 (xor 0x80); PackedI8::bias takes 128 times
// the query's sum off again.
#include "maxsimd/kernels/simd/codes_avx512.h"
#include "maxsimd/kernels/simd/gemm_i8.h"
#include "maxsimd/kernels/simd/maxsim.h"
#include "maxsimd/kernels/simd/maxsim_residual.h"
#include "maxsimd/kernels/simd/nearest.h"
#include "maxsimd/kernels/simd/similarities.h"

namespace maxsimd::kernels::simd {
namespace {

struct ByteProduct {
  using Element = uint8_t;
  using PanelElement = int8_t;
  using Vector = __m512i;
  static constexpr size_t kGroup = 4;
  static constexpr size_t kParts = 1;

  static MAXSIMD_INLINE Vector load(const int8_t* p, size_t) { return _mm512_loadu_si512(p); }
  static MAXSIMD_INLINE Vector broadcast(const uint8_t* p, size_t) {
    return _mm512_set1_epi32(load_step(p));
  }
  /// a unsigned, b signed.
  static MAXSIMD_INLINE Vector accumulate(Vector sum, Vector a, Vector b) {
    return _mm512_dpbusd_epi32(sum, a, b);
  }
};

/// Adds 128 to `count` bytes, 64 at a time; `out` has room for the last step.
MAXSIMD_INLINE void flip_signs(const int8_t* in, size_t count, uint8_t* out) {
  const __m512i sign = _mm512_set1_epi8(-128);
  size_t i = 0;
  for (; i + kCacheLine <= count; i += kCacheLine) {
    const __m512i bytes = _mm512_loadu_si512(in + i);
    _mm512_store_si512(out + i, _mm512_xor_si512(bytes, sign));
  }
  if (i < count) {
    const __mmask64 mask = (1ULL << (count - i)) - 1;
    const __m512i bytes = _mm512_maskz_loadu_epi8(mask, in + i);
    _mm512_store_si512(out + i, _mm512_xor_si512(bytes, sign));
  }
}

struct ByteDocument : ByteRows {
  using Product = ByteProduct;
  static constexpr bool kConverts = true;

  MAXSIMD_INLINE __m512i start(size_t p, size_t column) const {
    return _mm512_loadu_si512(query.bias + p * kPanelColumns + column);
  }
  MAXSIMD_INLINE TileRows<uint8_t> rows(size_t t, size_t count, size_t begin, size_t size,
                                        uint8_t* buffer) const {
    if (size == stride) {  // whole rows, one after the other
      flip_signs(data + t * stride, count * stride, buffer);
      return {buffer, stride};
    }
    for (size_t i = 0; i < count; ++i) {
      flip_signs(data + (t + i) * stride + begin, size, buffer + i * kChunk);
    }
    return {buffer, kChunk};
  }
  MAXSIMD_INLINE __m512 similarity(__m512i sum, size_t t) const {
    return _mm512_mul_ps(_mm512_cvtepi32_ps(sum), _mm512_set1_ps(scales[t]));
  }
};

/// Row bytes become unsigned as above; the excess is 128 times the query's sum.
struct ByteDots {
  static constexpr size_t kStep = 64;

  const int8_t* query;
  size_t k;
  __mmask64 rest = (1ULL << (k % kStep)) - 1;
  int32_t excess = 0;

  MAXSIMD_INLINE ByteDots(const int8_t* query, size_t k) : query(query), k(k) {
    const __m512i ones = _mm512_set1_epi8(1);
    __m512i sum = _mm512_maskz_loadu_epi8(rest, query + k / kStep * kStep);
    sum = _mm512_dpbusd_epi32(_mm512_setzero_si512(), ones, sum);
    for (size_t j = 0; j + kStep <= k; j += kStep) {
      sum = _mm512_dpbusd_epi32(sum, ones, _mm512_loadu_si512(query + j));
    }
    excess = 128 * _mm512_reduce_add_epi32(sum);
  }

  MAXSIMD_INLINE void four(const int8_t* const (&rows)[4], int32_t* sums) const {
    const __m512i sign = _mm512_set1_epi8(-128);
    __m512i sum[4];
    for (auto& s : sum) s = _mm512_setzero_si512();
    size_t j = 0;
    for (; j + kStep <= k; j += kStep) {
      const __m512i q = _mm512_loadu_si512(query + j);
      MAXSIMD_UNROLL
      for (size_t r = 0; r < 4; ++r) {
        const __m512i row = _mm512_xor_si512(_mm512_loadu_si512(rows[r] + j), sign);
        sum[r] = _mm512_dpbusd_epi32(sum[r], row, q);
      }
    }
    if (rest != 0) {
      const __m512i q = _mm512_maskz_loadu_epi8(rest, query + j);
      MAXSIMD_UNROLL
      for (size_t r = 0; r < 4; ++r) {
        const __m512i row = _mm512_xor_si512(_mm512_maskz_loadu_epi8(rest, rows[r] + j), sign);
        sum[r] = _mm512_dpbusd_epi32(sum[r], row, q);
      }
    }
    Avx512::store_sums(sums, sum);
    MAXSIMD_UNROLL
    for (size_t r = 0; r < 4; ++r) sums[r] -= excess;
  }
};

}  // namespace

void maxsim_i8_vnni(const PanelsI8& query, const int8_t* rows, size_t row_stride,
                    const float* scales, size_t num_rows, float* best) noexcept {
  maxsim_quantized<Avx512>(ByteDocument{{query, rows, row_stride, scales, query.k}}, query,
                           num_rows, best);
}

void similarities_i8_vnni(const int8_t* query, const RowsI8& rows, const uint32_t* ids,
                          size_t count, float* out) noexcept {
  similarities_i8<ByteDots>(query, rows, ids, count, out);
}

void code_rows_i8_vnni(const float* x, size_t stride, size_t rows, size_t cols,
                       void* out) noexcept {
  code_rows_i8<Avx512, uint8_t>(x, stride, rows, cols, out);
}

void gemm_i8_vnni(const void* a, size_t rows, const PanelsI8& weights, size_t panel_begin,
                  size_t panel_end, const Epilogue& epilogue, float* c, size_t c_stride) noexcept {
  gemm_i8<Avx512, ByteProduct>(a, rows, weights, panel_begin, panel_end, epilogue, c, c_stride);
}

void maxsim_residual_vnni(const ResidualCall& call, const ResidualRows& rows, float* lowest,
                          float* highest, uint8_t* marks) noexcept {
  maxsim_residual<Avx512Codes, ByteProduct>(call, rows, lowest, highest, marks);
}

void maxsim_selected_vnni(const ResidualCall& call, const SelectedRows& rows,
                          float* best) noexcept {
  maxsim_selected<Avx512Codes, ByteProduct>(call, rows, best);
}

void nearest_i8_vnni(const PanelsI8& columns, const NearestArgs& args) noexcept {
  nearest_i8<Avx512, ByteProduct>(columns, args);
}

}  // namespace maxsimd::kernels::simd
