// The batches of each process beside accelerate's (scripts/goldens/training_shards.py).
#include "maxsimd/training/batch_shards.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "maxsimd/base/json.h"

namespace maxsimd::training {
namespace {

using Rows = std::vector<uint64_t>;

std::vector<BatchRows> in_order(uint64_t rows, size_t dataset, const SamplerOptions& options) {
  std::vector<BatchRows> batches;
  for (uint64_t row = 0; row < rows; ++row) {
    if (row % options.batch_size == 0) batches.push_back({dataset, {}});
    batches.back().rows.push_back(row);
  }
  const bool is_short = !batches.empty() && batches.back().rows.size() < options.batch_size;
  if (options.drop_last && is_short) batches.pop_back();
  return batches;
}

TEST(BatchShards, EqualAccelerates) {
  const nlohmann::json golden =
      read_json_file(MAXSIMD_SOURCE_DIR "/maxsimd/training/testdata/shards.json");
  for (const nlohmann::json& one : golden.at("cases")) {
    SCOPED_TRACE(one.dump());
    SamplerOptions options{.batch_size = one.at("batch_size"), .hashes = {}};
    options.drop_last = true;
    const std::vector<BatchRows> all = in_order(one.at("rows"), 0, options);
    const size_t processes = one.at("batches").size();
    for (size_t rank = 0; rank < processes; ++rank) {
      const Shard shard{rank, processes};
      std::vector<Rows> got;
      for (const BatchRows& batch : shard_batches(all, options, shard)) got.push_back(batch.rows);
      EXPECT_EQ(got, one.at("batches")[rank].get<std::vector<Rows>>());
      EXPECT_EQ(num_shard_batches(all.size(), shard), one.at("lengths")[rank].get<size_t>());
    }
  }
}

TEST(BatchShards, OneProcessTakesAll) {
  const SamplerOptions options{.batch_size = 4, .hashes = {}};
  const std::vector<BatchRows> all = in_order(11, 0, options);
  EXPECT_EQ(shard_batches(all, options, {}), all);
  EXPECT_EQ(num_shard_batches(all.size(), {}), all.size());
}

}  // namespace
}  // namespace maxsimd::training
