// What ByteLevel and RobertaProcessing post-processors do to offsets: the white space at both ends
// of a token is taken out of them.
//
// All functions are pure and safe from any thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "maxsimd/base/types.h"
#include "maxsimd/text/post_processor.h"

namespace maxsimd {

/// How many characters of white space, in characters, a token has at its ends.
struct TokenSpaces {
  uint32_t leading = 0;
  uint32_t trailing = 0;
};

/// White space, or a byte-level alphabet's space (U+0120), at the ends of a token's text.
TokenSpaces spaces_of(std::string_view token) noexcept;

/// One step over the tokens of `text`, which `offsets` point into.
void trim_offsets(std::string_view text, const TrimStep& step,
                  const std::vector<TokenSpaces>& spaces, std::vector<ByteRange>& offsets);

}  // namespace maxsimd
