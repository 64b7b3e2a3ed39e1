// NEFTune (Jain et al. 2023, "Noisy Embeddings Improve Instruction Finetuning") as transformers has
// it (integrations/neftune.py, neftune_post_forward_hook): uniform noise on the output of the
// word-embedding layer. H = hidden size, T = tokens of a batch. One thread at a time.
#pragma once

#include <ATen/core/Tensor.h>

#include "maxsimd/training/packed_batch.h"

namespace maxsimd::training {

/// words [T, H] plus noise from -m to m, m = alpha / sqrt(L * H); L is what the text's tokens are
/// padded to in PyLate, not how many it has. Drawn from the device's default generator, row by row:
/// without padding, on a CPU, the hook's own noise of the same seed.
at::Tensor add_embedding_noise(const at::Tensor& words, const PackedBatch& batch, double alpha);

}  // namespace maxsimd::training
