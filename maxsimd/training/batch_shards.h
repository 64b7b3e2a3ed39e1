// Which of an epoch's batches each process of a run takes: to the letter those of accelerate 1.15
// (data_loader.py: BatchSamplerShard, split_batches off, even_batches on). Pure functions.
#pragma once

#include <cstddef>
#include <vector>

#include "maxsimd/training/sampler.h"

namespace maxsimd::training {

struct Shard {
  size_t rank = 0;
  size_t num_processes = 1;
};

/// Batches rank, rank + num_processes, ... of those of an epoch. What is missing at the end, so
/// that all processes take as many full batches, comes from the epoch's beginning (rows of the same
/// data set only: a batch never mixes them, other than accelerate's); with drop_last it is left
/// out.
std::vector<BatchRows> shard_batches(std::vector<BatchRows> batches, const SamplerOptions& options,
                                     const Shard& shard);

/// How many batches a process takes of num_batches() of an epoch.
size_t num_shard_batches(size_t num_batches, const SamplerOptions& options, const Shard& shard);

}  // namespace maxsimd::training
