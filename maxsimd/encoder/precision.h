// The number format of an encoder's big matrix products. With int8, attention multiplies in
// bfloat16 where the CPU has such products. All else (sums, softmax, layer norms, the projection)
// stays in float32.
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

/// What `auto` means: the format with the quickest products on this instruction set. Its
/// nDCG@10 stayed within 0.5 points of f32 on SciFact, nq-mini and vaswani (docs/decisions/012);
/// the integer sums behind it are the same on every instruction set.
Precision fastest_precision(kernels::Isa isa);

}  // namespace maxsimd
