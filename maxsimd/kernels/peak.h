// The arithmetic peak of a core, from loops that touch registers only: the yardstick beside the
// kernels' and the encoder's figures.
#pragma once

#include <optional>

#include "maxsimd/kernels/kernels.h"

namespace maxsimd::kernels {

/// A loop of independent multiply-adds on zeros, less than a millisecond long.
struct PeakLoop {
  void (*run)() noexcept = nullptr;
  double operations = 0;  // of one run; a multiply-add counts two
};

// The loops of the instructions with which the table of an instruction set multiplies in a format:
// where it widens narrow numbers first, those of the wide ones. Nothing for the scalar table, whose
// peak is the compiler's. REQUIRES: isa is in supported_isas().
std::optional<PeakLoop> peak_loop_f32(Isa isa);
std::optional<PeakLoop> peak_loop_bf16(Isa isa);
std::optional<PeakLoop> peak_loop_i8(Isa isa);

}  // namespace maxsimd::kernels
