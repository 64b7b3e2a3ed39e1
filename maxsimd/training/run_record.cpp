#include "maxsimd/training/run_record.h"

#include <torch/headeronly/version.h>

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <variant>

#include "maxsimd/base/cpu_model.h"
#include "maxsimd/base/model_id.h"
#include "maxsimd/card/dataset_statistics.h"
#include "maxsimd/training/checkpoint_folders.h"
#include "maxsimd/training/device.h"

namespace maxsimd::training {
namespace {

std::string loss_path(LossKind loss) {
  switch (loss) {
    case LossKind::kContrastive:
      return "pylate.losses.contrastive.Contrastive";
    case LossKind::kCachedContrastive:
      return "pylate.losses.cached_contrastive.CachedContrastive";
    case LossKind::kDistillation:
      return "pylate.losses.distillation.Distillation";
  }
  return "";
}

/// PyLate's names of what its losses are made with, and their values.
TextPairs loss_parameters(const LossArguments& arguments) {
  const std::string size_average = arguments.size_average ? "true" : "false";
  if (arguments.loss == LossKind::kDistillation) {
    return {{"size_average", size_average},
            {"normalize_scores", arguments.normalize_scores ? "true" : "false"}};
  }
  TextPairs out;
  if (arguments.loss == LossKind::kCachedContrastive) {
    out.emplace_back("mini_batch_size", std::to_string(arguments.mini_batch_size));
  }
  if (arguments.score_mini_batch_size.has_value()) {
    out.emplace_back("score_mini_batch_size", std::to_string(*arguments.score_mini_batch_size));
  }
  out.emplace_back("size_average", size_average);
  out.emplace_back("temperature", nlohmann::json(arguments.temperature).dump());
  return out;
}

std::vector<DatasetColumn> first_values(const TrainingRows& rows, uint64_t count) {
  std::vector<DatasetColumn> columns;
  for (const TrainingColumn& column : rows.columns().columns) {
    columns.push_back({column.name, column.kind, std::vector<std::string>{}});
  }
  for (uint64_t row = 0; row < count; ++row) {
    std::vector<std::string> texts = rows.row(row);
    for (size_t c = 0; c < columns.size(); ++c) {
      std::get<std::vector<std::string>>(columns[c].values).push_back(std::move(texts[c]));
    }
  }
  return columns;
}

std::vector<DatasetColumn> first_values(const DistillationRows& rows, uint64_t count) {
  std::vector<std::string> queries;
  std::vector<std::vector<std::string>> documents;
  std::vector<std::vector<double>> scores;
  for (uint64_t number = 0; number < count; ++number) {
    DistillationRow row = rows.row(number);
    queries.push_back(std::move(row.query));
    documents.push_back(std::move(row.documents));
    scores.emplace_back(row.scores.begin(), row.scores.end());
  }
  return {{"query", TextKind::query, std::move(queries)},
          {"documents", TextKind::document, std::move(documents)},
          {"scores", TextKind::document, std::move(scores)}};
}

DatasetRecord describe(const ColBERT& model, const Dataset& dataset, const LossArguments& loss) {
  DatasetRecord record{.name = dataset.name,
                       .size = dataset.size(),
                       .loss = loss_path(loss.loss),
                       .loss_parameters = loss_parameters(loss)};
  const uint64_t count = std::min<uint64_t>(dataset.size(), kNumStatisticsRows);
  const std::vector<DatasetColumn> columns =
      std::visit([&](const auto& rows) { return first_values(rows, count); }, dataset.rows);
  describe_columns(
      columns,
      [&](const std::string& text, TextKind kind) {
        return model.tokenize(text, kind).num_attended;
      },
      record);
  return record;
}

std::vector<DatasetRecord> describe_all(const RunSetup& setup,
                                        const std::vector<Dataset>& datasets) {
  std::vector<DatasetRecord> records;
  for (const Dataset& dataset : datasets) {
    records.push_back(describe(setup.model, dataset, setup.arguments.loss));
  }
  return records;
}

std::vector<HyperparameterRecord> records_of(const HyperparameterSet& hyperparameters) {
  std::vector<HyperparameterRecord> records;
  for (const CardHyperparameter& row : hyperparameters.card_list()) {
    records.push_back({row.name, row.value, row.is_default});
  }
  return records;
}

TextPairs versions() {
  return {
      {"maxsimd", MAXSIMD_VERSION}, {"LibTorch", TORCH_VERSION}, {"Compiler", MAXSIMD_COMPILER}};
}

/// "AMD EPYC 9565, 2 processes, 8 threads each"
std::string hardware_text(int64_t num_processes, size_t threads, at::Device device) {
  std::string text = cpu_model();
  if (text.empty()) text = "unknown processor";
  if (device.is_cuda()) text = device_text(device) + ", " + text;
  if (num_processes > 1) text += ", " + std::to_string(num_processes) + " processes";
  text.append(", ").append(std::to_string(threads)).append(threads == 1 ? " thread" : " threads");
  return num_processes > 1 ? text.append(" each") : text;
}

void name_in_card(const CardArguments& given, TrainingRecord& record) {
  if (!given.hub_model_id.empty()) record.model_id = given.hub_model_id;
  if (!given.model_name.empty()) record.model_name = given.model_name;
  if (!given.language.empty()) record.language = given.language;
  if (!given.license.empty()) record.license = given.license;
}

/// Without statistics.
std::vector<DatasetRecord> named(const std::vector<Dataset>& datasets) {
  std::vector<DatasetRecord> records;
  for (const Dataset& dataset : datasets) records.emplace_back().name = dataset.name;
  return records;
}

}  // namespace

TrainingRecord new_record(const RunSetup& setup) {
  TrainingRecord record;
  const std::filesystem::path model = setup.arguments.model.model;
  if (const auto source = hub_source_of(model)) {
    record.base_model = source->id;
    record.base_model_revision = source->commit;
  } else {
    record.base_model = std::filesystem::weakly_canonical(model).filename().string();
  }
  record.train_datasets = describe_all(setup, setup.train);
  record.started = now_text();
  return record;
}

void check_card_names(const RunSetup& setup) {
  TrainingRecord record;
  name_in_card(setup.arguments.card, record);
  record.train_datasets = named(setup.train);
  record.eval_datasets = named(setup.eval);
  record.evaluators = records_of(setup.evaluators);
  if (const auto problem = find_problem(record)) {
    throw std::invalid_argument("for the model card: " + *problem);
  }
}

void describe_run(const RunSetup& setup, TrainingRecord& record) {
  name_in_card(setup.arguments.card, record);
  record.model_folder = kFinalModel;
  record.eval_datasets = describe_all(setup, setup.eval);
  record.hyperparameters = records_of(setup.hyperparameters);
  record.evaluators = records_of(setup.evaluators);
  record.framework_versions = versions();
  record.hardware =
      hardware_text(setup.processes.size(), setup.arguments.devices.threads, setup.device);
}

std::vector<EvaluatorRecord> records_of(const std::vector<std::unique_ptr<Evaluator>>& evaluators) {
  std::vector<EvaluatorRecord> records;
  for (const auto& evaluator : evaluators) {
    records.push_back({evaluator->class_path(), evaluator->name(), evaluator->primary_metric()});
  }
  return records;
}

std::string now_text() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

}  // namespace maxsimd::training
