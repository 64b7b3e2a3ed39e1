#include "maxsimd/collection/fingerprint.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/half.h"
#include "maxsimd/base/json.h"
#include "maxsimd/base/sha256.h"
#include "maxsimd/checkpoint/tensor_values.h"
#include "maxsimd/checkpoint/weight_names.h"
#include "maxsimd/encoder/bert_config.h"
#include "maxsimd/encoder/modernbert_config.h"
#include "maxsimd/text/tokenizer_file.h"

namespace maxsimd {
namespace {

using Json = nlohmann::json;

// A change of what is hashed changes this line, and with it every fingerprint.
constexpr std::string_view kVersion = "maxsimd model fingerprint 1\n";

// Keys of config.json that no vector depends on.
constexpr std::array<std::string_view, 27> kIgnoredKeys = {
    "architectures",
    "bos_token_id",
    "classifier_activation",
    "classifier_bias",
    "cls_token_id",
    "dtype",
    "eos_token_id",
    "finetuning_task",
    "gradient_checkpointing",
    "id2label",
    "initializer_cutoff_factor",
    "initializer_range",
    "label2id",
    "name",
    "num_labels",
    "output_attentions",
    "output_hidden_states",
    "problem_type",
    "repad_logits_with_grad",
    "return_dict",
    "sep_token_id",
    "tie_word_embeddings",
    "torch_dtype",
    "torchscript",
    "transformers_version",
    "use_cache",
    "use_return_dict",
};

bool is_ignored(const std::string& key) {
  return key.starts_with('_') || key.ends_with("dropout") || key.ends_with("dropout_prob") ||
         std::ranges::find(kIgnoredKeys, key) != kIgnoredKeys.end();
}

// Some versions of transformers write these, some leave them out: said or not, they mean the same.
const Json& default_values() {
  static const Json defaults = {
      {"add_cross_attention", false}, {"chunk_size_feed_forward", 0},
      {"is_decoder", false},          {"is_encoder_decoder", false},
      {"layer_norm_eps", 1e-12},      {"position_embedding_type", "absolute"},
      {"type_vocab_size", 2}};
  return defaults;
}

// Transformers 4 and 5 write the same model in two forms; this is neither.
Json modernbert_architecture(const ModernBertConfig& config) {
  return {{"model_type", "modernbert"},
          {"hidden_size", config.hidden_size},
          {"num_attention_heads", config.num_attention_heads},
          {"intermediate_size", config.intermediate_size},
          {"max_position_embeddings", config.max_position_embeddings},
          {"norm_eps", config.norm_eps},
          {"biases", {config.norm_bias, config.attention_bias, config.mlp_bias}},
          {"global_layers", config.is_global},
          {"window", config.window},
          {"rope_thetas", {config.global_rope_theta, config.local_rope_theta}}};
}

// RoBERTa, DistilBERT and their kin. Padding moves positions in a RoBERTa only.
Json bert_kin_architecture(const BertConfig& config) {
  const bool is_roberta = config.family == BertFamily::roberta;
  return {{"model_type", config.model_type},
          {"hidden_size", config.hidden_size},
          {"num_attention_heads", config.num_attention_heads},
          {"intermediate_size", config.intermediate_size},
          {"max_position_embeddings", config.max_position_embeddings},
          {"layer_norm_eps", config.layer_norm_eps},
          {"padding", is_roberta ? Json(*config.pad_token_id) : Json()}};
}

Json architecture(const Checkpoint& checkpoint) {
  const std::string where = (checkpoint.encoder_folder / "config.json").string();
  const Json config = parse_json(checkpoint.config_text, where);
  const Json model_type = config.value("model_type", Json());
  if (model_type == "modernbert") {
    return modernbert_architecture(parse_modernbert_config(checkpoint.config_text, where));
  }
  if (model_type != "bert") {
    return bert_kin_architecture(parse_bert_config(checkpoint.config_text, where));
  }
  Json kept = Json::object();
  for (const auto& [key, value] : config.items()) {
    if (is_ignored(key) || value.is_null()) continue;
    const auto usual = default_values().find(key);
    if (usual == default_values().end() || *usual != value) kept[key] = value;
  }
  return kept;
}

std::string document_prompt(const ColbertSettings& settings) {
  if (settings.multi_vector.document_prompt) return *settings.multi_vector.document_prompt;
  if (!settings.default_prompt_name) return {};
  const auto found = settings.prompts.find(*settings.default_prompt_name);
  return found == settings.prompts.end() ? std::string() : found->second;
}

Json document_settings(const ColbertSettings& settings) {
  std::set<std::string> skiplist(settings.skiplist_words.begin(), settings.skiplist_words.end());
  if (!settings.multi_vector.skip_in_documents) skiplist.clear();
  return {{"document_prefix", settings.document_prefix},
          {"document_length", settings.document_length},
          {"skiplist_words", skiplist},
          {"do_lower_case", settings.do_lower_case},
          {"prompt", document_prompt(settings)}};
}

Json dense_chain(const std::vector<DenseLayer>& layers) {
  Json chain = Json::array();
  for (const DenseLayer& layer : layers) {
    chain.push_back({{"in_features", layer.in_features},
                     {"out_features", layer.out_features},
                     {"activation", activation_path(layer.activation)},
                     {"use_residual", layer.use_residual}});
  }
  return chain;
}

// Both prefixes, and the query prefix the folder states when another is asked for. Whether the file
// has them among its added tokens says nothing: loading adds them.
std::set<std::string> prefix_tokens(const ColBERT& model) {
  std::set<std::string> prefixes = {model.settings().query_prefix,
                                    model.settings().document_prefix};
  const std::string& text = model.checkpoint().metadata_text;
  if (text.empty()) return prefixes;
  const Json metadata = parse_json(text, "config_sentence_transformers.json");
  const auto prefix = metadata.find("query_prefix");
  if (prefix != metadata.end() && prefix->is_string()) prefixes.insert(prefix->get<std::string>());
  return prefixes;
}

// Tokenizer::to_json() would be the same but for the prefixes, and takes twice as long.
std::string tokenizer_file(const ColBERT& model) {
  const std::filesystem::path folder = model.checkpoint().encoder_folder;
  if (!std::filesystem::exists(folder / "tokenizer.json")) {
    return tokenizer_json_from_vocabulary(folder, read_tokenizer_config(folder));
  }
  if (model.tokenizer().differs_from_file()) return model.tokenizer().to_json();
  return read_file(folder / "tokenizer.json");
}

/// A tokenizer's file; the vocabulary, most of it, apart and in order.
struct TokenizerParts {
  Json parts;
  JsonMembers vocabulary;
};

TokenizerParts tokenizer_parts(const ColBERT& model) {
  JsonMembers vocabulary;
  Json document =
      parse_json_apart(tokenizer_file(model), "tokenizer.json", {"model", "vocab"}, vocabulary);
  std::ranges::stable_sort(vocabulary, {}, &JsonMembers::value_type::first);
  const std::set<std::string> prefixes = prefix_tokens(model);
  Json parts = Json::object();
  for (const char* key : {"normalizer", "pre_tokenizer", "model", "post_processor"}) {
    if (document.contains(key)) parts[key] = std::move(document[key]);
  }
  parts["added_tokens"] = Json::array();
  for (Json& token : document["added_tokens"]) {
    token.erase("id");  // its place decides it
    if (!prefixes.contains(token.value("content", ""))) {
      parts["added_tokens"].push_back(std::move(token));
    }
  }
  return {std::move(parts), std::move(vocabulary)};
}

class Hasher {
 public:
  void add_bytes(std::string_view bytes) { sha_.update(bytes); }
  void add(const Json& json) {
    add_bytes(json.dump(-1, ' ', true, Json::error_handler_t::replace));
    add_bytes("\n");
  }

