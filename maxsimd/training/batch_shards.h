// Which of an epoch's batches each process of a run takes: to the letter those of accelerate 1.15
// (data_loader.py: BatchSamplerShard) as sentence-transformers sets it up for several processes:
// even_batches off, drop_last on. Pure functions.
#pragma once

#include <cstddef>
#include <vector>

#include "maxsimd/training/sampler.h"

namespace maxsimd::training {

struct Shard {
  size_t rank = 0;
  size_t num_processes = 1;
};

/// Batches rank, rank + num_processes, ... of those of an epoch. Those at the end that not every
/// process gets one of are left out, and so are the batches of a round whose last one is not full.
std::vector<BatchRows> shard_batches(std::vector<BatchRows> batches, const SamplerOptions& options,
                                     const Shard& shard);

/// How many batches a process takes of num_batches() of an epoch.
size_t num_shard_batches(size_t num_batches, const Shard& shard);

}  // namespace maxsimd::training
