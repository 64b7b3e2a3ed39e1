// How token vectors are stored, and a view of stored vectors.
//
//   float32  4 D bytes a vector, exact
//   float16  2 D bytes, relative error 2^-11
//   int8     D bytes rounded up to a multiple of 4, and one float32 scale: x ~ scale * code,
//            scale = max |x| / 127
//   residual ceil(D B / 8) bytes, and the number of a centroid in two: x ~ centroid + residual, by
//            an index's codebook (codebook/codebook.h)
//
// D = embedding dimension, B = bits of a residual's value: 1, 2 or 4. Plain data, safe to read from
// any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "maxsimd/base/types.h"
#include "maxsimd/kernels/kernels.h"

namespace maxsimd {

class Codebook;

enum class Codec { float32, float16, int8, residual };

std::string_view codec_name(Codec codec);  // "float32", "float16", "int8", "residual"
std::optional<Codec> codec_from_name(std::string_view name);

/// Bytes from one stored vector to the next, its scale or centroid not counted. nbits: of residuals
/// only.
size_t code_stride(Codec codec, size_t dim, size_t nbits = 0);

/// Bytes a stored vector takes, its scale or centroid included.
size_t bytes_per_vector(Codec codec, size_t dim, size_t nbits = 0);

/// Stored vectors of one document, or any run of them, in somebody else's memory.
struct CodedRows {
  Codec codec = Codec::float32;
  size_t dim = 0;
  std::span<const std::byte> codes;     // [num_rows, stride], aligned to 4 (float16: 2) bytes, but
                                        // residuals not at all
  std::span<const float> scales;        // int8: [num_rows]; else empty
  std::span<const uint16_t> centroids;  // residual: [num_rows], each below the codebook's number
  const Codebook* codebook = nullptr;   // residual: what the codes stand for; else null

  size_t stride() const;  // bytes of a row's codes
  size_t num_rows() const {
    return codec == Codec::residual ? centroids.size() : codes.size() / code_stride(codec, dim);
  }

  /// Rows [first, first + count). REQUIRES: first + count <= num_rows().
  CodedRows slice(size_t first, size_t count) const;

  template <class T>
  const T* codes_as() const {
    return reinterpret_cast<const T*>(codes.data());
  }
};

/// A float32 matrix seen as stored rows, without a copy.
CodedRows as_coded_rows(MatrixView<const float> rows);

/// Stores rows [num_rows, D] by the codec. `codes` [num_rows, code_stride] and, for int8 only,
/// `scales` [num_rows] are the caller's. REQUIRES: not residual (Codebook::encode); finite rows,
/// for float16 within its range.
void encode_rows(Codec codec, MatrixView<const float> rows, const kernels::KernelTable& kernels,
                 std::span<std::byte> codes, std::span<float> scales);

/// The values [num_rows, D] that the codes stand for.
std::vector<float> decode(const CodedRows& rows, const kernels::KernelTable& kernels);

}  // namespace maxsimd
