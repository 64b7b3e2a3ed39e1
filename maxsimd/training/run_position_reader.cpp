#include "maxsimd/training/run_position_reader.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "maxsimd/base/errors.h"

namespace maxsimd::training {
namespace {

constexpr int64_t kMost = int64_t{1} << 53;  // counts are summed up as doubles, too

/// The numbers of a JSON object or array, each in its range.
class Numbers {
 public:
  Numbers(const nlohmann::json& json, std::string where) : json_(json), where_(std::move(where)) {}

  template <typename Key>
  int64_t integer(const Key& key, int64_t min, int64_t max = kMost) const {
    const nlohmann::json& value = json_.at(key);
    const bool is_fitting =
        value.is_number_integer() &&
        (!value.is_number_unsigned() || value.template get<uint64_t>() <= uint64_t{kMost}) &&
        value.template get<int64_t>() >= min && value.template get<int64_t>() <= max;
    if (is_fitting) return value.template get<int64_t>();
    fail(key, "an integer from " + std::to_string(min) + " to " + std::to_string(max), value);
  }

  template <typename Key>
  double at_least_zero(const Key& key) const {
    const nlohmann::json& value = json_.at(key);
    if (value.is_number() && value.template get<double>() >= 0) return value.template get<double>();
    fail(key, "a number of at least 0", value);
  }

  /// JSON has no number that is none: NaN for null.
  template <typename Key>
  double number_or_nan(const Key& key) const {
    const nlohmann::json& value = json_.at(key);
    if (value.is_null()) return NAN;
    if (value.is_number()) return value.template get<double>();
    fail(key, "a number or null", value);
  }

  bool is_null(const char* key) const { return json_.at(key).is_null(); }

 private:
  template <typename Key>
  [[noreturn]] void fail(const Key& key, const std::string& expected,
                         const nlohmann::json& value) const {
    const std::string name = nlohmann::json(key).dump();
    throw FormatError(where_ + ": " + name + ": expected " + expected + ", got " + value.dump() +
                      "; the checkpoint is damaged, go on from another");
  }

  const nlohmann::json& json_;
  std::string where_;
};

PlateauSchedule::State read_plateau(const nlohmann::json& json, const std::string& where) {
  const Numbers in(json, where + ": plateau");
  return {.learning_rate = in.at_least_zero(size_t{0}),
          .best = in.number_or_nan(size_t{1}),
          .num_bad_evaluations = in.integer(size_t{2}, 0),
          .cooldown_counter = in.integer(size_t{3}, 0)};
}

}  // namespace

RunPosition read_position(const nlohmann::json& state, const std::string& where) {
  const Numbers in(state, where);
  const int64_t step = in.integer("global_step", 0);
  RunPosition at{.step = step,
                 .epoch = static_cast<uint64_t>(in.integer("epoch", 0, step)),
                 .batch = static_cast<size_t>(in.integer("batch", 0)),
                 .loss_sum = in.number_or_nan("loss_sum"),
                 .logged_step = in.integer("logged_step", 0, step),
                 .logged_loss_sum = in.number_or_nan("logged_loss_sum"),
                 .samples = static_cast<uint64_t>(in.integer("samples", 0)),
                 .seconds = in.at_least_zero("seconds"),
                 .evaluated_step = in.integer("evaluated_step", -1, step),
                 .skipped_steps = in.integer("skipped_steps", 0, step)};
  if (!in.is_null("best_metric")) at.best_metric = in.number_or_nan("best_metric");
  if (!in.is_null("best_global_step")) at.best_step = in.integer("best_global_step", 0, step);
  at.evaluations_without_gain = in.integer("evaluations_without_gain", 0);
  if (state.contains("judged_evaluations")) {
    at.judged_evaluations = in.integer("judged_evaluations", 0);
  }
  if (state.contains("plateau")) at.plateau = read_plateau(state.at("plateau"), where);
  return at;
}

int64_t read_num_processes(const nlohmann::json& state, const std::string& where) {
  return Numbers(state, where).integer("num_processes", 1);
}

}  // namespace maxsimd::training
