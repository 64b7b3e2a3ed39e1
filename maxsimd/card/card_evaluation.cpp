#include <algorithm>

#include "maxsimd/card/card_sections.h"
#include "maxsimd/card/markdown_table.h"
#include "maxsimd/card/python_text.h"

namespace maxsimd {
namespace {

// Results of one evaluator class with the same metrics on several data sets share a table.
using Group = std::vector<const EvaluationResult*>;

std::vector<std::string> sorted_names(const EvaluationResult& result) {
  std::vector<std::string> names;
  for (const auto& metric : result.metrics) {
    const bool is_primary = metric.first == result.primary_metric;
    names.push_back(is_primary ? "**" + metric.first + "**" : metric.first);
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool belongs(const Group& group, const EvaluationResult& result) {
  const EvaluationResult& first = *group.front();
  const bool other_data = group.size() > 1 || first.name != result.name;
  return first.class_path == result.class_path && other_data &&
         sorted_names(first) == sorted_names(result);
}

std::vector<Group> grouped(const std::vector<EvaluationResult>& results) {
  std::vector<Group> groups;
  for (const EvaluationResult& result : results) {
    const auto found = std::find_if(groups.begin(), groups.end(),
                                    [&](const Group& group) { return belongs(group, result); });
    if (found == groups.end()) {
      groups.push_back({&result});
    } else {
      found->push_back(&result);
    }
  }
  return groups;
}

double value_of(const EvaluationResult& result, const std::string& metric) {
  const auto found = std::find_if(result.metrics.begin(), result.metrics.end(),
                                  [&](const auto& other) { return other.first == metric; });
  return found->second;
}

std::string metrics_table(const Group& group, bool pylate) {
  const auto shown = [&](const std::string& text) { return pylate ? text : literal_line(text); };
  std::vector<std::string> header = {"Metric"};
  for (const EvaluationResult* result : group) {
    header.push_back(group.size() == 1 ? "Value" : shown(result->name));
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& metric : group.front()->metrics) {
    const bool is_primary = metric.first == group.front()->primary_metric;
    std::vector<std::string> row = {shown(metric.first)};
    for (const EvaluationResult* result : group) {
      row.push_back(python_float(python_round(value_of(*result, metric.first), 4)));
    }
    if (is_primary) {
      for (std::string& cell : row) cell = "**" + cell + "**";
    }
    rows.push_back(std::move(row));
  }
  return markdown_table(header, rows, TableAlign::left);
}

// PyLate prints the names of several data sets as a Python list.
std::string dataset_line(const Group& group, bool pylate) {
  if (group.size() == 1) {
    const std::string& name = group.front()->name;
    return name.empty() ? "\n" : "* Dataset: `" + name + "`\n";
  }
  std::string names;
  for (size_t i = 0; i < group.size(); ++i) {
    const std::string& name = group[i]->name;
    if (i > 0) names.append(pylate || i + 1 < group.size() ? ", " : " and ");
    names.append(pylate ? python_repr(name) : "`" + name + "`");
  }
  return pylate ? "* Dataset: `[" + names + "]`\n" : "* Datasets: " + names + "\n";
}

}  // namespace

std::string evaluation_section(const CardContent& card) {
  if (card.evaluations.empty()) return "";
  std::string out = "\n## Evaluation\n\n### Metrics\n";
  for (const Group& group : grouped(card.evaluations)) {
    out.append("\n#### ").append(group.front()->description).append("\n");
    out.append(dataset_line(group, card.pylate)).append("* Evaluated with <code>");
    out.append(group.front()->class_path).append("</code>\n\n");
    out.append(metrics_table(group, card.pylate));
  }
  return out;
}

}  // namespace maxsimd
