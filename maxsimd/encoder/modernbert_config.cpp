#include "maxsimd/encoder/modernbert_config.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "maxsimd/encoder/config_values.h"

namespace maxsimd {
namespace {

constexpr size_t kMaxPositions = size_t{1} << 17;  // each has a row of cosines and of sines
constexpr double kMaxTheta = 1e12;
constexpr size_t kPadTokenId = 50283;  // of a file that says nothing, as in transformers

constexpr const char* kGlobal = "full_attention";
constexpr const char* kLocal = "sliding_attention";

// Scaled rotations (linear, dynamic, yarn) are other functions of the position.
void expect_default_rope(const ConfigReader& rope) {
  expect_one_of(rope, "rope_type", {"default"});
  expect_one_of(rope, "type", {"default"});
}

float theta_or(const ConfigReader& config, const std::string& key, double otherwise) {
  const double theta = config.number(key).value_or(otherwise);
  if (!(theta >= 1.0 && theta <= kMaxTheta)) config.fail(key, "a number from 1 to 1e12");
  return static_cast<float>(theta);
}

void read_thetas(const ConfigReader& config, ModernBertConfig& out) {
  out.global_rope_theta = theta_or(config, "global_rope_theta", 160000.0);
  const nlohmann::json& json = config.json();
  const auto local = json.find("local_rope_theta");
  // transformers 4: null means the global one.
  const bool is_null = local != json.end() && local->is_null();
  out.local_rope_theta = theta_or(config, "local_rope_theta",
                                  is_null ? static_cast<double>(out.global_rope_theta) : 10000.0);
  if (const auto scaling = config.object("rope_scaling")) expect_default_rope(*scaling);
  const auto parameters = config.object("rope_parameters");
  if (!parameters) return;
  // transformers 5 writes a rope_theta of null and a rope_type beside the layer types of an encoder
  // of one layer.
  expect_default_rope(*parameters);
  for (const auto& [key, value] : parameters->json().items()) {
    const bool is_layer_type = key == kGlobal || key == kLocal;
    if (!is_layer_type && key != "rope_type" && !value.is_null()) {
      parameters->fail(key, std::string("absent: \"") + kGlobal + "\" and \"" + kLocal +
                                "\" are the layer types of this encoder");
    }
  }
  const auto read = [&](const char* layer_type, float& theta) {
    const auto rope = parameters->object(layer_type);
    if (!rope) return;
    expect_default_rope(*rope);
    theta = theta_or(*rope, "rope_theta", static_cast<double>(theta));
  };
  read(kGlobal, out.global_rope_theta);
  read(kLocal, out.local_rope_theta);
}

void read_layer_types(const ConfigReader& config, ModernBertConfig& out) {
  const size_t layers = out.num_hidden_layers;
  const auto types = config.texts("layer_types");
  if (!types) {
    const size_t every = config.count("global_attn_every_n_layers").value_or(3);
    for (size_t i = 0; i < layers; ++i) out.is_global.push_back(i % every == 0);
    return;
  }
  if (types->size() != layers) {
    config.fail("layer_types", std::to_string(layers) + " strings, one a layer");
  }
  for (const std::string& type : *types) {
    if (type != kGlobal && type != kLocal) {
      config.fail("layer_types", std::string("a list of \"") + kGlobal + "\" and \"" + kLocal +
                                     "\" (nothing else is supported)");
    }
    out.is_global.push_back(type == kGlobal);
  }
}

void read_sizes(const ConfigReader& config, ModernBertConfig& out) {
  out.hidden_size = count_or_fail(config, "hidden_size", kMaxDimension);
  out.num_hidden_layers = count_or_fail(config, "num_hidden_layers", kMaxLayers);
  out.num_attention_heads = count_or_fail(config, "num_attention_heads", out.hidden_size);
  out.intermediate_size = count_or_fail(config, "intermediate_size", kMaxDimension);
  out.vocab_size = count_or_fail(config, "vocab_size", kMaxVocabulary);
  if (config.count("max_position_embeddings")) {
    out.max_position_embeddings = count_or_fail(config, "max_position_embeddings", kMaxPositions);
  }
  out.pad_token_id =
      pad_token_id_or(config, out.vocab_size,
                      kPadTokenId < out.vocab_size ? std::optional(kPadTokenId) : std::nullopt);
  if (out.hidden_size % (2 * out.num_attention_heads) != 0) {
    config.fail("hidden_size", "a multiple of twice num_attention_heads, " +
                                   std::to_string(out.num_attention_heads) +
                                   " (rotary positions turn pairs)");
  }
  if (config.count("head_dim").value_or(out.head_dim()) != out.head_dim()) {
    config.fail("head_dim",
                std::to_string(out.head_dim()) + ", which is hidden_size / num_attention_heads");
  }
}

// Of "eager" attention transformers gives other rows to tokens that see only padding: expansion
// tokens further than half a window behind the query.
void check_attention(const ConfigReader& config) {
  expect_both_ways(config, "is_causal");  // is_decoder changes nothing in it
  if (config.json().value("_attn_implementation", nlohmann::json()) != "eager") return;
  config.fail("_attn_implementation",
              "\"sdpa\" or absent: \"eager\" gives other vectors to tokens that see only padding");
}

// sliding_window is half of local_attention, and wins.
size_t window_of(const ConfigReader& config) {
  const auto half = config.count("sliding_window");
  return half ? *half : config.count("local_attention").value_or(128) / 2;
}

}  // namespace

ModernBertConfig parse_modernbert_config(const std::string& text, const std::string& where) {
  const ConfigReader config = ConfigReader::parse(text, where);
  expect_one_of(config, "hidden_activation", {"gelu"});
  expect_one_of(config, "position_embedding_type", {"absolute", "sans_pos"});
  check_attention(config);
  ModernBertConfig out;
  read_sizes(config, out);
  read_thetas(config, out);
  read_layer_types(config, out);
  out.norm_eps = epsilon_or(config, "norm_eps", 1e-5);
  out.norm_bias = config.flag("norm_bias").value_or(false);
  out.attention_bias = config.flag("attention_bias").value_or(false);
  out.mlp_bias = config.flag("mlp_bias").value_or(false);
  out.window = window_of(config);
  return out;
}

ModernBertConfig cover_lengths(ModernBertConfig config, const ColbertSettings& settings) {
  const size_t longest = std::max(settings.query_length, settings.document_length);
  config.max_position_embeddings =
      std::max(config.max_position_embeddings, std::min(longest, kMaxPositions));
  return config;
}

ModernBertConfig read_modernbert_config(const Checkpoint& checkpoint) {
  const std::string where = (checkpoint.encoder_folder / "config.json").string();
  return cover_lengths(parse_modernbert_config(checkpoint.config_text, where), checkpoint.settings);
}

}  // namespace maxsimd
