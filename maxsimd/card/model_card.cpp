#include "maxsimd/card/model_card.h"

#include <algorithm>
#include <stdexcept>

#include "maxsimd/base/errors.h"
#include "maxsimd/card/card_sections.h"
#include "maxsimd/card/card_texts.h"
#include "maxsimd/card/checkpoint_name.h"
#include "maxsimd/card/training_record_file.h"

namespace maxsimd {
namespace {

std::string model_name_of(const TrainingRecord& record, bool pylate) {
  if (record.model_name && !record.model_name->empty()) return *record.model_name;
  const bool has_base = record.base_model && !record.base_model->empty() &&
                        (!pylate || is_hub_id(*record.base_model));
  if (has_base) return "PyLate model based on " + *record.base_model;
  return pylate ? "PyLate" : "PyLate model";
}

std::vector<std::string> loss_classes_of(const TrainingRecord& record) {
  std::vector<std::string> classes;
  for (const auto* datasets : {&record.train_datasets, &record.eval_datasets}) {
    for (const DatasetRecord& dataset : *datasets) {
      const std::string name = class_name_of(dataset.loss);
      const bool is_new = std::find(classes.begin(), classes.end(), name) == classes.end();
      if (!name.empty() && is_new) classes.push_back(name);
    }
  }
  return classes;
}

}  // namespace

std::string model_card(const TrainingRecord& given, const ModelSummary& model,
                       const CardOptions& options) {
  TrainingRecord record = given;
  if (!options.model_name.empty()) record.model_name = options.model_name;
  if (!options.model_id.empty()) record.model_id = options.model_id;
  if (!options.language.empty()) record.language = options.language;
  if (!options.license.empty()) record.license = options.license;
  if (const auto problem = find_problem(record)) {
    throw std::invalid_argument("model card: " + *problem);
  }
  const CardContent card{.record = record,
                         .model = model,
                         .pylate = options.pylate,
                         .model_name = model_name_of(record, options.pylate),
                         .evaluations = evaluation_results(record, options.pylate),
                         .loss_classes = loss_classes_of(record)};
  std::string out = "---\n";
  out.append(front_matter(card)).append("---\n\n");
  out.append(description_section(card)).append(usage_section(card));
  out.append(evaluation_section(card)).append("\n").append(kRiskComments);
  out.append(datasets_section(card)).append(training_section(card));
  out.append(versions_section(card)).append(citation_section(card));
  out.append("\n").append(kClosingComments);
  return options.pylate ? out : out.append("\n");
}

namespace {

// A killed run may have left checkpoints, which have records of their own.
std::string newest_checkpoint_text(const std::filesystem::path& run_folder) {
  for (const std::filesystem::path& folder : find_checkpoint_names(run_folder)) {
    if (!std::filesystem::exists(folder / kTrainingRecordName)) continue;
    return "; its newest checkpoint has a card, too: maxsimd card " + folder.string();
  }
  return "";
}

}  // namespace

RunCard card_of_run(const std::filesystem::path& run_folder, const CardOptions& options) {
  const std::filesystem::path path = run_folder / kTrainingRecordName;
  if (!std::filesystem::exists(path)) {
    throw IoError("reading the record of a training run: " + path.string() +
                  " does not exist; expected the output folder of 'maxsimd train'" +
                  newest_checkpoint_text(run_folder));
  }
  const TrainingRecord record = read_training_record(path);
  const std::filesystem::path folder = run_folder / record.model_folder;
  if (!std::filesystem::exists(folder)) {
    throw IoError("the model of a training run: " + path.string() + " says that it is in " +
                  folder.string() + ", which is not there" + newest_checkpoint_text(run_folder));
  }
  return {.text = model_card(record, read_model_summary(folder), options),
          .default_path = folder / "README.md"};
}

}  // namespace maxsimd
