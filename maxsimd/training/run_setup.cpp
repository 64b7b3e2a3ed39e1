#include "maxsimd/training/run_setup.h"

#include "maxsimd/evaluation/joint_metric_names.h"
#include "maxsimd/hyperparameters/step_rules.h"
#include "maxsimd/hyperparameters/unused_arguments.h"
#include "maxsimd/training/best_model.h"
#include "maxsimd/training/checkpoint_folders.h"
#include "maxsimd/training/dataset_notes.h"
#include "maxsimd/training/evaluator_checksums.h"
#include "maxsimd/training/loss_names.h"
#include "maxsimd/training/resume_folder.h"
#include "maxsimd/training/run_evaluators.h"

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

Dataset open_columns(const TrainingArguments& arguments, const DatasetFiles& given,
                     const ColBERT& model) {
  const std::vector<std::filesystem::path> paths(given.files.begin(), given.files.end());
  TrainingRows rows =
      TrainingRows::open(paths, {.columns = column_options(arguments.data, given.name)});
  const uint64_t checksum = rows.check(model.pool());
  std::vector<std::string> prompts;
  for (const TrainingColumn& column : rows.columns().columns) {
    prompts.push_back(prompt_of(arguments.data.prompts, given.name, column.name));
  }
  return {given.name, std::move(rows), std::move(prompts), checksum};
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
  const uint64_t checksum = rows.check(model.pool()).checksum;
  // The columns' names in PyLate's KDProcessing, whatever they are in the files.
  return {given.name,
          std::move(rows),
          {prompt_of(data.prompts, given.name, "query"),
           prompt_of(data.prompts, given.name, "documents")},
          checksum};
}

// It, too, is told before anything is read.
std::filesystem::path checked_output(const TrainingArguments& arguments) {
  check_output_folder(arguments.saving.output_dir);
  check_resume_folder(arguments.saving);
  return arguments.saving.output_dir;
}

// Data sets can be large: what is wrong here is told before they are read.
void check_metrics(const TrainingArguments& arguments,
                   const std::vector<std::vector<std::string>>& of_evaluators) {
  if (arguments.evaluation.eval_strategy == RunStrategy::kNo) return;
  std::vector<std::string> measured;
  for (const auto& names : of_evaluators) {
    measured.insert(measured.end(), names.begin(), names.end());
  }
  for (const DatasetFiles& dataset : arguments.data.eval_dataset) {
    measured.push_back(loss_metric_name(dataset.name));
  }
  check_deciding_metric(arguments.saving, measured);
}

std::vector<std::vector<std::string>> checked_metric_names(
    const TrainingArguments& arguments, const std::vector<std::unique_ptr<Evaluator>>& evaluators) {
  std::vector<std::vector<std::string>> names = joint_metric_names(evaluators);
  check_metrics(arguments, names);
  return names;
}

// A data set without a batch has no mean loss. Only dropped batches leave one without.
void check_evaluation_batches(const RunSetup& setup) {
  const EvaluationArguments& evaluation = setup.arguments.evaluation;
  const bool evaluates = evaluation.eval_strategy != RunStrategy::kNo || evaluation.eval_on_start;
  if (!evaluates || !setup.eval_sampler.drop_last) return;
  for (size_t d = 0; d < setup.eval.size(); ++d) {
    const Dataset& dataset = setup.eval[d];
    if (!evaluation_batches(d, dataset.size(), setup.eval_sampler).empty()) continue;
    const std::string name = dataset.name.empty() ? "" : " '" + dataset.name + "'";
    throw std::invalid_argument(
        "eval_dataset" + name + ": its " + std::to_string(dataset.size()) +
        " rows fill no batch of " + std::to_string(setup.eval_sampler.batch_size) +
        ", and dataloader_drop_last leaves out those that are not full; give a smaller "
        "per_device_eval_batch_size, or no dataloader_drop_last");
  }
}

