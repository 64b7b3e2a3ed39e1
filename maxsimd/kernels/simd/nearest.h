// The nearest of many centroids: the int8 micro-kernel with centroids as the panel's columns, whose
// scores are compared with the best so far straight from the registers; the distances of the few
// that are left; and the choice of the groups of centroids to look at.
#pragma once

#include "maxsimd/kernels/simd/chains.h"
#include "maxsimd/kernels/simd/gemm_i8.h"

namespace maxsimd::kernels::simd {
namespace {

template <class S>
MAXSIMD_INLINE void raise_best_score(typename S::Float score, typename S::Int panel, float* scores,
                                     int32_t* panels) {
  const auto old = S::load(scores);
  S::store_int(panels, S::choose_if_greater(score, old, panel, S::load_int(panels)));
  S::store(scores, S::max(score, old));
}

template <class S, class P, size_t M>
__attribute__((noinline)) void nearest_tile(const I8Inputs<S, P>& inputs, const NearestArgs& args,
                                            size_t row, size_t column) {
  typename S::Float sum[M][2];
  inputs.template multiply<M>(sum, row, column, Ahead{nullptr, 0, 0});
  const auto bias0 = S::load(args.bias + column);
  const auto bias1 = S::load(args.bias + column + S::kWidth);
  const auto panel = S::set1_int(static_cast<int32_t>(column / kPanelColumns));
  const size_t first = column % kPanelColumns;
  MAXSIMD_UNROLL
  for (size_t i = 0; i < M; ++i) {
    PanelBest& best = args.best[args.targets[row + i]];
    float* scores = best.score + first;
    int32_t* panels = best.panel + first;
    raise_best_score<S>(S::add(sum[i][0], bias0), panel, scores, panels);
    raise_best_score<S>(S::add(sum[i][1], bias1), panel, scores + S::kWidth, panels + S::kWidth);
  }
}

/// Tiles of rows outside: their 3 KiB of best scores and the panels stay in the L1 cache.
template <class S, class P>
void nearest_i8(const PanelsI8& columns, const NearestArgs& args) noexcept {
  const I8Inputs<S, P> inputs = {args.rows, columns};
  for_even_parts(args.num_rows, S::kTileRows, [&](size_t row, size_t count) {
    with_rows<S>(count, [&](auto m) {
      for (size_t column = args.panel_begin * kPanelColumns;
           column < args.panel_end * kPanelColumns; column += 2 * S::kWidth) {
        nearest_tile<S, P, decltype(m)::kCount>(inputs, args, row, column);
      }
    });
  });
}

template <class S>
void squared_distances(const float* x, const float* rows, size_t dim, const uint32_t* ids,
                       size_t count, float* out) noexcept {
  for (size_t i = 0; i < count; ++i) out[i] = squared_distance<S>(x, rows + ids[i] * dim, dim);
}

/// How many of the values in whole vectors (-infinity beyond the last) are `limit` at least.
template <class S>
MAXSIMD_INLINE size_t count_from(const float* values, size_t padded, float limit) {
  auto below = S::set1_int(0);
  const auto limits = S::set1(limit);
  for (size_t i = 0; i < padded; i += S::kWidth) {
    below = S::add_if_greater(below, limits, S::load(values + i));
  }
  return padded - static_cast<size_t>(S::sum(S::to_float(below)));
}

/// Halves the range of the limit until it lets `wanted` values through, or nothing lies between.
template <class S>
MAXSIMD_INLINE float limit_of_largest(const float* values, size_t count, size_t padded,
                                      size_t wanted) {
  auto highest = S::set1(values[0]);
  auto lowest = highest;
  for_vectors<S>(count, [&](size_t i, auto lanes) {  // lanes beyond read 0: a wider range, no harm
    highest = S::max(lanes.load(values + i), highest);
    lowest = S::min(lanes.load(values + i), lowest);
  });
  float high = S::highest(highest);
  float low = -S::highest(S::sub(S::zero(), lowest));
  if (count_from<S>(values, padded, high) >= wanted) return high;
  for (;;) {  // `low` lets enough through, `high` too few
    const float middle = low + (high - low) * 0.5F;
    if (!(middle > low && middle < high)) return low;
    const size_t passed = count_from<S>(values, padded, middle);
    if (passed == wanted) return middle;
    (passed > wanted ? low : high) = middle;
  }
}

template <class S>
size_t select_largest(const float* values, size_t count, size_t wanted,
                      uint16_t* selected) noexcept {
  const size_t padded = (count + kPanelColumns - 1) / kPanelColumns * kPanelColumns;
  const float limit =
      wanted < count ? limit_of_largest<S>(values, count, padded, wanted) : -__builtin_inff();
  size_t num_selected = 0;
  for (size_t i = 0; i < count; ++i) {
    selected[num_selected] = static_cast<uint16_t>(i);
    num_selected += values[i] >= limit ? 1 : 0;
  }
  return num_selected;
}

}  // namespace
}  // namespace maxsimd::kernels::simd
