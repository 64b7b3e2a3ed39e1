// The kernel that gains from AVX-512 VNNI: MaxSim over int8 with vpdpbusd, which multiplies
// unsigned by signed bytes and adds four products to an int32 without saturating. Document bytes
// become unsigned by adding 128 (xor 0x80); PackedI8::bias takes 128 times the query's sum off
// again.
#include "maxsimd/kernels/x86/maxsim.h"
#include "maxsimd/kernels/x86/simd_avx512.h"

namespace maxsimd::kernels::x86 {
namespace {

struct ByteProduct {
  using Element = uint8_t;
  using Vector = __m512i;
  static constexpr size_t kGroup = 4;

  static MAXSIMD_INLINE Vector load(const uint8_t* p) { return _mm512_loadu_si512(p); }
  static MAXSIMD_INLINE Vector broadcast(const uint8_t* p) {
    int32_t group;
    __builtin_memcpy(&group, p, sizeof(group));
    return _mm512_set1_epi32(group);
  }
  /// a unsigned, b signed.
  static MAXSIMD_INLINE Vector accumulate(Vector sum, Vector a, Vector b) {
    return _mm512_dpbusd_epi32(sum, a, b);
  }
};

struct ByteDocument {
  using Product = ByteProduct;
  static constexpr bool kConverts = true;
  const PanelsI8& query;
  const int8_t* data;
  size_t stride;
  const float* scales;
  size_t k;

  MAXSIMD_INLINE const uint8_t* panel(size_t p, size_t column) const {
    return reinterpret_cast<const uint8_t*>(query.data) + p * k * kPanelColumns + column * 4;
  }
  MAXSIMD_INLINE __m512i start(size_t p, size_t column) const {
    return _mm512_loadu_si512(query.bias + p * kPanelColumns + column);
  }
  MAXSIMD_INLINE TileRows<uint8_t> rows(size_t t, size_t count, size_t begin, size_t size,
                                        uint8_t* buffer) const {
    prefetch_ahead(data + t * stride, count * stride);
    const __m512i sign = _mm512_set1_epi8(-128);
    const size_t row_bytes = (size + kCacheLine - 1) / kCacheLine * kCacheLine;
    for (size_t i = 0; i < count; ++i) {
      const int8_t* in = data + (t + i) * stride + begin;
      uint8_t* out = buffer + i * row_bytes;
      for (size_t j = 0; j < size; j += kCacheLine) {
        const auto lanes = size - j >= kCacheLine ? ~0ULL : (1ULL << (size - j)) - 1;
        const __m512i bytes = _mm512_maskz_loadu_epi8(lanes, in + j);
        _mm512_store_si512(out + j, _mm512_xor_si512(bytes, sign));
      }
    }
    return {buffer, row_bytes};
  }
  MAXSIMD_INLINE __m512 similarity(__m512i sum, size_t t) const {
    return _mm512_mul_ps(_mm512_cvtepi32_ps(sum), _mm512_set1_ps(scales[t]));
  }
};

}  // namespace

void maxsim_i8_vnni(const PanelsI8& query, const int8_t* rows, size_t row_stride,
                    const float* scales, size_t num_rows, float* best) noexcept {
  maxsim_quantized<Avx512>(ByteDocument{query, rows, row_stride, scales, query.k}, query, num_rows,
                           best);
}

}  // namespace maxsimd::kernels::x86
