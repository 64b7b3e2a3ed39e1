#include "maxsimd/base/utf8.h"

namespace maxsimd {
namespace {

uint8_t byte_at(std::string_view text, size_t position) {
  return static_cast<uint8_t>(text[position]);
}

// Length and the allowed range of the second byte for each lead byte (Unicode table 3-7).
struct LeadByte {
  uint8_t length = 0;  // 0: not a lead byte
  uint8_t second_low = 0x80;
  uint8_t second_high = 0xBF;
};

LeadByte classify_lead(uint8_t lead) {
  if (lead >= 0xC2 && lead <= 0xDF) return {2};
  if (lead == 0xE0) return {3, 0xA0, 0xBF};
  if (lead == 0xED) return {3, 0x80, 0x9F};
  if (lead >= 0xE1 && lead <= 0xEF) return {3};
  if (lead == 0xF0) return {4, 0x90, 0xBF};
  if (lead >= 0xF1 && lead <= 0xF3) return {4};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  return {};
}

}  // namespace

Utf8Decoded decode_utf8(std::string_view text, size_t position) noexcept {
  const uint8_t lead = byte_at(text, position);
  if (lead < 0x80) return {lead, 1, true};
  const LeadByte rule = classify_lead(lead);
  if (rule.length == 0) return {kReplacementCharacter, 1, false};
  char32_t code_point = lead & (0x7FU >> rule.length);
  for (uint8_t i = 1; i < rule.length; ++i) {
    const uint8_t low = i == 1 ? rule.second_low : 0x80;
    const uint8_t high = i == 1 ? rule.second_high : 0xBF;
    if (position + i >= text.size()) return {kReplacementCharacter, i, false};
    const uint8_t next = byte_at(text, position + i);
    if (next < low || next > high) return {kReplacementCharacter, i, false};
    code_point = (code_point << 6) | (next & 0x3FU);
  }
  return {code_point, rule.length, true};
}

void append_utf8(std::string& out, char32_t code_point) {
  if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) {
    code_point = kReplacementCharacter;
  }
  const auto put = [&out](char32_t bits) { out.push_back(static_cast<char>(bits)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0 | (code_point >> 6));
    put(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    put(0xE0 | (code_point >> 12));
    put(0x80 | ((code_point >> 6) & 0x3F));
    put(0x80 | (code_point & 0x3F));
  } else {
    put(0xF0 | (code_point >> 18));
    put(0x80 | ((code_point >> 12) & 0x3F));
    put(0x80 | ((code_point >> 6) & 0x3F));
    put(0x80 | (code_point & 0x3F));
  }
}

std::optional<size_t> find_invalid_utf8(std::string_view text) noexcept {
  size_t position = 0;
  while (position < text.size()) {
    const Utf8Decoded decoded = decode_utf8(text, position);
    if (!decoded.valid) return position;
    position += decoded.length;
  }
  return std::nullopt;
}

}  // namespace maxsimd
