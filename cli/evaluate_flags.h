// What `maxsimd evaluate` was asked, and how it answers.
#pragma once

#include <string>
#include <vector>

#include "cli/form_flags.h"
#include "cli/model_flags.h"
#include "cli/parameter_flags.h"
#include "maxsimd/base/json.h"

namespace maxsimd::cli {

struct EvaluateFlags {
  ModelFlags model;
  FormFlags form;
  ParameterFlags parameters;
  std::string beir, triplets, nano_beir, distillation;  // one of these, or
  std::vector<std::string> evaluators;                  // specs
  std::string split = "test", run, csv, name;
  std::vector<std::string> metrics;
  size_t k = 100;
  bool ignore_identical_ids = false;
  bool json = false;
};

using EvaluationJson = nlohmann::ordered_json;

/// One object, or a line a member.
void print_evaluation(const EvaluationJson& result, bool json);

/// --name, or the name of the BEIR folder.
std::string csv_name(const EvaluateFlags& flags);

/// --beir: trec_eval's metrics of a run that is made with an index of any kind, and its times.
void evaluate_beir(const EvaluateFlags& flags);

}  // namespace maxsimd::cli
