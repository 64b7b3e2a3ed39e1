#include "maxsimd/base/checksum.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace maxsimd {

struct Checksum::State {
  XXH3_state_t state;  // aligned to 64 bytes by its own declaration
};

Checksum::Checksum() : state_(std::make_unique<State>()) {
  XXH3_64bits_reset(&state_->state);
}

Checksum::Checksum(Checksum&&) noexcept = default;
Checksum& Checksum::operator=(Checksum&&) noexcept = default;
Checksum::~Checksum() = default;

void Checksum::update(std::span<const std::byte> bytes) noexcept {
  XXH3_64bits_update(&state_->state, bytes.data(), bytes.size());
}

uint64_t Checksum::value() const noexcept {
  return XXH3_64bits_digest(&state_->state);
}

uint64_t checksum(std::span<const std::byte> bytes) noexcept {
  return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace maxsimd
