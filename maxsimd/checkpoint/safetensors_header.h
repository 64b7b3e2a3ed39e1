// The JSON header of a safetensors file, read event by event: no tree is built, so a hostile header
// costs no more memory than the tensors it names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/checkpoint/safetensors.h"

namespace maxsimd::detail {

/// One entry as the header states it; offsets are relative to the data and not yet checked.
struct HeaderEntry {
  std::string name;
  DType dtype = DType::f32;
  std::vector<size_t> shape;
  uint64_t begin = 0;
  uint64_t end = 0;
};

/// The entries in header order; "__metadata__" is checked and dropped. Throws FormatError starting
/// with `where`: not an object, malformed, a repeated or missing key, an unknown dtype.
std::vector<HeaderEntry> parse_header(std::string_view json, const std::string& where);

}  // namespace maxsimd::detail
