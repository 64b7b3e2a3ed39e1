// Any bytes as a safetensors file: a FormatError, or tensors that cover the data exactly and can be
// read. Build with clang, -DMAXSIMD_BUILD_FUZZ=ON -DMAXSIMD_SANITIZE=address,undefined.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "maxsimd/base/errors.h"
#include "maxsimd/checkpoint/safetensors.h"
#include "maxsimd/checkpoint/tensor_values.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

bool is_weight_type(maxsimd::DType dtype) {
  return dtype == maxsimd::DType::f32 || dtype == maxsimd::DType::f16 ||
         dtype == maxsimd::DType::bf16;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  try {
    const std::byte* expected = nullptr;
    for (const maxsimd::TensorView& tensor : maxsimd::parse_safetensors(bytes, "fuzz")) {
      require(expected == nullptr || tensor.bytes.data() == expected);
      expected = tensor.bytes.data() + tensor.bytes.size();
      require(expected <= bytes.data() + bytes.size());
      require(tensor.size() * maxsimd::dtype_bits(tensor.dtype) == tensor.bytes.size() * 8);
      if (is_weight_type(tensor.dtype)) {
        require(maxsimd::decode_values(tensor).size() == tensor.size());
      }
    }
    require(expected == nullptr || expected == bytes.data() + bytes.size());
  } catch (const maxsimd::FormatError&) {
    return 0;
  }
  return 0;
}
