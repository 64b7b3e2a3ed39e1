#include "maxsimd/card/training_record_file.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/base/json.h"
#include "maxsimd/card/record_reader.h"

namespace maxsimd {
namespace {

using Json = nlohmann::ordered_json;

constexpr uint64_t kVersion = 1;
constexpr size_t kMaxBytes = size_t{1} << 28;  // a log of a million events is about 100 MiB
constexpr size_t kMaxDepth = 8;                // a sample's text is five deep

// --- writing ---

template <class T>
void put(Json& json, const char* key, const std::optional<T>& value) {
  if (value) json[key] = *value;
}

Json number(double value) {
  if (std::isfinite(value)) return value;
  if (std::isnan(value)) return "nan";
  return value > 0 ? "inf" : "-inf";
}

Json json_of(const TextPairs& pairs) {
  Json list = Json::array();
  for (const auto& [name, value] : pairs) list.push_back(Json::array({name, value}));
  return list;
}

Json json_of(const ColumnRecord& column) {
  Json json = {
      {"name", column.name}, {"dtype", column.dtype}, {"details", json_of(column.details)}};
  if (!column.pylate_details.empty()) json["pylate_details"] = json_of(column.pylate_details);
  return json;
}

Json json_of(const DatasetRecord& dataset) {
  Json json = {{"name", dataset.name}};
  put(json, "id", dataset.id);
  put(json, "revision", dataset.revision);
  put(json, "link", dataset.link);
  put(json, "license", dataset.license);
  json["size"] = dataset.size;
  json["columns"] = Json::array();
  for (const ColumnRecord& column : dataset.columns) json["columns"].push_back(json_of(column));
  json["samples"] = dataset.samples;
  json["loss"] = dataset.loss;
  json["loss_parameters"] = json_of(dataset.loss_parameters);
  return json;
}

Json json_of(const std::vector<DatasetRecord>& datasets) {
  Json list = Json::array();
  for (const DatasetRecord& dataset : datasets) list.push_back(json_of(dataset));
  return list;
}

Json json_of(const TrainLog& event) {
  Json json = {{"type", "train"},
               {"step", event.step},
               {"epoch", number(event.epoch)},
               {"loss", number(event.loss)}};
  if (event.grad_norm) json["grad_norm"] = number(*event.grad_norm);
  if (event.learning_rate) json["learning_rate"] = number(*event.learning_rate);
  return json;
}

Json json_of(const EvaluatorLog& event) {
  Json metrics = Json::array();
  for (const auto& [name, value] : event.metrics) {
    metrics.push_back(Json::array({name, number(value)}));
  }
  return {{"type", "evaluator"},
          {"step", event.step},
          {"epoch", number(event.epoch)},
          {"evaluator", event.evaluator},
          {"metrics", std::move(metrics)}};
}

Json json_of(const EvalLossLog& event) {
  return {{"type", "eval_loss"},
          {"step", event.step},
          {"epoch", number(event.epoch)},
          {"dataset", event.dataset},
          {"loss", number(event.loss)}};
}

Json json_of(const TrainSummaryLog& event) {
  return {{"type", "train_summary"},
          {"step", event.step},
          {"epoch", number(event.epoch)},
          {"train_runtime", number(event.train_runtime)},
          {"train_samples_per_second", number(event.train_samples_per_second)},
          {"train_steps_per_second", number(event.train_steps_per_second)},
          {"train_loss", number(event.train_loss)}};
}

void put_model(Json& json, const TrainingRecord& record) {
  put(json, "model_name", record.model_name);
  put(json, "model_id", record.model_id);
  put(json, "base_model", record.base_model);
  put(json, "base_model_revision", record.base_model_revision);
  json["language"] = record.language;
  put(json, "license", record.license);
  json["tags"] = record.tags;
  json["model_folder"] = record.model_folder;
}

void put_run(Json& json, const TrainingRecord& record) {
  json["hyperparameters"] = Json::array();
  for (const HyperparameterRecord& parameter : record.hyperparameters) {
    json["hyperparameters"].push_back({{"name", parameter.name},
                                       {"value", parameter.value},
                                       {"is_default", parameter.is_default}});
  }
  json["evaluators"] = Json::array();
  for (const EvaluatorRecord& evaluator : record.evaluators) {
    Json entry = {{"class_path", evaluator.class_path}, {"name", evaluator.name}};
    put(entry, "primary_metric", evaluator.primary_metric);
    json["evaluators"].push_back(std::move(entry));
  }
  json["log"] = Json::array();
  for (const LogEvent& event : record.log) {
    json["log"].push_back(std::visit([](const auto& one) { return json_of(one); }, event));
  }
  put(json, "step", record.step);
  put(json, "best_step", record.best_step);
}

// --- reading ---

ColumnRecord read_column(const RecordReader& in) {
  return {.name = in.required_text("name"),
          .dtype = in.required_text("dtype"),
          .details = in.text_pairs("details"),
          .pylate_details = in.text_pairs("pylate_details")};
}

DatasetRecord read_dataset(const RecordReader& in) {
  DatasetRecord dataset{.name = in.text("name").value_or(""),
                        .id = in.text("id"),
                        .revision = in.text("revision"),
                        .link = in.text("link"),
                        .license = in.text("license"),
                        .size = in.required_count("size"),
                        .columns = {},
                        .samples = in.text_rows("samples"),
                        .loss = in.required_text("loss"),
                        .loss_parameters = in.text_pairs("loss_parameters")};
  in.for_each("columns",
              [&](const RecordReader& column) { dataset.columns.push_back(read_column(column)); });
  return dataset;
}

LogEvent read_event(const RecordReader& in) {
  const std::string type = in.required_text("type");
  const uint64_t step = in.required_count("step");
  const double epoch = in.required_number("epoch");
  if (type == "train") {
    return TrainLog{.step = step,
                    .epoch = epoch,
                    .loss = in.required_number("loss"),
                    .grad_norm = in.number("grad_norm"),
                    .learning_rate = in.number("learning_rate")};
  }
  if (type == "evaluator") {
    return EvaluatorLog{.step = step,
                        .epoch = epoch,
                        .evaluator = in.required_count("evaluator"),
                        .metrics = in.number_pairs("metrics")};
  }
  if (type == "eval_loss") {
    return EvalLossLog{.step = step,
                       .epoch = epoch,
                       .dataset = in.text("dataset").value_or(""),
                       .loss = in.required_number("loss")};
  }
  if (type == "train_summary") {
    return TrainSummaryLog{
        .step = step,
        .epoch = epoch,
        .train_runtime = in.required_number("train_runtime"),
        .train_samples_per_second = in.required_number("train_samples_per_second"),
        .train_steps_per_second = in.required_number("train_steps_per_second"),
        .train_loss = in.required_number("train_loss")};
  }
  in.fail("type", "'train', 'evaluator', 'eval_loss' or 'train_summary'", type);
}

void read_model(const RecordReader& in, TrainingRecord& record) {
  record.model_name = in.text("model_name");
  record.model_id = in.text("model_id");
  record.base_model = in.text("base_model");
  record.base_model_revision = in.text("base_model_revision");
  record.language = in.texts("language");
  record.license = in.text("license");
  record.tags = in.texts("tags");
  record.model_folder = in.text("model_folder").value_or(".");
}

void read_run(const RecordReader& in, TrainingRecord& record) {
  in.for_each("train_datasets", [&](const RecordReader& dataset) {
    record.train_datasets.push_back(read_dataset(dataset));
  });
  in.for_each("eval_datasets", [&](const RecordReader& dataset) {
    record.eval_datasets.push_back(read_dataset(dataset));
  });
  in.for_each("hyperparameters", [&](const RecordReader& parameter) {
    record.hyperparameters.push_back({.name = parameter.required_text("name"),
                                      .value = parameter.required_text("value"),
                                      .is_default = parameter.required_flag("is_default")});
  });
  in.for_each("evaluators", [&](const RecordReader& evaluator) {
    record.evaluators.push_back({.class_path = evaluator.required_text("class_path"),
                                 .name = evaluator.text("name").value_or(""),
                                 .primary_metric = evaluator.text("primary_metric")});
  });
  in.for_each("log", [&](const RecordReader& event) { record.log.push_back(read_event(event)); });
  record.step = in.count("step");
  record.best_step = in.count("best_step");
}

}  // namespace

std::string training_record_text(const TrainingRecord& record) {
  if (const auto problem = find_problem(record)) {
    throw std::invalid_argument("training record: " + *problem);
  }
  Json json = {{"format", kTrainingRecordFormat}, {"format_version", kVersion}};
  put_model(json, record);
  put(json, "started", record.started);
  put(json, "finished", record.finished);
  if (record.seconds) json["seconds"] = number(*record.seconds);
  put(json, "hardware", record.hardware);
  json["framework_versions"] = json_of(record.framework_versions);
  json["train_datasets"] = json_of(record.train_datasets);
  json["eval_datasets"] = json_of(record.eval_datasets);
  put_run(json, record);
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

TrainingRecord parse_training_record(std::string_view text, const std::string& where) {
  const nlohmann::json json =
      parse_json(text, where, {.max_depth = kMaxDepth, .max_bytes = kMaxBytes});
  const RecordReader in(json, where);
  if (in.text("format") != kTrainingRecordFormat) {
    throw FormatError(where + ": format: expected '" + kTrainingRecordFormat +
                      "'; is this a run folder?");
  }
  if (const uint64_t version = in.required_count("format_version"); version != kVersion) {
    throw FormatError(where + ": format_version: expected 1, got " + std::to_string(version) +
                      "; it was written by a later maxsimd");
  }
  TrainingRecord record;
  read_model(in, record);
  record.started = in.text("started");
  record.finished = in.text("finished");
  record.seconds = in.number("seconds");
  record.hardware = in.text("hardware");
  record.framework_versions = in.text_pairs("framework_versions");
  read_run(in, record);
  if (const auto problem = find_problem(record)) throw FormatError(where + ": " + *problem);
  return record;
}

void write_training_record(const TrainingRecord& record, const std::filesystem::path& path) {
  write_file_atomic(path, training_record_text(record));
}

TrainingRecord read_training_record(const std::filesystem::path& path) {
  return parse_training_record(read_file(path), path.string());
}

}  // namespace maxsimd
