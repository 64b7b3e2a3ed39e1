// The values of a tensor as float32, whatever 16- or 32-bit float type they are stored in, and
// back.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "maxsimd/checkpoint/safetensors.h"

namespace maxsimd {

/// F32, F16 and BF16, each converted exactly. Other types: FormatError naming file and tensor.
std::vector<float> decode_values(const TensorView& tensor);

/// decode_values, and FormatError when the shape is another one (found and expected are named) or
/// a value is NaN or Inf.
std::vector<float> decode_weight(const TensorView& tensor, std::span<const size_t> shape);

/// The stored form of values as F32, F16 or BF16, rounded to nearest, ties to even. Throws
/// FormatError starting with `place` for a value that is not finite or overflows the type, and
/// std::invalid_argument for another dtype.
std::vector<std::byte> encode_values(std::span<const float> values, DType dtype,
                                     const std::string& place);

/// "FILE: tensor 'NAME'", the start of messages about a tensor.
std::string tensor_place(const TensorView& tensor);

}  // namespace maxsimd
