// Writing a safetensors file, one tensor at a time, so that memory holds one tensor only.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "maxsimd/checkpoint/safetensors.h"

namespace maxsimd {

/// A tensor still to be written. `bytes` is called once, when its turn comes, and must give
/// exactly the bytes that dtype and shape call for.
struct PlannedTensor {
  std::string name;
  DType dtype = DType::f32;
  std::vector<size_t> shape;
  std::function<std::vector<std::byte>()> bytes;
};

/// Writes the tensors in the order given, atomically, with metadata {"format": "pt"} (transformers
/// asks for it) and the data 8-byte aligned. Names must differ. Throws IoError, and what `bytes`
/// throws; the target is then untouched.
void write_safetensors(const std::filesystem::path& path, std::span<const PlannedTensor> tensors);

}  // namespace maxsimd
