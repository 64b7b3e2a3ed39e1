#include "maxsimd/hyperparameters/training_arguments.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "maxsimd/hyperparameters/argument_checks.h"

namespace maxsimd {
namespace {

using Value = HyperparameterValue;

// The values of a set as plain types; the table has seen to it that they fit.
class Reader {
 public:
  Reader(const HyperparameterSet& set, std::vector<std::string>* read) : set_(set), read_(read) {}

  const Value& value(std::string_view name) {
    if (read_) read_->emplace_back(name);
    return set_.get(name);
  }
  bool flag(std::string_view name) { return optional_flag(name).value_or(false); }
  std::optional<bool> optional_flag(std::string_view name) {
    const bool* found = value(name).boolean();
    return found ? std::optional(*found) : std::nullopt;
  }
  int64_t integer(std::string_view name) { return *value(name).integer(); }
  std::optional<int64_t> optional_integer(std::string_view name) {
    const int64_t* found = value(name).integer();
    return found ? std::optional(*found) : std::nullopt;
  }
  /// None is 0.
  double number(std::string_view name) { return optional_number(name).value_or(0); }
  std::optional<double> optional_number(std::string_view name) {
    const Value& found = value(name);
    return found.is_number() ? std::optional(found.number()) : std::nullopt;
  }
  /// None is empty.
  std::string text(std::string_view name) { return optional_text(name).value_or(""); }
  std::optional<std::string> optional_text(std::string_view name) {
    const std::string* found = value(name).string();
    return found ? std::optional(*found) : std::nullopt;
  }

