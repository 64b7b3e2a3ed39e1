#include "maxsimd/training/dataset_notes.h"

#include <algorithm>
#include <stdexcept>

namespace maxsimd::training {
namespace {

using Names = std::vector<std::string>;

struct ColumnNames {
  Names used, unused;
};

ColumnNames columns_of(const Dataset& dataset) {
  const auto* rows = std::get_if<TrainingRows>(&dataset.rows);
  if (rows == nullptr) return {{"query", "documents"}, {"scores"}};
  ColumnNames names{{}, rows->columns().ignored};
  for (const TrainingColumn& column : rows->columns().columns) names.used.push_back(column.name);
  return names;
}

bool has(const Names& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

/// How many documents a query of the first batch is scored with.
size_t num_candidates(const Dataset& dataset, const BatchFacts& batch) {
  if (const auto* rows = std::get_if<DistillationRows>(&dataset.rows)) return rows->ways();
  const size_t columns = std::get<TrainingRows>(dataset.rows).columns().columns.size() - 1;
  const size_t rows = std::min<size_t>(batch.size, dataset.size());
  return columns * rows + (batch.has_others ? 1 : 0);
}

std::string nothing_to_learn(const Dataset& dataset) {
  if (std::holds_alternative<DistillationRows>(dataset.rows)) {
    return "its rows have one document each: there is nothing to tell it from, the loss is 0 and "
           "teaches nothing";
  }
  return "one pair is a batch: a query has no other document, the loss is 0 and teaches nothing; "
         "give larger batches, or negatives (maxsimd mine)";
}

std::string listed(const Names& names) {
  std::string text;
  for (const std::string& name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

enum class PromptUse { kUsed, kUnusedColumn, kNowhere };

PromptUse use_of(const std::string& name, const std::vector<const Dataset*>& datasets,
                 bool may_be_dataset) {
  PromptUse use = PromptUse::kNowhere;
  for (const Dataset* dataset : datasets) {
    const ColumnNames columns = columns_of(*dataset);
    const bool is_name = may_be_dataset && dataset->name == name;
    if (is_name || has(columns.used, name)) return PromptUse::kUsed;
    if (has(columns.unused, name)) use = PromptUse::kUnusedColumn;
  }
  return use;
}

void check_prompt(const std::string& name, const std::vector<const Dataset*>& datasets,
                  bool may_be_dataset, Names& notes) {
  const PromptUse use = use_of(name, datasets, may_be_dataset);
  const std::string what = "prompts: " + shown(HyperparameterValue(name));
  if (use == PromptUse::kUnusedColumn) {
    notes.push_back(what + " has no effect: the column is not trained on");
  } else if (use == PromptUse::kNowhere) {
    throw std::invalid_argument(what + (may_be_dataset ? " is no data set and" : " is") +
                                " no column that is trained on; the columns are " +
                                listed(columns_of(*datasets.front()).used));
  }
}

}  // namespace

std::string dataset_title(const std::string& argument, const Dataset& dataset) {
  return dataset.name.empty() ? argument : argument + " '" + dataset.name + "'";
}

std::vector<std::string> dataset_notes(const std::string& argument,
                                       const std::vector<Dataset>& datasets,
                                       const BatchFacts& batch) {
  std::vector<std::string> notes;
  for (const Dataset& dataset : datasets) {
    const std::string title = dataset_title(argument, dataset) + ": ";
    if (const auto* rows = std::get_if<TrainingRows>(&dataset.rows)) {
      for (const std::string& warning : rows->columns().warnings) notes.push_back(title + warning);
      const std::string unused = unused_columns_text(rows->columns());
      if (!unused.empty()) notes.push_back(title + unused);
    }
    if (num_candidates(dataset, batch) < 2) notes.push_back(title + nothing_to_learn(dataset));
  }
  return notes;
}

std::vector<std::string> prompt_notes(const HyperparameterValue& prompts,
                                      const std::vector<const Dataset*>& datasets) {
  std::vector<std::string> notes;
  if (prompts.map() == nullptr || datasets.empty()) return notes;
  for (const auto& [name, texts] : *prompts.map()) {
    if (texts.map() == nullptr) {
      check_prompt(name, datasets, true, notes);
      continue;
    }
    std::vector<const Dataset*> own;
    for (const Dataset* dataset : datasets) {
      if (dataset->name == name) own.push_back(dataset);
    }
    if (own.empty()) continue;
    for (const auto& member : *texts.map()) check_prompt(member.first, own, false, notes);
  }
  return notes;
}

}  // namespace maxsimd::training
