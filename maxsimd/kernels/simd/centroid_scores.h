// Kernels over the table of a query's scores with centroids, [K, C] with C a multiple of 32, and
// MaxSim of documents known by their centroids only.
#pragma once

#include "maxsimd/kernels/simd/tile.h"

namespace maxsimd::kernels::simd {
namespace {

template <class S>
void round_scores(const float* scores, size_t rows, size_t cols, const float* factors, int16_t* out,
                  int32_t* lowest, int32_t* highest) noexcept {
  const auto limit = S::set1_int(32767);
  const auto minus_limit = S::set1_int(-32767);
  for (size_t column = 0; column < cols; column += S::kWidth) {
    const auto factor = S::load(factors + column);
    auto low = S::load_int(lowest + column);
    auto high = S::load_int(highest + column);
    for (size_t i = column; i < rows * cols; i += cols) {
      // Out of int32's range a float becomes -2^31: no score is, but for damaged tables.
      auto x = S::to_int(S::mul(S::load(scores + i), factor));
      x = S::max_int(S::min_int(x, limit), minus_limit);
      low = S::min_int(low, x);
      high = S::max_int(high, x);
      S::store_shorts(out + i, x);
    }
    S::store_int(lowest + column, low);
    S::store_int(highest + column, high);
  }
}

template <class S>
size_t first_above(const int16_t* scores, size_t cols, size_t begin, size_t end,
                   const int16_t* limits) noexcept {
  for (size_t row = begin; row < end; ++row) {
    for (size_t column = 0; column < cols; column += kPanelColumns) {
      if (S::any_above(scores + row * cols + column, limits + column)) return row;
    }
  }
  return end;
}

template <class S>
void scores_to_bytes(const int16_t* scores, size_t rows, size_t cols, const int16_t* offsets,
                     const uint16_t* factors, uint8_t* out) noexcept {
  for (size_t row = 0; row < rows; ++row) {
    for (size_t column = 0; column < cols; column += kPanelColumns) {
      const size_t i = row * cols + column;
      S::to_bytes(scores + i, offsets + column, factors + column, out + i);
    }
  }
}

/// The largest bytes in N panels of columns.
template <class S, size_t N>
struct BestBytes {
  typename S::Bytes best[N];

  MAXSIMD_INLINE BestBytes(const uint8_t* table, size_t cols, const uint16_t* ids, size_t count) {
    MAXSIMD_UNROLL
    for (size_t i = 0; i < N; ++i) best[i] = S::zero_bytes();
    for (size_t t = 0; t < count; ++t) {
      const uint8_t* row = table + ids[t] * cols;
      MAXSIMD_UNROLL
      for (size_t i = 0; i < N; ++i) best[i] = S::max_bytes(best[i], row + i * kPanelColumns);
    }
  }
  /// To `out`; returns their sum.
  MAXSIMD_INLINE uint32_t store(uint8_t* out) const {
    uint32_t total = 0;
    MAXSIMD_UNROLL
    for (size_t i = 0; i < N; ++i) {
      S::store_panel(out + i * kPanelColumns, best[i]);
      total += S::sum_bytes(best[i]);
    }
    return total;
  }
};

/// Calls f(Panels<N>{}, first column) for N panels of columns at a time.
template <size_t N>
struct Panels {
  static constexpr size_t kCount = N;
};

template <class F>
MAXSIMD_INLINE void for_panels(size_t cols, const F& f) {
  size_t column = 0;
  for (; column + 4 * kPanelColumns <= cols; column += 4 * kPanelColumns) f(Panels<4>{}, column);
  for (; column < cols; column += kPanelColumns) f(Panels<1>{}, column);
}

template <class S>
uint32_t maxsim_centroids(const uint8_t* table, size_t cols, const uint16_t* ids, size_t count,
                          uint8_t* best) noexcept {
  uint32_t total = 0;
  for_panels(cols, [&](auto panels, size_t column) {
    const BestBytes<S, decltype(panels)::kCount> bytes(table + column, cols, ids, count);
    total += bytes.store(best + column);
  });
  return total;
}

template <class S>
size_t select_above(const uint8_t* table, size_t cols, const uint16_t* ids, size_t count,
                    const uint8_t* limits, uint32_t* selected) noexcept {
  size_t num_selected = 0;
  if (cols == kPanelColumns) {
    const auto limit = S::load_panel(limits);
    for (uint32_t t = 0; t < count; ++t) {
      selected[num_selected] = t;
      num_selected += S::any_byte_above(table + ids[t] * cols, limit) ? 1 : 0;
    }
    return num_selected;
  }
  for (uint32_t t = 0; t < count; ++t) {
    const uint8_t* row = table + ids[t] * cols;
    selected[num_selected] = t;
    for (size_t column = 0; column < cols; column += kPanelColumns) {
      if (!S::any_byte_above(row + column, S::load_panel(limits + column))) continue;
      ++num_selected;
      break;
    }
  }
  return num_selected;
}

}  // namespace
}  // namespace maxsimd::kernels::simd
