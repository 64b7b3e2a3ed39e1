#include "maxsimd/training/sampler.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <memory>
#include <unordered_set>

namespace maxsimd::training {
namespace {

using Rows = std::vector<uint64_t>;

Rows permutation(uint64_t n, at::Generator& generator) {
  const at::Tensor order = at::randperm(static_cast<int64_t>(n), generator, at::kLong);
  const int64_t* values = order.const_data_ptr<int64_t>();
  return {values, values + n};
}

/// The batches of one data set, drawn from a generator that others draw from in between.
class RowSampler {
 public:
  virtual ~RowSampler() = default;
  /// The rows of the next batch, none at the end.
  virtual Rows next(at::Generator& generator) = 0;
};

/// torch's RandomSampler under its BatchSampler.
class RandomRows final : public RowSampler {
 public:
  RandomRows(uint64_t size, const SamplerOptions& options)
      : size_(size), batch_size_(options.batch_size), drop_last_(options.drop_last) {}

  Rows next(at::Generator& generator) override {
    if (!started_) order_ = permutation(size_, generator);
    started_ = true;
    const size_t left = order_.size() - begin_;
    if (left == 0 || (left < batch_size_ && drop_last_)) return {};
    const size_t count = std::min(left, batch_size_);
    // A batch that is not full runs into the end of RandomSampler, which draws a permutation there
    // and uses none of it.
    if (count < batch_size_) permutation(size_, generator);
    const auto first = order_.begin() + static_cast<ptrdiff_t>(begin_);
    begin_ += count;
    return {first, first + static_cast<ptrdiff_t>(count)};
  }

 private:
  uint64_t size_;
  size_t batch_size_;
  bool drop_last_;
  bool started_ = false;
  Rows order_;
  size_t begin_ = 0;
};

/// sentence-transformers' NoDuplicatesBatchSampler: rows that share a text with the batch wait for
/// a later one.
class UnlikeRows final : public RowSampler {
 public:
  UnlikeRows(size_t dataset, uint64_t size, uint64_t seed, const SamplerOptions& options)
      : dataset_(dataset), size_(size), seed_(seed), options_(options) {}

  Rows next(at::Generator& generator) override {
    if (!started_) start(generator);
    Rows batch;
    while (head_ != size_) {
      batch = take();
      if (batch.size() == options_.batch_size || !options_.drop_last) return batch;
    }
    return {};
  }

 private:
  void start(at::Generator& generator) {
    started_ = true;
    generator.set_current_seed(seed_);
    order_ = permutation(size_, generator);
    for (uint64_t place = 0; place < size_; ++place) following_.push_back(place + 1);
  }

  // Walks along the places that are left, a list linked by following_, and takes out what fits.
  Rows take() {
    Rows batch;
    std::unordered_set<uint64_t> taken;
    uint64_t* link = &head_;
    while (*link != size_ && batch.size() < options_.batch_size) {
      const uint64_t place = *link;
      const std::span<const uint64_t> texts = options_.hashes(dataset_, order_[place]);
      if (std::ranges::any_of(texts, [&](uint64_t text) { return taken.contains(text); })) {
        link = &following_[place];
        continue;
      }
      batch.push_back(order_[place]);
      taken.insert(texts.begin(), texts.end());
      *link = following_[place];
    }
    return batch;
  }

