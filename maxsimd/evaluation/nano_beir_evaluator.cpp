#include "maxsimd/evaluation/nano_beir_evaluator.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "maxsimd/evaluation/evaluator_csv.h"

namespace maxsimd {

NanoBEIREvaluator::NanoBEIREvaluator(const std::vector<NanoBeirSet>& sets, NanoBeirOptions options)
    : options_(std::move(options)) {
  if (sets.empty()) throw std::invalid_argument("NanoBEIR evaluator: expected at least one set");
  for (const NanoBeirSet& set : sets) {
    dataset_names_.push_back(set.dataset_name);
    evaluators_.push_back(std::make_unique<PyLateInformationRetrievalEvaluator>(
        read_beir(set.files, {}, EmptyTexts::drop),
        RetrievalEvaluatorOptions{.name = set.name,
                                  .cutoffs = options_.cutoffs,
                                  .ignore_identical_ids = options_.ignore_identical_ids,
                                  .corpus_chunk_size = options_.corpus_chunk_size}));
  }
}

std::vector<std::string> NanoBEIREvaluator::metric_names() const {
  std::vector<std::string> names;
  for (const auto& evaluator : evaluators_) {
    for (std::string& name : evaluator->metric_names()) names.push_back(std::move(name));
  }
  for (const std::string& metric : retrieval_metric_names(options_.cutoffs)) {
    names.push_back(maxsim_prefix(name_) + metric);
  }
  return names;
}

std::string NanoBEIREvaluator::primary_metric() const {
  return maxsim_prefix(name_) + "ndcg@" +
         std::to_string(std::ranges::max(options_.cutoffs.ndcg_at_k));
}

std::string NanoBEIREvaluator::config() const {
  return nlohmann::json{{"dataset_names", dataset_names_}}.dump();
}

std::vector<std::string> NanoBEIREvaluator::notes() const {
  std::vector<std::string> notes;
  for (const auto& evaluator : evaluators_) {
    for (std::string& note : evaluator->notes()) notes.push_back(std::move(note));
  }
  return notes;
}

EvaluationResult NanoBEIREvaluator::evaluate(const EncodeFn& encode, ThreadPool& pool,
                                             const EvaluationContext& context) const {
  EvaluationResult result;
  MetricValues means;
  for (const std::string& name : retrieval_metric_names(options_.cutoffs)) {
    means.push_back({name, 0.0});
  }
  for (const auto& evaluator : evaluators_) {
    EvaluationResult of_set = evaluator->evaluate(encode, pool, context);
    for (size_t i = 0; i < means.size(); ++i) means[i].value += of_set.values[i].value;
    result.values.insert(result.values.end(), of_set.values.begin(), of_set.values.end());
    result.reports.push_back(std::move(of_set.reports.front()));
  }
  for (MetricValue& mean : means) mean.value /= static_cast<double>(evaluators_.size());
  const RetrievalCsvRow row = retrieval_csv_row(means, options_.cutoffs);
  append_csv(context, {"NanoBEIR_evaluation_mean_results.csv", row.headers, row.values});
  for (MetricValue& mean : means) mean.name = maxsim_prefix(name_) + mean.name;
  result.values.insert(result.values.end(), means.begin(), means.end());
  if (evaluators_.size() > 1) result.reports.push_back({this, std::move(means)});
  return result;
}

}  // namespace maxsimd
