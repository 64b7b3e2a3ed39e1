#include "maxsimd/text/byte_level.h"

namespace maxsimd {
namespace {

constexpr bool is_visible(uint32_t byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xFF && byte != 0xAD);
}

constexpr std::array<char32_t, 256> make_alphabet() {
  std::array<char32_t, 256> alphabet{};
  char32_t next = 0x100;
  for (uint32_t byte = 0; byte < 256; ++byte) alphabet[byte] = is_visible(byte) ? byte : next++;
  return alphabet;
}

constexpr std::array<char32_t, 256> kAlphabet = make_alphabet();

}  // namespace

const std::array<char32_t, 256>& byte_level_alphabet() noexcept {
  return kAlphabet;
}

void to_byte_level(NormalizedText& text) {
  text.edit([](char32_t c, auto put) {
    std::string bytes;
    append_utf8(bytes, c);
    for (const char byte : bytes) put(kAlphabet[static_cast<uint8_t>(byte)]);
  });
}

}  // namespace maxsimd
