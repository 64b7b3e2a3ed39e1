// The tensors of a model folder, by name, whatever files they lie in (one .safetensors, or shards
// with an index). Memory-mapped: opening costs the headers only. Immutable; safe from any thread.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <map>
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
  /// names. With only pytorch_model.bin: FormatError that says how to convert it. FormatError too
  /// when a shard or a listed tensor is missing, or the tensors of two encoders lie side by side.
  static Weights open(const std::filesystem::path& folder);

  /// Finds a tensor by its canonical name ("embeddings.word_embeddings.weight"). A prefix common to
  /// the encoder's tensors ("bert.", "model.") and the old names LayerNorm.gamma/beta are tried
  /// too. Nothing when absent.
  std::optional<TensorView> find(std::string_view name) const;

  /// The values of a tensor as float32 (F32, F16, BF16 accepted). Throws FormatError naming file,
  /// tensor, expected and found when it is missing, has another shape or type, or holds NaN or Inf.
  std::vector<float> load(std::string_view name, std::span<const size_t> shape) const;
  std::vector<float> load(std::string_view name, std::initializer_list<size_t> shape) const {
    return load(name, std::span<const size_t>(shape.begin(), shape.size()));
  }

  /// Other values for a tensor that is there, [shape] row-major, float32: trained ones. Copies of
  /// this object made before keep theirs. Throws std::invalid_argument: no such tensor, a shape
  /// that does not fit.
  void replace(std::string_view name, std::vector<size_t> shape, std::vector<float> values);

  /// Every tensor as it lies in the files, in file order.
  const std::vector<TensorView>& tensors() const { return tensors_; }

  /// Lets the system take the memory of the mapped files back; what is read again comes from them.
  void release() const noexcept;

  /// What stands before the encoder's canonical names in the files: "", "bert.", "model.", ...
  const std::string& prefix() const { return prefix_; }

 private:
  explicit Weights(std::filesystem::path folder) : folder_(std::move(folder)) {}
  void add_file(const std::filesystem::path& path);
  void open_shards(const std::filesystem::path& index_path);
  const TensorView* find_exact(std::string_view name) const;

  std::filesystem::path folder_;
  std::vector<std::shared_ptr<const SafetensorsFile>> files_;
  std::vector<std::shared_ptr<const std::vector<float>>> replaced_;
  std::vector<TensorView> tensors_;
  std::map<std::string, size_t, std::less<>> places_;  // name in the file -> place in tensors_
  std::string prefix_;
};

/// Refuses a folder without NAME.safetensors: says which file is missing and, when a pickle
/// (pytorch_model.bin) is there, how to convert it; pickles are never read.
[[noreturn]] void refuse_missing_weights(const std::filesystem::path& folder);

}  // namespace maxsimd
