#include "maxsimd/evaluation/sequential_evaluator.h"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>

namespace maxsimd {
namespace {

constexpr const char* kScoreName = "sequential_score";

[[noreturn]] void fail(const std::string& problem) {
  throw std::invalid_argument("sequence of evaluators: " + problem);
}

void check_names(const std::vector<std::unique_ptr<Evaluator>>& parts) {
  std::set<std::pair<std::string, std::string>> seen;
  for (const auto& part : parts) {
    if (seen.emplace(part->class_path(), part->name()).second) continue;
    fail("two of " + part->class_name() + " with the name '" + part->name() +
         "'; give each a name of its own");
  }
}

// What the metrics of each part are called where those of all stand together.
std::vector<std::vector<std::string>> joint_names(
    const std::vector<std::unique_ptr<Evaluator>>& parts) {
  std::map<std::string, size_t> uses;
  std::vector<std::vector<std::string>> names;
  for (const auto& part : parts) {
    for (const std::string& name : names.emplace_back(part->metric_names())) ++uses[name];
  }
  std::set<std::string> taken = {kScoreName};
  for (size_t p = 0; p < parts.size(); ++p) {
    for (std::string& name : names[p]) {
      if (uses[name] > 1 && !parts[p]->name().empty()) name = parts[p]->name() + "_" + name;
      if (!taken.insert(name).second) fail("two metrics are called '" + name + "'");
    }
  }
  return names;
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
  check_names(parts_);
  names_ = joint_names(parts_);
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
