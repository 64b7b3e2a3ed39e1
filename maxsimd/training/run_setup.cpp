#include "maxsimd/training/run_setup.h"

#include <torch/headeronly/version.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <variant>

#include "maxsimd/base/cpu_model.h"
#include "maxsimd/card/dataset_statistics.h"
#include "maxsimd/checkpoint/model_path.h"
#include "maxsimd/training/checkpoint_folders.h"

namespace maxsimd::training {
namespace {

std::optional<size_t> as_size(const std::optional<int64_t>& value) {
  if (!value.has_value()) return std::nullopt;
  return static_cast<size_t>(*value);
}

ColumnOptions column_options(const DataArguments& data, const std::string& dataset) {
  ColumnOptions options{.pylate_columns = data.pylate_columns};
  for (const DatasetColumns& given : data.columns) {
    if (!given.name.empty() && given.name != dataset) continue;
    options.columns = parse_column_choices(given.columns);
  }
  return options;
}

void note_columns(const std::string& name, const TrainingColumns& columns,
                  std::vector<std::string>& notes) {
  for (const std::string& warning : columns.warnings) notes.push_back(warning);
  const std::string unused = unused_columns_text(columns);
  if (!unused.empty()) notes.push_back((name.empty() ? "the data" : name) + ": " + unused);
}

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

Dataset open_columns(const TrainingArguments& arguments, const DatasetFiles& given,
                     const ColBERT& model, std::vector<std::string>& notes) {
  const std::vector<std::filesystem::path> paths(given.files.begin(), given.files.end());
  TrainingRows rows =
      TrainingRows::open(paths, {.columns = column_options(arguments.data, given.name)});
  rows.check(model.pool());
  note_columns(given.name, rows.columns(), notes);
  std::vector<std::string> prompts;
  for (const TrainingColumn& column : rows.columns().columns) {
    prompts.push_back(prompt_of(arguments.data.prompts, given.name, column.name));
  }
  return {given.name, std::move(rows), std::move(prompts)};
}

Dataset open_distillation(const TrainingArguments& arguments, const DatasetFiles& given,
                          const ColBERT& model) {
  const DataArguments& data = arguments.data;
  DistillationRows rows =
      DistillationRows::open({.rows = {given.files.begin(), given.files.end()},
                              .queries = {data.queries.begin(), data.queries.end()},
                              .documents = {data.documents.begin(), data.documents.end()}},
                             {.n_ways = static_cast<size_t>(data.n_ways),
                              .allow_missing_documents = data.allow_missing_documents});
  rows.check(model.pool());
  // The columns' names in PyLate's KDProcessing, whatever they are in the files.
  return {given.name,
          std::move(rows),
          {prompt_of(data.prompts, given.name, "query"),
           prompt_of(data.prompts, given.name, "documents")}};
}

void add_versions(TrainingRecord& record) {
  record.framework_versions = {
      {"maxsimd", MAXSIMD_VERSION}, {"LibTorch", TORCH_VERSION}, {"Compiler", MAXSIMD_COMPILER}};
}

}  // namespace

void describe_run(const TrainingArguments& arguments, size_t num_processes,
                  TrainingRecord& record) {
  const CardArguments& given = arguments.card;
  if (!given.hub_model_id.empty()) record.model_id = given.hub_model_id;
  if (!given.model_name.empty()) record.model_name = given.model_name;
  if (!given.language.empty()) record.language = given.language;
  if (!given.license.empty()) record.license = given.license;
  std::string hardware = cpu_model();
  if (hardware.empty()) hardware = "unknown processor";
  if (num_processes > 1) hardware += ", " + std::to_string(num_processes) + " processes";
  const size_t threads = arguments.devices.threads;
  hardware.append(", ")
      .append(std::to_string(threads))
      .append(threads == 1 ? " thread" : " threads");
  record.hardware = num_processes > 1 ? hardware + " each" : hardware;
}

ColBERT load_start_model(const TrainingArguments& arguments) {
  const ModelArguments& given = arguments.model;
  CheckpointOptions options;
  options.query_prefix = given.query_prefix;
  options.document_prefix = given.document_prefix;
  options.query_length = as_size(given.query_length);
  options.document_length = as_size(given.document_length);
  options.do_query_expansion = given.do_query_expansion;
  options.attend_to_expansion_tokens = given.attend_to_expansion_tokens;
  options.embedding_size = as_size(given.embedding_size);
  options.seed = arguments.loading.seed;
  // Its own encoder is not used in training: the precision that packs it small.
  return ColBERT::load(given.model, {.checkpoint = options,
                                     .num_threads = arguments.devices.threads,
                                     .precision = Precision::bf16});
}

ObjectiveOptions objective_options(const LossArguments& arguments, const ColBERT& model) {
  ObjectiveOptions options{
      .loss = arguments.loss,
      .contrastive = {.temperature = arguments.temperature, .size_average = arguments.size_average},
      .distillation = {.normalize_scores = arguments.normalize_scores,
                       .size_average = arguments.size_average},
      .masking = arguments.exact_masking ? Masking::exact : Masking::pylate,
      .document_length = model.settings().document_length,
      .mini_batch_size = static_cast<size_t>(arguments.mini_batch_size)};
  if (arguments.score_mini_batch_size.has_value()) {
    options.score_mini_batch_size = static_cast<size_t>(*arguments.score_mini_batch_size);
  } else if (arguments.loss == LossKind::kCachedContrastive) {
    options.score_mini_batch_size = options.mini_batch_size;
  }
  return options;
}

std::vector<Dataset> open_datasets(const TrainingArguments& arguments,
                                   const std::vector<DatasetFiles>& files, const ColBERT& model,
                                   std::vector<std::string>& notes) {
  std::vector<Dataset> datasets;
  for (const DatasetFiles& given : files) {
    datasets.push_back(arguments.loss.loss == LossKind::kDistillation
                           ? open_distillation(arguments, given, model)
                           : open_columns(arguments, given, model, notes));
  }
  return datasets;
}

std::unique_ptr<TextHashes> make_text_hashes(const TrainingArguments& arguments,
                                             const std::vector<Dataset>& datasets,
                                             ThreadPool& pool) {
  if (arguments.loading.batch_sampler != BatchSampler::kNoDuplicates) return nullptr;
  return std::make_unique<TextHashes>(datasets, pool);
}

SamplerOptions sampler_options(const TrainingArguments& arguments, int64_t batch_size,
                               const std::vector<Dataset>& datasets, const TextHashes* hashes) {
  const LoadingArguments& loading = arguments.loading;
  SamplerOptions options{.batch_size = static_cast<size_t>(batch_size),
                         .seed = loading.seed,
                         .data_seed = loading.data_seed,
                         .drop_last = loading.dataloader_drop_last,
                         .named = !datasets.empty() && !datasets.front().name.empty(),
                         .batch_sampler = loading.batch_sampler,
                         .multi_dataset = loading.multi_dataset_batch_sampler,
                         .hashes = {}};
  if (hashes != nullptr) {
    options.hashes = [hashes](size_t dataset, uint64_t row) { return hashes->row(dataset, row); };
  }
  return options;
}

TrainingRecord new_record(const HyperparameterSet& hyperparameters,
                          const TrainingArguments& arguments, const ColBERT& model,
                          const std::vector<Dataset>& train, const std::vector<Dataset>& eval) {
  TrainingRecord record;
  const std::filesystem::path given = arguments.model.model;
  record.base_model = std::filesystem::exists(given)
                          ? std::filesystem::weakly_canonical(given).filename().string()
                          : arguments.model.model;
  record.model_folder = kFinalModel;
  for (const Dataset& dataset : train) {
    record.train_datasets.push_back(describe(model, dataset, arguments.loss));
  }
  for (const Dataset& dataset : eval) {
    record.eval_datasets.push_back(describe(model, dataset, arguments.loss));
  }
  for (const CardHyperparameter& row : hyperparameters.card_list()) {
    record.hyperparameters.push_back({row.name, row.value, row.is_default});
  }
  add_versions(record);
  return record;
}

}  // namespace maxsimd::training
