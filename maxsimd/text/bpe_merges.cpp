#include "maxsimd/text/bpe_merges.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace maxsimd {
namespace {

constexpr size_t kSearchedSymbols = 48;  // a longer word is merged by a queue
constexpr uint32_t kNoRank = UINT32_MAX;
constexpr uint32_t kNoLink = UINT32_MAX;

using Candidate = BpeMerges::Scratch::Candidate;

// For a heap whose first element is merged first.
bool comes_later(const Candidate& a, const Candidate& b) {
  return a.rank != b.rank ? a.rank > b.rank : a.position > b.position;
}

}  // namespace

void BpeMerges::insert(int32_t left, int32_t right, Merged merged) {
  if ((size_ + 1) * 2 > slots_.size()) grow();
  Slot& slot = place_of(key_of(left, right));
  size_ += slot.key == kEmpty ? 1 : 0;
  slot = {key_of(left, right), merged};
}

BpeMerges::Slot& BpeMerges::place_of(uint64_t key) noexcept {
  size_t slot = slot_of(key);
  while (slots_[slot].key != kEmpty && slots_[slot].key != key) slot = (slot + 1) & mask_;
  return slots_[slot];
}

void BpeMerges::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  mask_ = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.key != kEmpty) place_of(slot.key) = slot;
  }
}

void BpeMerges::merge(std::vector<BpeSymbol>& symbols, Scratch& scratch) const {
  if (symbols.size() <= kSearchedSymbols) {
    merge_by_search(symbols);
  } else {
    merge_by_queue(symbols, scratch);
  }
}

void BpeMerges::merge_by_search(std::vector<BpeSymbol>& symbols) const {
  if (symbols.size() > kSearchedSymbols) return;
  std::array<Merged, kSearchedSymbols> pairs;  // of symbol i and the one behind it
  size_t count = symbols.size();
  const auto look_up = [&](size_t i) {
    const Merged* const merged = find(symbols[i].id, symbols[i + 1].id);
    pairs[i] = merged != nullptr ? *merged : Merged{kNoRank, 0};
  };
  for (size_t i = 0; i + 1 < count; ++i) look_up(i);
  while (count > 1) {
    size_t best = 0;
    for (size_t i = 1; i + 1 < count; ++i) {
      if (pairs[i].rank < pairs[best].rank) best = i;
    }
    if (pairs[best].rank == kNoRank) break;
    symbols[best] = {pairs[best].id, symbols[best].length + symbols[best + 1].length};
    const size_t behind = count - best - 2;
    std::memmove(&symbols[best + 1], symbols.data() + best + 2, behind * sizeof(BpeSymbol));
    std::memmove(&pairs[best], pairs.data() + best + 1, behind * sizeof(Merged));
    --count;
    if (best > 0) look_up(best - 1);
    if (best + 1 < count) look_up(best);
  }
  symbols.resize(count);
}

// A symbol that has been merged into the one before it has length 0. Entries of the queue are not
// removed when their pair changes: such an entry is told by the token it would make.
void BpeMerges::merge_by_queue(std::vector<BpeSymbol>& symbols, Scratch& scratch) const {
  auto& links = scratch.links;
  auto& queue = scratch.queue;
  const auto count = static_cast<uint32_t>(symbols.size());
  links.resize(count);
  queue.clear();
  for (uint32_t i = 0; i < count; ++i) {
    links[i] = {i == 0 ? kNoLink : i - 1, i + 1 < count ? i + 1 : kNoLink};
  }
  const auto push = [&](uint32_t left, uint32_t right) {
    const Merged* const merged = find(symbols[left].id, symbols[right].id);
    if (merged == nullptr) return;
    queue.push_back({merged->rank, left, merged->id});
    std::push_heap(queue.begin(), queue.end(), comes_later);
  };
  for (uint32_t i = 0; i + 1 < count; ++i) push(i, i + 1);
  while (!queue.empty()) {
    std::pop_heap(queue.begin(), queue.end(), comes_later);
    const Candidate top = queue.back();
    queue.pop_back();
    const uint32_t left = top.position;
    const uint32_t right = links[left].next;
    if (symbols[left].length == 0 || right == kNoLink) continue;
    const Merged* const merged = find(symbols[left].id, symbols[right].id);
    if (merged == nullptr || merged->id != top.id) continue;
    symbols[left] = {top.id, symbols[left].length + symbols[right].length};
    symbols[right].length = 0;
    const uint32_t next = links[right].next;
    links[left].next = next;
    if (next != kNoLink) links[next].previous = left;
    if (links[left].previous != kNoLink) push(links[left].previous, left);
    if (next != kNoLink) push(left, next);
  }
  std::erase_if(symbols, [](const BpeSymbol& symbol) { return symbol.length == 0; });
}

}  // namespace maxsimd
