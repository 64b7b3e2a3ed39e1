// Values of an encoder's config.json that every architecture reads alike, with the bounds that
// keep a damaged file from asking for all memory.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>

#include "maxsimd/checkpoint/config_reader.h"

namespace maxsimd {

// No real encoder is near these; beyond them sizes could overflow or exhaust memory.
inline constexpr size_t kMaxDimension = size_t{1} << 20;
inline constexpr size_t kMaxLayers = 1024;
inline constexpr size_t kMaxVocabulary = size_t{1} << 24;

/// A key that must be there, a whole number in [1, limit]. Throws FormatError, as all of these.
size_t count_or_fail(const ConfigReader& config, const std::string& key, size_t limit);

/// Nothing or null will do, and the strings that this encoder has; anything else is refused.
void expect_one_of(const ConfigReader& config, const std::string& key,
                   std::initializer_list<const char*> supported);

/// Attention looks both ways: a flag that turns it to the left only must not be true.
void expect_both_ways(const ConfigReader& config, const char* key);

/// The epsilon of layer norms, in [0, 1].
float epsilon_or(const ConfigReader& config, const std::string& key, double otherwise);

/// pad_token_id as transformers reads it: `otherwise` where it is absent, none where it is null;
/// below vocab_size.
std::optional<size_t> pad_token_id_or(const ConfigReader& config, size_t vocab_size,
                                      std::optional<size_t> otherwise);

}  // namespace maxsimd
