#include "maxsimd/encoder/precision.h"

#include <array>

namespace maxsimd {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"f32", "bf16", "int8"};

}  // namespace

std::string_view precision_name(Precision precision) {
  return kNames[static_cast<size_t>(precision)];
}

std::optional<Precision> precision_from_name(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Precision>(i);
  }
  return std::nullopt;
}

Precision fastest_precision(kernels::Isa isa) {
  // Without vector instructions conversions cost more than the products save; NEON's products of
  // int16 are no more an instruction than those of floats.
  const bool slow = isa == kernels::Isa::scalar || isa == kernels::Isa::neon;
  return slow ? Precision::f32 : Precision::int8;
}

}  // namespace maxsimd
