// The alphabet of byte-level tokenizers: each byte is written as one visible character, printable
// ones as themselves and the others as U+0100 and up, so that a space is U+0120.
//
// Source: GPT-2, Radford et al. 2019. All functions are pure and safe from any thread.
#pragma once

#include <array>
#include <cstdint>

#include "maxsimd/text/normalized_text.h"

namespace maxsimd {

/// The character of each byte.
const std::array<char32_t, 256>& byte_level_alphabet() noexcept;

/// Replaces every byte of the text by its character.
void to_byte_level(NormalizedText& text);

}  // namespace maxsimd
