#include "maxsimd/training/run_evaluators.h"

#include <stdexcept>
#include <string>
#include <utility>

#include "maxsimd/base/atomic_file.h"
#include "maxsimd/base/sha256.h"

namespace maxsimd::training {
namespace {

EvaluatorSpec spec_of(EvaluatorKind kind, const std::string& path) {
  return {.kind = kind, .path = path};
}

EvaluatorSpec distillation_spec(const TrainingArguments& arguments, const std::string& path) {
  const DataArguments& data = arguments.data;
  EvaluatorSpec spec = spec_of(EvaluatorKind::distillation, path);
  spec.queries.assign(data.queries.begin(), data.queries.end());
  spec.documents.assign(data.documents.begin(), data.documents.end());
  spec.n_ways = static_cast<size_t>(data.n_ways);
  spec.allow_missing_documents = data.allow_missing_documents;
  spec.normalize_scores = arguments.loss.normalize_scores;
  return spec;
}

void add_parts(EvaluatorSpec spec, std::vector<EvaluatorSpec>& specs) {
  if (spec.kind != EvaluatorKind::sequence) {
    specs.push_back(std::move(spec));
    return;
  }
  if (spec.main.has_value()) {
    throw std::invalid_argument(
        "evaluator: 'main' of a sequence has no meaning in training; leave it out, and name the "
        "metric that counts with metric_for_best_model");
  }
  for (EvaluatorSpec& part : spec.parts) add_parts(std::move(part), specs);
}

}  // namespace

std::vector<EvaluatorSpec> evaluator_specs(const TrainingArguments& arguments) {
  const EvaluationArguments& given = arguments.evaluation;
  std::vector<EvaluatorSpec> specs;
  for (const std::string& file : given.eval_triplets) {
    specs.push_back(spec_of(EvaluatorKind::triplet, file));
  }
  for (const std::string& folder : given.eval_beir) {
    specs.push_back(spec_of(EvaluatorKind::retrieval, folder));
  }
  if (!given.eval_nano_beir.empty()) {
    specs.push_back(spec_of(EvaluatorKind::nano_beir, given.eval_nano_beir));
  }
  for (const std::string& file : given.eval_distillation) {
    specs.push_back(distillation_spec(arguments, file));
  }
  for (const std::string& text : given.evaluators) add_parts(read_evaluator_spec(text), specs);
  return specs;
}

std::map<std::string, std::string> evaluator_files(const TrainingArguments& arguments) {
  std::map<std::string, std::string> files;
  for (const std::string& text : arguments.evaluation.evaluators) {
    if (is_spec_file(text)) files[text] = sha256_hex(read_file(text));
  }
  return files;
}

std::string never_evaluated(const TrainingArguments& arguments) {
  const EvaluationArguments& given = arguments.evaluation;
  if (given.eval_strategy != RunStrategy::kNo || given.eval_on_start) return "";
  const std::pair<const char*, bool> names[] = {
      {"eval_dataset", !arguments.data.eval_dataset.empty()},
      {"eval_triplets", !given.eval_triplets.empty()},
      {"eval_beir", !given.eval_beir.empty()},
      {"eval_nano_beir", !given.eval_nano_beir.empty()},
      {"eval_distillation", !given.eval_distillation.empty()},
      {"evaluator", !given.evaluators.empty()}};
  std::string list;
  for (const auto& [name, is_given] : names) {
    if (is_given) list.append(list.empty() ? "" : ", ").append(name);
  }
  if (list.empty()) return "";
  return list + ": given, but nothing is evaluated in this run; set eval_strategy: steps or epoch";
}

std::vector<std::unique_ptr<Evaluator>> make_evaluators(const TrainingArguments& arguments) {
  return make_each(evaluator_specs(arguments));
}

}  // namespace maxsimd::training
