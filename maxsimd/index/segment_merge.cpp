#include "maxsimd/index/segment_merge.h"

#include <functional>
#include <queue>
#include <utility>
#include <vector>

namespace maxsimd {
namespace {

// Pages of the inputs that may be resident before they are given back.
constexpr uint64_t kReleaseBytes = uint64_t{32} << 20;

}  // namespace

void merge_segments(std::span<const MergeInput> inputs, SegmentWriter& out) {
  using Next = std::pair<DocId, size_t>;  // the next document of an input
  std::priority_queue<Next, std::vector<Next>, std::greater<>> queue;
  std::vector<size_t> slots(inputs.size(), 0);
  const auto advance = [&](size_t i) {
    const MergeInput& input = inputs[i];
    while (slots[i] < input.segment->size() && !input.live->contains(slots[i])) ++slots[i];
    if (slots[i] < input.segment->size()) queue.emplace(input.segment->sequences()[slots[i]], i);
  };
  for (size_t i = 0; i < inputs.size(); ++i) advance(i);
  uint64_t copied = 0;
  while (!queue.empty()) {
    const auto [sequence, i] = queue.top();
    queue.pop();
    const Segment& segment = *inputs[i].segment;
    const CodedRows rows = segment.rows(slots[i]);
    out.add(sequence, segment.id(slots[i]), rows);
    ++slots[i];
    advance(i);
    copied += rows.codes.size();
    if (copied < kReleaseBytes) continue;
    copied = 0;
    for (const MergeInput& input : inputs) input.segment->release_pages();
  }
  for (const MergeInput& input : inputs) input.segment->release_pages();
}

}  // namespace maxsimd
