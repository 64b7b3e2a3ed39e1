// A set of byte strings with a number each, walked byte by byte: the longest match from a position
// is found in one pass. Edges live in one open-addressing hash table, so building is one insertion
// a byte and a step is one multiplication and, mostly, one cache line.
//
// Const methods are safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace maxsimd {

class ByteTrie {
 public:
  using Node = uint32_t;
  static constexpr Node kRoot = 0;
  static constexpr Node kNone = UINT32_MAX;
  static constexpr int32_t kNoValue = -1;
  static constexpr size_t kMaxNodes = size_t{1} << 24;

  ByteTrie();
  /// Maps key to value (>= 0), replacing an earlier one. The empty key may not be inserted.
  /// Throws FormatError when the keys together need more than kMaxNodes nodes.
  void insert(std::string_view key, int32_t value);

  struct Step {
    Node node = kNone;         // one byte further, or kNone
    int32_t value = kNoValue;  // of the key that ends there, if one does
  };
  Step step(Node node, char byte) const noexcept {
    const uint32_t key = edge_key(node, byte);
    for (uint32_t slot = slot_of(key);; slot = (slot + 1) & mask_) {
      const Edge& edge = edges_[slot];
      if (edge.key == key) return {edge.child, edge.value};
      if (edge.key == kEmpty) return {};
    }
  }
  /// The node reached by a whole string, or kNone.
  Node walk(Node node, std::string_view text) const noexcept;
  /// The value of a key, or kNoValue.
  int32_t find(std::string_view key) const noexcept;
  bool empty() const { return num_edges_ == 0; }

 private:
  // The value lies with the edge to its node: a step touches nothing else.
  struct Edge {
    uint32_t key;
    Node child;
    int32_t value;
  };
  // Never a real key: it would be an edge of node 2^24 - 1, which insert() does not make.
  static constexpr uint32_t kEmpty = UINT32_MAX;

  static uint32_t edge_key(Node node, char byte) noexcept {
    return node << 8 | static_cast<uint8_t>(byte);
  }
  uint32_t slot_of(uint32_t key) const noexcept { return key * 0x9E3779B1U >> shift_; }
  Edge& edge_to_child(Node node, char byte);
  Edge& place(Edge edge) noexcept;
  void grow();

  std::vector<Edge> edges_;
  size_t num_edges_ = 0;  // every node but the root is the child of one edge
  uint32_t mask_ = 0;
  uint32_t shift_ = 0;
};

}  // namespace maxsimd
