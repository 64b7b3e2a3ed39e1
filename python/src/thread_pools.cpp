#include "python/src/thread_pools.h"

#include <map>

#include "python/src/per_process.h"

namespace maxsimd::python {

std::shared_ptr<ThreadPool> thread_pool(size_t num_threads) {
  static std::map<size_t, PerProcess<ThreadPool>> pools;  // guarded by the GIL
  const auto [place, is_new] = pools.try_emplace(
      num_threads, [num_threads] { return std::make_shared<ThreadPool>(num_threads); });
  return place->second.get();
}

}  // namespace maxsimd::python
