#include "maxsimd/base/printable.h"

#include <cstddef>

#include "maxsimd/base/utf8.h"

namespace maxsimd {
namespace {

bool is_obeyed(char32_t c) {
  return (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7F && c <= 0x9F);
}

void append_escaped(std::string& out, unsigned value) {
  constexpr const char* kDigits = "0123456789abcdef";
  out += "\\x";
  out += kDigits[value >> 4 & 0xFU];
  out += kDigits[value & 0xFU];
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const Utf8Decoded next = decode_utf8(text, at);
    if (!next.valid) {
      for (size_t i = at; i < at + next.length; ++i) {
        append_escaped(out, static_cast<unsigned char>(text[i]));
      }
    } else if (is_obeyed(next.code_point)) {
      append_escaped(out, static_cast<unsigned>(next.code_point));
    } else {
      out.append(text.substr(at, next.length));
    }
    at += next.length;
  }
  return out;
}

}  // namespace maxsimd
