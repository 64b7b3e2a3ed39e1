// The header of a .npy array (numpy.lib.format, versions 1 to 3): element type and shape.
// Little-endian, C order; object arrays (pickles) are refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace maxsimd {

enum class NpyKind { floating, signed_integer, unsigned_integer, boolean, unicode };

struct NpyType {
  NpyKind kind = NpyKind::floating;
  size_t item_bytes = 4;  // unicode: 4 a code point

  bool operator==(const NpyType&) const = default;
};

struct NpyHeader {
  NpyType type;
  std::vector<uint64_t> shape;  // row-major; empty: one scalar

  bool operator==(const NpyHeader&) const = default;

  /// Elements in all. REQUIRES: came from parse_npy_header, which checks for overflow.
  uint64_t count() const;
};

/// "<f4", "<u8", "|b1", "<U12" ...
std::string npy_descr(const NpyType& type);

/// A version 1 header, padded with spaces so that header and magic take `size_bytes`, or the
/// smallest multiple of 64 for 0. Throws std::invalid_argument when it does not fit.
std::string format_npy_header(const NpyHeader& header, size_t size_bytes = 0);

inline constexpr size_t kNpyPreambleBytes = 12;         // magic, version, the longest length field
inline constexpr size_t kMaxNpyHeaderBytes = 1U << 16;  // of the dictionary

/// How many bytes magic, version, length and dictionary take; looks at kNpyPreambleBytes at most.
/// `where` starts every message. Throws FormatError.
size_t npy_header_bytes(std::string_view start, const std::string& where);

/// Parses a whole header (npy_header_bytes() bytes). Throws FormatError for other types, big-endian
/// or Fortran order, and for shapes whose byte count does not fit in 63 bits.
NpyHeader parse_npy_header(std::string_view header, const std::string& where);

}  // namespace maxsimd
