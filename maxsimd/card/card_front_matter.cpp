#include <algorithm>
#include <nlohmann/json.hpp>

#include "maxsimd/card/card_sections.h"
#include "maxsimd/card/python_text.h"
#include "maxsimd/card/yaml_text.h"

namespace maxsimd {
namespace {

using Json = nlohmann::ordered_json;

void add_once(std::vector<std::string>& list, const std::string& text) {
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
}

uint64_t num_training_samples(const TrainingRecord& record) {
  uint64_t total = 0;
  for (const DatasetRecord& dataset : record.train_datasets) total += dataset.size;
  return total;
}

std::vector<std::string> tags_of(const CardContent& card) {
  const TrainingRecord& record = card.record;
  std::vector<std::string> tags = {"ColBERT", "PyLate", "sentence-transformers",
                                   "sentence-similarity", "feature-extraction"};
  if (!card.pylate) tags.push_back("maxsimd");
  for (const std::string& tag : record.tags) add_once(tags, tag);
  const bool was_trained = !record.train_datasets.empty() || !record.hyperparameters.empty();
  if (was_trained) add_once(tags, "generated_from_trainer");
  const uint64_t samples = num_training_samples(record);
  if (samples > 0) add_once(tags, "dataset_size:" + std::to_string(samples));
  for (const std::string& loss : card.loss_classes) add_once(tags, "loss:" + loss);
  return tags;
}

std::vector<std::string> dataset_ids(const TrainingRecord& record) {
  std::vector<std::string> ids;
  for (const auto* datasets : {&record.train_datasets, &record.eval_datasets}) {
    for (const DatasetRecord& dataset : *datasets) {
      if (dataset.id) add_once(ids, *dataset.id);
    }
  }
  return ids;
}

std::string with_dashes(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    if (c >= 'A' && c <= 'Z') return static_cast<char>(c + ('a' - 'A'));
    return c == ' ' ? '-' : c;
  });
  return text;
}

std::string with_spaces(std::string text, std::string_view replaced) {
  std::replace_if(
      text.begin(), text.end(), [&](char c) { return replaced.find(c) != replaced.npos; }, ' ');
  return text;
}

Json json_of(const EvaluationResult& result) {
  Json metrics = Json::array();
  for (const auto& [name, value] : result.metrics) {
    metrics.push_back(
        {{"type", name}, {"value", value}, {"name", python_title(with_spaces(name, "_"))}});
  }
  const bool named = !result.name.empty();
  return {{"task", {{"type", with_dashes(result.description)}, {"name", result.description}}},
          {"dataset",
           {{"name", named ? with_spaces(result.name, "_-") : "Unknown"},
            {"type", named ? result.name : "unknown"}}},
          {"metrics", std::move(metrics)}};
}

// huggingface_hub puts results of the same task and data set together.
Json model_index(const CardContent& card) {
  Json results = Json::array();
  for (const EvaluationResult& evaluation : card.evaluations) {
    Json result = json_of(evaluation);
    const auto same = std::find_if(results.begin(), results.end(), [&](const Json& other) {
      return other["task"] == result["task"] && other["dataset"] == result["dataset"];
    });
    if (same == results.end()) {
      results.push_back(std::move(result));
    } else {
      for (Json& metric : result["metrics"]) (*same)["metrics"].push_back(std::move(metric));
    }
  }
  return Json::array({{{"name", card.model_name}, {"results", std::move(results)}}});
}

void put_evaluations(const CardContent& card, Json& data) {
  if (card.evaluations.empty()) return;
  std::vector<std::string> metrics;
  for (const EvaluationResult& evaluation : card.evaluations) {
    for (const auto& metric : evaluation.metrics) add_once(metrics, metric.first);
  }
  if (!metrics.empty()) data["metrics"] = metrics;
  data["model-index"] = model_index(card);
}

}  // namespace

std::string front_matter(const CardContent& card) {
  const TrainingRecord& record = card.record;
  Json data = Json::object();
  if (!record.language.empty()) data["language"] = record.language;
  if (record.license) data["license"] = *record.license;
  data["tags"] = tags_of(card);
  if (record.base_model && is_hub_id(*record.base_model)) data["base_model"] = *record.base_model;
  const std::vector<std::string> ids = dataset_ids(record);
  if (!ids.empty()) data["datasets"] = ids;
  data["pipeline_tag"] = "sentence-similarity";
  data["library_name"] = "PyLate";
  put_evaluations(card, data);
  return yaml_text(data);
}

}  // namespace maxsimd
