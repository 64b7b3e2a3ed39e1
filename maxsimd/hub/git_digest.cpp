#include "maxsimd/hub/git_digest.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace maxsimd {
namespace {

constexpr size_t kBlock = 64;
constexpr size_t kLengthField = 8;

using State = std::array<uint32_t, 5>;
using Block = std::array<std::byte, kBlock>;

uint32_t round_function(size_t round, uint32_t b, uint32_t c, uint32_t d) {
  if (round < 20) return ((b & c) | (~b & d)) + 0x5A827999;
  if (round < 40) return (b ^ c ^ d) + 0x6ED9EBA1;
  if (round < 60) return ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC;
  return (b ^ c ^ d) + 0xCA62C1D6;
}

void add_block(State& state, const Block& block) {
  std::array<uint32_t, 80> w{};
  for (size_t i = 0; i < kBlock; ++i) {
    w[i / 4] = w[i / 4] << 8 | static_cast<uint32_t>(block[i]);
  }
  for (size_t i = 16; i < w.size(); ++i) {
    w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  }
  auto [a, b, c, d, e] = state;
  for (size_t i = 0; i < w.size(); ++i) {
    const uint32_t next = std::rotl(a, 5) + round_function(i, b, c, d) + e + w[i];
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = next;
  }
  const State change = {a, b, c, d, e};
  for (size_t i = 0; i < state.size(); ++i) state[i] += change[i];
}

/// Takes bytes and adds each block that they fill.
class Stream {
 public:
  void add(std::span<const std::byte> bytes) {
    for (const std::byte byte : bytes) {
      block_[used_++] = byte;
      if (used_ < kBlock) continue;
      add_block(state_, block_);
      used_ = 0;
    }
    num_bytes_ += bytes.size();
  }

  State finish() {
    const uint64_t num_bits = num_bytes_ * 8;
    const std::byte mark{0x80}, zero{0};
    add({&mark, 1});
    while (used_ != kBlock - kLengthField) add({&zero, 1});
    for (size_t i = 0; i < kLengthField; ++i) {
      const auto byte = static_cast<std::byte>(num_bits >> (56 - 8 * i) & 0xFF);
      add({&byte, 1});
    }
    return state_;
  }

 private:
  State state_ = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  Block block_{};
  size_t used_ = 0;
  uint64_t num_bytes_ = 0;
};

}  // namespace

std::string git_blob_digest(std::span<const std::byte> content) {
  Stream stream;
  const std::string header = "blob " + std::to_string(content.size()) + '\0';
  stream.add(std::as_bytes(std::span(header)));
  stream.add(content);
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const uint32_t word : stream.finish()) {
    for (int shift = 28; shift >= 0; shift -= 4) hex.push_back(kDigits[word >> shift & 15]);
  }
  return hex;
}

}  // namespace maxsimd
