#include "maxsimd/text/byte_trie.h"

#include <string>

#include "maxsimd/base/errors.h"

namespace maxsimd {
namespace {

constexpr uint32_t kInitialBits = 6;

}  // namespace

ByteTrie::ByteTrie()
    : edges_(size_t{1} << kInitialBits, Edge{kEmpty, kNone}),
      values_(1, kNoValue),
      mask_((1U << kInitialBits) - 1),
      shift_(32 - kInitialBits) {}

void ByteTrie::insert(std::string_view key, int32_t value) {
  Node node = kRoot;
  for (const char byte : key) node = child(node, byte);
  values_[node] = value;
}

ByteTrie::Node ByteTrie::walk(Node node, std::string_view text) const noexcept {
  for (const char byte : text) {
    node = step(node, byte);
    if (node == kNone) break;
  }
  return node;
}

int32_t ByteTrie::find(std::string_view key) const noexcept {
  const Node node = walk(kRoot, key);
  return node == kNone ? kNoValue : values_[node];
}

ByteTrie::Node ByteTrie::child(Node node, char byte) {
  const Node existing = step(node, byte);
  if (existing != kNone) return existing;
  if (values_.size() + 1 >= kMaxNodes) {
    throw FormatError("vocabulary: its tokens need more than " + std::to_string(kMaxNodes) +
                      " trie nodes (about as many bytes); this is not a tokenizer");
  }
  if ((num_edges_ + 1) * 4 > edges_.size() * 3) grow();
  const auto added = static_cast<Node>(values_.size());
  values_.push_back(kNoValue);
  place({edge_key(node, byte), added});
  ++num_edges_;
  return added;
}

void ByteTrie::place(Edge edge) noexcept {
  uint32_t slot = slot_of(edge.key);
  while (edges_[slot].key != kEmpty) slot = (slot + 1) & mask_;
  edges_[slot] = edge;
}

void ByteTrie::grow() {
  std::vector<Edge> old(edges_.size() * 2, Edge{kEmpty, kNone});
  old.swap(edges_);
  mask_ = static_cast<uint32_t>(edges_.size() - 1);
  --shift_;
  for (const Edge& edge : old) {
    if (edge.key != kEmpty) place(edge);
  }
}

}  // namespace maxsimd
