#include <algorithm>
#include <cmath>
#include <string_view>

#include "maxsimd/card/card_sections.h"
#include "maxsimd/card/python_text.h"
#include "maxsimd/card/training_logs.h"

namespace maxsimd {
namespace {

// Arguments that say where and how often, not what: sentence-transformers leaves them out.
constexpr std::string_view kHiddenParameters[] = {"output_dir",        "logging_dir",
                                                  "logging_strategy",  "logging_first_step",
                                                  "logging_steps",     "evaluation_strategy",
                                                  "eval_steps",        "eval_delay",
                                                  "save_strategy",     "save_steps",
                                                  "save_total_limit",  "metric_for_best_model",
                                                  "greater_is_better", "report_to",
                                                  "samples_per_label", "show_progress_bar",
                                                  "do_train",          "do_eval",
                                                  "do_test",           "run_name",
                                                  "hub_token",         "push_to_hub_token"};
constexpr size_t kMaxOpenRows = 100;  // more are folded away

bool is_hidden(const std::string& name) {
  return std::find(std::begin(kHiddenParameters), std::end(kHiddenParameters), name) !=
         std::end(kHiddenParameters);
}

std::string parameter_line(const HyperparameterRecord& parameter, bool pylate) {
  std::string value = parameter.value;
  if (!pylate) std::replace(value.begin(), value.end(), '\n', ' ');
  return "- `" + parameter.name + "`: " + value + "\n";
}

std::string hyperparameters_text(const CardContent& card) {
  std::string all, changed;
  for (const HyperparameterRecord& parameter : card.record.hyperparameters) {
    if (is_hidden(parameter.name)) continue;
    const std::string line = parameter_line(parameter, card.pylate);
    all.append(line);
    if (!parameter.is_default) changed.append(line);
  }
  if (all.empty()) return "";
  std::string out = "\n### Training Hyperparameters\n";
  if (!changed.empty()) out.append("#### Non-Default Hyperparameters\n\n").append(changed);
  out.append("\n#### All Hyperparameters\n<details><summary>Click to expand</summary>\n\n");
  return out.append(all).append("\n</details>\n");
}

std::string logs_text(const CardContent& card) {
  const TrainingLogs logs = training_logs(card.record, card.pylate);
  if (logs.num_rows == 0) return "";
  const bool folded = logs.num_rows > kMaxOpenRows;
  std::string out = "\n### Training Logs\n";
  if (folded) out.append("<details><summary>Click to expand</summary>\n\n");
  out.append(logs.table);
  if (logs.has_bold_row) out.append("\n* The bold row denotes the saved checkpoint.");
  if (folded) out.append("\n</details>");
  return out.append(logs.has_bold_row || folded ? "\n" : "");
}

std::string duration_text(double seconds) {
  const auto whole = static_cast<uint64_t>(std::llround(std::max(seconds, 0.0)));
  const uint64_t hours = whole / 3600, minutes = whole / 60 % 60;
  std::string out;
  if (hours > 0) out.append(std::to_string(hours)).append(" h ");
  if (hours + minutes > 0) out.append(std::to_string(minutes)).append(" min ");
  return out.append(std::to_string(whole % 60)).append(" s");
}

// Not a part of PyLate's card.
std::string time_text(const CardContent& card) {
  constexpr double kLongest = 1e12;
  const TrainingRecord& record = card.record;
  const bool has_time = record.seconds && *record.seconds < kLongest;
  if (card.pylate || (!has_time && !record.hardware)) return "";
  std::string out = "\n### Training Time\n";
  if (has_time) out.append("- **Duration:** ").append(duration_text(*record.seconds)).append("\n");
  if (record.hardware) out.append("- **Hardware:** ").append(*record.hardware).append("\n");
  return out;
}

}  // namespace

std::string training_section(const CardContent& card) {
  return hyperparameters_text(card) + logs_text(card) + time_text(card);
}

std::string versions_section(const CardContent& card) {
  std::string out = "\n### Framework Versions\n";
  for (const auto& [name, version] : card.record.framework_versions) {
    out.append("- ").append(name).append(": ").append(version).append("\n");
  }
  return out.append("\n");
}

}  // namespace maxsimd