  // `value_at(i)` is value i of `count`.
  template <class ValueAt>
  void add_tensor(const std::string& name, const std::vector<size_t>& shape, size_t count,
                  ValueAt value_at) {
    add(Json{{"tensor", name}, {"shape", shape}});
    const size_t samples = std::min(count, kSampledValues);
    std::vector<char> bytes;
    for (size_t i = 0; i < samples; ++i) {
      const size_t place = samples < 2 ? 0 : sample_place(i, samples, count);
      const uint16_t bits = float_to_bf16(value_at(place));
      bytes.push_back(static_cast<char>(bits & 0xFFU));
      bytes.push_back(static_cast<char>(bits >> 8));
    }
    add_bytes(std::string_view(bytes.data(), bytes.size()));
  }

  std::string finish() { return to_hex(sha_.finish()); }

 private:
  // i (count - 1) / (samples - 1), without the product: count may be near 2^64 / 64.
  static size_t sample_place(size_t i, size_t samples, size_t count) {
    const size_t whole = (count - 1) / (samples - 1);
    const size_t rest = (count - 1) % (samples - 1);
    return i * whole + i * rest / (samples - 1);
  }

  Sha256 sha_;
};

void add_tokenizer(Hasher& hasher, const TokenizerParts& tokenizer) {
  hasher.add(tokenizer.parts);
  std::string lines;
  for (const auto& [token, id] : tokenizer.vocabulary) {
    lines.append(std::to_string(token.size())).append(" ").append(token).append(" ");
    lines.append(id.dump()).append("\n");
  }
  hasher.add_bytes(lines);
}

float stored_value(const TensorView& tensor, size_t place) {
  const size_t bytes = dtype_bits(tensor.dtype) / 8;
  TensorView one = tensor;
  one.shape = {1};
  one.bytes = tensor.bytes.subspan(place * bytes, bytes);
  return decode_values(one)[0];
}

void add_encoder(Hasher& hasher, const Weights& weights) {
  std::map<std::string, const TensorView*> tensors;  // in the order of their canonical names
  for (const TensorView& tensor : weights.tensors()) {
    const auto name = canonical_weight_name(tensor.name, weights.prefix());
    if (name && name->find("pooler.") == std::string::npos && !name->ends_with("position_ids")) {
      tensors.emplace(*name, &tensor);
    }
  }
  for (const auto& entry : tensors) {
    const TensorView* tensor = entry.second;
    const bool is_float =
        tensor->dtype == DType::f32 || tensor->dtype == DType::f16 || tensor->dtype == DType::bf16;
    if (!is_float) continue;  // buffers; the encoder reads float tensors only
    hasher.add_tensor(entry.first, tensor->shape, tensor->size(),
                      [&](size_t place) { return stored_value(*tensor, place); });
  }
}

void add_dense(Hasher& hasher, const std::vector<DenseLayer>& layers) {
  for (size_t i = 0; i < layers.size(); ++i) {
    const DenseLayer& layer = layers[i];
    const std::string name = "dense " + std::to_string(i);
    const auto add = [&](const char* part, const std::vector<float>& values) {
      hasher.add_tensor(name + part, {values.size()}, values.size(),
                        [&](size_t place) { return values[place]; });
    };
    add(" weight", layer.weight);
    add(" bias", layer.bias);
    add(" residual", layer.residual_weight);
  }
}

}  // namespace

std::string model_fingerprint(const ColBERT& model) {
  Hasher hasher;
  hasher.add_bytes(kVersion);
  hasher.add(architecture(model.checkpoint()));
  hasher.add(document_settings(model.settings()));
  hasher.add(dense_chain(model.checkpoint().dense));
  add_tokenizer(hasher, tokenizer_parts(model));
  add_encoder(hasher, model.checkpoint().weights);
  add_dense(hasher, model.checkpoint().dense);
  return hasher.finish();
}

}  // namespace maxsimd
