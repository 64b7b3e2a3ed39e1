#include <algorithm>

#include "maxsimd/card/card_sections.h"
#include "maxsimd/card/dataset_statistics.h"
#include "maxsimd/card/markdown_table.h"
#include "maxsimd/card/python_text.h"

namespace maxsimd {
namespace {

std::string code(const std::string& text) {
  return "<code>" + text + "</code>";
}

std::string shown(const std::string& text, bool pylate) {
  return pylate ? text : literal_line(text);
}

std::string hub_url(const std::string& id) {
  return "https://huggingface.co/datasets/" + id;
}

std::string dataset_line(const DatasetRecord& dataset, bool pylate) {
  if (dataset.name.empty()) return "\n";
  const std::string name = shown(dataset.name, pylate);
  std::string out = "* Dataset: ";
  if (!dataset.id) {
    const bool linked = dataset.link && !pylate;
    return out.append(linked ? "[" + name + "](" + *dataset.link + ")" : name).append("\n");
  }
  const std::string url = hub_url(*dataset.id);
  out.append("[").append(name).append("](").append(url).append(")");
  if (dataset.revision) {
    out.append(" at [").append(dataset.revision->substr(0, 7)).append("](").append(url);
    out.append("/tree/").append(*dataset.revision).append(")");
  }
  return out.append("\n");
}

std::string columns_line(const DatasetRecord& dataset, bool pylate) {
  std::string out = "* Columns: ";
  const size_t count = dataset.columns.size();
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) out.append(i + 1 < count ? ", " : count == 2 ? " and " : ", and ");
    out.append(code(shown(dataset.columns[i].name, pylate)));
  }
  return out.append("\n");
}

std::string html_list(const TextPairs& details) {
  std::string out = "<ul>";
  for (const auto& [key, value] : details) {
    out.append("<li>").append(key).append(": ").append(value).append("</li>");
  }
  if (details.empty()) out.append("<li></li>");
  return out.append("</ul>");
}

std::string indented(const std::string& table, bool pylate) {
  if (pylate) return python_indent(table);
  std::string out;
  for (size_t at = 0; at < table.size();) {
    const size_t end = table.find('\n', at) + 1;
    out.append("  ").append(table, at, end - at);
    at = end;
  }
  return out;
}

std::string statistics_table(const DatasetRecord& dataset, bool pylate) {
  std::vector<std::string> header = {""}, types = {"type"}, details = {"details"};
  for (const ColumnRecord& column : dataset.columns) {
    const bool letter = pylate && !column.pylate_details.empty();
    header.push_back(shown(column.name, pylate));
    types.push_back(column.dtype);
    details.push_back(html_list(letter ? column.pylate_details : column.details));
  }
  return indented(markdown_table(header, {types, details}, TableAlign::left), pylate);
}

std::string samples_table(const DatasetRecord& dataset, bool pylate) {
  std::vector<std::string> header;
  for (const ColumnRecord& column : dataset.columns) header.push_back(shown(column.name, pylate));
  std::vector<std::vector<std::string>> rows;
  for (const auto& sample : dataset.samples) {
    std::vector<std::string>& row = rows.emplace_back();
    for (const std::string& text : sample) {
      row.push_back(code(pylate ? pylate_cell(text) : literal_cell(text)));
    }
  }
  return indented(markdown_table(header, rows, TableAlign::left), pylate);
}

// PyLate's losses do not say their parameters.
std::string loss_line(const DatasetRecord& dataset, bool pylate) {
  std::string out = "* Loss: " + code(dataset.loss);
  if (pylate || dataset.loss_parameters.empty()) return out.append("\n");
  out.append(" with these parameters:\n  ```json\n  {\n");
  for (size_t i = 0; i < dataset.loss_parameters.size(); ++i) {
    const auto& [name, value] = dataset.loss_parameters[i];
    out.append("      \"").append(name).append("\": ").append(value);
    out.append(i + 1 < dataset.loss_parameters.size() ? ",\n" : "\n");
  }
  return out.append("  }\n  ```\n");
}

const char* samples_word(uint64_t count, bool pylate) {
  return count == 1 && !pylate ? "sample" : "samples";
}

std::string dataset_block(const DatasetRecord& dataset, const std::string& use, bool pylate) {
  const std::string name = dataset.name.empty() ? "Unnamed Dataset" : shown(dataset.name, pylate);
  std::string out = "\n#### " + name + "\n\n" + dataset_line(dataset, pylate);
  if (dataset.license && !pylate) out.append("* License: ").append(*dataset.license).append("\n");
  if (dataset.size > 0) {
    out.append("* Size: ").append(with_thousands(dataset.size)).append(" ").append(use);
    out.append(" ").append(samples_word(dataset.size, pylate)).append("\n");
  }
  out.append(columns_line(dataset, pylate));
  if (!dataset.samples.empty()) {
    const uint64_t rows = std::min<uint64_t>(dataset.size, kNumStatisticsRows);
    out.append("* Approximate statistics based on the first ").append(std::to_string(rows));
    out.append(" ").append(samples_word(rows, pylate)).append(":\n");
    out.append(statistics_table(dataset, pylate));
    out.append("* Samples:\n").append(samples_table(dataset, pylate));
  }
  return out.append(loss_line(dataset, pylate));
}

std::string dataset_blocks(const std::vector<DatasetRecord>& datasets, const std::string& title,
                           const std::string& use, bool pylate) {
  if (datasets.empty()) return "";
  std::string out = "\n### " + title + " Dataset" + (datasets.size() > 1 ? "s" : "") + "\n";
  for (const DatasetRecord& dataset : datasets) out.append(dataset_block(dataset, use, pylate));
  return out;
}

}  // namespace

std::string datasets_section(const CardContent& card) {
  const TrainingRecord& record = card.record;
  return "\n## Training Details\n" +
         dataset_blocks(record.train_datasets, "Training", "training", card.pylate) +
         dataset_blocks(record.eval_datasets, "Evaluation", "evaluation", card.pylate);
}

}  // namespace maxsimd
