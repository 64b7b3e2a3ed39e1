#include "maxsimd/card/training_logs.h"

#include <algorithm>
#include <map>

#include "maxsimd/card/markdown_table.h"
#include "maxsimd/card/python_text.h"

namespace maxsimd {
namespace {

struct Row {
  uint64_t step = 0;
  double epoch = 0.0;
  std::map<std::string, double> values;  // by column
};

class LogRows {
 public:
  LogRows(const TrainingRecord& record, bool pylate) : record_(record), pylate_(pylate) {}

  void add(const TrainLog& event) {
    set(row_of(event.step, event.epoch), "Training Loss", event.loss);
  }
  void add(const EvalLossLog& event) {
    set(row_of(event.step, event.epoch), loss_column(event.dataset), event.loss);
  }
  void add(const TrainSummaryLog&) {}  // no row of the table, as in PyLate
  void add(const EvaluatorLog& event) {
    const EvaluatorRecord& evaluator = record_.evaluators[event.evaluator];
    if (!evaluator.primary_metric) return;
    Row& row = pylate_ ? row_of(0, 0.0) : row_of(event.step, event.epoch);
    for (const auto& [name, value] : event.metrics) {
      if (name == *evaluator.primary_metric) set(row, metric_column(evaluator), value);
    }
  }

  const std::vector<Row>& rows() const { return rows_; }
  std::vector<std::string> sorted_columns() const;

 private:
  // PyLate looks at the last row only; so does this, and a step that comes back later (the weights
  // of the best step, evaluated at the end) goes to the row it has.
  Row& row_of(uint64_t step, double epoch) {
    if (!rows_.empty() && rows_.back().step == step) return rows_.back();
    const auto same_step = [&](const Row& row) { return row.step == step; };
    const auto found = std::find_if(rows_.begin(), rows_.end(), same_step);
    if (!pylate_ && found != rows_.end()) return *found;
    return rows_.emplace_back(Row{step, epoch, {}});
  }

  void set(Row& row, const std::string& column, double value) {
    if (std::find(columns_.begin(), columns_.end(), column) == columns_.end()) {
      columns_.push_back(column);
    }
    row.values[column] = value;
  }

  std::string loss_column(const std::string& dataset) const {
    if (dataset.empty()) return "Validation Loss";
    std::string name = dataset;
    if (pylate_) std::replace(name.begin(), name.end(), '_', ' ');
    return name + " loss";
  }

  std::string metric_column(const EvaluatorRecord& evaluator) const {
    const auto same_metric = [&](const EvaluatorRecord& other) {
      return other.primary_metric == evaluator.primary_metric;
    };
    const auto sharing =
        std::count_if(record_.evaluators.begin(), record_.evaluators.end(), same_metric);
    if (pylate_ || sharing == 1 || evaluator.name.empty()) return *evaluator.primary_metric;
    return evaluator.name + " " + *evaluator.primary_metric;
  }

  const TrainingRecord& record_;
  bool pylate_;
  std::vector<Row> rows_;
  std::vector<std::string> columns_;  // in the order they first had a value
};

// Training loss, validation loss, losses of named data sets, metrics.
int rank_of(const std::string& column) {
  if (column == "Training Loss") return 0;
  if (column == "Validation Loss") return 1;
  return column.ends_with("loss") ? 2 : 3;
}

std::vector<std::string> LogRows::sorted_columns() const {
  std::vector<std::string> sorted = columns_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const std::string& a, const std::string& b) {
    return rank_of(a) < rank_of(b);
  });
  return sorted;
}

// PyLate rounds in a bold row before it formats: 2.6e-05 is 0.0 there and 0.0000 elsewhere.
std::string number_text(double value, bool is_bold, bool pylate) {
  return is_bold && pylate ? python_float(python_round(value, 4)) : table_number(value);
}

std::vector<std::string> cells_of(const Row& row, const std::vector<std::string>& columns,
                                  bool is_bold, bool pylate) {
  std::vector<std::string> cells;
  cells.push_back(row.step == 0 ? "0" : number_text(row.epoch, is_bold, pylate));
  cells.push_back(std::to_string(row.step));
  for (const std::string& column : columns) {
    const auto found = row.values.find(column);
    cells.push_back(found == row.values.end() ? "-" : number_text(found->second, is_bold, pylate));
  }
  if (is_bold) {
    for (std::string& cell : cells) cell = "**" + cell + "**";
  }
  return cells;
}

}  // namespace

TrainingLogs training_logs(const TrainingRecord& record, bool pylate) {
  LogRows log(record, pylate);
  for (const LogEvent& event : record.log) {
    std::visit([&](const auto& one) { log.add(one); }, event);
  }
  TrainingLogs out;
  out.num_rows = log.rows().size();
  if (out.num_rows == 0) return out;
  const std::vector<std::string> columns = log.sorted_columns();
  std::vector<std::string> header = {"Epoch", "Step"};
  for (const std::string& column : columns) {
    header.push_back(pylate ? column : literal_line(column));
  }
  std::vector<std::vector<std::string>> cells;
  for (const Row& row : log.rows()) {
    const bool is_bold = record.best_step == row.step;
    out.has_bold_row = out.has_bold_row || is_bold;
    cells.push_back(cells_of(row, columns, is_bold, pylate));
  }
  out.table = markdown_table(header, cells, TableAlign::center);
  return out;
}

}  // namespace maxsimd
