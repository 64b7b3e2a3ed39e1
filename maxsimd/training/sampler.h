// Which rows make up each batch of an epoch, in what order: torch's and accelerate's rules, so that
// a run sees its data as PyLate's does (accelerate's SeedableRandomSampler: epoch e is
// torch.randperm(n) of a generator seeded with seed + e). Pure functions of their arguments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace maxsimd::training {

/// One batch: rows of one data set.
struct BatchRows {
  size_t dataset = 0;
  std::vector<uint64_t> rows;
  bool operator==(const BatchRows&) const = default;
};

struct SamplerOptions {
  size_t batch_size = 8;
  uint64_t seed = 42;
  bool drop_last = false;
};

/// torch.randperm(n) of a CPU generator with this seed.
std::vector<uint64_t> random_permutation(uint64_t n, uint64_t seed);

/// Batches of one epoch over data sets of these sizes, each shuffled on its own.
size_t num_batches(const std::vector<uint64_t>& sizes, const SamplerOptions& options);
std::vector<BatchRows> epoch_batches(const std::vector<uint64_t>& sizes, uint64_t epoch,
                                     const SamplerOptions& options);

/// Batches in the order of the rows, for evaluation.
std::vector<BatchRows> sequential_batches(size_t dataset, uint64_t size, size_t batch_size);

}  // namespace maxsimd::training
