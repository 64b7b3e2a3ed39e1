// What a training run was: the trainer fills a TrainingRecord while it runs and writes it as
// OUTPUT_DIR/run.json; the model card is written from it (model_card.h). Plain data.
//
// What the model is (lengths, widths, layers) is not here: the saved model folder says it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace maxsimd {

using TextPairs = std::vector<std::pair<std::string, std::string>>;

/// One column of a data set. Made by describe_columns() (dataset_statistics.h).
struct ColumnRecord {
  std::string name;
  std::string dtype = "string";  // "string", "int", "float" or "list"
  TextPairs details;             // as the card prints them: {"min", "8 tokens"}
  TextPairs pylate_details;      // what PyLate makes of the same rows, where that differs
};

struct DatasetRecord {
  std::string name;                     // "" = "Unnamed Dataset"
  std::optional<std::string> id;        // on the Hugging Face hub: "ORG/NAME"
  std::optional<std::string> revision;  // of `id`
  std::optional<std::string> link;      // a URL, for a data set from elsewhere
  std::optional<std::string> license;
  uint64_t size = 0;  // rows in all
  std::vector<ColumnRecord> columns;
  std::vector<std::vector<std::string>> samples;  // first rows, a text a column, cut by the maker
  std::string loss;                               // "pylate.losses.contrastive.Contrastive"
  TextPairs loss_parameters;  // name, value as JSON text: {"temperature", "1.0"}
};

/// Every argument of the training, in Hugging Face's order; the card leaves some out.
struct HyperparameterRecord {
  std::string name;
  std::string value;  // as Python's str() gives it: "3e-06", "True", "None"
  bool is_default = true;
};

struct EvaluatorRecord {
  std::string class_path;  // "pylate.evaluation.colbert_triplet.ColBERTTripletEvaluator"
  std::string name;        // of the data it evaluates on, or ""
  std::optional<std::string> primary_metric;  // a key of its metrics: a column of the log
};

/// The training loss since the last such event.
struct TrainLog {
  uint64_t step = 0;
  double epoch = 0.0;
  double loss = 0.0;
  std::optional<double> grad_norm;
  std::optional<double> learning_rate;
};

/// One run of an evaluator: before training (step 0), in it, or after it. When training ends with
/// the weights of an earlier step (best_step), a run on those is logged under that step.
struct EvaluatorLog {
  uint64_t step = 0;
  double epoch = 0.0;
  size_t evaluator = 0;                                 // index into TrainingRecord::evaluators
  std::vector<std::pair<std::string, double>> metrics;  // keys as PyLate returns them
};

/// The loss on one evaluation data set.
struct EvalLossLog {
  uint64_t step = 0;
  double epoch = 0.0;
  std::string dataset;  // "" when there is only one
  double loss = 0.0;
};

/// What transformers' Trainer logs when a run ends. No part of a card.
struct TrainSummaryLog {
  uint64_t step = 0;
  double epoch = 0.0;
  double train_runtime = 0.0;  // seconds, evaluations and saving included
  double train_samples_per_second = 0.0;
  double train_steps_per_second = 0.0;
  double train_loss = 0.0;  // mean over all steps
};

using LogEvent = std::variant<TrainLog, EvaluatorLog, EvalLossLog, TrainSummaryLog>;

struct TrainingRecord {
  std::optional<std::string> model_name;  // default: made from base_model
  std::optional<std::string> model_id;    // "ORG/NAME" it will be published as
  std::optional<std::string> base_model;  // a hub id "ORG/NAME", or what the base is called
  std::optional<std::string> base_model_revision;
  std::vector<std::string> language;  // "en"
  std::optional<std::string> license;
  std::vector<std::string> tags;   // beyond those every card has
  std::string model_folder = ".";  // where the model lies in the run folder: "." or one name in it

  std::vector<DatasetRecord> train_datasets;
  std::vector<DatasetRecord> eval_datasets;
  std::vector<HyperparameterRecord> hyperparameters;
  std::vector<EvaluatorRecord> evaluators;  // in the order they first ran
  std::vector<LogEvent> log;                // in the order it happened
  std::optional<uint64_t> step;             // the last step done
  std::optional<uint64_t> best_step;        // of the weights that were kept, if not of `step`

  TextPairs framework_versions;        // {"maxsimd", "0.1.0"}, {"LibTorch", "2.11.0"}, ...
  std::optional<std::string> started;  // ISO 8601, "2026-01-31T12:00:00Z"
  std::optional<std::string> finished;
  std::optional<double> seconds;        // of training, without loading and saving
  std::optional<std::string> hardware;  // "NVIDIA H100 80GB HBM3"
};

/// What is wrong with a record ("train_datasets[0].samples[1]: expected 3 values, got 2"), or
/// nothing: rows as wide as there are columns, indices that exist, names of one line, a
/// model_folder that stays inside.
std::optional<std::string> find_problem(const TrainingRecord& record);

/// The last part of a class path: "Contrastive".
std::string class_name_of(const std::string& class_path);

}  // namespace maxsimd
