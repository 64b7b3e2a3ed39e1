// Kernels that go over rows of floats one by one: layer norm, rotation, L2 normalisation, int8
// quantisation, and the conversions between float32 and float16.
#pragma once

#include "maxsimd/kernels/simd/tile.h"

namespace maxsimd::kernels::simd {
namespace {

/// Sum of f(vector, lanes) over a row, in four chains so that additions do not wait for each other.
template <class S, class F>
MAXSIMD_INLINE float sum_row(const float* row, size_t cols, const F& f) {
  constexpr size_t kStep = 4 * S::kWidth;
  typename S::Float sum[4] = {S::zero(), S::zero(), S::zero(), S::zero()};
  size_t i = 0;
  for (; i + kStep <= cols; i += kStep) {
    MAXSIMD_UNROLL
    for (size_t j = 0; j < 4; ++j) {
      sum[j] = S::add(sum[j], f(S::load(row + i + j * S::kWidth), AllLanes<S>{}));
    }
  }
  for_vectors<S>(cols - i, [&](size_t j, auto lanes) {
    sum[0] = S::add(sum[0], f(lanes.load(row + i + j), lanes));
  });
  return S::sum(S::add(S::add(sum[0], sum[1]), S::add(sum[2], sum[3])));
}

template <class S>
void layer_norm(const LayerNormArgs& args) noexcept {
  using Float = typename S::Float;
  const size_t cols = args.cols;
  const float inverse_cols = 1.0F / static_cast<float>(cols);
  for (size_t r = 0; r < args.rows; ++r) {
    const float* row = args.x + r * args.stride;
    float* out = args.out + r * args.out_stride;
    const float total = sum_row<S>(row, cols, [](Float v, auto) { return v; });
    const Float mean = S::set1(total * inverse_cols);
    const float squares = sum_row<S>(row, cols, [&](Float v, auto lanes) {
      const Float d = lanes.keep(S::sub(v, mean));
      return S::mul(d, d);
    });
    const Float inverse = S::set1(1.0F / S::square_root(squares * inverse_cols + args.eps));
    for_vectors<S>(cols, [&](size_t i, auto lanes) {
      const Float normal = S::mul(S::sub(lanes.load(row + i), mean), inverse);
      lanes.store(out + i, S::fma(normal, lanes.load(args.gamma + i), lanes.load(args.beta + i)));
    });
  }
}

template <class S>
void rotate_f32(const RotateArgs& args) noexcept {
  const size_t half = args.head_dim / 2;
  for (size_t r = 0; r < args.rows; ++r) {
    const float* cosines = args.cosines + r * half;
    const float* sines = args.sines + r * half;
    for (size_t h = 0; h < args.num_heads; ++h) {
      float* first = args.x + r * args.stride + h * args.head_dim;
      float* second = first + half;
      for_vectors<S>(half, [&](size_t i, auto lanes) {
        const auto x1 = lanes.load(first + i);
        const auto x2 = lanes.load(second + i);
        const auto cosine = lanes.load(cosines + i);
        const auto sine = lanes.load(sines + i);
        lanes.store(first + i, S::fnma(x2, sine, S::mul(x1, cosine)));
        lanes.store(second + i, S::fma(x1, sine, S::mul(x2, cosine)));
      });
    }
  }
}

template <class S>
void normalize_rows(float* x, size_t stride, size_t rows, size_t cols) noexcept {
  using Float = typename S::Float;
  for (size_t r = 0; r < rows; ++r) {
    float* row = x + r * stride;
    const float norm =
        S::square_root(sum_row<S>(row, cols, [](Float v, auto) { return S::mul(v, v); }));
    const Float divisor = S::max(S::set1(1e-12F), S::set1(norm));
    for_vectors<S>(cols, [&](size_t i, auto lanes) {
      lanes.store(row + i, S::div(lanes.load(row + i), divisor));
    });
  }
}

template <class S>
MAXSIMD_INLINE float largest_magnitude(const float* row, size_t cols) {
  auto highest = S::zero();
  for_vectors<S>(
      cols, [&](size_t i, auto lanes) { highest = S::max(S::abs(lanes.load(row + i)), highest); });
  return S::highest(highest);
}

template <class S>
void quantize_rows_i8(const float* x, size_t stride, size_t rows, size_t cols, int8_t* out,
                      size_t out_stride, float* scales) noexcept {
  for (size_t r = 0; r < rows; ++r) {
    const float* row = x + r * stride;
    int8_t* bytes = out + r * out_stride;
    scales[r] = largest_magnitude<S>(row, cols) / 127.0F;
    if (scales[r] == 0.0F) {
      __builtin_memset(bytes, 0, out_stride);
      continue;
    }
    const auto quantize = [scale = S::set1(scales[r])](typename S::Float v) {
      // The clamp matters for subnormal scales only, whose rounding error is large.
      return S::min(S::max(S::div(v, scale), S::set1(-127.0F)), S::set1(127.0F));
    };
    size_t i = 0;
    for (; i + S::kWidth <= cols; i += S::kWidth) {
      S::store_bytes(bytes + i, quantize(S::load(row + i)));
    }
    if (i < cols) {
      int8_t tail[S::kWidth];
      S::store_bytes(tail, quantize(S::load(row + i, S::first_lanes(cols - i))));
      __builtin_memcpy(bytes + i, tail, cols - i);
    }
    __builtin_memset(bytes + cols, 0, out_stride - cols);
  }
}

template <class S>
void f32_to_f16(const float* in, size_t count, uint16_t* out) noexcept {
  size_t i = 0;
  for (; i + S::kWidth <= count; i += S::kWidth) S::store_half(out + i, S::load(in + i));
  if (i < count) {
    uint16_t tail[S::kWidth];
    S::store_half(tail, S::load(in + i, S::first_lanes(count - i)));
    __builtin_memcpy(out + i, tail, (count - i) * sizeof(uint16_t));
  }
}

template <class S>
void f16_to_f32(const uint16_t* in, size_t count, float* out) noexcept {
  size_t i = 0;
  for (; i + S::kWidth <= count; i += S::kWidth) S::store(out + i, S::load_half(in + i));
  if (i < count) {
    uint16_t tail[S::kWidth] = {};
    __builtin_memcpy(tail, in + i, (count - i) * sizeof(uint16_t));
    S::store(out + i, S::load_half(tail), S::first_lanes(count - i));
  }
}

}  // namespace
}  // namespace maxsimd::kernels::simd
