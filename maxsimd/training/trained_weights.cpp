#include "maxsimd/training/trained_weights.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/json.h"
#include "maxsimd/checkpoint/checkpoint_writer.h"

namespace maxsimd::training {
namespace {

constexpr const char* kWords = "embeddings.word_embeddings.weight";

std::vector<float> values_of(const at::Tensor& tensor) {
  const at::Tensor values = tensor.detach().to(at::kCPU).contiguous();
  const float* begin = values.const_data_ptr<float>();
  return {begin, begin + values.numel()};
}

std::vector<size_t> shape_of(const at::Tensor& tensor) {
  std::vector<size_t> shape;
  for (const int64_t extent : tensor.sizes()) shape.push_back(static_cast<size_t>(extent));
  return shape;
}

/// "2_Dense.linear.bias" -> 1 and "linear.bias"; nothing for a tensor of the encoder.
std::optional<std::pair<size_t, std::string>> dense_part(const std::string& name) {
  const size_t place = name.find("_Dense.");
  if (place == std::string::npos) return std::nullopt;
  return {{std::stoul(name.substr(0, place)) - 1, name.substr(place + 7)}};
}

std::vector<float>& dense_values(DenseLayer& layer, const std::string& part) {
  if (part == "linear.weight") return layer.weight;
  return part == "linear.bias" ? layer.bias : layer.residual_weight;
}

std::string with_vocab_size(const std::string& config_text, const std::string& where, size_t rows) {
  nlohmann::ordered_json config = parse_json(config_text, where);
  if (config.at("vocab_size") == rows) return config_text;
  config = nlohmann::ordered_json::parse(config_text);
  config["vocab_size"] = rows;
  return config.dump(2) + "\n";
}

/// tokenizer.json with the prefixes among its added tokens; nothing when they are known to it.
std::optional<std::string> tokenizer_with_prefixes(const ColBERT& model) {
  const std::filesystem::path path = model.checkpoint().encoder_folder / "tokenizer.json";
  nlohmann::ordered_json tokenizer = nlohmann::ordered_json::parse(read_file(path));
  const auto& vocabulary = tokenizer.at("model").at("vocab");
  auto& added = tokenizer["added_tokens"];
  bool changed = false;
  for (const std::string& prefix :
       {model.settings().query_prefix, model.settings().document_prefix}) {
    const bool known = prefix.empty() || vocabulary.contains(prefix) ||
                       std::any_of(added.begin(), added.end(), [&](const auto& token) {
                         return token.at("content") == prefix;
                       });
    if (known) continue;
    added.push_back({{"id", model.tokenizer().token_to_id(prefix).value()},
                     {"content", prefix},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", true},
                     {"special", false}});
    changed = true;
  }
  if (!changed) return std::nullopt;
  return tokenizer.dump(2);
}

}  // namespace

Checkpoint trained_checkpoint(const ColBERT& model, const Parameters& parameters) {
  Checkpoint checkpoint = model.checkpoint();
  for (const Parameter& parameter : parameters.all()) {
    if (const auto dense = dense_part(parameter.name)) {
      dense_values(checkpoint.dense.at(dense->first), dense->second) = values_of(parameter.tensor);
      continue;
    }
    checkpoint.weights.replace(parameter.name, shape_of(parameter.tensor),
                               values_of(parameter.tensor));
  }
  checkpoint.config_text =
      with_vocab_size(checkpoint.config_text, (checkpoint.encoder_folder / "config.json").string(),
                      static_cast<size_t>(parameters.get(kWords).size(0)));
  return checkpoint;
}

void save_model(const ColBERT& model, const Parameters& parameters, const std::string& card,
                const std::filesystem::path& folder) {
  const Checkpoint checkpoint = trained_checkpoint(model, parameters);
  CheckpointWriteOptions options;
  if (!card.empty()) options.files["README.md"] = card;
  if (auto tokenizer = tokenizer_with_prefixes(model)) {
    options.files["tokenizer.json"] = std::move(*tokenizer);
  }
  write_checkpoint(checkpoint, folder, options);
}

void restore_weights(const std::filesystem::path& folder, Parameters& parameters) {
  const c10::NoGradGuard no_grad;
  const Checkpoint checkpoint = load_checkpoint(folder);
  for (const Parameter& parameter : parameters.all()) {
    const std::vector<size_t> shape = shape_of(parameter.tensor);
    std::vector<float> values;
    if (const auto dense = dense_part(parameter.name)) {
      DenseLayer layer = checkpoint.dense.at(dense->first);
      values = dense_values(layer, dense->second);
    } else {
      values = checkpoint.weights.load(parameter.name, shape);
    }
    at::Tensor target = parameter.tensor;
    target.copy_(tensor_of(values, target.sizes().vec()));
  }
}

}  // namespace maxsimd::training
