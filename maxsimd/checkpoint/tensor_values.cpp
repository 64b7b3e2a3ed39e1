#include "maxsimd/checkpoint/tensor_values.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/half.h"

namespace maxsimd {
namespace {

// As f16_to_float, without branches, so that compilers vectorise the loop: the shifted bits, read
// as float32, are the value times 2^-112 (also when subnormal); Inf and NaN need their exponent
// set.
float f16_to_float_branchless(uint16_t half) {
  const uint32_t magnitude = half & 0x7fffU;
  const float scaled = std::bit_cast<float>(magnitude << 13) * 0x1p112F;
  const uint32_t special = magnitude >= 0x7c00U ? 0x7f800000U : 0U;
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000U) << 16;
  return std::bit_cast<float>(std::bit_cast<uint32_t>(scaled) | special | sign);
}

bool all_finite(std::span<const float> values) {
  uint32_t non_finite = 0;
  for (const float value : values) {
    const uint32_t exponent = std::bit_cast<uint32_t>(value) & 0x7f800000U;
    non_finite |= static_cast<uint32_t>(exponent == 0x7f800000U);
  }
  return non_finite == 0;
}

struct Decoded {
  std::vector<float> values;
  bool is_finite = true;
};

// In blocks that stay in the nearest cache: the bytes, which may start at any address, are copied
// to an aligned block, converted, checked and appended; the result is touched once, unzeroed.
template <class Stored, class Convert>
Decoded decode_blocks(const TensorView& tensor, Convert convert) {
  constexpr size_t kBlock = 1024;
  Stored stored[kBlock];
  float converted[kBlock];
  const size_t count = tensor.size();
  Decoded decoded;
  decoded.values.reserve(count);
  for (size_t i = 0; i < count; i += kBlock) {
    const size_t n = std::min(kBlock, count - i);
    std::memcpy(stored, tensor.bytes.data() + i * sizeof(Stored), n * sizeof(Stored));
    for (size_t j = 0; j < n; ++j) converted[j] = convert(stored[j]);
    decoded.is_finite &= all_finite({converted, n});
    decoded.values.insert(decoded.values.end(), converted, converted + n);
  }
  return decoded;
}

Decoded decode(const TensorView& tensor) {
  switch (tensor.dtype) {
    case DType::f32:
      return decode_blocks<float>(tensor, [](float value) { return value; });
    case DType::f16:
      // Lambdas, not function names: each gets its own instantiation, inlined and vectorised.
      return decode_blocks<uint16_t>(tensor, [](uint16_t h) { return f16_to_float_branchless(h); });
    case DType::bf16:
      return decode_blocks<uint16_t>(tensor, [](uint16_t h) { return bf16_to_float(h); });
    default:
      throw FormatError(tensor_place(tensor) +
                        ": expected values of type F32, F16 or BF16, found " +
                        std::string(dtype_name(tensor.dtype)));
  }
}

[[noreturn]] void fail_non_finite(std::span<const float> values, const std::string& place) {
  const auto bad = std::ranges::find_if(values, [](float v) { return !std::isfinite(v); });
  throw FormatError(place + ": value " + std::to_string(bad - values.begin()) + " is " +
                    (std::isnan(*bad) ? "NaN" : "infinite") +
                    "; weights must be finite: the file is damaged or its training diverged");
}

template <class Round>
std::vector<std::byte> encode_16_bit(std::span<const float> values, Round round, uint16_t infinity,
                                     const std::string& place) {
  std::vector<std::byte> bytes(2 * values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const uint16_t rounded = round(values[i]);
    if ((rounded & 0x7fffU) == infinity) {
      throw FormatError(place + ": value " + std::to_string(i) + " (" + std::to_string(values[i]) +
                        ") is too large for the 16-bit type asked for; use bf16 or f32");
    }
    std::memcpy(bytes.data() + 2 * i, &rounded, 2);
  }
  return bytes;
}

}  // namespace

std::string tensor_place(const TensorView& tensor) {
  return tensor.file + ": tensor '" + tensor.name + "'";
}

std::vector<float> decode_values(const TensorView& tensor) {
  return decode(tensor).values;
}

std::vector<float> decode_weight(const TensorView& tensor, std::span<const size_t> shape) {
  if (!std::ranges::equal(tensor.shape, shape)) {
    throw FormatError(tensor_place(tensor) + ": expected shape " + shape_text(shape) + ", found " +
                      shape_text(tensor.shape));
  }
  Decoded decoded = decode(tensor);
  if (!decoded.is_finite) fail_non_finite(decoded.values, tensor_place(tensor));
  return std::move(decoded.values);
}

std::vector<std::byte> encode_values(std::span<const float> values, DType dtype,
                                     const std::string& place) {
  if (!all_finite(values)) fail_non_finite(values, place);
  switch (dtype) {
    case DType::f32: {
      const auto bytes = std::as_bytes(values);
      return {bytes.begin(), bytes.end()};
    }
    case DType::f16:
      return encode_16_bit(
          values, [](float v) { return float_to_f16(v); }, 0x7c00U, place);
    case DType::bf16:
      return encode_16_bit(
          values, [](float v) { return float_to_bf16(v); }, 0x7f80U, place);
    default:
      throw std::invalid_argument("weights can be written as F32, F16 or BF16, not as " +
                                  std::string(dtype_name(dtype)));
  }
}

}  // namespace maxsimd
