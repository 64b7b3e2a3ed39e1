#include "maxsimd/checkpoint/weights.h"

#include <nlohmann/json.hpp>
#include <set>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/json.h"
#include "maxsimd/checkpoint/model_path.h"
#include "maxsimd/checkpoint/tensor_values.h"
#include "maxsimd/checkpoint/weight_names.h"

namespace maxsimd {
namespace {

constexpr const char* kSingle = "model.safetensors";
constexpr const char* kIndex = "model.safetensors.index.json";

}  // namespace

void refuse_missing_weights(const std::filesystem::path& folder) {
  const std::string missing = (folder / kSingle).string();
  for (const char* pickle : {"pytorch_model.bin", "pytorch_model.bin.index.json"}) {
    if (!std::filesystem::exists(folder / pickle)) continue;
    throw FormatError(
        missing + ": missing; only " + pickle +
        " is there, a pickle, which can run code when read and is never loaded. Convert it where "
        "you trust it: python3 -c \"import torch; from safetensors.torch import save_file; "
        "save_file({k: v.contiguous().clone() for k, v in torch.load('pytorch_model.bin', "
        "map_location='cpu', weights_only=True).items()}, 'model.safetensors')\"");
  }
  throw IoError(missing + ": missing; expected the model's weights there (or " + kIndex +
                " and its shards)");
}

Weights Weights::open(const std::filesystem::path& folder) {
  Weights weights(folder);
  if (std::filesystem::exists(folder / kSingle)) {
    weights.add_file(folder / kSingle);
  } else if (std::filesystem::exists(folder / kIndex)) {
    weights.open_shards(folder / kIndex);
  } else {
    refuse_missing_weights(folder);
  }
  weights.prefix_ = find_weight_prefix(weights.tensors_);
  return weights;
}

void Weights::add_file(const std::filesystem::path& path) {
  files_.push_back(std::make_shared<const SafetensorsFile>(SafetensorsFile::open(path)));
  for (const TensorView& tensor : files_.back()->tensors()) {
    const auto [place, is_new] = places_.emplace(tensor.name, tensors_.size());
    if (!is_new) {
      throw FormatError(tensor_place(tensor) + ": the same name lies in " +
                        tensors_[place->second].file + " too");
    }
    tensors_.push_back(tensor);
  }
}

void Weights::open_shards(const std::filesystem::path& index_path) {
  const nlohmann::json index = read_json_file(index_path);
  const std::string where = index_path.string();
  if (!index.is_object() || !index.contains("weight_map") || !index["weight_map"].is_object()) {
    throw FormatError(where + ": expected an object 'weight_map' of tensor names to file names");
  }
  std::set<std::string> shards;
  for (const auto& [name, shard] : index["weight_map"].items()) {
    if (!shard.is_string()) {
      throw FormatError(where + ": weight_map['" + name + "'] must be a file name");
    }
    shards.insert(checked_component(shard.get<std::string>(), where));
  }
  for (const std::string& shard : shards) {
    if (!std::filesystem::exists(folder_ / shard)) {
      throw IoError((folder_ / shard).string() + ": missing; " + where + " lists this shard");
    }
    add_file(folder_ / shard);
  }
  for (const auto& [name, shard] : index["weight_map"].items()) {
    const TensorView* tensor = find_exact(name);
    const std::string file = (folder_ / shard.get<std::string>()).string();
    if (tensor == nullptr || tensor->file != file) {
      throw FormatError(file + ": tensor '" + name + "' is missing; " + where + " lists it there");
    }
  }
}

const TensorView* Weights::find_exact(std::string_view name) const {
  const auto found = places_.find(name);
  return found == places_.end() ? nullptr : &tensors_[found->second];
}

std::optional<TensorView> Weights::find(std::string_view name) const {
  const std::string prefixed = prefix_ + std::string(name);
  if (const TensorView* tensor = find_exact(prefixed)) return *tensor;
  if (const auto old_name = old_layer_norm_name(prefixed)) {
    if (const TensorView* tensor = find_exact(*old_name)) return *tensor;
  }
  if (const TensorView* tensor = find_exact(name)) return *tensor;
  return std::nullopt;
}

void Weights::release() const noexcept {
  for (const auto& file : files_) file->release();
}

void Weights::replace(std::string_view name, std::vector<size_t> shape, std::vector<float> values) {
  const std::optional<TensorView> old = find(name);
  if (!old.has_value()) {
    throw std::invalid_argument("tensor '" + std::string(name) + "' is not one of those in " +
                                folder_.string());
  }
  TensorView& tensor = tensors_[places_.at(old->name)];
  tensor.dtype = DType::f32;
  tensor.shape = std::move(shape);
  if (tensor.size() != values.size()) {
    throw std::invalid_argument("tensor '" + std::string(name) + "' of shape " +
                                shape_text(tensor.shape) + " was given " +
                                std::to_string(values.size()) + " values");
  }
  replaced_.push_back(std::make_shared<const std::vector<float>>(std::move(values)));
  tensor.bytes = std::as_bytes(std::span(*replaced_.back()));
}

std::vector<float> Weights::load(std::string_view name, std::span<const size_t> shape) const {
  const std::optional<TensorView> tensor = find(name);
  if (tensor.has_value()) return decode_weight(*tensor, shape);
  const std::string where =
      files_.size() == 1 ? files_.front()->path().string() : (folder_ / kIndex).string();
  throw FormatError(where + ": tensor '" + prefix_ + std::string(name) + "' of shape " +
                    shape_text(shape) + " is missing (the file holds " +
                    std::to_string(tensors_.size()) +
                    " tensors); is it the checkpoint of another architecture?");
}

}  // namespace maxsimd
