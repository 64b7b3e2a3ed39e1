#include "maxsimd/base/strip.h"

#include <cstddef>
#include <cstdint>

#include "maxsimd/base/utf8.h"

namespace maxsimd {
namespace {

bool is_python_space(char32_t c) {
  if (c < 0x80) return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20);
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_continuation(char byte) {
  return (static_cast<uint8_t>(byte) & 0xC0U) == 0x80U;
}

// Where the code point that ends the text begins.
size_t last_code_point(std::string_view text) {
  size_t position = text.size() - 1;
  for (int steps = 0; steps < 3 && position > 0 && is_continuation(text[position]); ++steps) {
    --position;
  }
  const Utf8Decoded decoded = decode_utf8(text, position);
  return decoded.valid && position + decoded.length == text.size() ? position : text.size() - 1;
}

}  // namespace

std::string_view strip_whitespace(std::string_view text) noexcept {
  while (!text.empty()) {
    const Utf8Decoded decoded = decode_utf8(text, 0);
    if (!decoded.valid || !is_python_space(decoded.code_point)) break;
    text.remove_prefix(decoded.length);
  }
  while (!text.empty()) {
    const size_t last = last_code_point(text);
    const Utf8Decoded decoded = decode_utf8(text, last);
    if (!decoded.valid || !is_python_space(decoded.code_point)) break;
    text.remove_suffix(text.size() - last);
  }
  return text;
}

}  // namespace maxsimd
