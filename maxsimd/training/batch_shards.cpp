#include "maxsimd/training/batch_shards.h"

#include <algorithm>
#include <utility>

namespace maxsimd::training {
namespace {

/// The rows of the first batches of an epoch, over and over.
class FirstRows {
 public:
  explicit FirstRows(const std::vector<BatchRows>& batches, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      for (const uint64_t row : batches[i].rows) rows_.emplace_back(batches[i].dataset, row);
    }
  }

  /// Fills a batch up; one that is empty takes the data set of the next row.
  void fill(BatchRows& batch, size_t batch_size) {
    if (batch.rows.empty()) batch.dataset = rows_[next_ % rows_.size()].first;
    const std::vector<uint64_t> own = batch.rows;
    size_t passed = 0;
    while (batch.rows.size() < batch_size && passed < rows_.size()) {
      const auto& [dataset, row] = rows_[next_++ % rows_.size()];
      passed = dataset == batch.dataset ? 0 : passed + 1;
      if (passed == 0) batch.rows.push_back(row);
    }
    for (size_t i = 0; batch.rows.size() < batch_size; ++i) {  // no row of its data set is there
      batch.rows.push_back(own[i % own.size()]);
    }
  }

 private:
  std::vector<std::pair<size_t, uint64_t>> rows_;
  size_t next_ = 0;
};

}  // namespace

std::vector<BatchRows> shard_batches(std::vector<BatchRows> batches, const SamplerOptions& options,
                                     const Shard& shard) {
  if (shard.num_processes == 1 || batches.empty()) return batches;
  const size_t size = options.batch_size;
  std::vector<BatchRows> taken;
  BatchRows waiting;  // until every process has a full batch
  for (size_t i = 0; i < batches.size(); ++i) {
    if (i % shard.num_processes == shard.rank) waiting = batches[i];
    if (i % shard.num_processes == shard.num_processes - 1 && batches[i].rows.size() == size) {
      taken.push_back(std::exchange(waiting, {}));
    }
  }
  if (options.drop_last) return taken;
  if (waiting.rows.size() == size) taken.push_back(waiting);
  FirstRows first(batches, std::min(batches.size(), shard.num_processes));
  size_t place = batches.size() - 1;
  BatchRows last = std::move(batches.back());
  if (last.rows.size() == size) {
    last = {};
    ++place;
  }
  while (place % shard.num_processes != 0 || !last.rows.empty()) {
    first.fill(last, size);
    if (place % shard.num_processes == shard.rank) taken.push_back(last);
    last = {};
    ++place;
  }
  return taken;
}

size_t num_shard_batches(size_t num_batches, const SamplerOptions& options, const Shard& shard) {
  return (num_batches + (options.drop_last ? 0 : shard.num_processes - 1)) / shard.num_processes;
}

}  // namespace maxsimd::training
