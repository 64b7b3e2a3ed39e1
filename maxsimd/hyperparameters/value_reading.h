// What a file or a command line gave for a name, turned into the value that its row of the table
// takes. Words are read by the type that is wanted, so that `eval_strategy: no` is the strategy and
// not False, and `learning_rate: 3e-6` is a number, which YAML 1.1 (transformers) takes for a text.
#pragma once

#include <string>

#include "maxsimd/hyperparameters/hyperparameter.h"

namespace maxsimd::detail {

/// Before the table says what it means.
struct GivenValue {
  HyperparameterValue value;
  bool is_plain = false;  // `value` is the text of an unquoted word, of any type
};

/// A value, or what is wrong with what was given (a text for people).
struct ReadValue {
  HyperparameterValue value = {};
  std::string problem = {};
};

/// Reads by the row's type; then choices, bounds, checks and refusals.
ReadValue read_value(const Hyperparameter& row, const GivenValue& given);

/// The row's default.
HyperparameterValue default_value(const Hyperparameter& row);

/// An unquoted word within a list or a dict: null, True, 1, 2.5, or a text.
HyperparameterValue plain_value(const std::string& text);

}  // namespace maxsimd::detail