  size_t dataset_;
  uint64_t size_, seed_;
  const SamplerOptions& options_;
  bool started_ = false;
  Rows order_;      // [size]
  Rows following_;  // [size]: the place after each that is left; size: there is none
  uint64_t head_ = 0;
};

std::unique_ptr<RowSampler> make_sampler(size_t dataset, uint64_t size, uint64_t epoch,
                                         const SamplerOptions& options) {
  if (options.batch_sampler == BatchSampler::kNoDuplicates) {
    return std::make_unique<UnlikeRows>(dataset, size, epoch, options);
  }
  return std::make_unique<RandomRows>(size, options);
}

size_t batches_of(uint64_t size, const SamplerOptions& options) {
  return (size + (options.drop_last ? 0 : options.batch_size - 1)) / options.batch_size;
}

bool is_mixed(const std::vector<uint64_t>& sizes, const SamplerOptions& options) {
  return options.named || sizes.size() > 1;
}

/// The batches of one data set that is alone, at most so many.
std::vector<BatchRows> single_batches(size_t dataset, uint64_t size, uint64_t epoch, size_t limit,
                                      const SamplerOptions& options) {
  at::Generator generator =
      at::detail::createCPUGenerator(options.data_seed.value_or(options.seed) + epoch);
  const auto sampler = make_sampler(dataset, size, epoch, options);
  std::vector<BatchRows> batches;
  while (batches.size() < limit) {
    Rows rows = sampler->next(generator);
    if (rows.empty()) break;
    batches.push_back({dataset, std::move(rows)});
  }
  return batches;
}

/// Whose turn it is: data sets in the order of their batches.
Rows turns_of(const std::vector<uint64_t>& sizes, const SamplerOptions& options,
              at::Generator& generator) {
  Rows turns;
  if (options.multi_dataset == MultiDatasetBatchSampler::kRoundRobin) {
    for (size_t i = 0; i < num_batches(sizes, options); ++i) turns.push_back(i % sizes.size());
    return turns;
  }
  Rows all;
  for (size_t dataset = 0; dataset < sizes.size(); ++dataset) {
    all.insert(all.end(), batches_of(sizes[dataset], options), dataset);
  }
  for (const uint64_t place : permutation(all.size(), generator)) turns.push_back(all[place]);
  return turns;
}

std::vector<BatchRows> mixed_batches(const std::vector<uint64_t>& sizes, uint64_t epoch,
                                     const SamplerOptions& options) {
  at::Generator generator = at::detail::createCPUGenerator(options.seed + epoch);
  const Rows turns = turns_of(sizes, options, generator);
  std::vector<std::unique_ptr<RowSampler>> samplers;
  for (size_t dataset = 0; dataset < sizes.size(); ++dataset) {
    samplers.push_back(make_sampler(dataset, sizes[dataset], 0, options));
  }
  std::vector<BatchRows> batches;
  for (const uint64_t dataset : turns) {
    Rows rows = samplers[dataset]->next(generator);
    if (!rows.empty()) {
      batches.push_back({static_cast<size_t>(dataset), std::move(rows)});
    } else if (options.multi_dataset == MultiDatasetBatchSampler::kRoundRobin) {
      break;
    }
  }
  return batches;
}

}  // namespace

std::vector<uint64_t> random_permutation(uint64_t n, uint64_t seed) {
  at::Generator generator = at::detail::createCPUGenerator(seed);
  return permutation(n, generator);
}

size_t num_batches(const std::vector<uint64_t>& sizes, const SamplerOptions& options) {
  size_t sum = 0, least = batches_of(sizes.front(), options);
  for (const uint64_t size : sizes) {
    sum += batches_of(size, options);
    least = std::min(least, batches_of(size, options));
  }
  const bool in_turn =
      is_mixed(sizes, options) && options.multi_dataset == MultiDatasetBatchSampler::kRoundRobin;
  return in_turn ? least * sizes.size() : sum;
}

std::vector<BatchRows> epoch_batches(const std::vector<uint64_t>& sizes, uint64_t epoch,
                                     const SamplerOptions& options) {
  if (!is_mixed(sizes, options)) {
    return single_batches(0, sizes.front(), epoch, num_batches(sizes, options), options);
  }
  return mixed_batches(sizes, epoch, options);
}

std::vector<BatchRows> evaluation_batches(size_t dataset, uint64_t size,
                                          const SamplerOptions& options) {
  return single_batches(dataset, size, 0, size, options);
}

}  // namespace maxsimd::training
