#include "maxsimd/checkpoint/folder_files.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "maxsimd/base/json.h"

namespace maxsimd {
namespace {

using Json = nlohmann::ordered_json;

// The class of the plain encoder, of those model types that colbert-ai makes an HF_ColBERT of.
const char* plain_architecture(const std::string& model_type) {
  if (model_type == "bert") return "BertModel";
  if (model_type == "roberta") return "RobertaModel";
  if (model_type == "xlm-roberta") return "XLMRobertaModel";
  if (model_type == "camembert") return "CamembertModel";
  if (model_type == "distilbert") return "DistilBertModel";
  return model_type == "modernbert" ? "ModernBertModel" : nullptr;
}

const char* torch_name(DType dtype) {
  return dtype == DType::f16 ? "float16" : dtype == DType::bf16 ? "bfloat16" : "float32";
}

Json names_to_texts(const std::map<std::string, std::string>& texts) {
  Json json = Json::object();
  for (const auto& [name, text] : texts) json[name] = text;
  return json;
}

Json optional_text(const std::optional<std::string>& text) {
  return text.has_value() ? Json(*text) : Json(nullptr);
}

// ModernBERT's two thetas as transformers 4 reads them, beside rope_parameters of transformers 5.
void add_old_thetas(Json& config) {
  const auto parameters = config.find("rope_parameters");
  if (parameters == config.end() || !parameters->is_object()) return;
  const std::pair<const char*, const char*> names[] = {{"full_attention", "global_rope_theta"},
                                                       {"sliding_attention", "local_rope_theta"}};
  for (const auto& [kind, name] : names) {
    const auto found = parameters->find(kind);
    if (found == parameters->end() || !found->is_object() || config.contains(name)) continue;
    const Json theta = found->value("rope_theta", Json());
    if (theta.is_number()) config[name] = theta;
  }
}

}  // namespace

std::string python_json(const Json& json, int indent) {
  try {
    return json.dump(indent, ' ', true);
  } catch (const nlohmann::json::exception&) {
    throw std::invalid_argument("a setting of the model is not valid UTF-8 and cannot be written");
  }
}

// parse_json keeps no key order, so it only checks (limits, place of an error) what is parsed anew.
Json ordered_json(std::string_view text, const std::string& where) {
  parse_json(text, where);
  return Json::parse(text);
}

std::string encoder_config_text(const Checkpoint& checkpoint, DType dtype,
                                CheckpointLayout layout) {
  const std::string where = (checkpoint.encoder_folder / "config.json").string();
  Json config = ordered_json(checkpoint.config_text, where);
  config[config.contains("dtype") ? "dtype" : "torch_dtype"] = torch_name(dtype);
  const bool is_modernbert = config.value("model_type", Json()) == "modernbert";
  if (is_modernbert && layout != CheckpointLayout::multi_vector_encoder) add_old_thetas(config);
  const char* architecture = plain_architecture(config.value("model_type", ""));
  if (layout == CheckpointLayout::stanford) {
    config["architectures"] = {"HF_ColBERT"};
  } else if (checkpoint.layout == CheckpointLayout::stanford && architecture != nullptr) {
    config["architectures"] = {architecture};
  }
  return python_json(config, 2) + "\n";
}

std::string settings_text(const Checkpoint& checkpoint) {
  const std::string where = (checkpoint.folder / "config_sentence_transformers.json").string();
  const std::string& text = checkpoint.metadata_text;
  Json config = text.empty() ? Json::object() : ordered_json(text, where);
  const ColbertSettings& settings = checkpoint.settings;
  config["prompts"] = names_to_texts(settings.prompts);
  config["default_prompt_name"] = optional_text(settings.default_prompt_name);
  config["similarity_fn_name"] = "MaxSim";
  config["query_prefix"] = settings.query_prefix;
  config["document_prefix"] = settings.document_prefix;
  config["query_length"] = settings.query_length;
  config["document_length"] = settings.document_length;
  config["attend_to_expansion_tokens"] = settings.attend_to_expansion_tokens;
  config["skiplist_words"] = settings.skiplist_words;
  config["do_query_expansion"] = settings.do_query_expansion;
  if (config.contains("model_type")) config["model_type"] = "ColBERT";
  return python_json(config, 2);
}

std::string transformer_config_text(const ColbertSettings& settings) {
  // PyLate leaves the length of its last call here, one less than the whole for the prefix.
  return python_json(Json{{"max_seq_length", settings.document_length - 1},
                          {"do_lower_case", settings.do_lower_case}},
                     2);
}

std::string modules_text(size_t num_dense) {
  Json modules = Json::array();
  modules.push_back({{"idx", 0},
                     {"name", "0"},
                     {"path", ""},
                     {"type", "sentence_transformers.models.Transformer"}});
  for (size_t i = 0; i < num_dense; ++i) {
    modules.push_back({{"idx", i + 1},
                       {"name", std::to_string(i + 1)},
                       {"path", dense_folder(i)},
                       {"type", "pylate.models.Dense.Dense"}});
  }
  return python_json(modules, 2);
}

std::string dense_config_text(const DenseLayer& layer) {
  Json config = {{"in_features", layer.in_features},
                 {"out_features", layer.out_features},
                 {"bias", !layer.bias.empty()},
                 {"activation_function", activation_path(layer.activation)}};
  if (layer.use_residual) config["use_residual"] = true;
  return python_json(config, 2);
}

std::string dense_folder(size_t place) {
  return std::to_string(place + 1) + "_Dense";
}

}  // namespace maxsimd
