#include "maxsimd/evaluation/sequential_evaluator.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "maxsimd/evaluation/joint_metric_names.h"

namespace maxsimd {
namespace {

constexpr const char* kScoreName = "sequential_score";

[[noreturn]] void fail(const std::string& problem) {
  throw std::invalid_argument("sequence of evaluators: " + problem);
}

}  // namespace

SequentialEvaluator::SequentialEvaluator(std::vector<std::unique_ptr<Evaluator>> parts,
                                         std::optional<size_t> main)
    : parts_(std::move(parts)) {
  if (parts_.empty()) fail("expected at least one");
  main_ = main.value_or(parts_.size() - 1);
  if (main_ >= parts_.size()) {
    fail("main: expected a number below " + std::to_string(parts_.size()) + ", got " +
         std::to_string(main_));
  }
  names_ = joint_metric_names(parts_);
  for (const auto& names : names_) {
    if (std::ranges::find(names, kScoreName) != names.end()) fail("a part is a sequence itself");
  }
}

std::vector<std::string> SequentialEvaluator::metric_names() const {
  std::vector<std::string> all;
  for (const auto& names : names_) all.insert(all.end(), names.begin(), names.end());
  all.emplace_back(kScoreName);
  return all;
}

std::vector<std::string> SequentialEvaluator::notes() const {
  std::vector<std::string> notes;
  for (const auto& part : parts_) {
    for (std::string& note : part->notes()) notes.push_back(std::move(note));
  }
  return notes;
}

EvaluationResult SequentialEvaluator::evaluate(const EncodeFn& encode, ThreadPool& pool,
                                               const EvaluationContext& context) const {
  EvaluationResult result;
  double score = 0.0;
  for (size_t p = 0; p < parts_.size(); ++p) {
    EvaluationResult of_part = parts_[p]->evaluate(encode, pool, context);
    const std::string primary = parts_[p]->primary_metric();
    for (size_t m = 0; m < of_part.values.size(); ++m) {
      const MetricValue& metric = of_part.values[m];
      if (p == main_ && metric.name == primary) score = metric.value;
      result.values.push_back({names_[p][m], metric.value});
    }
    std::ranges::move(of_part.reports, std::back_inserter(result.reports));
  }
  result.values.push_back({kScoreName, score});
  return result;
}

}  // namespace maxsimd
