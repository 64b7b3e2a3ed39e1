#include "maxsimd/index/merge_policy.h"

#include <algorithm>
#include <map>

namespace maxsimd {
namespace {

size_t tier_of(uint64_t num_vectors) {
  size_t tier = 0;
  // Divides instead of multiplying the bound, which could overflow.
  for (uint64_t rest = num_vectors / kSmallestTierVectors; rest > 0; rest /= kTierFactor) ++tier;
  return tier;
}

}  // namespace

std::vector<uint64_t> segments_to_merge(std::span<const SegmentSize> segments) {
  std::map<size_t, std::vector<uint64_t>> tiers;
  for (const SegmentSize& segment : segments) {
    tiers[tier_of(segment.num_live_vectors)].push_back(segment.number);
  }
  for (auto& [tier, numbers] : tiers) {
    if (numbers.size() > kMaxSegmentsPerTier) return std::move(numbers);
  }
  std::vector<uint64_t> half_dead;
  for (const SegmentSize& segment : segments) {
    if (segment.num_live_vectors < segment.num_vectors / 2) half_dead.push_back(segment.number);
  }
  return half_dead;
}

}  // namespace maxsimd
