#include "maxsimd/hyperparameters/value_checks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <regex>
#include <set>
#include <string_view>

#include "maxsimd/base/model_id.h"

namespace maxsimd::detail {
namespace {

using Map = HyperparameterValue::Map;
using Check = std::string (*)(const HyperparameterValue&);

// The first problem of a member, told with its name.
std::string check_members(const Map& map, Check check) {
  for (const auto& [name, value] : map) {
    const std::string problem = check(value);
    if (!problem.empty()) {
      return std::string("member ").append(shown(HyperparameterValue(name))) + ": " + problem;
    }
  }
  return "";
}

std::string expected(std::string_view what, const HyperparameterValue& got) {
  return std::string("expected ").append(what).append(", got ").append(shown(got));
}

std::string check_files(const HyperparameterValue& value) {
  if (const auto* files = value.list()) {
    const auto is_path = [](const HyperparameterValue& file) {
      return file.string() && !file.string()->empty();
    };
    if (!files->empty() && std::ranges::all_of(*files, is_path)) return "";
  } else if (value.string() && !value.string()->empty()) {
    return "";
  }
  return expected("a file or a list of files", value);
}

std::string check_column_list(const HyperparameterValue& value) {
  std::set<std::string> names;
  const auto* columns = value.list();
  if (!columns) return expected("a list of columns", value);
  for (const auto& column : *columns) {
    if (!column.string() || column.string()->empty())
      return expected("the name of a column", column);
    if (!names.insert(*column.string()).second) return "column " + shown(column) + " twice";
  }
  return names.size() >= 2 ? "" : expected("at least a query and a document column", value);
}

std::string check_prompt(const HyperparameterValue& value) {
  return value.string() ? "" : expected("a text", value);
}

std::string check_prompt_or_columns(const HyperparameterValue& value) {
  if (value.map()) return check_members(*value.map(), check_prompt);
  return value.string() ? "" : expected("a text or a mapping of columns to texts", value);
}

std::string check_rate(const HyperparameterValue& value) {
  if (value.is_number() && value.number() >= 0 && std::isfinite(value.number())) return "";
  return expected("a learning rate of at least 0", value);
}

// Long ones would take std::regex's recursion past the end of the stack.
std::string check_pattern(const std::string& pattern) {
  constexpr size_t kMaxPattern = 1000;
  if (pattern.size() > kMaxPattern) {
    return "expected regular expressions of at most " + std::to_string(kMaxPattern) +
           " bytes, got one of " + std::to_string(pattern.size());
  }
  try {
    std::regex compiled(pattern);
  } catch (const std::regex_error& error) {
    return expected("a regular expression (ECMAScript)", HyperparameterValue(pattern)) + " (" +
           error.what() + ")";
  }
  return "";
}

}  // namespace

std::string check_max_steps(const HyperparameterValue& value) {
  return value.integer() && *value.integer() == 0 ? "expected -1 (by epochs) or at least 1, got 0"
                                                  : "";
}

std::string check_ratio_or_count(const HyperparameterValue& value) {
  if (!value.is_number() || value.number() <= 1) return "";
  if (value.number() == std::floor(value.number()) && value.number() <= 1e9) return "";
  return expected("a whole number of steps, or a part of all steps below 1", value);
}

std::string check_dataset_files(const HyperparameterValue& value) {
  if (value.is_none()) return "";
  const auto* datasets = value.map();
  if (!datasets) return check_files(value);
  if (datasets->empty()) return "expected at least one data set, got {}";
  return check_members(*datasets, check_files);
}

std::string check_columns(const HyperparameterValue& value) {
  if (value.is_none()) return "";
  return value.map() ? check_members(*value.map(), check_column_list) : check_column_list(value);
}

std::string check_prompts(const HyperparameterValue& value) {
  if (!value.map()) return "";
  std::string problem = check_members(*value.map(), check_prompt_or_columns);
  const auto is_map = [](const auto& member) { return member.second.map() != nullptr; };
  if (problem.empty() && std::ranges::any_of(*value.map(), is_map) &&
      !std::ranges::all_of(*value.map(), is_map)) {
    problem = "expected texts, or a mapping of columns for every data set, got both";
  }
  return problem;
}

std::string check_learning_rates(const HyperparameterValue& value) {
  if (!value.map()) return "";
  for (const auto& [pattern, rate] : *value.map()) {
    const std::string problem = check_pattern(pattern);
    if (!problem.empty()) return problem;
  }
  return check_members(*value.map(), check_rate);
}

std::string check_lines(const HyperparameterValue& value) {
  constexpr char kFirstPrintable = 0x20, kDelete = 0x7f;
  const auto is_line = [](const std::string& text) {
    return std::ranges::all_of(text, [](char c) {
      return static_cast<unsigned char>(c) >= kFirstPrintable && c != kDelete;
    });
  };
  if (value.string()) return is_line(*value.string()) ? "" : expected("one line", value);
  if (!value.list()) return "";
  for (const HyperparameterValue& line : *value.list()) {
    if (!is_line(*line.string())) return expected("one line each", line);
  }
  return "";
}

std::string check_model_id(const HyperparameterValue& value) {
  return value.string() ? problem_of_model_id(*value.string()) : "";
}

std::string check_accelerator_config(const HyperparameterValue& value) {
  constexpr std::array<std::string_view, 7> kMembers = {
      "split_batches",        "dispatch_batches", "even_batches",
      "use_seedable_sampler", "non_blocking",     "gradient_accumulation_kwargs",
      "use_configured_state"};
  if (!value.map()) return "";
  for (const auto& [name, member] : *value.map()) {
    if (std::ranges::find(kMembers, name) == kMembers.end()) {
      return "no such member: " + shown(HyperparameterValue(name));
    }
    const bool asked = !member.is_empty();
    if (name == "split_batches" && asked) {
      return "split_batches is refused: batch sizes are per process; divide "
             "per_device_train_batch_size by their number";
    }
    if (name == "even_batches" && !asked) {
      return "even_batches: False is refused: all processes take as many steps";
    }
    if (name == "use_seedable_sampler" && !asked) {
      return "use_seedable_sampler: False is refused: the order of the data is the one of "
             "use_seedable_sampler";
    }
    if (name == "gradient_accumulation_kwargs" && asked) {
      return "gradient_accumulation_kwargs is refused; use gradient_accumulation_steps";
    }
  }
  return "";
}

}  // namespace maxsimd::detail