 private:
  const HyperparameterSet& set_;
  std::vector<std::string>* read_;
};

std::vector<std::string> texts_of(const Value& value) {
  if (value.string()) return {*value.string()};
  std::vector<std::string> texts;
  if (value.list()) {
    for (const Value& element : *value.list()) texts.push_back(*element.string());
  }
  return texts;
}

// Evaluators; mappings as JSON.
std::vector<std::string> specs_of(const Value& value) {
  if (value.is_none()) return {};
  const Value::List list = value.list() ? *value.list() : Value::List{value};
  std::vector<std::string> specs;
  for (const Value& spec : list) specs.push_back(spec.map() ? json_text(spec) : *spec.string());
  return specs;
}

std::vector<DatasetFiles> datasets_of(const Value& value) {
  if (value.is_none()) return {};
  if (!value.map()) return {{"", texts_of(value)}};
  std::vector<DatasetFiles> datasets;
  for (const auto& [name, files] : *value.map()) datasets.push_back({name, texts_of(files)});
  return datasets;
}

std::vector<DatasetColumns> columns_of(const Value& value) {
  if (value.is_none()) return {};
  if (!value.map()) return {{"", texts_of(value)}};
  std::vector<DatasetColumns> columns;
  for (const auto& [name, list] : *value.map()) columns.push_back({name, texts_of(list)});
  return columns;
}

RunStrategy strategy_of(const std::string& text) {
  if (text == "steps") return RunStrategy::kSteps;
  if (text == "epoch") return RunStrategy::kEpoch;
  return text == "best" ? RunStrategy::kBest : RunStrategy::kNo;
}

LossKind loss_of(const std::string& text) {
  if (text == "distillation") return LossKind::kDistillation;
  return text == "contrastive" ? LossKind::kContrastive : LossKind::kCachedContrastive;
}

ModelArguments read_model(Reader& in) {
  return {.model = in.text("model"),
          .query_length = in.optional_integer("query_length"),
          .document_length = in.optional_integer("document_length"),
          .query_prefix = in.optional_text("query_prefix"),
          .document_prefix = in.optional_text("document_prefix"),
          .do_query_expansion = in.optional_flag("do_query_expansion"),
          .attend_to_expansion_tokens = in.optional_flag("attend_to_expansion_tokens"),
          .embedding_size = in.optional_integer("embedding_size"),
          .projection_start = in.text("projection_start") == "pca"
                                  ? ProjectionStart::kMainDirections
                                  : ProjectionStart::kKeep,
          .dropout = in.optional_number("dropout")};
}

DataArguments read_data(Reader& in) {
  return {.train_dataset = datasets_of(in.value("train_dataset")),
          .eval_dataset = datasets_of(in.value("eval_dataset")),
          .columns = columns_of(in.value("columns")),
          .pylate_columns = in.flag("pylate_columns"),
          .queries = texts_of(in.value("queries")),
          .documents = texts_of(in.value("documents")),
          .n_ways = in.integer("n_ways"),
          .allow_missing_documents = in.flag("allow_missing_documents"),
          .prompts = in.value("prompts")};
}

LossArguments read_loss(Reader& in) {
  return {.loss = loss_of(in.text("loss")),
          .temperature = in.number("temperature"),
          .size_average = in.flag("size_average"),
          .mini_batch_size = in.integer("mini_batch_size"),
          .score_mini_batch_size = in.optional_integer("score_mini_batch_size"),
          .gather_across_devices = in.flag("gather_across_devices"),
          .normalize_scores = in.flag("normalize_scores"),
          .exact_masking = in.text("masking") == "exact"};
}

OptimizerArguments read_optimizer(Reader& in) {
  OptimizerArguments out{.learning_rate = in.number("learning_rate"),
                         .weight_decay = in.number("weight_decay"),
                         .adam_beta1 = in.number("adam_beta1"),
                         .adam_beta2 = in.number("adam_beta2"),
                         .adam_epsilon = in.number("adam_epsilon"),
                         .max_grad_norm = in.number("max_grad_norm"),
                         .optim = in.text("optim"),
                         .neftune_noise_alpha = in.number("neftune_noise_alpha")};
  if (const auto* rates = in.value("learning_rate_mapping").map()) {
    for (const auto& [pattern, rate] : *rates) {
      out.learning_rate_mapping.emplace_back(pattern, rate.number());
    }
  }
  return out;
}

ScheduleArguments read_schedule(Reader& in) {
  return {.lr_scheduler_type = scheduler_type(in.text("lr_scheduler_type")),
          .lr_scheduler_kwargs = in.value("lr_scheduler_kwargs"),
          .warmup_ratio = in.number("warmup_ratio"),
          .warmup_steps = in.number("warmup_steps")};
}

PrecisionArguments read_precision(Reader& in) {
  return {.bf16 = in.flag("bf16"),
          .bf16_full_eval = in.flag("bf16_full_eval"),
          .gradient_checkpointing = in.flag("gradient_checkpointing"),
          .tf32 = in.flag("tf32")};
}

EvaluationArguments read_evaluation(Reader& in) {
  const double eval_steps = in.number("eval_steps");
  return {.eval_strategy = strategy_of(in.text("eval_strategy")),
          .eval_steps = eval_steps > 0 ? eval_steps : in.number("logging_steps"),
          .eval_delay = in.number("eval_delay"),
          .eval_on_start = in.flag("eval_on_start"),
          .eval_triplets = texts_of(in.value("eval_triplets")),
          .eval_beir = texts_of(in.value("eval_beir")),
          .eval_nano_beir = in.text("eval_nano_beir"),
          .eval_distillation = texts_of(in.value("eval_distillation")),
          .evaluators = specs_of(in.value("evaluator"))};
}

// Transformers' rule, and the one evaluator of which less is better, which it does not know.
bool is_less_better(std::string_view metric) {
  return metric.ends_with("loss") || metric.ends_with("kl_divergence");
}

// The metric of the best model: transformers logs it as eval_NAME.
void read_best_model(Reader& in, bool is_plateau, SavingArguments& out) {
  out.load_best_model_at_end = in.flag("load_best_model_at_end");
  out.metric_for_best_model = in.text("metric_for_best_model");
  constexpr std::string_view kPrefix = "eval_";
  if (out.metric_for_best_model.starts_with(kPrefix)) {
    out.metric_for_best_model.erase(0, kPrefix.size());
  }
  out.early_stopping_patience = in.optional_integer("early_stopping_patience");
  out.early_stopping_threshold = in.number("early_stopping_threshold");
  const bool wants_best = out.load_best_model_at_end || out.early_stopping_patience || is_plateau ||
                          out.save_strategy == RunStrategy::kBest;
  if (wants_best && out.metric_for_best_model.empty()) out.metric_for_best_model = "loss";
  const std::string& metric = out.metric_for_best_model;
  out.greater_is_better =
      in.optional_flag("greater_is_better").value_or(!metric.empty() && !is_less_better(metric));
}

SavingArguments read_saving(Reader& in, bool is_plateau) {
  SavingArguments out{.output_dir = in.optional_text("output_dir").value_or("trainer_output"),
                      .overwrite_output_dir = in.flag("overwrite_output_dir"),
                      .save_strategy = strategy_of(in.text("save_strategy")),
                      .save_steps = in.number("save_steps")};
  const int64_t limit = in.optional_integer("save_total_limit").value_or(0);
  if (limit > 0) out.save_total_limit = static_cast<size_t>(limit);
  out.save_only_model = in.flag("save_only_model");
  out.resume_from_last = in.optional_flag("resume_from_checkpoint").value_or(false);
  out.resume_from_checkpoint = in.text("resume_from_checkpoint");
  read_best_model(in, is_plateau, out);
  return out;
}

LoggingArguments read_logging(Reader& in) {
  return {.logging_strategy = strategy_of(in.text("logging_strategy")),
          .logging_steps = in.number("logging_steps"),
          .logging_first_step = in.flag("logging_first_step"),
          .logging_nan_inf_filter = in.flag("logging_nan_inf_filter"),
          .disable_tqdm = in.flag("disable_tqdm")};
}

LoadingArguments read_loading(Reader& in) {
  LoadingArguments out{
      .seed = static_cast<uint64_t>(in.integer("seed")),
      .full_determinism = in.flag("full_determinism"),
      .batch_sampler = in.text("batch_sampler") == "batch_sampler" ? BatchSampler::kBatchSampler
                                                                   : BatchSampler::kNoDuplicates,
      .multi_dataset_batch_sampler = in.text("multi_dataset_batch_sampler") == "proportional"
                                         ? MultiDatasetBatchSampler::kProportional
                                         : MultiDatasetBatchSampler::kRoundRobin,
      .dataloader_drop_last = in.flag("dataloader_drop_last")};
  if (const auto seed = in.optional_integer("data_seed")) {
    out.data_seed = static_cast<uint64_t>(*seed);
  }
  in.value("accelerator_config");  // its one value that works is the one that is accepted
  return out;
}

DeviceArguments read_devices(Reader& in) {
  const std::string device = in.text("device");
  const bool use_cpu = in.flag("use_cpu");
  const bool no_cuda = in.flag("no_cuda");
  DeviceArguments out{.threads = static_cast<size_t>(in.integer("threads"))};
  out.ddp_backend = in.optional_text("ddp_backend").value_or("");
  out.ddp_timeout = std::chrono::seconds(in.optional_integer("ddp_timeout").value_or(1800));
  if (device == "cuda") {
    if (use_cpu || no_cuda) {
      throw std::invalid_argument("device: cuda and use_cpu: give one of them");
    }
    out.device = DeviceKind::kCuda;
  } else if (device == "cpu" || use_cpu || no_cuda) {
    out.device = DeviceKind::kCpu;
  }
  return out;
}

}  // namespace

TrainingArguments training_arguments(const HyperparameterSet& set, std::vector<std::string>* read) {
  Reader in(set, read);
  TrainingArguments out;
  out.model = read_model(in);
  out.data = read_data(in);
  out.loss = read_loss(in);
  out.per_device_train_batch_size = in.integer("per_device_train_batch_size");
  out.per_device_eval_batch_size = in.integer("per_device_eval_batch_size");
  out.length = {.num_train_epochs = in.number("num_train_epochs"),
                .max_steps = in.integer("max_steps"),
                .gradient_accumulation_steps = in.integer("gradient_accumulation_steps")};
  out.optimizer = read_optimizer(in);
  out.schedule = read_schedule(in);
  out.precision = read_precision(in);
  out.evaluation = read_evaluation(in);
  const bool is_plateau = out.schedule.lr_scheduler_type == SchedulerType::kReduceLrOnPlateau;
  out.saving = read_saving(in, is_plateau);
  out.logging = read_logging(in);
  out.loading = read_loading(in);
  out.devices = read_devices(in);
  out.card = {.hub_model_id = in.text("hub_model_id"),
              .model_name = in.text("model_name"),
              .language = texts_of(in.value("language")),
              .license = in.text("license")};
  detail::check_together(out);
  return out;
}

std::string prompt_of(const HyperparameterValue& prompts, std::string_view dataset,
                      std::string_view column) {
  if (prompts.string()) return *prompts.string();
  if (!prompts.map() || prompts.map()->empty()) return "";
  const HyperparameterValue* found = dataset.empty() ? nullptr : prompts.member(dataset);
  if (found && found->string()) return *found->string();
  const bool is_nested = prompts.map()->front().second.map() != nullptr;
  if (!found && is_nested) {
    if (!dataset.empty()) return "";  // this data set has none
    throw std::invalid_argument(
        "prompts: " + shown(prompts) +
        " are by data set, but the data set has no name; give texts by column");
  }
  const HyperparameterValue* text = (found ? *found : prompts).member(column);
  return text && text->string() ? *text->string() : "";
}

}  // namespace maxsimd
