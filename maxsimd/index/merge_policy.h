// Which segments to merge, by their sizes alone.
//
// Tiers grow by kTierFactor: tier 0 holds segments below kSmallestTier vectors, tier t those below
// kSmallestTier * kTierFactor^t. More than kSegmentsPerTier in a tier are merged into one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace maxsimd {

inline constexpr uint64_t kSmallestTierVectors = 4096;
inline constexpr uint64_t kTierFactor = 16;
inline constexpr size_t kMaxSegmentsPerTier = 8;

struct SegmentSize {
  uint64_t number = 0;
  uint64_t num_live_vectors = 0;
  uint64_t num_vectors = 0;
};

/// The numbers of the segments to merge into one next, or none. Segments more than half dead are
/// rewritten, too. Repeat until none.
std::vector<uint64_t> segments_to_merge(std::span<const SegmentSize> segments);

}  // namespace maxsimd
