#include "maxsimd/text/token_trim.h"

#include <algorithm>

#include "maxsimd/base/utf8.h"
#include "maxsimd/text/byte_level.h"
#include "maxsimd/text/unicode/code_points.h"

namespace maxsimd {
namespace {

bool is_space(char32_t c) {
  return c == byte_level_alphabet()[' '] || properties_of(c).is_whitespace();
}

bool continues_char(char byte) {
  return (static_cast<uint8_t>(byte) & 0xC0U) == 0x80;
}

uint32_t forward(std::string_view text, uint32_t position, uint32_t chars, uint32_t limit) {
  for (; chars > 0 && position < limit; --chars) {
    position += static_cast<uint32_t>(decode_utf8(text, position).length);
  }
  return std::min(position, limit);
}

// Stays where it is when there are not so many characters before it.
uint32_t backward(std::string_view text, uint32_t position, uint32_t chars) {
  uint32_t at = position;
  for (; chars > 0; --chars) {
    if (at == 0) return position;
    do {
      --at;
    } while (at > 0 && continues_char(text[at]));
  }
  return at;
}

}  // namespace

TokenSpaces spaces_of(std::string_view token) noexcept {
  TokenSpaces spaces;
  bool is_leading = true;
  for (size_t i = 0; i < token.size();) {
    const Utf8Decoded decoded = decode_utf8(token, i);
    i += decoded.length;
    const bool is_space_here = is_space(decoded.code_point);
    is_leading = is_leading && is_space_here;
    spaces.leading += is_leading ? 1 : 0;
    spaces.trailing = is_space_here ? spaces.trailing + 1 : 0;
  }
  return spaces;
}

void trim_offsets(std::string_view text, const TrimStep& step,
                  const std::vector<TokenSpaces>& spaces, std::vector<ByteRange>& offsets) {
  for (size_t i = 0; i < offsets.size(); ++i) {
    ByteRange& range = offsets[i];
    uint32_t leading = spaces[i].leading;
    const bool is_first = (i == 0 && !step.is_framed) || range.begin == 0;
    if (is_first && step.add_prefix_space && leading == 1) leading = 0;
    range.begin = forward(text, range.begin, leading, range.end);
    range.end = std::max(backward(text, range.end, spaces[i].trailing), range.begin);
  }
}

}  // namespace maxsimd
