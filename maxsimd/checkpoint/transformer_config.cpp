#include "maxsimd/checkpoint/transformer_config.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "maxsimd/base/errors.h"

namespace maxsimd {
namespace {

using nlohmann::json;
using Names = std::vector<std::string_view>;

// Where a model comes from. What a file says here sentence-transformers overwrites.
constexpr std::array<std::string_view, 6> kOrigin = {
    "subfolder", "token", "revision", "local_files_only", "trust_remote_code", "cache_dir"};

Names with_origin(Names names) {
  names.insert(names.end(), kOrigin.begin(), kOrigin.end());
  return names;
}

/// An argument that is null, or an object with no other keys than these, whatever their values.
void expect_only(const ConfigReader& transformer, const char* argument, const Names& harmless) {
  const auto arguments = transformer.object(argument);
  if (!arguments) return;
  for (const auto& [key, value] : arguments->json().items()) {
    if (std::ranges::find(harmless, key) != harmless.end()) continue;
    arguments->fail(key,
                    "absent: what it does to the vectors is not supported (remove it, or write "
                    "what it sets into config.json or tokenizer_config.json)");
  }
}

void check_model_arguments(const ConfigReader& transformer, const char* argument,
                           const ConfigReader& encoder) {
  expect_only(transformer, argument,
              with_origin({"attn_implementation", "torch_dtype", "dtype", "device_map",
                           "low_cpu_mem_usage", "use_safetensors", "add_pooling_layer"}));
  const auto arguments = transformer.object(argument);
  if (arguments && !arguments->flag("use_safetensors").value_or(true)) {
    arguments->fail("use_safetensors", "true or absent: weights in pickles are never read");
  }
  if (!arguments || encoder.text("model_type") != "modernbert") return;
  if (arguments->json().value("attn_implementation", json()) != "eager") return;
  arguments->fail("attn_implementation",
                  "\"sdpa\" or absent: \"eager\" gives other vectors to the tokens of a ModernBERT "
                  "that see only padding");
}

bool says_what_is_done_anyway(const std::string& modality, const std::string& key,
                              const json& value) {
  if (modality == "common") return key == "return_tensors" && value == "pt";
  if (key == "padding") return value == true;
  return key == "truncation" && (value == true || value == "longest_first");
}

// {"text": {"truncation": true}}: arguments of each call of the tokenizer, by modality.
void check_processing(const ConfigReader& transformer) {
  const auto processing = transformer.object("processing_kwargs");
  if (!processing) return;
  for (const char* modality : {"common", "text"}) {
    const auto arguments = processing->object(modality);
    if (!arguments) continue;
    for (const auto& [key, value] : arguments->json().items()) {
      if (says_what_is_done_anyway(modality, key, value)) continue;
      arguments->fail(key, "absent: how texts are tokenized is not changed by it here");
    }
  }
}

void check_outputs(const ConfigReader& transformer) {
  if (transformer.text("transformer_task").value_or("feature-extraction") != "feature-extraction") {
    transformer.fail("transformer_task", "\"feature-extraction\", the only task that is supported");
  }
  if (transformer.text("module_output_name").value_or("token_embeddings") != "token_embeddings") {
    transformer.fail("module_output_name", "\"token_embeddings\"");
  }
  const auto modalities = transformer.object("modality_config");
  if (!modalities) return;
  const json text = modalities->json().value("text", json());
  if (text == json{{"method", "forward"}, {"method_output_name", "last_hidden_state"}}) return;
  modalities->fail("text",
                   "{\"method\": \"forward\", \"method_output_name\": "
                   "\"last_hidden_state\"}: other outputs are not supported");
}

}  // namespace

ConfigReader read_transformer_config(const std::filesystem::path& encoder_folder) {
  for (const char* name : {"sentence_bert_config.json", "sentence_roberta_config.json",
                           "sentence_distilbert_config.json", "sentence_camembert_config.json",
                           "sentence_albert_config.json", "sentence_xlm-roberta_config.json",
                           "sentence_xlnet_config.json"}) {
    ConfigReader config = ConfigReader::read_if_present(encoder_folder / name);
    if (!config.json().empty()) return config;
  }
  return ConfigReader::parse("{}", (encoder_folder / "sentence_bert_config.json").string());
}

void check_transformer_config(const ConfigReader& transformer, const ConfigReader& encoder,
                              bool is_multi_vector) {
  for (const char* argument : {"model_args", "model_kwargs"}) {
    check_model_arguments(transformer, argument, encoder);
  }
  // A MultiVectorEncoder cuts texts at the tokenizer's length where no other is given.
  Names of_tokenizer = with_origin({"use_fast", "clean_up_tokenization_spaces"});
  if (!is_multi_vector) of_tokenizer.emplace_back("model_max_length");
  for (const char* argument : {"tokenizer_args", "processor_kwargs"}) {
    expect_only(transformer, argument, of_tokenizer);
  }
  for (const char* argument : {"config_args", "config_kwargs"}) {
    expect_only(transformer, argument, with_origin({}));
  }
  check_processing(transformer);
  check_outputs(transformer);
  const auto tokenizer = transformer.json().find("tokenizer_name_or_path");
  if (tokenizer != transformer.json().end() && !tokenizer->is_null()) {
    transformer.fail("tokenizer_name_or_path", "absent: the tokenizer is that of the model folder");
  }
  if (is_multi_vector && transformer.flag("do_lower_case").value_or(false)) {
    transformer.fail("do_lower_case",
                     "false: lower-casing that leaves special tokens in texts alone is not "
                     "supported; write it as a normalizer into tokenizer.json");
  }
}

}  // namespace maxsimd
