// The number format of an encoder's big matrix products. All else (sums, layer norms, attention,
// the projection) stays in float32.
#pragma once

#include <optional>
#include <string_view>

#include "maxsimd/kernels/kernels.h"

namespace maxsimd {

enum class Precision {
  f32,   // PyLate's numbers
  bf16,  // weights and activations rounded to bfloat16
  int8,  // weights with one scale an output, activations with a scale and a zero point a token
};

std::string_view precision_name(Precision precision);  // "f32", "bf16", "int8"
std::optional<Precision> precision_from_name(std::string_view name);

/// What `auto` means: the fastest format on this instruction set of those whose retrieval quality
/// is within 0.5 points of nDCG@10 of f32 (tests/quality measures it; docs/performance.md has the
/// figures).
Precision fastest_precision(kernels::Isa isa);

}  // namespace maxsimd
