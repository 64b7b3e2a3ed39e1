#include "maxsimd/training/trained_weights.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/checkpoint/checkpoint_writer.h"
#include "maxsimd/checkpoint/weight_names.h"
#include "maxsimd/training/divergence.h"

namespace maxsimd::training {
namespace {

// A loss can be a number while weights are none: 0 / 0 in AdamW, say.
std::vector<float> values_of(const Parameter& parameter) {
  const at::Tensor values = parameter.tensor.detach().to(at::kCPU).contiguous();
  const float* begin = values.const_data_ptr<float>();
  std::vector<float> out(begin, begin + values.numel());
  if (std::ranges::all_of(out, [](float value) { return std::isfinite(value); })) return out;
  throw Diverged("tensor '" + parameter.name +
                 "' of the trained model is not all numbers any more (NaN or infinity)");
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

// The text was checked when the model was loaded.
std::string with_vocab_size(const std::string& config_text, size_t rows) {
  auto config = nlohmann::ordered_json::parse(config_text);
  if (config.at("vocab_size") == rows) return config_text;
  config["vocab_size"] = rows;
  return config.dump(2) + "\n";
}

using Files = std::map<std::string, std::string>;

/// A token of tokenizer.json's added_tokens, or of tokenizer_config.json's added_tokens_decoder.
nlohmann::ordered_json added_token(const std::string& content) {
  return {{"content", content}, {"lstrip", false},      {"normalized", true},
          {"rstrip", false},    {"single_word", false}, {"special", false}};
}

/// The prefixes that the model's vocabulary lacks.
std::vector<std::string> new_prefixes(const ColBERT& model,
                                      const nlohmann::ordered_json& tokenizer) {
  const auto& vocabulary = tokenizer.at("model").at("vocab");
  const auto& added = tokenizer.at("added_tokens");
  std::vector<std::string> prefixes;
  for (const std::string& prefix :
       {model.settings().query_prefix, model.settings().document_prefix}) {
    const bool known = prefix.empty() || vocabulary.contains(prefix) ||
                       std::any_of(added.begin(), added.end(), [&](const auto& token) {
                         return token.at("content") == prefix;
                       });
    if (!known) prefixes.push_back(prefix);
  }
  return prefixes;
}

/// The tokenizer's files with prefixes that were new to it. transformers believes the one in
/// tokenizer_config.json: without it PyLate would shrink the table and draw their rows anew.
Files tokenizer_with_prefixes(const ColBERT& model) {
  const std::filesystem::path folder = model.checkpoint().encoder_folder;
  auto tokenizer = nlohmann::ordered_json::parse(read_file(folder / "tokenizer.json"));
  const std::vector<std::string> prefixes = new_prefixes(model, tokenizer);
  if (prefixes.empty()) return {};
  const std::filesystem::path config_path = folder / "tokenizer_config.json";
  nlohmann::ordered_json config;
  if (std::filesystem::exists(config_path)) {
    config = nlohmann::ordered_json::parse(read_file(config_path));
  }
  for (const std::string& prefix : prefixes) {
    const TokenId id = model.tokenizer().token_to_id(prefix).value();
    nlohmann::ordered_json token = {{"id", id}};
    token.update(added_token(prefix));
    tokenizer["added_tokens"].push_back(token);
    config["added_tokens_decoder"][std::to_string(id)] = added_token(prefix);
  }
  return {{"tokenizer.json", tokenizer.dump(2)}, {"tokenizer_config.json", config.dump(2)}};
}

// The table of tokens may have grown by prefixes that were new to it.
void set_vocab_size(const Parameter& parameter, Checkpoint& checkpoint) {
  if (!is_token_table(parameter.name)) return;
  checkpoint.config_text =
      with_vocab_size(checkpoint.config_text, static_cast<size_t>(parameter.tensor.size(0)));
}

}  // namespace

Checkpoint trained_checkpoint(const ColBERT& model, const Parameters& parameters) {
  Checkpoint checkpoint = model.checkpoint();
  for (const Parameter& parameter : parameters.all()) {
    if (const auto dense = dense_part(parameter.name)) {
      dense_values(checkpoint.dense.at(dense->first), dense->second) = values_of(parameter);
      continue;
    }
    set_vocab_size(parameter, checkpoint);
    checkpoint.weights.replace(parameter.name, shape_of(parameter.tensor), values_of(parameter));
  }
  return checkpoint;
}

void save_model(const ColBERT& model, const Parameters& parameters, const std::string& card,
                const std::filesystem::path& folder) {
  const Checkpoint checkpoint = trained_checkpoint(model, parameters);
  CheckpointWriteOptions options;
  if (!card.empty()) options.files["README.md"] = card;
  options.files.merge(tokenizer_with_prefixes(model));
  write_checkpoint(checkpoint, folder, options);
}

std::map<std::string, std::string> model_texts(const ColBERT& model, const Parameters& parameters) {
  Checkpoint checkpoint = model.checkpoint();
  for (const Parameter& parameter : parameters.all()) set_vocab_size(parameter, checkpoint);
  CheckpointWriteOptions options;
  options.files = tokenizer_with_prefixes(model);
  return checkpoint_texts(checkpoint, options);
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
