// Reads lr_scheduler_kwargs: each member once, of the wanted type, and none left over.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "maxsimd/hyperparameters/value.h"

namespace maxsimd::detail {

class ScheduleKwargs {
 public:
  /// `type_name` is for messages. Throws std::invalid_argument unless `kwargs` is None or a
  /// mapping.
  ScheduleKwargs(const HyperparameterValue& kwargs, std::string_view type_name);

  /// The member, or nothing when it is missing or None. Throws std::invalid_argument: no finite
  /// number of at least `min`; no text.
  std::optional<double> number(std::string_view name, double min = 0);
  std::optional<std::string> text(std::string_view name);

  /// Throws std::invalid_argument when a member was asked for by nobody.
  void check_all_known() const;

  [[noreturn]] void fail(const std::string& problem) const;

 private:
  const HyperparameterValue* take(std::string_view name);

  const HyperparameterValue& kwargs_;  // must outlive this
  std::string type_name_;
  std::vector<std::string_view> known_;
};

}  // namespace maxsimd::detail
