// For the tests of this room: safetensors files of any content, and the message of an error.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace maxsimd::testing_support {

/// Header length, header and data as one file; `length` other than the header's own on request.
inline std::string safetensors_bytes(std::string_view header, std::string_view data,
                                     uint64_t length) {
  std::string bytes(8, '\0');
  for (size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(length >> (8 * i));
  return bytes.append(header).append(data);
}
inline std::string safetensors_bytes(std::string_view header, std::string_view data) {
  return safetensors_bytes(header, data, header.size());
}

/// A file of one tensor "w".
inline std::string one_tensor(std::string_view dtype, std::string_view shape,
                              std::string_view data) {
  std::string header = R"({"w":{"dtype":")";
  header.append(dtype).append(R"(","shape":)").append(shape).append(R"(,"data_offsets":[0,)");
  header.append(std::to_string(data.size())).append("]}}");
  return safetensors_bytes(header, data);
}

inline std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

/// Runs an action that must throw an E and returns its message.
template <class E, class Action>
std::string message_of(Action&& action) {
  try {
    action();
  } catch (const E& error) {
    return error.what();
  }
  throw std::logic_error("expected an exception, none was thrown");
}

inline std::filesystem::path shared_folder() {
  const char* from_environment = std::getenv("MAXSIMD_SHARED");
  return from_environment != nullptr ? from_environment : MAXSIMD_SOURCE_DIR "/../shared";
}

}  // namespace maxsimd::testing_support
