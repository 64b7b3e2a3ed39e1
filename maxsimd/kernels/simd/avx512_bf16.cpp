// The kernels that gain from AVX-512 BF16: GEMM and attention with vdpbf16ps, which multiplies two
// pairs of bfloat16 values and adds both products to a float.
#include "maxsimd/kernels/simd/attention.h"
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

struct Bf16Numbers {
  using Product = Bf16Product;
  static MAXSIMD_INLINE void store(uint16_t* weights, __m512 x0, __m512 x1) {
    _mm512_storeu_si512(weights, reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(x1, x0)));
  }
};

/// 16 floats' bfloat16 bits, in the low halves of their lanes.
MAXSIMD_INLINE __m512i bf16_bits(__m512 x) {
  return _mm512_srli_epi32(_mm512_castps_si512(Avx512::round_to_bf16(x)), 16);
}

/// rows [count, dim] to bfloat16 [count, stride]; stride is even, an odd dim gets a zero behind it.
void round_rows(const float* rows, size_t row_stride, size_t count, size_t dim, uint16_t* out,
                size_t stride) noexcept {
  for (size_t r = 0; r < count; ++r, out += stride) {
    for (size_t i = 0; i < stride; i += Avx512::kWidth) {
      const size_t left = dim > i ? dim - i : 0;
      const __m512 x = Avx512::load(rows + r * row_stride + i, Avx512::first_lanes(left));
      const __mmask16 mask = Avx512::first_lanes(stride - i);
      _mm512_mask_cvtepi32_storeu_epi16(out + i, mask, bf16_bits(x));
    }
  }
}

/// values [count, dim] to panels [ceil(dim / 32)][ceil(count / 2)][32] of pairs of rows, padded
/// with zeros.
void pack_value_pairs(const float* values, size_t stride, size_t count, size_t dim,
                      uint16_t* panels) noexcept {
  for (size_t i = 0; i < dim; i += kPanelColumns) {
    for (size_t t = 0; t < count; t += 2) {
      const float* row = values + t * stride + i;
      for (size_t j = 0; j < kPanelColumns; j += Avx512::kWidth, panels += 2 * Avx512::kWidth) {
        const __mmask16 lanes = Avx512::first_lanes(dim > i + j ? dim - i - j : 0);
        const __m512i even = bf16_bits(Avx512::load(row + j, lanes));
        const __mmask16 odd_lanes = t + 1 < count ? lanes : __mmask16{0};
        const __m512i odd = bf16_bits(Avx512::load(row + stride + j, odd_lanes));
        _mm512_storeu_si512(panels, _mm512_or_si512(even, _mm512_slli_epi32(odd, 16)));
      }
    }
  }
}

}  // namespace

void attention_bf16_native(const AttentionArgs& args) noexcept {
  const size_t hidden = args.num_heads * args.head_dim;
  const size_t padded = (args.attended + kPanelColumns - 1) / kPanelColumns * kPanelColumns;
  const size_t dim = (args.head_dim + 1) / 2 * 2;
  const size_t value_panels = (args.head_dim + kPanelColumns - 1) / kPanelColumns;
  // Scores first: they are read with aligned loads.
  float* scores = args.scratch;
  auto* weights = reinterpret_cast<uint16_t*>(scores + Avx512::kTileRows * padded);
  uint16_t* keys = weights + Avx512::kTileRows * padded;
  uint16_t* values = keys + padded * dim;
  uint16_t* queries = values + value_panels * kPanelColumns * ((args.attended + 1) / 2 * 2);
  uint16_t* rows = queries + args.length * dim;
  for (size_t h = args.head_begin; h < args.head_end; ++h) {
    const float* query = args.qkv + h * args.head_dim;
    round_rows(query, args.qkv_stride, args.length, args.head_dim, queries, dim);
    round_rows(query + hidden, args.qkv_stride, args.attended, args.head_dim, rows, dim);
    // A pair of bfloat16 moves like a float.
    pack_keys<Avx512>(reinterpret_cast<const float*>(rows), dim / 2, args.attended, dim / 2,
                      reinterpret_cast<float*>(keys));
    pack_value_pairs(query + 2 * hidden, args.qkv_stride, args.attended, args.head_dim, values);
    const PackedHead<Bf16Product> head = {queries, dim, keys, values, scores, weights, args};
    attend<Avx512, Bf16Numbers>(head, NoDropout<Avx512>{},
                                {args.out + h * args.head_dim, args.out_stride, nullptr, 0});
  }
}

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
