#include "maxsimd/training/run_evaluators.h"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

namespace maxsimd::training {
namespace {

EvaluatorSpec spec_of(EvaluatorKind kind, const std::string& path) {
  return {.kind = kind, .path = path};
}

EvaluatorSpec distillation_spec(const TrainingArguments& arguments, const std::string& path) {
  const DataArguments& data = arguments.data;
  EvaluatorSpec spec = spec_of(EvaluatorKind::distillation, path);
  if (!data.queries.empty()) spec.queries = data.queries.front();
  if (!data.documents.empty()) spec.documents = data.documents.front();
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

bool is_same(const EvaluatorRecord& a, const EvaluatorRecord& b) {
  return a.class_path == b.class_path && a.name == b.name;
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

std::vector<std::unique_ptr<Evaluator>> make_evaluators(const TrainingArguments& arguments) {
  std::vector<std::unique_ptr<Evaluator>> evaluators = make_each(evaluator_specs(arguments));
  std::set<std::pair<std::string, std::string>> seen;
  for (const auto& evaluator : evaluators) {
    if (seen.emplace(evaluator->class_path(), evaluator->name()).second) continue;
    throw std::invalid_argument("evaluator: two of " + evaluator->class_name() +
                                " with the name '" + evaluator->name() +
                                "'; give each a \"name\" of its own (docs/evaluation.md)");
  }
  return evaluators;
}

std::vector<EvaluatorRecord> records_of(const std::vector<std::unique_ptr<Evaluator>>& evaluators) {
  std::vector<EvaluatorRecord> records;
  for (const auto& evaluator : evaluators) {
    records.push_back({evaluator->class_path(), evaluator->name(), evaluator->primary_metric()});
  }
  return records;
}

void adopt_evaluators(std::vector<EvaluatorRecord> now, TrainingRecord& record) {
  std::vector<size_t> places;  // of those before
  for (const EvaluatorRecord& before : record.evaluators) {
    const auto found = std::ranges::find_if(
        now, [&](const EvaluatorRecord& evaluator) { return is_same(evaluator, before); });
    places.push_back(static_cast<size_t>(found - now.begin()));
    if (found == now.end()) now.push_back(before);
  }
  for (LogEvent& event : record.log) {
    if (auto* log = std::get_if<EvaluatorLog>(&event)) log->evaluator = places.at(log->evaluator);
  }
  record.evaluators = std::move(now);
}

}  // namespace maxsimd::training
