// The safetensors container: u64 little-endian header length, a JSON header, then the data.
// Format and verdicts follow huggingface/safetensors 0.8 (safetensors/src/tensor.rs): a header is
// at most 100,000,000 bytes, the tensors cover the data exactly, without hole or overlap.
// Immutable after open; const methods are safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/base/mapped_file.h"

namespace maxsimd {

enum class DType : uint8_t {
  boolean,
  f4,
  f6_e2m3,
  f6_e3m2,
  u8,
  i8,
  f8_e5m2,
  f8_e4m3,
  f8_e8m0,
  f8_e4m3fnuz,
  f8_e5m2fnuz,
  i16,
  u16,
  f16,
  bf16,
  i32,
  u32,
  f32,
  c64,
  f64,
  i64,
  u64,
};

/// The name in the header ("F32").
std::string_view dtype_name(DType dtype);

/// Bits of one value (4 for F4, 32 for F32).
size_t dtype_bits(DType dtype);

/// One tensor in somebody else's memory (a mapping, or the bytes given to parse_safetensors); must
/// not outlive it. `bytes` may start at any address: read it with memcpy.
struct TensorView {
  std::string name;
  DType dtype = DType::f32;
  std::vector<size_t> shape;
  std::span<const std::byte> bytes;
  std::string file;  // the file it lies in, for messages

  /// The number of values: the product of the shape.
  size_t size() const;
};

/// "[30522, 384]", as messages print a shape.
std::string shape_text(std::span<const size_t> shape);

/// The tensors of a whole safetensors file in memory, ordered by their place in the data. `where`
/// starts every message. Throws FormatError naming the tensor at fault. Never reads outside bytes;
/// memory used grows with the header's length only.
std::vector<TensorView> parse_safetensors(std::span<const std::byte> bytes,
                                          const std::string& where);

/// A memory-mapped safetensors file.
class SafetensorsFile {
 public:
  /// Throws IoError (missing, unreadable) and FormatError (as parse_safetensors).
  static SafetensorsFile open(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return file_.path(); }

  /// Ordered by their place in the data. The views live as long as this object (moves included).
  const std::vector<TensorView>& tensors() const { return tensors_; }

  /// Nullptr when there is no tensor of that name.
  const TensorView* find(std::string_view name) const;

  /// Lets the system take the memory of the mapped file back until it is read again.
  void release() const noexcept { file_.release(0, file_.bytes().size()); }

 private:
  SafetensorsFile(MappedFile file, std::vector<TensorView> tensors)
      : file_(std::move(file)), tensors_(std::move(tensors)) {}

  MappedFile file_;
  std::vector<TensorView> tensors_;
};

}  // namespace maxsimd
