// SHA-256 (FIPS 180-4), portable. One object per stream, not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace maxsimd {

class Sha256 {
 public:
  using Digest = std::array<uint8_t, 32>;

  void update(std::span<const std::byte> bytes) noexcept;
  void update(std::string_view bytes) noexcept { update(std::as_bytes(std::span(bytes))); }
  /// The digest of everything so far; the object must not be used again.
  Digest finish() noexcept;

 private:
  void add_block(const std::byte* block) noexcept;

  std::array<uint32_t, 8> state_ = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                                    0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};
  std::array<std::byte, 64> pending_{};
  uint64_t num_bytes_ = 0;
};

/// 64 lower-case hexadecimal digits.
std::string to_hex(const Sha256::Digest& digest);
std::string sha256_hex(std::string_view bytes);

}  // namespace maxsimd
