// A 64-bit checksum of bytes (XXH3, seed 0): finds damage, does not resist forgery. Gives the same
// number however the bytes were split over update() calls, and on every machine.
// One object per stream, not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace maxsimd {

class Checksum {
 public:
  Checksum();
  Checksum(Checksum&&) noexcept;
  Checksum& operator=(Checksum&&) noexcept;
  ~Checksum();

  void update(std::span<const std::byte> bytes) noexcept;
  /// Of everything so far; more may follow.
  uint64_t value() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The checksum of one piece.
uint64_t checksum(std::span<const std::byte> bytes) noexcept;

}  // namespace maxsimd