// Batches that are left out may be all that there are.
void check_training_batches(const RunSetup& setup) {
  if (setup.epoch_batches > 0) return;
  uint64_t rows = 0;
  for (const uint64_t size : setup.train_sizes) rows += size;
  const size_t processes = setup.shard.num_processes;
  std::string text = "train_dataset: its " + std::to_string(rows) + " rows fill no batch of " +
                     std::to_string(setup.sampler.batch_size);
  if (processes > 1) text += " for each of " + std::to_string(processes) + " processes";
  throw std::invalid_argument(text +
                              (processes > 1 ? ", and batches that not every process gets "
                                               "one of are left out"
                                             : ", and dataloader_drop_last leaves out "
                                               "those that are not full") +
                              "; give a smaller per_device_train_batch_size, more rows" +
                              (processes > 1 ? " or fewer processes" : ""));
}

void add_notes(const RunSetup& setup, std::vector<std::string>& notes) {
  const bool gathers = setup.arguments.loss.gather_across_devices && setup.processes.size() > 1;
  std::vector<const Dataset*> all;
  const auto add = [&](const char* argument, const std::vector<Dataset>& datasets, size_t size) {
    for (std::string& note : dataset_notes(argument, datasets, {size, gathers})) {
      notes.push_back(std::move(note));
    }
    for (const Dataset& dataset : datasets) all.push_back(&dataset);
  };
  add("train_dataset", setup.train, setup.sampler.batch_size);
  add("eval_dataset", setup.eval, setup.eval_sampler.batch_size);
  for (std::string& note : prompt_notes(setup.arguments.data.prompts, all)) {
    notes.push_back(std::move(note));
  }
  for (std::string& note : unused_arguments(setup.hyperparameters, setup.arguments)) {
    notes.push_back(std::move(note));
  }
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
                                   const std::vector<DatasetFiles>& files, const ColBERT& model) {
  std::vector<Dataset> datasets;
  for (const DatasetFiles& given : files) {
    datasets.push_back(arguments.loss.loss == LossKind::kDistillation
                           ? open_distillation(arguments, given, model)
                           : open_columns(arguments, given, model));
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

ForwardOptions forward_options(const TrainingArguments& arguments, bool training) {
  return {.training = training,
          .precision = arguments.precision.bf16 ? Precision::bf16 : Precision::f32,
          .recompute_layers = arguments.precision.gradient_checkpointing,
          .neftune_noise_alpha = arguments.optimizer.neftune_noise_alpha};
}

RunSetup::RunSetup(const HyperparameterSet& given_hyperparameters,
                   const TrainingArguments& given_arguments, const ProcessGroup& given_processes,
                   at::Device given_device)
    : hyperparameters(given_hyperparameters),
      arguments(given_arguments),
      processes(given_processes),
      device(given_device),
      output(checked_output(arguments)),
      evaluator_files(maxsimd::training::evaluator_files(arguments)),
      evaluators(make_evaluators(arguments)),
      evaluator_checksums(maxsimd::training::evaluator_checksums(arguments)),
      metric_names(checked_metric_names(arguments, evaluators)),
      model(load_start_model(arguments)),
      notes(model.notes()),
      train(open_datasets(arguments, arguments.data.train_dataset, model)),
      eval(open_datasets(arguments, arguments.data.eval_dataset, model)),
      train_hashes(make_text_hashes(arguments, train, model.pool())),
      eval_hashes(make_text_hashes(arguments, eval, model.pool())),
      sampler(sampler_options(arguments, arguments.per_device_train_batch_size, train,
                              train_hashes.get())),
      eval_sampler(sampler_options(arguments, arguments.per_device_eval_batch_size, eval,
                                   eval_hashes.get())),
      objective(objective_options(arguments.loss, model)),
      shard{static_cast<size_t>(processes.rank()), static_cast<size_t>(processes.size())} {
  add_notes(*this, notes);
  for (const std::string& note : hyperparameters.notes()) notes.push_back(note);
  if (std::string note = never_evaluated(arguments); !note.empty()) notes.push_back(note);
  for (const Dataset& dataset : train) train_sizes.push_back(dataset.size());
  if (arguments.loss.gather_across_devices) objective.gather = &processes;
  if (processes.size() > 1) sampler.drop_last = true;  // as sentence-transformers
  check_evaluation_batches(*this);
  epoch_batches = num_shard_batches(num_batches(train_sizes, sampler), shard);
  check_training_batches(*this);
  total_steps = maxsimd::total_steps(arguments.length, epoch_batches);
}

}  // namespace maxsimd::training
