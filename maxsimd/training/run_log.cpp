#include "maxsimd/training/run_log.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/errors.h"
#include "maxsimd/data/csv.h"

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
    line["eval_" + (eval->dataset.empty() ? "" : eval->dataset + "_") + "loss"] = eval->loss;
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

struct Point {
  double x, y;
};

struct Curve {
  std::vector<Point> training, evaluation;
  double last_step = 1;
  double highest = 0;
};

Curve points_of(const TrainingRecord& record) {
  Curve curve;
  for (const LogEvent& event : record.log) {
    const auto* train = std::get_if<TrainLog>(&event);
    const auto* eval = std::get_if<EvalLossLog>(&event);
    if (train == nullptr && eval == nullptr) continue;
    const Point point = train != nullptr ? Point{static_cast<double>(train->step), train->loss}
                                         : Point{static_cast<double>(eval->step), eval->loss};
    if (!std::isfinite(point.y)) continue;
    (train != nullptr ? curve.training : curve.evaluation).push_back(point);
    curve.last_step = std::max(curve.last_step, point.x);
    curve.highest = std::max(curve.highest, point.y);
  }
  if (curve.highest <= 0) curve.highest = 1;
  return curve;
}

constexpr double kWidth = 640, kHeight = 360, kLeft = 60, kTop = 20, kPlotWidth = 560,
                 kPlotHeight = 290;

std::string polyline(const std::vector<Point>& points, const Curve& curve, const char* color) {
  if (points.empty()) return "";
  std::string out = "<polyline fill=\"none\" stroke-width=\"1.5\" stroke=\"";
  out += color;
  out += "\" points=\"";
  char place[64];
  for (const Point& point : points) {
    std::snprintf(place, sizeof(place), "%.1f,%.1f ",
                  kLeft + kPlotWidth * point.x / curve.last_step,
                  kTop + kPlotHeight * (1 - point.y / curve.highest));
    out += place;
  }
  return out + "\"/>\n";
}

std::string axis_labels(const Curve& curve) {
  std::string out;
  char label[200];
  for (int i = 0; i <= 4; ++i) {
    const double part = i / 4.0;
    std::snprintf(label, sizeof(label),
                  "<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"end\">%.3g</text>\n", kLeft - 6,
                  kTop + kPlotHeight * (1 - part) + 4, curve.highest * part);
    out += label;
    std::snprintf(label, sizeof(label),
                  "<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"middle\">%.0f</text>\n",
                  kLeft + kPlotWidth * part, kTop + kPlotHeight + 18, curve.last_step * part);
    out += label;
  }
  return out;
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

std::string loss_curve(const TrainingRecord& record) {
  const Curve curve = points_of(record);
  char head[400];
  std::snprintf(head, sizeof(head),
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
                "font-family=\"sans-serif\" font-size=\"11\">\n"
                "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
                "<rect x=\"%.0f\" y=\"%.0f\" width=\"%.0f\" height=\"%.0f\" fill=\"none\" "
                "stroke=\"#bbb\"/>\n",
                kWidth, kHeight, kLeft, kTop, kPlotWidth, kPlotHeight);
  std::string out = head;
  out += axis_labels(curve) + polyline(curve.training, curve, "#1f77b4") +
         polyline(curve.evaluation, curve, "#d62728");
  out +=
      "<text x=\"340\" y=\"350\" text-anchor=\"middle\">step (blue: training loss, red: "
      "evaluation loss)</text>\n</svg>\n";
  return out;
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
