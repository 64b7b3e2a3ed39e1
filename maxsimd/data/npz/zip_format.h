// The parts of the ZIP format (PKWARE APPNOTE 6.3) that .npz files use, with ZIP64. All numbers are
// little-endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace maxsimd::detail {

inline constexpr uint32_t kZipLocalHeader = 0x04034b50;
inline constexpr uint32_t kZipCentralHeader = 0x02014b50;
inline constexpr uint32_t kZipEnd = 0x06054b50;
inline constexpr uint32_t kZip64End = 0x06064b50;
inline constexpr uint32_t kZip64Locator = 0x07064b50;

inline constexpr size_t kZipLocalHeaderBytes = 30;
inline constexpr size_t kZipCentralHeaderBytes = 46;
inline constexpr size_t kZipEndBytes = 22;
inline constexpr size_t kZip64EndBytes = 56;
inline constexpr size_t kZip64LocatorBytes = 20;

inline constexpr uint16_t kZip64Extra = 0x0001;  // id of the extra field with 64-bit sizes
inline constexpr uint16_t kZip64Version = 45;    // "version needed" 4.5
inline constexpr uint16_t kZipDate = 0x0021;     // 1980-01-01: the same input, the same bytes
inline constexpr uint16_t kZipStored = 0;
inline constexpr uint16_t kZipDeflated = 8;
inline constexpr uint32_t kZip32Full = 0xFFFFFFFF;  // "see the ZIP64 field"
inline constexpr uint16_t kZip16Full = 0xFFFF;

/// Appends the low `bytes` bytes of a number.
inline void put_number(std::string& out, uint64_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) out.push_back(static_cast<char>((value >> (8 * i)) & 0xFFU));
}

/// Reads `bytes` bytes at a position. REQUIRES: they are there.
inline uint64_t get_number(std::string_view in, size_t position, size_t bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes; ++i) {
    value |= uint64_t{static_cast<unsigned char>(in[position + i])} << (8 * i);
  }
  return value;
}

}  // namespace maxsimd::detail
