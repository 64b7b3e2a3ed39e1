// Batches beside those of sentence-transformers' trainer (scripts/goldens/training_batches.py).
#include "maxsimd/training/sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "maxsimd/base/json.h"

namespace maxsimd::training {
namespace {

nlohmann::json golden(const char* part) {
  return read_json_file(MAXSIMD_SOURCE_DIR "/maxsimd/training/testdata/batches.json").at(part);
}

/// One run of the trainer.
struct GoldenRun {
  std::vector<std::vector<std::vector<uint64_t>>> texts;  // [datasets][rows][columns]
  std::vector<uint64_t> sizes;
  SamplerOptions options;
  uint64_t epochs = 0;
};

GoldenRun run_of(const nlohmann::json& json) {
  GoldenRun run;
  run.texts = json.at("texts").get<decltype(run.texts)>();
  for (const auto& rows : run.texts) run.sizes.push_back(rows.size());
  const nlohmann::json& settings = json.at("settings");
  run.epochs = settings.at("num_train_epochs").get<uint64_t>();
  run.options.batch_size = 4;
  run.options.named = json.at("named").get<bool>();
  run.options.seed = settings.at("seed").get<uint64_t>();
  run.options.drop_last = settings.value("dataloader_drop_last", false);
  if (settings.contains("data_seed")) run.options.data_seed = settings.at("data_seed");
  if (settings.value("batch_sampler", "") == "no_duplicates") {
    run.options.batch_sampler = BatchSampler::kNoDuplicates;
  }
  if (settings.value("multi_dataset_batch_sampler", "") == "round_robin") {
    run.options.multi_dataset = MultiDatasetBatchSampler::kRoundRobin;
  }
  return run;
}

/// As the script writes batches: the data set, then its rows.
std::vector<std::vector<uint64_t>> lists_of(const std::vector<BatchRows>& batches) {
  std::vector<std::vector<uint64_t>> lists;
  for (const BatchRows& batch : batches) {
    lists.push_back({batch.dataset});
    lists.back().insert(lists.back().end(), batch.rows.begin(), batch.rows.end());
  }
  return lists;
}

TEST(Sampler, PermutationsAreThoseOfTorch) {
  for (const nlohmann::json& one : golden("permutations")) {
    EXPECT_EQ(random_permutation(one.at("size"), one.at("seed")),
              one.at("order").get<std::vector<uint64_t>>());
  }
}

TEST(Sampler, BatchesAreThoseOfSentenceTransformers) {
  const nlohmann::json runs = golden("runs");
  ASSERT_GT(runs.size(), 15U);
  for (const nlohmann::json& json : runs) {
    SCOPED_TRACE(json.at("settings").dump() + " " + std::to_string(json.at("texts").size()));
    GoldenRun run = run_of(json);
    run.options.hashes = [&](size_t dataset, uint64_t row) {
      return std::span<const uint64_t>(run.texts[dataset][row]);
    };
    EXPECT_EQ(num_batches(run.sizes, run.options), json.at("num_batches").get<size_t>());
    std::vector<std::vector<uint64_t>> batches;
    for (uint64_t epoch = 0; epoch < run.epochs; ++epoch) {
      for (auto& list : lists_of(epoch_batches(run.sizes, epoch, run.options))) {
        batches.push_back(std::move(list));
      }
    }
    using Lists = std::vector<std::vector<uint64_t>>;
    EXPECT_EQ(batches, json.at("batches").get<Lists>());
    EXPECT_EQ(lists_of(evaluation_batches(0, run.sizes[0], run.options)),
              json.at("evaluation").get<Lists>());
  }
}

// What no_duplicates promises, on more rows than the golden runs have.
TEST(Sampler, RowsOfABatchShareNoText) {
  constexpr uint64_t kRows = 1000;
  std::vector<std::vector<uint64_t>> texts;
  for (uint64_t row = 0; row < kRows; ++row) texts.push_back({row / 3, 5000 + row % 90, row / 3});
  SamplerOptions options{.batch_size = 16, .batch_sampler = BatchSampler::kNoDuplicates};
  options.hashes = [&](size_t, uint64_t row) { return std::span<const uint64_t>(texts[row]); };
  std::set<uint64_t> seen;
  for (const BatchRows& batch : epoch_batches({kRows}, 0, options)) {
    std::map<uint64_t, uint64_t> owner;
    for (const uint64_t row : batch.rows) {
      EXPECT_TRUE(seen.insert(row).second);
      for (const uint64_t text : texts[row]) {
        EXPECT_EQ(owner.emplace(text, row).first->second, row);
      }
    }
  }
  EXPECT_GT(seen.size(), kRows * 9 / 10);
}

// drop_last leaves nothing where no batch can be filled.
TEST(Sampler, NoBatchWhereAllRowsShareAText) {
  const uint64_t text = 1;
  SamplerOptions options{
      .batch_size = 2, .drop_last = true, .batch_sampler = BatchSampler::kNoDuplicates};
  options.hashes = [&](size_t, uint64_t) { return std::span<const uint64_t>(&text, 1); };
  EXPECT_EQ(num_batches({6}, options), 3U);
  EXPECT_TRUE(epoch_batches({6}, 0, options).empty());
}

}  // namespace
}  // namespace maxsimd::training
