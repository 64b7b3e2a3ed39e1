// What is wrong with a value of the right type: the checks that rows of the table name. Each
// returns a text for people, empty when all is well.
#pragma once

#include <string>

#include "maxsimd/hyperparameters/value.h"

namespace maxsimd::detail {

/// Neither 0 nor below -1.
std::string check_max_steps(const HyperparameterValue& value);
/// Above 1 a whole number.
std::string check_ratio_or_count(const HyperparameterValue& value);
/// {name: file or [files]}, with at least one file for each.
std::string check_dataset_files(const HyperparameterValue& value);
/// [query, positive, ...] or {name: [query, positive, ...]}: at least two different columns.
std::string check_columns(const HyperparameterValue& value);
/// {column or data set: text} or {data set: {column: text}}.
std::string check_prompts(const HyperparameterValue& value);
/// {regular expression: rate}: expressions that can be read, rates finite and not negative.
std::string check_learning_rates(const HyperparameterValue& value);
/// A line, or a list of lines: no control characters.
std::string check_lines(const HyperparameterValue& value);
/// A name of the hub: base/model_id.h.
std::string check_model_id(const HyperparameterValue& value);
/// The members of accelerate's AcceleratorConfig, and those of its values that are refused.
std::string check_accelerator_config(const HyperparameterValue& value);

}  // namespace maxsimd::detail
