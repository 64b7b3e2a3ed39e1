#include "maxsimd/training/run_log.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/data/csv.h"
#include "maxsimd/training/loss_curve.h"
#include "maxsimd/training/loss_names.h"

namespace maxsimd::training {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kLinesName = "logs.jsonl";

/// An event as names and numbers, "step" and "epoch" first.
Json numbers_of(const LogEvent& event, const MetricNames& names) {
  Json line;
  std::visit([&](const auto& e) { line = {{"step", e.step}, {"epoch", e.epoch}}; }, event);
  if (const auto* train = std::get_if<TrainLog>(&event)) {
    line["loss"] = train->loss;
    if (train->grad_norm.has_value()) line["grad_norm"] = *train->grad_norm;
    if (train->learning_rate.has_value()) line["learning_rate"] = *train->learning_rate;
  } else if (const auto* eval = std::get_if<EvalLossLog>(&event)) {
    line[eval_loss_name(eval->dataset)] = eval->loss;
  } else if (const auto* summary = std::get_if<TrainSummaryLog>(&event)) {
    line["train_runtime"] = summary->train_runtime;
    line["train_samples_per_second"] = summary->train_samples_per_second;
    line["train_steps_per_second"] = summary->train_steps_per_second;
    line["train_loss"] = summary->train_loss;
  } else {
    const auto& log = std::get<EvaluatorLog>(event);
    for (size_t m = 0; m < log.metrics.size(); ++m) {
      line["eval_" + names.at(log.evaluator).at(m)] = log.metrics[m].second;
    }
  }
  return line;
}

/// Nothing for what is not finite: JSON, and whoever reads the table, has no such number.
std::string number_text(const Json& number) {
  const bool is_finite = !number.is_number_float() || std::isfinite(number.get<double>());
  return is_finite ? number.dump() : "";
}

}  // namespace

std::string log_line(const LogEvent& event, const MetricNames& names) {
  return numbers_of(event, names).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string log_table(const TrainingRecord& record, const MetricNames& names) {
  std::vector<std::string> columns = {"step", "epoch"};
  std::map<uint64_t, Json> rows;
  for (const LogEvent& event : record.log) {
    const Json numbers = numbers_of(event, names);
    for (const auto& [name, value] : numbers.items()) {
      if (std::find(columns.begin(), columns.end(), name) == columns.end()) columns.push_back(name);
      rows[numbers.at("step").get<uint64_t>()][name] = value;
    }
  }
  std::string out;
  for (size_t c = 0; c < columns.size(); ++c) {
    if (c != 0) out += ",";
    append_csv_field(out, columns[c]);
  }
  for (const auto& [step, row] : rows) {
    out += "\n";
    for (size_t c = 0; c < columns.size(); ++c) {
      if (c != 0) out += ",";
      const auto cell = row.find(columns[c]);
      if (cell != row.end()) out += number_text(*cell);
    }
  }
  return out + "\n";
}

RunLog::RunLog(fs::path folder, const MetricNames& names, const TrainingRecord& record)
    : folder_(std::move(folder)), names_(names) {
  std::string text;
  for (const LogEvent& event : record.log) text += log_line(event, names_);
  const fs::path path = folder_ / kLinesName;
  write_file_atomic(path, text);
  lines_.open(path, std::ios::binary | std::ios::app);
}

void RunLog::append(const LogEvent& event) {
  lines_ << log_line(event, names_) << std::flush;
  if (lines_) return;
  throw IoError(
      (folder_ / kLinesName).string() +
      ": cannot append a line; is the folder still there and writable, and is there space "
      "on the disk?");
}

void RunLog::write_tables(const TrainingRecord& record) const {
  write_file_atomic(folder_ / "logs.csv", log_table(record, names_));
  write_file_atomic(folder_ / "loss.svg", loss_curve(record));
}

}  // namespace maxsimd::training
