#include "maxsimd/card/evaluation_results.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace maxsimd {
namespace {

// Its last run, or with a step its last run then.
const EvaluatorLog* last_run(const TrainingRecord& record, size_t evaluator,
                             std::optional<uint64_t> step) {
  const EvaluatorLog* last = nullptr;
  for (const LogEvent& event : record.log) {
    const auto* run = std::get_if<EvaluatorLog>(&event);
    if (run == nullptr || run->evaluator != evaluator) continue;
    if (!step.has_value() || *step == run->step) last = run;
  }
  return last;
}

// Metrics of other weights are none of this model's.
const EvaluatorLog* shown_run(const TrainingRecord& record, size_t evaluator, bool pylate) {
  if (pylate) return last_run(record, evaluator, std::nullopt);
  return last_run(record, evaluator, record.best_step.has_value() ? record.best_step : record.step);
}

bool is_small(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_capital(char c) {
  return c >= 'A' && c <= 'Z';
}

// re.sub(r"([a-z])([A-Z])", r"\1 \2", name)
std::string split_at_capitals(std::string_view name) {
  std::string out;
  for (size_t i = 0; i < name.size(); ++i) {
    if (i > 0 && is_small(name[i - 1]) && is_capital(name[i])) out.push_back(' ');
    out.push_back(name[i]);
  }
  return out;
}

// The same, but names that have capitals inside are words.
std::string split_into_words(std::string_view name) {
  constexpr std::string_view kNames[] = {"ColBERT", "PyLate", "NanoBEIR", "BEIR"};
  for (const std::string_view known : kNames) {
    if (!name.starts_with(known)) continue;
    const std::string rest = split_at_capitals(name.substr(known.size()));
    return std::string(known).append(rest.empty() ? "" : " ").append(rest);
  }
  return split_at_capitals(name);
}

std::string description_of(const std::string& class_path, bool pylate) {
  const std::string name = class_name_of(class_path);
  const std::string_view base = std::string_view(name).substr(0, name.find("Evaluator"));
  return pylate ? split_at_capitals(base) : split_into_words(base);
}

bool all_start_with(const std::vector<std::pair<std::string, double>>& metrics,
                    const std::string& prefix) {
  return std::all_of(metrics.begin(), metrics.end(),
                     [&](const auto& metric) { return metric.first.starts_with(prefix); });
}

EvaluationResult result_of(const EvaluatorRecord& evaluator, const EvaluatorLog& run, bool pylate) {
  EvaluationResult result{.class_path = evaluator.class_path,
                          .description = description_of(evaluator.class_path, pylate),
                          .name = evaluator.name,
                          .primary_metric = evaluator.primary_metric.value_or(""),
                          .metrics = run.metrics};
  const std::string prefix = evaluator.name + "_";
  if (evaluator.name.empty() || !all_start_with(run.metrics, prefix)) return result;
  for (auto& metric : result.metrics) metric.first.erase(0, prefix.size());
  if (result.primary_metric.starts_with(prefix)) result.primary_metric.erase(0, prefix.size());
  return result;
}

}  // namespace

std::vector<EvaluationResult> evaluation_results(const TrainingRecord& record, bool pylate) {
  std::vector<EvaluationResult> results;
  for (size_t i = 0; i < record.evaluators.size(); ++i) {
    const EvaluatorLog* run = shown_run(record, i, pylate);
    if (run != nullptr) results.push_back(result_of(record.evaluators[i], *run, pylate));
  }
  return results;
}

}  // namespace maxsimd
