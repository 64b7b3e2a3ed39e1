#include "maxsimd/text/precompiled.h"

#include <cstring>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/utf8.h"
#include "maxsimd/text/unicode/graphemes.h"

namespace maxsimd {
namespace {

constexpr size_t kMaxWholeCluster = 5;  // bytes; a longer one is replaced character by character
constexpr char32_t kFirstIdeograph = 0x4E00;
constexpr char32_t kLastIdeograph = 0x9FFF;

uint32_t read_uint32(std::string_view bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 4; i > 0; --i) value = value << 8 | static_cast<uint8_t>(bytes[at + i - 1]);
  return value;
}

// The parts of a unit of the double array.
uint32_t offset_of(uint32_t unit) {
  return (unit >> 10) << ((unit & (1U << 9)) >> 6);
}
uint32_t label_of(uint32_t unit) {
  return unit & ((1U << 31) | 0xFF);
}
bool has_leaf(uint32_t unit) {
  return (unit >> 8 & 1U) != 0;
}
uint32_t value_of(uint32_t unit) {
  return unit & ((1U << 31) - 1);
}

// Whether a character never is in one cluster with another.
bool stands_alone(char32_t c) {
  const GraphemeClass kind = grapheme_properties_of(c).kind;
  return kind == GraphemeClass::other || (kind == GraphemeClass::control && c != U'\r');
}

// As HF records a replacement: characters that are more are new, those that are fewer are gone
// behind the last one.
void append_replacement(std::string_view old_part, std::string_view new_part,
                        std::vector<RewrittenChar>& out) {
  const auto chars_of = [](std::string_view text) {
    int count = 0;
    for (size_t i = 0; i < text.size(); i += decode_utf8(text, i).length) ++count;
    return count;
  };
  const int old_count = chars_of(old_part);
  int count = 0;
  for (size_t i = 0; i < new_part.size(); ++count) {
    const Utf8Decoded decoded = decode_utf8(new_part, i);
    out.push_back({decoded.code_point, count < old_count ? 0 : 1});
    i += decoded.length;
  }
  if (count < old_count && !out.empty()) out.back().change += count - old_count;
}

}  // namespace

Charsmap::Charsmap(std::string_view bytes, const std::string& where) {
  const size_t size = bytes.size() < 4 ? SIZE_MAX : read_uint32(bytes, 0);
  if (size > bytes.size() - 4 || size < 4) {
    throw FormatError(where + ": precompiled_charsmap of " + std::to_string(bytes.size()) +
                      " bytes is truncated");
  }
  for (size_t at = 4; at + 4 <= 4 + size / 4 * 4; at += 4) units_.push_back(read_uint32(bytes, at));
  replacements_ = bytes.substr(4 + size / 4 * 4);
  if (find_invalid_utf8(replacements_)) {
    throw FormatError(where + ": the replacements of precompiled_charsmap are not valid UTF-8");
  }
  is_kept_.resize(kNumKnown);
  for (char32_t c = 0; c < kNumKnown; ++c) {
    std::string text;
    append_utf8(text, c);
    is_kept_[c] = stands_alone(c) && !find(text);
  }
}

std::optional<std::string_view> Charsmap::find(std::string_view text) const noexcept {
  size_t at = offset_of(units_[0]);
  for (const char byte : text) {
    if (byte == '\0') break;
    at ^= static_cast<uint8_t>(byte);
    if (at >= units_.size() || label_of(units_[at]) != static_cast<uint8_t>(byte)) break;
    const uint32_t unit = units_[at];
    at ^= offset_of(unit);
    if (!has_leaf(unit)) continue;
    const size_t begin = at < units_.size() ? value_of(units_[at]) : SIZE_MAX;
    if (begin > replacements_.size()) break;
    const std::string_view rest = std::string_view(replacements_).substr(begin);
    return rest.substr(0, rest.find('\0'));
  }
  return std::nullopt;
}

void Charsmap::apply(NormalizedText& text) const {
  const std::string_view original = text.text();
  std::vector<RewrittenChar> rewritten;
  rewritten.reserve(original.size());
  bool is_modified = false;
  const auto replace = [&](std::string_view part) {
    const auto found = find(part);
    if (found) append_replacement(part, *found, rewritten);
    is_modified = is_modified || found;
    return found.has_value();
  };
  for (size_t i = 0; i < original.size();) {
    const size_t end = grapheme_end(original, i);
    const bool is_whole = end - i <= kMaxWholeCluster && replace(original.substr(i, end - i));
    for (size_t c = i; !is_whole && c < end;) {
      const Utf8Decoded decoded = decode_utf8(original, c);
      if (!replace(original.substr(c, decoded.length)))
        rewritten.push_back({decoded.code_point, 0});
      c += decoded.length;
    }
    i = end;
  }
  if (is_modified) text.rewrite(rewritten);
}

bool Charsmap::is_kept(char32_t c) const noexcept {
  if (c < kNumKnown) return is_kept_[c];
  if (c < kFirstIdeograph || c > kLastIdeograph) return false;
  std::string text;
  append_utf8(text, c);
  return !find(text);
}

bool Charsmap::keeps(std::string_view text) const noexcept {
  for (size_t i = 0; i < text.size();) {
    const auto byte = static_cast<uint8_t>(text[i]);
    if (byte < 0x80) {
      if (!is_kept_[byte]) return false;
      ++i;
      continue;
    }
    const Utf8Decoded decoded = decode_utf8(text, i);
    if (!is_kept(decoded.code_point)) return false;
    i += decoded.length;
  }
  return true;
}

std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3);
  const auto digit_of = [](char c) -> int {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
  };
  for (size_t i = 0; i < text.size(); i += 4) {
    const bool is_last = i + 4 == text.size();
    size_t padding = is_last && text[i + 3] == '=' ? 1 : 0;
    if (padding == 1 && text[i + 2] == '=') padding = 2;
    uint32_t bits = 0;
    for (size_t d = 0; d < 4; ++d) {
      const int digit = d + padding >= 4 ? 0 : digit_of(text[i + d]);
      if (digit < 0) return std::nullopt;
      bits = bits << 6 | static_cast<uint32_t>(digit);
    }
    for (size_t b = 0; b + padding < 3; ++b) {
      out.push_back(static_cast<char>(bits >> (16 - 8 * b) & 0xFFU));
    }
  }
  return out;
}

}  // namespace maxsimd
