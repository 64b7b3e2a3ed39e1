#include "maxsimd/text/byte_trie.h"

#include <string>

#include "maxsimd/base/errors.h"

namespace maxsimd {
namespace {

constexpr uint32_t kInitialBits = 6;

}  // namespace

ByteTrie::ByteTrie()
    : edges_(size_t{1} << kInitialBits, Edge{kEmpty, kNone, kNoValue}),
      mask_((1U << kInitialBits) - 1),
      shift_(32 - kInitialBits) {}

void ByteTrie::insert(std::string_view key, int32_t value) {
  Node node = kRoot;
  for (size_t i = 0; i < key.size(); ++i) {
    Edge& edge = edge_to_child(node, key[i]);
    if (i + 1 == key.size()) edge.value = value;
    node = edge.child;
  }
}

ByteTrie::Node ByteTrie::walk(Node node, std::string_view text) const noexcept {
  for (const char byte : text) {
    node = step(node, byte).node;
    if (node == kNone) break;
  }
  return node;
}

int32_t ByteTrie::find(std::string_view key) const noexcept {
  Step at{kRoot, kNoValue};
  for (const char byte : key) {
    at = step(at.node, byte);
    if (at.node == kNone) break;
  }
  return at.value;
}

ByteTrie::Edge& ByteTrie::edge_to_child(Node node, char byte) {
  const uint32_t key = edge_key(node, byte);
  uint32_t slot = slot_of(key);
  for (; edges_[slot].key != kEmpty; slot = (slot + 1) & mask_) {
    if (edges_[slot].key == key) return edges_[slot];
  }
  if (num_edges_ + 2 >= kMaxNodes) {
    throw FormatError("vocabulary: its tokens need more than " + std::to_string(kMaxNodes) +
                      " trie nodes (about as many bytes); this is not a tokenizer");
  }
  if ((num_edges_ + 1) * 4 > edges_.size() * 3) grow();
  ++num_edges_;
  return place({key, static_cast<Node>(num_edges_), kNoValue});
}

ByteTrie::Edge& ByteTrie::place(Edge edge) noexcept {
  uint32_t slot = slot_of(edge.key);
  while (edges_[slot].key != kEmpty) slot = (slot + 1) & mask_;
  return edges_[slot] = edge;
}

void ByteTrie::grow() {
  std::vector<Edge> old(edges_.size() * 2, Edge{kEmpty, kNone, kNoValue});
  old.swap(edges_);
  mask_ = static_cast<uint32_t>(edges_.size() - 1);
  --shift_;
  for (const Edge& edge : old) {
    if (edge.key != kEmpty) place(edge);
  }
}

}  // namespace maxsimd
