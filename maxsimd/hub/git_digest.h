// The name that git gives a file's bytes: SHA-1 (FIPS 180-4) of "blob SIZE", a zero byte and the
// bytes. It tells damage, not malice.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace maxsimd {

/// 40 lower-case hexadecimal digits.
std::string git_blob_digest(std::span<const std::byte> content);

}  // namespace maxsimd
