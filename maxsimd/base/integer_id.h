// Documents' ids that are numbers.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace maxsimd {

/// Whether an id is a decimal integer of 64 bits as we write it: no plus, no zeros in front.
inline bool is_integer_id(std::string_view id) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), value);
  return error == std::errc() && end == id.data() + id.size() && std::to_string(value) == id;
}

}  // namespace maxsimd
