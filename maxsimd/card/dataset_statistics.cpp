#include "maxsimd/card/dataset_statistics.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <stdexcept>

#include "maxsimd/card/python_text.h"

namespace maxsimd {
namespace {

constexpr size_t kMaxSampleText = 1000;  // code points
constexpr size_t kMaxSampleItems = 5;    // of a list

template <class T>
std::span<const T> first_rows(const std::vector<T>& values) {
  return std::span(values).first(std::min(values.size(), kNumStatisticsRows));
}

double mean_of(std::span<const uint64_t> counts) {
  const uint64_t sum = std::accumulate(counts.begin(), counts.end(), uint64_t{0});
  return static_cast<double>(sum) / static_cast<double>(counts.size());
}

TextPairs count_details(std::span<const uint64_t> counts, const std::string& mean,
                        const std::string& unit) {
  const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
  return {{"min", std::to_string(*least) + unit},
          {"mean", mean + unit},
          {"max", std::to_string(*most) + unit}};
}

TextPairs token_details(std::span<const std::string> texts, const CountTokensFn& count_tokens,
                        TextKind kind) {
  std::vector<uint64_t> counts;
  for (const std::string& text : texts) counts.push_back(count_tokens(text, kind));
  return count_details(counts, python_float(python_round(mean_of(counts), 2)), " tokens");
}

std::string percent(size_t count, size_t total, bool is_rounded) {
  const double share = static_cast<double>(count) / static_cast<double>(total);
  return std::string(is_rounded ? "~" : "").append(python_fixed(share * 100.0, 2)).append("%");
}

void describe(const std::vector<std::string>& values, TextKind kind, const CountTokensFn& count,
              ColumnRecord& column) {
  column.dtype = "string";
  const auto texts = first_rows(values);
  column.details = token_details(texts, count, kind);
  if (kind == TextKind::query) return;
  column.pylate_details = token_details(texts, count, TextKind::query);
}

void describe(const std::vector<int64_t>& values, TextKind, const CountTokensFn&,
              ColumnRecord& column) {
  column.dtype = "int";
  const auto labels = first_rows(values);
  std::map<int64_t, size_t> counts;
  for (const int64_t label : labels) ++counts[label];
  for (const auto& [label, count] : counts) {
    column.details.emplace_back(std::to_string(label),
                                percent(count, labels.size(), counts.size() > 1));
  }
}

void describe(const std::vector<double>& values, TextKind, const CountTokensFn&,
              ColumnRecord& column) {
  column.dtype = "float";
  const auto numbers = first_rows(values);
  const auto [least, most] = std::minmax_element(numbers.begin(), numbers.end());
  const double mean =
      std::accumulate(numbers.begin(), numbers.end(), 0.0) / static_cast<double>(numbers.size());
  const auto rounded = [](double value) { return python_float(python_round(value, 2)); };
  column.details = {{"min", rounded(*least)}, {"mean", rounded(mean)}, {"max", rounded(*most)}};
}

template <class T>
void describe(const std::vector<std::vector<T>>& values, TextKind, const CountTokensFn&,
              ColumnRecord& column) {
  column.dtype = "list";
  std::vector<uint64_t> lengths;
  for (const auto& list : first_rows(values)) lengths.push_back(list.size());
  std::vector<uint64_t> distinct = lengths;
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  if (distinct.size() == 1) {
    column.details = {{"size", std::to_string(distinct.front()) + " elements"}};
    return;
  }
  column.details = count_details(lengths, python_fixed(mean_of(lengths), 2), " elements");
  const auto quirk = count_details(lengths, python_fixed(mean_of(distinct), 2), " elements");
  if (quirk != column.details) column.pylate_details = quirk;
}

std::string item_text(const std::string& item) {
  return python_repr(item);
}
std::string item_text(double item) {
  return python_float(item);
}

std::string sample_text(const std::string& text) {
  return text;
}
std::string sample_text(int64_t value) {
  return std::to_string(value);
}
std::string sample_text(double value) {
  return python_float(value);
}
template <class T>
std::string sample_text(const std::vector<T>& list) {
  std::string out = "[";
  for (size_t i = 0; i < std::min(list.size(), kMaxSampleItems); ++i) {
    out.append(i == 0 ? "" : ", ").append(item_text(list[i]));
  }
  return out.append(list.size() > kMaxSampleItems ? ", ...]" : "]");
}

std::string cut_sample(std::string text) {
  const std::string_view kept = first_code_points(text, kMaxSampleText);
  return kept.size() == text.size() ? text : std::string(kept).append("...");
}

size_t num_rows(const DatasetColumn& column) {
  return std::visit([](const auto& values) { return values.size(); }, column.values);
}

}  // namespace

void describe_columns(std::span<const DatasetColumn> columns, const CountTokensFn& count_tokens,
                      DatasetRecord& dataset) {
  const size_t rows = columns.empty() ? 0 : num_rows(columns.front());
  dataset.columns.clear();
  dataset.samples.assign(std::min(rows, kNumSampleRows), {});
  for (const DatasetColumn& column : columns) {
    if (num_rows(column) != rows) {
      throw std::invalid_argument("describing a data set: column '" + column.name + "' has " +
                                  std::to_string(num_rows(column)) + " rows, the first has " +
                                  std::to_string(rows));
    }
    ColumnRecord& record = dataset.columns.emplace_back();
    record.name = column.name;
    std::visit(
        [&](const auto& values) {
          if (rows > 0) describe(values, column.kind, count_tokens, record);
          for (size_t row = 0; row < dataset.samples.size(); ++row) {
            dataset.samples[row].push_back(cut_sample(sample_text(values[row])));
          }
        },
        column.values);
  }
}

}  // namespace maxsimd
