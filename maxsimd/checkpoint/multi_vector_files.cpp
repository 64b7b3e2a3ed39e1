#include "maxsimd/checkpoint/multi_vector_files.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "maxsimd/checkpoint/folder_files.h"
#include "maxsimd/checkpoint/multi_vector.h"

namespace maxsimd {
namespace {

using Json = nlohmann::ordered_json;

// Where its modules write, in sentence-transformers' own words.
constexpr const char* kTokenEmbeddings = "token_embeddings";

std::string mask_folder(const Checkpoint& checkpoint) {
  return std::to_string(checkpoint.dense.size() + 1) + "_MultiVectorMask";
}

std::string normalize_folder(const Checkpoint& checkpoint) {
  return std::to_string(checkpoint.dense.size() + 2) + "_Normalize";
}

std::string modules_file(const Checkpoint& checkpoint) {
  Json modules = Json::array();
  const auto add = [&](const std::string& path, const char* type) {
    const size_t idx = modules.size();
    modules.push_back(
        {{"idx", idx}, {"name", std::to_string(idx)}, {"path", path}, {"type", type}});
  };
  add("", "sentence_transformers.base.modules.transformer.Transformer");
  for (size_t i = 0; i < checkpoint.dense.size(); ++i) {
    add(dense_folder(i), "sentence_transformers.base.modules.dense.Dense");
  }
  add(mask_folder(checkpoint),
      "sentence_transformers.multi_vector_encoder.modules.multi_vector_mask.MultiVectorMask");
  add(normalize_folder(checkpoint), "sentence_transformers.base.modules.normalize.Normalize");
  return python_json(modules, 2);
}

std::string transformer_file(const ColbertSettings& settings) {
  const MultiVectorSettings& own = settings.multi_vector;
  Json file = {{"transformer_task", "feature-extraction"},
               {"modality_config",
                {{"text", {{"method", "forward"}, {"method_output_name", "last_hidden_state"}}}}},
               {"module_output_name", kTokenEmbeddings}};
  const bool may_be_longer = own.expansion_length.has_value();
  if (!settings.do_query_expansion || may_be_longer) file["query_length"] = settings.query_length;
  file["document_length"] = settings.document_length;
  if (settings.do_query_expansion) {
    file["query_expansion"] = {
        {"strategy", may_be_longer ? "min" : "fixed"},
        {"attend", settings.attend_to_expansion_tokens},
        {"token", own.expansion_token ? Json(*own.expansion_token) : Json(nullptr)},
        {"length", own.expansion_length.value_or(settings.query_length)}};
  }
  return python_json(file, 4);
}

std::string mask_file(const ColbertSettings& settings, const Tokenizer& tokenizer) {
  Json words = Json::array();
  bool has_unknown = false;
  for (const std::string& word : settings.skiplist_words) {
    words.push_back(word);
    has_unknown = has_unknown || !tokenizer.token_to_id(word);
  }
  const auto unknown =
      tokenizer.unk_id() ? tokenizer.id_to_token(*tokenizer.unk_id()) : std::nullopt;
  if (has_unknown && unknown) words.push_back(*unknown);
  Json tasks = Json::array();
  if (settings.multi_vector.skip_in_queries) tasks.push_back("query");
  if (settings.multi_vector.skip_in_documents) tasks.push_back("document");
  return python_json(
      {{"skiplist_words", words}, {"skiplist_tasks", tasks}, {"keep_only_token_ids", nullptr}}, 4);
}

std::string settings_file(const Checkpoint& checkpoint) {
  const std::string where = (checkpoint.folder / "config_sentence_transformers.json").string();
  const ColbertSettings& settings = checkpoint.settings;
  Json file = checkpoint.metadata_text.empty() ? Json::object()
                                               : ordered_json(checkpoint.metadata_text, where);
  // sentence-transformers would take them for a PyLate folder's.
  for (const char* key : {"query_prefix", "document_prefix", "query_length", "document_length",
                          "query_expansion", "attend_to_expansion_tokens", "attend_to_mask_tokens",
                          "skiplist_words", "do_query_expansion"}) {
    file.erase(key);
  }
  const bool is_mean = file.value("similarity_fn_name", Json()) == "meanmaxsim";
  file["default_prompt_name"] = nullptr;
  file["model_type"] = "MultiVectorEncoder";
  Json prompts = Json::object();
  for (const auto& [name, text] : settings.prompts) prompts[name] = text;
  const MultiVectorSettings& own = settings.multi_vector;
  prompts["document"] = own.document_prompt.value_or(settings.document_prefix);
  prompts["query"] = own.query_prompt.value_or(settings.query_prefix);
  file["prompts"] = prompts;
  file["similarity_fn_name"] = is_mean ? "meanmaxsim" : "maxsim";
  return python_json(Json(nlohmann::json(file)), 2);  // its keys are sorted
}

}  // namespace

std::map<std::string, std::string> multi_vector_files(const Checkpoint& checkpoint,
                                                      const Tokenizer& tokenizer) {
  std::map<std::string, std::string> files;
  files["modules.json"] = modules_file(checkpoint);
  files["sentence_bert_config.json"] = transformer_file(checkpoint.settings);
  files["config_sentence_transformers.json"] = settings_file(checkpoint);
  files[mask_folder(checkpoint) + "/config.json"] = mask_file(checkpoint.settings, tokenizer);
  const Json names = {{"module_input_name", kTokenEmbeddings},
                      {"module_output_name", kTokenEmbeddings}};
  files[normalize_folder(checkpoint) + "/config.json"] = python_json(names, 4);
  for (size_t i = 0; i < checkpoint.dense.size(); ++i) {
    Json dense = ordered_json(dense_config_text(checkpoint.dense[i]), dense_folder(i));
    const bool use_residual = dense.erase("use_residual") > 0;
    dense.update(names);
    if (use_residual) dense["use_residual"] = true;  // last, as there
    files[dense_folder(i) + "/config.json"] = python_json(dense, 4);
  }
  return files;
}

std::vector<std::string> add_prefix_tokens(const ColbertSettings& settings, Tokenizer& tokenizer) {
  std::vector<std::string> missing;
  for (const std::string& prefix : {settings.query_prefix, settings.document_prefix}) {
    const bool is_known = !prefix.empty() && tokenizer.token_to_id(prefix).has_value();
    if (is_known && !is_one_token(tokenizer, prefix)) missing.push_back(prefix);
  }
  if (!missing.empty()) tokenizer.add_tokens(missing);
  return missing;
}

}  // namespace maxsimd
