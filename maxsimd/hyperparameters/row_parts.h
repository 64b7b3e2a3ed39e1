// What the files of rows share: short names for the parts of a row, and kinds of rows.
#pragma once

#include "maxsimd/hyperparameters/rows.h"

namespace maxsimd::detail::row_parts {

using enum HyperparameterGroup;
using enum HyperparameterVerdict;
using enum HyperparameterOrigin;
using enum HyperparameterListing;
using T = HyperparameterType;

inline constexpr HyperparameterRange kNotNegative = {.min = 0};
inline constexpr HyperparameterTypes kFiles = T::kNone | T::kString | T::kList;

/// What PyLate leaves out of a card.
constexpr Hyperparameter hidden(Hyperparameter row) {
  row.listing = kNever;
  return row;
}

/// A row of ours: a card says it in another place.
constexpr Hyperparameter own(Hyperparameter row) {
  row.origin = kMaxsimd;
  return hidden(row);
}

/// Ours, and said nowhere else in a card.
constexpr Hyperparameter own_when_set(Hyperparameter row) {
  row.origin = kMaxsimd;
  row.listing = kWhenSet;
  return row;
}

}  // namespace maxsimd::detail::row_parts
