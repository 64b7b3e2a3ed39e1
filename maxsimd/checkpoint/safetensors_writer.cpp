#include "maxsimd/checkpoint/safetensors_writer.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "maxsimd/base/atomic_file.h"

namespace maxsimd {
namespace {

constexpr size_t kAlignment = 8;

size_t byte_size(const PlannedTensor& tensor) {
  size_t bits = dtype_bits(tensor.dtype);
  for (const size_t extent : tensor.shape) bits *= extent;
  return bits / 8;
}

std::string header_text(std::span<const PlannedTensor> tensors) {
  nlohmann::ordered_json header = {{"__metadata__", {{"format", "pt"}}}};
  size_t offset = 0;
  for (const PlannedTensor& tensor : tensors) {
    const size_t end = offset + byte_size(tensor);
    nlohmann::ordered_json entry = {{"dtype", dtype_name(tensor.dtype)},
                                    {"shape", tensor.shape},
                                    {"data_offsets", {offset, end}}};
    if (header.contains(tensor.name)) {
      throw std::invalid_argument("two tensors named '" + tensor.name + "' in one file");
    }
    header[tensor.name] = std::move(entry);
    offset = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
  return text;
}

std::string little_endian(uint64_t value) {
  std::string bytes(sizeof(value), '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(value >> (8 * i));
  return bytes;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, std::span<const PlannedTensor> tensors) {
  const std::string header = header_text(tensors);
  AtomicFileWriter writer(path);
  writer.write(little_endian(header.size()));
  writer.write(header);
  for (const PlannedTensor& tensor : tensors) {
    const std::vector<std::byte> bytes = tensor.bytes();
    if (bytes.size() != byte_size(tensor)) {
      throw std::invalid_argument(
          "tensor '" + tensor.name + "' of shape " + shape_text(tensor.shape) + " takes " +
          std::to_string(byte_size(tensor)) + " bytes, got " + std::to_string(bytes.size()));
    }
    writer.write(bytes);
  }
  writer.commit();
}

}  // namespace maxsimd
