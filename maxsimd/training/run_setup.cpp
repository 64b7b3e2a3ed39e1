#include "maxsimd/training/run_setup.h"

#include <torch/headeronly/version.h>

#include <algorithm>
#include <cstdlib>

#include "maxsimd/card/dataset_statistics.h"
#include "maxsimd/checkpoint/model_path.h"
#include "maxsimd/evaluation/evaluator_spec.h"

namespace maxsimd::training {
namespace {

constexpr const char* kContrastivePath = "pylate.losses.contrastive.Contrastive";

std::optional<size_t> as_size(const std::optional<int64_t>& value) {
  if (!value.has_value()) return std::nullopt;
  return static_cast<size_t>(*value);
}

ColumnOptions column_options(const DataArguments& data, const std::string& dataset) {
  ColumnOptions options{.pylate_columns = data.pylate_columns};
  for (const DatasetColumns& given : data.columns) {
    if (!given.name.empty() && given.name != dataset) continue;
    for (size_t i = 0; i < given.columns.size(); ++i) {
      const ColumnRole role = i == 0   ? ColumnRole::query
                              : i == 1 ? ColumnRole::positive
                                       : ColumnRole::negative;
      options.columns.push_back({role, given.columns[i]});
    }
  }
  return options;
}

void note_columns(const std::string& name, const TrainingColumns& columns,
                  std::vector<std::string>& notes) {
  for (const std::string& warning : columns.warnings) notes.push_back(warning);
  if (columns.ignored.empty()) return;
  std::string list;
  for (const std::string& column : columns.ignored) list += (list.empty() ? "" : ", ") + column;
  notes.push_back((name.empty() ? std::string("the data") : name) + ": columns not used: " + list);
}

DatasetRecord describe(const ColBERT& model, const Dataset& dataset, const std::string& loss) {
  DatasetRecord record{.name = dataset.name, .size = dataset.rows.size(), .loss = loss};
  std::vector<DatasetColumn> columns;
  for (const TrainingColumn& column : dataset.rows.columns().columns) {
    columns.push_back({column.name, column.kind, std::vector<std::string>{}});
  }
  const uint64_t count = std::min<uint64_t>(dataset.rows.size(), kNumStatisticsRows);
  for (uint64_t row = 0; row < count; ++row) {
    std::vector<std::string> texts = dataset.rows.row(row);
    for (size_t c = 0; c < columns.size(); ++c) {
      std::get<std::vector<std::string>>(columns[c].values).push_back(std::move(texts[c]));
    }
  }
  describe_columns(
      columns,
      [&](const std::string& text, TextKind kind) { return model.tokenize(text, kind).num_attended; },
      record);
  return record;
}

void add_versions(TrainingRecord& record) {
  record.framework_versions = {{"maxsimd", MAXSIMD_VERSION},
                               {"LibTorch", TORCH_VERSION},
                               {"Compiler", MAXSIMD_COMPILER}};
}

}  // namespace

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
  return ColBERT::load(given.model,
                       {.checkpoint = options, .num_threads = arguments.devices.threads});
}

std::vector<Dataset> open_datasets(const TrainingArguments& arguments,
                                   const std::vector<DatasetFiles>& files, const ColBERT& model,
                                   std::vector<std::string>& notes) {
  std::vector<Dataset> datasets;
  for (const DatasetFiles& given : files) {
    const std::vector<std::filesystem::path> paths(given.files.begin(), given.files.end());
    Dataset dataset{.name = given.name,
                    .rows = TrainingRows::open(
                        paths, {.columns = column_options(arguments.data, given.name)})};
    dataset.rows.check(model.pool());
    note_columns(given.name, dataset.rows.columns(), notes);
    for (const TrainingColumn& column : dataset.rows.columns().columns) {
      dataset.prompts.push_back(prompt_of(arguments.data.prompts, given.name, column.name));
    }
    datasets.push_back(std::move(dataset));
  }
  return datasets;
}

std::vector<std::unique_ptr<Evaluator>> make_evaluators(const EvaluationArguments& arguments) {
  std::vector<std::unique_ptr<Evaluator>> evaluators;
  const auto add = [&](const char* kind, const std::string& path) {
    evaluators.push_back(make_evaluator(parse_evaluator_spec(std::string(kind).append(path))));
  };
  for (const std::string& file : arguments.eval_triplets) add("triplet:", file);
  for (const std::string& folder : arguments.eval_beir) add("ir:", folder);
  if (!arguments.eval_nano_beir.empty()) add("nanobeir:", arguments.eval_nano_beir);
  for (const std::string& file : arguments.eval_distillation) add("distillation:", file);
  return evaluators;
}

TrainingRecord new_record(const HyperparameterSet& hyperparameters,
                          const TrainingArguments& arguments, const ColBERT& model,
                          const std::vector<Dataset>& train, const std::vector<Dataset>& eval) {
  TrainingRecord record;
  const std::filesystem::path given = arguments.model.model;
  record.base_model = std::filesystem::exists(given)
                          ? std::filesystem::weakly_canonical(given).filename().string()
                          : arguments.model.model;
  if (!arguments.hub_model_id.empty()) record.model_id = arguments.hub_model_id;
  record.model_folder = "final";
  for (const Dataset& dataset : train) {
    record.train_datasets.push_back(describe(model, dataset, kContrastivePath));
  }
  for (const Dataset& dataset : eval) {
    record.eval_datasets.push_back(describe(model, dataset, kContrastivePath));
  }
  for (const CardHyperparameter& row : hyperparameters.card_list()) {
    record.hyperparameters.push_back({row.name, row.value, row.is_default});
  }
  add_versions(record);
  return record;
}

}  // namespace maxsimd::training
