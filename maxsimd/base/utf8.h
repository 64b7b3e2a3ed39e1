// UTF-8, read defensively. Invalid input is replaced, never fatal: each maximal ill-formed
// subpart becomes one U+FFFD (Unicode 15, section 3.9, "U+FFFD Substitution of Maximal Subparts"),
// which is also what Python's bytes.decode("utf-8", "replace") does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace maxsimd {

inline constexpr char32_t kReplacementCharacter = 0xFFFD;

/// One code point and how many bytes of the input it took (at least 1).
struct Utf8Decoded {
  char32_t code_point = 0;
  uint8_t length = 0;
  bool valid = true;  // false: the bytes were ill-formed and code_point is U+FFFD
};

/// Decodes the code point that starts at text[position]. REQUIRES: position < text.size().
Utf8Decoded decode_utf8(std::string_view text, size_t position) noexcept;

/// Appends the UTF-8 form of a code point; surrogates and values past U+10FFFF become U+FFFD.
void append_utf8(std::string& out, char32_t code_point);

/// The offset of the first ill-formed byte, or nothing when the whole text is valid.
std::optional<size_t> find_invalid_utf8(std::string_view text) noexcept;

}  // namespace maxsimd
