#include "maxsimd/evaluation/joint_metric_names.h"

#include <map>
#include <set>
#include <stdexcept>
#include <utility>

namespace maxsimd {
namespace {

void check_names(const std::vector<std::unique_ptr<Evaluator>>& evaluators) {
  std::set<std::pair<std::string, std::string>> seen;
  for (const auto& evaluator : evaluators) {
    if (seen.emplace(evaluator->class_path(), evaluator->name()).second) continue;
    throw std::invalid_argument("evaluators: two of " + evaluator->class_name() +
                                " with the name '" + evaluator->name() +
                                "'; give each a name of its own");
  }
}

}  // namespace

std::vector<std::vector<std::string>> joint_metric_names(
    const std::vector<std::unique_ptr<Evaluator>>& evaluators) {
  check_names(evaluators);
  std::map<std::string, size_t> uses;
  std::vector<std::vector<std::string>> names;
  for (const auto& evaluator : evaluators) {
    for (const std::string& name : names.emplace_back(evaluator->metric_names())) ++uses[name];
  }
  std::set<std::string> taken;
  for (size_t e = 0; e < evaluators.size(); ++e) {
    const std::string& own = evaluators[e]->name();
    for (std::string& name : names[e]) {
      if (uses[name] > 1 && !own.empty()) name = std::string(own).append("_").append(name);
      if (taken.insert(name).second) continue;
      throw std::invalid_argument("evaluators: two metrics are called '" + name +
                                  "'; give the evaluators names that tell them apart");
    }
  }
  return names;
}

}  // namespace maxsimd
