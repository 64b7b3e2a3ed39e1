#include "maxsimd/training/sampler.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <numeric>
#include <span>

namespace maxsimd::training {
namespace {

std::vector<BatchRows> cut(size_t dataset, std::span<const uint64_t> order, size_t batch_size,
                           bool drop_last) {
  std::vector<BatchRows> batches;
  for (size_t begin = 0; begin < order.size(); begin += batch_size) {
    const size_t count = std::min(batch_size, order.size() - begin);
    if (count < batch_size && drop_last) break;
    const auto part = order.subspan(begin, count);
    batches.push_back({dataset, {part.begin(), part.end()}});
  }
  return batches;
}

}  // namespace

std::vector<uint64_t> random_permutation(uint64_t n, uint64_t seed) {
  const at::Generator generator = at::detail::createCPUGenerator(seed);
  const at::Tensor order = at::randperm(static_cast<int64_t>(n), generator, at::kLong);
  const int64_t* values = order.const_data_ptr<int64_t>();
  return {values, values + n};
}

size_t num_batches(const std::vector<uint64_t>& sizes, const SamplerOptions& options) {
  size_t count = 0;
  for (const uint64_t size : sizes) {
    count += (size + (options.drop_last ? 0 : options.batch_size - 1)) / options.batch_size;
  }
  return count;
}

std::vector<BatchRows> epoch_batches(const std::vector<uint64_t>& sizes, uint64_t epoch,
                                     const SamplerOptions& options) {
  std::vector<BatchRows> batches;
  for (size_t dataset = 0; dataset < sizes.size(); ++dataset) {
    const auto order = random_permutation(sizes[dataset], options.seed + epoch);
    const auto cuts = cut(dataset, order, options.batch_size, options.drop_last);
    batches.insert(batches.end(), cuts.begin(), cuts.end());
  }
  if (sizes.size() <= 1) return batches;
  std::vector<BatchRows> mixed;  // in proportion to their sizes: any batch may be next
  for (const uint64_t place : random_permutation(batches.size(), options.seed + epoch)) {
    mixed.push_back(std::move(batches[place]));
  }
  return mixed;
}

std::vector<BatchRows> sequential_batches(size_t dataset, uint64_t size, size_t batch_size) {
  std::vector<uint64_t> order(size);
  std::iota(order.begin(), order.end(), uint64_t{0});
  return cut(dataset, order, batch_size, false);
}

}  // namespace maxsimd::training
