#include "maxsimd/training/batch_shards.h"

#include <utility>

namespace maxsimd::training {

std::vector<BatchRows> shard_batches(std::vector<BatchRows> batches, const SamplerOptions& options,
                                     const Shard& shard) {
  if (shard.num_processes == 1) return batches;
  std::vector<BatchRows> taken;
  const size_t round = shard.num_processes;
  for (size_t begin = 0; begin + round <= batches.size(); begin += round) {
    if (batches[begin + round - 1].rows.size() != options.batch_size) continue;
    taken.push_back(std::move(batches[begin + shard.rank]));
  }
  return taken;
}

size_t num_shard_batches(size_t num_batches, const Shard& shard) {
  return num_batches / shard.num_processes;
}

}  // namespace maxsimd::training
