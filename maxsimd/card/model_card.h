// The README.md of a trained model: what it is, how to use it, how well it does, and how it was
// made. The sections, their order and their white space are PyLate 1.6's
// (pylate/hf_hub/model_card_template.md). Where PyLate's card is wrong this one is right;
// docs/model_card.md lists each difference, and CardOptions::pylate asks for PyLate's letter.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "maxsimd/card/model_summary.h"
#include "maxsimd/card/training_record.h"

namespace maxsimd {

struct CardOptions {
  bool pylate = false;  // to the letter, PyLate's mistakes included
  // In place of what the record says, where they are not empty.
  std::string model_name;
  std::string model_id;
  std::vector<std::string> language;
  std::string license;
};

/// The card as Markdown with YAML front matter. The same for the same input. Throws
/// std::invalid_argument: find_problem() has one.
std::string model_card(const TrainingRecord& record, const ModelSummary& model,
                       const CardOptions& options = {});

/// A run folder's card: of its run.json and the model folder that names.
struct RunCard {
  std::string text;
  std::filesystem::path default_path;  // README.md in the model folder
};

/// Throws IoError (no run.json, no model there) and FormatError.
RunCard card_of_run(const std::filesystem::path& run_folder, const CardOptions& options = {});

}  // namespace maxsimd
