#include "maxsimd/card/model_summary.h"

#include <utility>

#include "maxsimd/checkpoint/config_reader.h"

namespace maxsimd {
namespace {

// What transformers' AutoModel makes of a model_type.
constexpr std::pair<std::string_view, std::string_view> kArchitectures[] = {
    {"bert", "BertModel"},
    {"camembert", "CamembertModel"},
    {"distilbert", "DistilBertModel"},
    {"modernbert", "ModernBertModel"},
    {"roberta", "RobertaModel"},
    {"xlm-roberta", "XLMRobertaModel"}};

std::string architecture_of(const Checkpoint& checkpoint) {
  const std::string where = (checkpoint.encoder_folder / "config.json").string();
  const ConfigReader config = ConfigReader::parse(checkpoint.config_text, where);
  const std::string type = config.text("model_type").value_or("");
  for (const auto& known : kArchitectures) {
    if (known.first == type) return std::string(known.second);
  }
  const auto names = config.texts("architectures");
  if (!names || names->empty()) config.fail("architectures", "the name of a class");
  return names->front();
}

const char* python_bool(bool value) {
  return value ? "True" : "False";
}

}  // namespace

size_t ModelSummary::max_seq_length(TextKind kind) const {
  const bool is_query = kind == TextKind::query;
  const size_t length = is_query ? query_length : document_length;
  return length - ((is_query ? has_query_prefix : has_document_prefix) ? 1 : 0);
}

ModelSummary summarize_model(const Checkpoint& checkpoint) {
  const ColbertSettings& settings = checkpoint.settings;
  ModelSummary model{.document_length = settings.document_length,
                     .query_length = settings.query_length,
                     .has_document_prefix = !settings.document_prefix.empty(),
                     .has_query_prefix = !settings.query_prefix.empty(),
                     .do_lower_case = settings.do_lower_case,
                     .architecture = architecture_of(checkpoint),
                     .dense = {}};
  for (const DenseLayer& layer : checkpoint.dense) {
    model.dense.push_back({.in_features = layer.in_features,
                           .out_features = layer.out_features,
                           .bias = !layer.bias.empty(),
                           .activation = layer.activation,
                           .use_residual = layer.use_residual});
  }
  return model;
}

ModelSummary read_model_summary(const std::filesystem::path& folder) {
  return summarize_model(load_checkpoint(folder));
}

std::string architecture_text(const ModelSummary& model, TextKind kind) {
  std::string out = "ColBERT(\n  (0): Transformer({'max_seq_length': ";
  out.append(std::to_string(model.max_seq_length(kind))).append(", 'do_lower_case': ");
  out.append(python_bool(model.do_lower_case)).append(", 'architecture': '");
  out.append(model.architecture).append("'})\n");
  for (size_t i = 0; i < model.dense.size(); ++i) {
    const DenseSummary& layer = model.dense[i];
    out.append("  (").append(std::to_string(i + 1)).append("): Dense({'in_features': ");
    out.append(std::to_string(layer.in_features)).append(", 'out_features': ");
    out.append(std::to_string(layer.out_features)).append(", 'bias': ");
    out.append(python_bool(layer.bias)).append(", 'activation_function': '");
    out.append(activation_path(layer.activation)).append("', 'use_residual': ");
    out.append(python_bool(layer.use_residual)).append("})\n");
  }
  return out.append(")");
}

}  // namespace maxsimd
