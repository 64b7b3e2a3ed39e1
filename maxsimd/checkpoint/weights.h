// The tensors of a model folder, by name, whatever files they lie in (one .safetensors, or shards
// with an index). Memory-mapped: opening costs the headers only. Immutable; safe from any thread.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/checkpoint/safetensors.h"

namespace maxsimd {

class Weights {
 public:
  /// Opens FOLDER/model.safetensors, else the shards that FOLDER/model.safetensors.index.json
  /// names. With only pytorch_model.bin: FormatError that says how to convert it.
  static Weights open(const std::filesystem::path& folder);

  /// Finds a tensor by its canonical name ("embeddings.word_embeddings.weight"). A prefix common to
  /// the encoder's tensors ("bert.", "model.") and the old names LayerNorm.gamma/beta are tried too.
  /// Nothing when absent.
  std::optional<TensorView> find(std::string_view name) const;

  /// The values of a tensor as float32 (F32, F16, BF16 accepted). Throws FormatError naming file,
  /// tensor, expected and found when it is missing, has another shape or type, or holds NaN or Inf.
  std::vector<float> load(std::string_view name, std::span<const size_t> shape) const;
  std::vector<float> load(std::string_view name, std::initializer_list<size_t> shape) const {
    return load(name, std::span<const size_t>(shape.begin(), shape.size()));
  }

  /// Every tensor as it lies in the files, in file order.
  const std::vector<TensorView>& tensors() const { return tensors_; }

 private:
  std::vector<std::shared_ptr<const SafetensorsFile>> files_;
  std::vector<TensorView> tensors_;
};

}  // namespace maxsimd
