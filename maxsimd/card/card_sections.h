// The sections of a card, each a function that returns its text. Private to this room. Together
// they are pylate/hf_hub/model_card_template.md of PyLate 1.6, in its order and with its white
// space.
#pragma once

#include <string>
#include <vector>

#include "maxsimd/card/evaluation_results.h"
#include "maxsimd/card/model_summary.h"
#include "maxsimd/card/training_record.h"

namespace maxsimd {

/// What the sections look at.
struct CardContent {
  const TrainingRecord& record;
  const ModelSummary& model;
  bool pylate = false;  // to the letter
  std::string model_name;
  std::vector<EvaluationResult> evaluations;
  std::vector<std::string> loss_classes;  // "Contrastive", each once, in order
};

/// Whether a base model's name is one of the Hugging Face hub: "ORG/NAME".
bool is_hub_id(const std::string& name);

std::string front_matter(const CardContent& card);         // YAML, without the fences
std::string description_section(const CardContent& card);  // title to "Full Model Architecture"
std::string usage_section(const CardContent& card);        // to "Out-of-Scope Use"
std::string evaluation_section(const CardContent& card);   // "" when nothing was evaluated
std::string datasets_section(const CardContent& card);     // "Training Details", data sets
std::string training_section(const CardContent& card);     // hyperparameters, logs
std::string versions_section(const CardContent& card);     // framework versions
std::string citation_section(const CardContent& card);     // to the end of the BibTeX

}  // namespace maxsimd
