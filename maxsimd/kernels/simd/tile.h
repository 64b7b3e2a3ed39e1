// The micro-kernel under the GEMM, attention and MaxSim: a tile of M rows x 2 vectors of columns is
// kept in registers while the inner dimension runs. Each sum is one chain of operations in the
// order of the inner dimension, whatever M is: that is what makes results independent of the batch.
#pragma once

#include "maxsimd/kernels/simd/raw.h"

namespace maxsimd::kernels::simd {
namespace {

/// float32 x float32. A product takes `kGroup` elements of the inner dimension in a step, four
/// bytes of each panel column, in kParts equal parts one after the other.
template <class S>
struct FloatProduct {
  using Element = float;       // of the rows
  using PanelElement = float;  // of the panel
  using Vector = typename S::Float;
  static constexpr size_t kGroup = 1;
  static constexpr size_t kParts = 1;

  static MAXSIMD_INLINE Vector load(const float* p, size_t) { return S::load(p); }
  static MAXSIMD_INLINE auto broadcast(const float* p, size_t) { return S::broadcast(p); }
  template <class Factor>
  static MAXSIMD_INLINE Vector accumulate(Vector sum, Factor a, Vector b) {
    return S::fma(a, b, sum);
  }
};

template <size_t M>
struct Rows {
  static constexpr size_t kCount = M;
};

constexpr size_t kCacheLine = 64;

/// A step of the inner dimension is four bytes of each of a panel's columns.
constexpr size_t kStepBytes = 4 * kPanelColumns;

/// Cache lines to bring into the L2 cache, one a step of the inner dimension.
struct Ahead {
  const char* line;
  size_t stride;  // bytes
  size_t count;

  MAXSIMD_INLINE void step() {
    __builtin_prefetch(line, 0, 2);
    line += stride;
  }
};

struct NothingAhead {
  MAXSIMD_INLINE void step() {}
};

/// sum[i][j] += a row i times the panel's column vector j over `steps` groups of the inner
/// dimension. Strides in elements; a row's groups lie a_step apart.
template <class Product, size_t M, class Fetch = NothingAhead>
MAXSIMD_INLINE void multiply_tile(typename Product::Vector (&sum)[M][2],
                                  const typename Product::Element* a, size_t a_stride,
                                  const typename Product::PanelElement* panel, size_t steps,
                                  Fetch ahead = {}, size_t a_step = Product::kGroup) {
  using Element = typename Product::Element;
  constexpr size_t kSecondVector =
      sizeof(typename Product::Vector) / sizeof(typename Product::PanelElement);
  // A pointer for every third row: x86 addresses p, p + stride and p + 2 stride without further
  // registers. The compiler must not find out that the pointers are related: it would keep M
  // offsets instead, partly on the stack.
  const Element* rows[(M + 2) / 3];
  MAXSIMD_UNROLL
  for (size_t i = 0; i < M; i += 3) {
    rows[i / 3] = a + i * a_stride;
    asm("" : "+r"(rows[i / 3]));
  }
  for (; steps != 0; --steps) {
    ahead.step();
    MAXSIMD_UNROLL
    for (size_t part = 0; part < Product::kParts; ++part) {
      const auto b0 = Product::load(panel, part);
      const auto b1 = Product::load(panel + kSecondVector, part);
      MAXSIMD_UNROLL
      for (size_t i = 0; i < M; ++i) {
        const auto x = Product::broadcast(rows[i / 3] + i % 3 * a_stride, part);
        sum[i][0] = Product::accumulate(sum[i][0], x, b0);
        sum[i][1] = Product::accumulate(sum[i][1], x, b1);
      }
    }
    MAXSIMD_UNROLL
    for (size_t i = 0; i < M; i += 3) rows[i / 3] += a_step;
    panel += kPanelColumns * Product::kGroup;
  }
}

/// multiply_tile() that brings `ahead` nearer in its first steps.
template <class Product, size_t M>
MAXSIMD_INLINE void multiply_tile_ahead(typename Product::Vector (&sum)[M][2],
                                        const typename Product::Element* a, size_t a_stride,
                                        const typename Product::PanelElement* panel, size_t steps,
                                        const Ahead& ahead) {
  const size_t fetching = ahead.count < steps ? ahead.count : steps;
  multiply_tile<Product>(sum, a, a_stride, panel, fetching, ahead);
  multiply_tile<Product>(sum, a + fetching * Product::kGroup, a_stride,
                         panel + fetching * kPanelColumns * Product::kGroup, steps - fetching);
}

/// Sets all sums to the same two vectors.
template <class Vector, size_t M>
MAXSIMD_INLINE void fill_tile(Vector (&sum)[M][2], Vector x0, Vector x1) {
  MAXSIMD_UNROLL
  for (size_t i = 0; i < M; ++i) {
    sum[i][0] = x0;
    sum[i][1] = x1;
  }
}

/// Calls f(Rows<rows>{}), 1 <= rows <= S::kTileRows.
template <class S, size_t M = S::kTileRows, class F>
MAXSIMD_INLINE void with_rows(size_t rows, const F& f) {
  if (rows == M) {
    f(Rows<M>{});
  } else if constexpr (M > 1) {
    with_rows<S, M - 1>(rows, f);
  }
}

/// Cuts [0, total) into the fewest parts of at most `limit` and calls f(begin, size); sizes differ
/// by one at most, so that no part is too short for the registers to hide latencies.
template <class F>
MAXSIMD_INLINE void for_even_parts(size_t total, size_t limit, const F& f) {
  const size_t parts = (total + limit - 1) / limit;
  if (parts == 0) return;
  const size_t size = total / parts;
  const size_t longer = total % parts;
  size_t begin = 0;
  for (size_t part = 0; part < parts; ++part) {
    const size_t count = size + (part < longer ? 1 : 0);
    f(begin, count);
    begin += count;
  }
}

/// Loads and stores of a whole vector, or of its first lanes; the rest reads as 0.
template <class S>
struct AllLanes {
  MAXSIMD_INLINE typename S::Float load(const float* p) const { return S::load(p); }
  MAXSIMD_INLINE void store(float* p, typename S::Float x) const { S::store(p, x); }
  MAXSIMD_INLINE typename S::Float keep(typename S::Float x) const { return x; }
};

template <class S>
struct FirstLanes {
  typename S::Mask mask;
  MAXSIMD_INLINE typename S::Float load(const float* p) const { return S::load(p, mask); }
  MAXSIMD_INLINE void store(float* p, typename S::Float x) const { S::store(p, x, mask); }
  MAXSIMD_INLINE typename S::Float keep(typename S::Float x) const { return S::keep(x, mask); }
};

/// Calls f(i, lanes) for each vector at i of an array of `count` floats.
template <class S, class F>
MAXSIMD_INLINE void for_vectors(size_t count, const F& f) {
  size_t i = 0;
  for (; i + S::kWidth <= count; i += S::kWidth) f(i, AllLanes<S>{});
  if (i < count) f(i, FirstLanes<S>{S::first_lanes(count - i)});
}

}  // namespace
}  // namespace maxsimd::kernels::simd
