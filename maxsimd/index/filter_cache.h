// The filters of the conditions that a snapshot was asked last: a product asks the same few ("of
// this customer", "not older than ...") with every query, and evaluating one reads the metadata of
// all documents.
// Thread rule: safe from any thread.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "maxsimd/index/filter.h"

namespace maxsimd {

class FilterCache {
 public:
  static constexpr size_t kCapacity = 16;  // one bit a slot each

  /// Null when the condition is not here.
  std::shared_ptr<const Filter> find(std::string_view condition) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, filter] : filters_) {
      if (key == condition) return filter;
    }
    return nullptr;
  }

  /// Drops the one that came first when there are too many.
  void add(std::string condition, std::shared_ptr<const Filter> filter) {
    const std::lock_guard lock(mutex_);
    if (filters_.size() == kCapacity) filters_.pop_front();
    filters_.emplace_back(std::move(condition), std::move(filter));
  }

 private:
  mutable std::mutex mutex_;
  std::deque<std::pair<std::string, std::shared_ptr<const Filter>>> filters_;  // guarded by mutex_
};

}  // namespace maxsimd
