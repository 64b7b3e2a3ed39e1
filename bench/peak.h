// Timing of one core, and its arithmetic peak (kernels/peak.h): the yardstick beside the kernels'
// figures. The peak is 0 for the scalar table.
#pragma once

#include <algorithm>
#include <cstddef>
#include <ctime>
#include <vector>

#include "maxsimd/kernels/kernels.h"

namespace maxsimd::bench {

/// Processor time of this thread: what other programs take meanwhile doesn't count.
inline double thread_seconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Seconds of a call in the fastest tenth of `rounds`. Disturbances make a call slower; the very
/// fastest may owe its time to a hiccup of a virtual machine's clock.
template <class F>
double best_seconds(size_t rounds, F f) {
  std::vector<double> seconds(rounds);
  for (double& value : seconds) {
    const double begin = thread_seconds();
    f();
    value = thread_seconds() - begin;
  }
  std::sort(seconds.begin(), seconds.end());
  return seconds[rounds / 10];
}

/// Float operations a second (a multiply-add counts two), in units of 1e9.
double peak_f32_gflops(kernels::Isa isa);

/// int8 multiply-adds a second times two, in units of 1e9, with the instructions that the table of
/// that instruction set uses (vpdpbusd, or vpmaddwd and vpaddd).
double peak_i8_gops(kernels::Isa isa);

}  // namespace maxsimd::bench
