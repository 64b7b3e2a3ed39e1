#include "maxsimd/card/training_record.h"

#include <algorithm>
#include <string_view>

namespace maxsimd {
namespace {

using Problem = std::optional<std::string>;

bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

std::string place(const std::string& list, size_t index) {
  return list + "[" + std::to_string(index) + "]";
}

Problem check_line(const std::string& where, const std::string& text) {
  if (is_one_line(text)) return std::nullopt;
  return where + ": expected one line without control characters";
}

Problem check_line(const std::string& where, const std::optional<std::string>& text) {
  return text ? check_line(where, *text) : std::nullopt;
}

Problem check_column(const std::string& where, const ColumnRecord& column) {
  if (Problem problem = check_line(where + ".name", column.name)) return problem;
  if (Problem problem = check_line(where + ".dtype", column.dtype)) return problem;
  for (const TextPairs* details : {&column.details, &column.pylate_details}) {
    for (const auto& [key, value] : *details) {
      if (!is_one_line(key) || !is_one_line(value)) {
        return where + ".details: expected lines without control characters";
      }
    }
  }
  return std::nullopt;
}

Problem check_dataset(const std::string& where, const DatasetRecord& dataset) {
  const std::pair<const char*, std::optional<std::string>> lines[] = {
      {".name", dataset.name}, {".id", dataset.id},           {".revision", dataset.revision},
      {".link", dataset.link}, {".license", dataset.license}, {".loss", dataset.loss}};
  for (const auto& line : lines) {
    if (Problem problem = check_line(where + line.first, line.second)) return problem;
  }
  for (size_t i = 0; i < dataset.columns.size(); ++i) {
    if (Problem problem = check_column(place(where + ".columns", i), dataset.columns[i])) {
      return problem;
    }
  }
  for (size_t i = 0; i < dataset.samples.size(); ++i) {
    const size_t width = dataset.samples[i].size();
    if (width != dataset.columns.size()) {
      return place(where + ".samples", i) + ": expected " + std::to_string(dataset.columns.size()) +
             " values, one a column, got " + std::to_string(width);
    }
  }
  return std::nullopt;
}

Problem check_datasets(const std::string& where, const std::vector<DatasetRecord>& datasets) {
  for (size_t i = 0; i < datasets.size(); ++i) {
    if (Problem problem = check_dataset(place(where, i), datasets[i])) return problem;
  }
  return std::nullopt;
}

Problem check_event(const TrainingRecord& record, size_t index) {
  if (const auto* run = std::get_if<EvaluatorLog>(&record.log[index])) {
    if (run->evaluator >= record.evaluators.size()) {
      return place("log", index) + ".evaluator: expected an index below " +
             std::to_string(record.evaluators.size()) + ", got " + std::to_string(run->evaluator);
    }
    for (const auto& metric : run->metrics) {
      if (Problem problem = check_line(place("log", index) + ".metrics", metric.first)) {
        return problem;
      }
    }
  }
  if (const auto* loss = std::get_if<EvalLossLog>(&record.log[index])) {
    return check_line(place("log", index) + ".dataset", loss->dataset);
  }
  return std::nullopt;
}

Problem check_run(const TrainingRecord& record) {
  for (size_t i = 0; i < record.hyperparameters.size(); ++i) {
    const std::string where = place("hyperparameters", i) + ".name";
    if (Problem problem = check_line(where, record.hyperparameters[i].name)) return problem;
  }
  for (size_t i = 0; i < record.evaluators.size(); ++i) {
    const EvaluatorRecord& evaluator = record.evaluators[i];
    const std::string where = place("evaluators", i);
    if (Problem problem = check_line(where + ".class_path", evaluator.class_path)) return problem;
    if (Problem problem = check_line(where + ".name", evaluator.name)) return problem;
  }
  for (size_t i = 0; i < record.log.size(); ++i) {
    if (Problem problem = check_event(record, i)) return problem;
  }
  return std::nullopt;
}

Problem check_model_folder(const std::string& name) {
  const bool leaves = name.empty() || name == ".." || name.find('/') != std::string::npos ||
                      name.find('\\') != std::string::npos;
  if (leaves || !is_one_line(name)) {
    return "model_folder: expected '.' or the name of a folder in the run folder, got '" + name +
           "'";
  }
  return std::nullopt;
}

Problem check_model(const TrainingRecord& record) {
  const std::pair<const char*, std::optional<std::string>> lines[] = {
      {"model_name", record.model_name}, {"model_id", record.model_id},
      {"base_model", record.base_model}, {"base_model_revision", record.base_model_revision},
      {"license", record.license},       {"hardware", record.hardware}};
  for (const auto& line : lines) {
    if (Problem problem = check_line(line.first, line.second)) return problem;
  }
  for (const auto& language : record.language) {
    if (language.empty()) return "language: expected en, de, ..., got ''";
    if (Problem problem = check_line("language", language)) return problem;
  }
  for (const auto& version : record.framework_versions) {
    if (!is_one_line(version.first) || !is_one_line(version.second)) {
      return "framework_versions: expected lines without control characters";
    }
  }
  return check_model_folder(record.model_folder);
}

}  // namespace

std::optional<std::string> find_problem(const TrainingRecord& record) {
  if (Problem problem = check_model(record)) return problem;
  if (Problem problem = check_datasets("train_datasets", record.train_datasets)) return problem;
  if (Problem problem = check_datasets("eval_datasets", record.eval_datasets)) return problem;
  return check_run(record);
}

std::string class_name_of(const std::string& class_path) {
  const size_t dot = class_path.rfind('.');
  return dot == std::string::npos ? class_path : class_path.substr(dot + 1);
}

}  // namespace maxsimd
