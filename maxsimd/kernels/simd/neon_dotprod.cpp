// The kernels that gain from the dot products of ARMv8.2: MaxSim and GEMM over int8 with sdot,
// which multiplies signed bytes and adds four products to an int32.
#include "maxsimd/kernels/simd/codes_neon.h"
#include "maxsimd/kernels/simd/gemm_i8.h"
#include "maxsimd/kernels/simd/maxsim.h"
#include "maxsimd/kernels/simd/maxsim_residual.h"
#include "maxsimd/kernels/simd/nearest.h"
#include "maxsimd/kernels/simd/similarities.h"

namespace maxsimd::kernels::simd {
namespace {

struct SignedByteProduct {
  using Element = int8_t;
  using PanelElement = int8_t;
  using Vector = int32x4_t;
  static constexpr size_t kGroup = 4;
  static constexpr size_t kParts = 1;

  static MAXSIMD_INLINE int8x16_t load(const int8_t* p, size_t) { return vld1q_s8(p); }
  /// In the first lane, all that accumulate() reads.
  static MAXSIMD_INLINE int8x8_t broadcast(const int8_t* p, size_t) {
    return vcreate_s8(static_cast<uint32_t>(load_step(p)));
  }
  static MAXSIMD_INLINE Vector accumulate(Vector sum, int8x8_t a, int8x16_t b) {
    return vdotq_lane_s32(sum, b, a, 0);
  }
};

struct SignedByteDocument : ByteRows {
  using Product = SignedByteProduct;
  static constexpr bool kConverts = false;

  MAXSIMD_INLINE int32x4_t start(size_t, size_t) const { return vdupq_n_s32(0); }
  MAXSIMD_INLINE TileRows<int8_t> rows(size_t t, size_t, size_t, size_t, int8_t*) const {
    return {data + t * stride, stride};
  }
  MAXSIMD_INLINE float32x4_t similarity(int32x4_t sum, size_t t) const {
    return vmulq_n_f32(vcvtq_f32_s32(sum), scales[t]);
  }
};

struct SignedByteDots {
  static constexpr size_t kStep = 16;
  const int8_t* query;
  size_t k;

  MAXSIMD_INLINE SignedByteDots(const int8_t* query, size_t k) : query(query), k(k) {}

  MAXSIMD_INLINE void four(const int8_t* const (&rows)[4], int32_t* sums) const {
    int32x4_t sum[4];
    for (auto& s : sum) s = vdupq_n_s32(0);
    size_t j = 0;
    for (; j + kStep <= k; j += kStep) {
      const int8x16_t q = vld1q_s8(query + j);
      MAXSIMD_UNROLL
      for (size_t r = 0; r < 4; ++r) sum[r] = vdotq_s32(sum[r], vld1q_s8(rows[r] + j), q);
    }
    for (; j < k; j += 4) {  // in the first lane
      const int32x4_t q = vsetq_lane_s32(load_step(query + j), vdupq_n_s32(0), 0);
      MAXSIMD_UNROLL
      for (size_t r = 0; r < 4; ++r) {
        const int32x4_t row = vsetq_lane_s32(load_step(rows[r] + j), vdupq_n_s32(0), 0);
        sum[r] = vdotq_s32(sum[r], vreinterpretq_s8_s32(row), vreinterpretq_s8_s32(q));
      }
    }
    Neon::store_sums(sums, sum);
  }
};

}  // namespace

void maxsim_i8_dotprod(const PanelsI8& query, const int8_t* rows, size_t row_stride,
                       const float* scales, size_t num_rows, float* best) noexcept {
  maxsim_quantized<Neon>(SignedByteDocument{{query, rows, row_stride, scales, query.k}}, query,
                         num_rows, best);
}

void similarities_i8_dotprod(const int8_t* query, const RowsI8& rows, const uint32_t* ids,
                             size_t count, float* out) noexcept {
  similarities_i8<SignedByteDots>(query, rows, ids, count, out);
}

void code_rows_i8_dotprod(const float* x, size_t stride, size_t rows, size_t cols,
                          void* out) noexcept {
  code_rows_i8<Neon, int8_t>(x, stride, rows, cols, out);
}

void gemm_i8_dotprod(const void* a, size_t rows, const PanelsI8& weights, size_t panel_begin,
                     size_t panel_end, const Epilogue& epilogue, float* c,
                     size_t c_stride) noexcept {
  gemm_i8<Neon, SignedByteProduct>(a, rows, weights, panel_begin, panel_end, epilogue, c, c_stride);
}

void maxsim_residual_dotprod(const ResidualCall& call, const ResidualRows& rows, float* lowest,
                             float* highest, uint8_t* marks) noexcept {
  maxsim_residual<NeonCodes, SignedByteProduct>(call, rows, lowest, highest, marks);
}

void maxsim_selected_dotprod(const ResidualCall& call, const SelectedRows& rows,
                             float* best) noexcept {
  maxsim_selected<NeonCodes, SignedByteProduct>(call, rows, best);
}

void nearest_i8_dotprod(const PanelsI8& columns, const NearestArgs& args) noexcept {
  nearest_i8<Neon, SignedByteProduct>(columns, args);
}

}  // namespace maxsimd::kernels::simd
