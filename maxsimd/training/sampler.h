// Which rows make up each batch of an epoch, in what order: to the letter those of
// sentence-transformers 5.3 (sampler.py, trainer.py) under accelerate 1.15 in one process, so that
// a run sees its data as PyLate's does. Pure functions of their arguments.
//
// One data set without a name, by default: epoch e is torch.randperm(n) of a generator seeded with
// data_seed + e. Named data sets, one or several, share one generator, seeded with seed + e: the
// mix is drawn first, each data set's order when its first batch is due. no_duplicates seeds it
// anew with the epoch alone, and among named data sets with 0 in every epoch: as there, its order
// depends on no seed. A run takes num_batches() batches an epoch, whether a sampler would give more
// or less: where no_duplicates makes small batches, rows are left out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "maxsimd/hyperparameters/training_arguments.h"

namespace maxsimd::training {

/// One batch: rows of one data set.
struct BatchRows {
  size_t dataset = 0;
  std::vector<uint64_t> rows;
  bool operator==(const BatchRows&) const = default;
};

/// Hashes of the texts of a row, one a column; valid as long as the function.
using RowHashes = std::function<std::span<const uint64_t>(size_t dataset, uint64_t row)>;

struct SamplerOptions {
  size_t batch_size = 8;
  uint64_t seed = 42;
  std::optional<uint64_t> data_seed;  // of one data set without a name, drawn at random; else seed
  bool drop_last = false;
  bool named = false;  // the data sets have names; several always have
  BatchSampler batch_sampler = BatchSampler::kBatchSampler;
  MultiDatasetBatchSampler multi_dataset = MultiDatasetBatchSampler::kProportional;
  RowHashes hashes;  // for no_duplicates: rows of a batch share none
};

/// torch.randperm(n) of a CPU generator with this seed.
std::vector<uint64_t> random_permutation(uint64_t n, uint64_t seed);

/// Batches of one epoch over data sets of these sizes (no_duplicates: as if there were none).
size_t num_batches(const std::vector<uint64_t>& sizes, const SamplerOptions& options);

/// At most num_batches(); fewer only with no_duplicates and drop_last, possibly none. REQUIRES:
/// sizes above 0, hashes for no_duplicates. Time: of no_duplicates, rows times those that conflict.
std::vector<BatchRows> epoch_batches(const std::vector<uint64_t>& sizes, uint64_t epoch,
                                     const SamplerOptions& options);

/// The batches that an evaluation reads of a data set, the same each time: its epoch 0, drawn as if
/// it were alone, however many they are. `options.hashes` are those of the evaluation data sets.
std::vector<BatchRows> evaluation_batches(size_t dataset, uint64_t size,
                                          const SamplerOptions& options);

}  // namespace maxsimd::training
