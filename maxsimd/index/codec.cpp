#include "maxsimd/index/codec.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "maxsimd/base/errors.h"
#include "maxsimd/codebook/codebook.h"

namespace maxsimd {
namespace {

constexpr std::array<std::pair<Codec, std::string_view>, 4> kCodecNames = {
    {{Codec::float32, "float32"},
     {Codec::float16, "float16"},
     {Codec::int8, "int8"},
     {Codec::residual, "residual"}}};

void decode_int8(const CodedRows& rows, std::vector<float>& values) {
  const size_t stride = code_stride(rows.codec, rows.dim);
  const auto* codes = rows.codes_as<int8_t>();
  for (size_t r = 0; r < rows.num_rows(); ++r) {
    for (size_t d = 0; d < rows.dim; ++d) {
      values[r * rows.dim + d] = rows.scales[r] * static_cast<float>(codes[r * stride + d]);
    }
  }
}

}  // namespace

std::string_view codec_name(Codec codec) {
  return std::find_if(kCodecNames.begin(), kCodecNames.end(),
                      [codec](const auto& entry) { return entry.first == codec; })
      ->second;
}

std::optional<Codec> codec_from_name(std::string_view name) {
  for (const auto& [codec, codec_name] : kCodecNames) {
    if (codec_name == name) return codec;
  }
  return std::nullopt;
}

size_t code_stride(Codec codec, size_t dim, size_t nbits) {
  switch (codec) {
    case Codec::float32:
      return dim * sizeof(float);
    case Codec::float16:
      return dim * sizeof(uint16_t);
    case Codec::int8:
      return (dim + 3) / 4 * 4;  // the kernels read four codes at a time
    case Codec::residual:
      break;
  }
  return kernels::residual_row_bytes(dim, nbits);
}

size_t bytes_per_vector(Codec codec, size_t dim, size_t nbits) {
  const size_t beside = codec == Codec::int8       ? sizeof(float)
                        : codec == Codec::residual ? sizeof(uint16_t)
                                                   : 0;
  return code_stride(codec, dim, nbits) + beside;
}

size_t CodedRows::stride() const {
  return codec == Codec::residual ? codebook->residual_bytes() : code_stride(codec, dim);
}

CodedRows CodedRows::slice(size_t first, size_t count) const {
  MAXSIMD_ASSERT(first + count <= num_rows());
  const size_t num_bytes = stride();
  return {codec,
          dim,
          codes.subspan(first * num_bytes, count * num_bytes),
          scales.empty() ? scales : scales.subspan(first, count),
          centroids.empty() ? centroids : centroids.subspan(first, count),
          codebook};
}

CodedRows as_coded_rows(MatrixView<const float> rows) {
  return {Codec::float32, rows.cols, std::as_bytes(std::span(rows.data, rows.size())), {}};
}

void encode_rows(Codec codec, MatrixView<const float> rows, const kernels::KernelTable& kernels,
                 std::span<std::byte> codes, std::span<float> scales) {
  MAXSIMD_ASSERT(codec != Codec::residual);
  const size_t stride = code_stride(codec, rows.cols);
  MAXSIMD_ASSERT(codes.size() == rows.rows * stride);
  MAXSIMD_ASSERT(codec != Codec::int8 || scales.size() == rows.rows);
  if (rows.rows == 0) return;
  switch (codec) {
    case Codec::float32:
      std::memcpy(codes.data(), rows.data, rows.size() * sizeof(float));
      break;
    case Codec::float16:
      kernels.f32_to_f16(rows.data, rows.size(), reinterpret_cast<uint16_t*>(codes.data()));
      break;
    case Codec::int8:
      kernels.quantize_rows_i8(rows.data, rows.cols, rows.rows, rows.cols,
                               reinterpret_cast<int8_t*>(codes.data()), stride, scales.data());
      break;
    case Codec::residual:
      break;
  }
}

std::vector<float> decode(const CodedRows& rows, const kernels::KernelTable& kernels) {
  std::vector<float> values(rows.num_rows() * rows.dim);
  switch (rows.codec) {
    case Codec::float32:
      std::copy_n(rows.codes_as<float>(), values.size(), values.begin());
      break;
    case Codec::float16:
      kernels.f16_to_f32(rows.codes_as<uint16_t>(), values.size(), values.data());
      break;
    case Codec::int8:
      decode_int8(rows, values);
      break;
    case Codec::residual:
      rows.codebook->decode(rows.centroids, rows.codes, {values.data(), rows.num_rows(), rows.dim});
      break;
  }
  return values;
}

}  // namespace maxsimd
