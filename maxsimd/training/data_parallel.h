// What the processes of a run share: the weights it starts from, gradients, and documents that are
// each other's negatives. In a group of one nothing changes. One thread at a time.
#pragma once

#include "maxsimd/training/parameters.h"
#include "maxsimd/training/process_group.h"
#include "maxsimd/training/token_rows.h"

namespace maxsimd::training {

/// All parameters become those of the first process. Throws IoError.
void share_parameters(const Parameters& parameters, const ProcessGroup& processes);

/// All gradients become their means over the processes (one that a process lacks counts as 0), the
/// same bits in each, as torch's DistributedDataParallel makes them. Throws IoError.
void average_gradients(const Parameters& parameters, const ProcessGroup& processes);

/// The texts of all processes, those of the first process first.
struct GatheredTexts {
  TokenRows texts;
  int64_t first_text = 0;  // where this process's own begin
  int64_t first_row = 0;
};

/// Gradients flow back into `own`, summed over what the losses of all processes send; the backward
/// pass talks to the others, so all must run theirs. Throws IoError, the backward pass, too.
GatheredTexts gather_texts(const TokenRows& own, const ProcessGroup& processes);

}  // namespace maxsimd::training
