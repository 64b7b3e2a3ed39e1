// Which evaluation is the best so far.
#include "maxsimd/training/best_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

namespace maxsimd::training {
namespace {

RunPosition after(const std::vector<double>& values, bool greater_is_better) {
  SavingArguments saving;
  saving.greater_is_better = greater_is_better;
  RunPosition at;
  for (const double value : values) {
    ++at.step;
    judge_metric(value, saving, at);
  }
  return at;
}

TEST(BestModel, AMetricThatIsNotANumberIsNeverTheBest) {
  for (const bool greater : {false, true}) {
    for (const double none : {static_cast<double>(NAN), static_cast<double>(INFINITY)}) {
      const RunPosition first = after({none}, greater);
      EXPECT_FALSE(first.best_step.has_value());
      EXPECT_FALSE(first.best_metric.has_value());
      EXPECT_EQ(first.evaluations_without_gain, 0);  // transformers: best_metric is None
      EXPECT_EQ(after({none, none}, greater).evaluations_without_gain, 1);
      const RunPosition at = after({none, 0.5, none, greater ? 0.6 : 0.4, none, none}, greater);
      EXPECT_EQ(at.best_step, 4);
      EXPECT_EQ(at.best_metric, greater ? 0.6 : 0.4);
      EXPECT_EQ(at.evaluations_without_gain, 2);
    }
  }
}

std::string error_of(const std::string& wanted, const std::vector<std::string>& measured) {
  SavingArguments saving;
  saving.metric_for_best_model = wanted;
  try {
    check_deciding_metric(saving, measured);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

// "loss" stands there also when nobody wrote it: for early_stopping_patience, for one.
TEST(BestModel, ALossThatNothingMeasuresIsToldWithWhatToSet) {
  EXPECT_EQ(error_of("loss", {"accuracy"}),
            "metric_for_best_model: no evaluation of this run measures 'loss', which it is when "
            "not given; there are: accuracy; set metric_for_best_model: accuracy, or give "
            "eval_dataset, whose loss then counts");
  EXPECT_EQ(error_of("loss", {"a_loss", "b_loss"}),
            "metric_for_best_model: no evaluation of this run measures 'loss', which it is when "
            "not given; there are: a_loss, b_loss; set metric_for_best_model: a_loss, or another "
            "of these");
  EXPECT_EQ(error_of("acuracy", {"accuracy", "loss"}),
            "metric_for_best_model: no evaluation of this run measures 'acuracy'; there are: "
            "accuracy, loss");
  EXPECT_NE(error_of("accuracy", {}).find("there are: none; give eval_dataset"), std::string::npos);
  EXPECT_EQ(error_of("loss", {"accuracy", "loss"}), "");
  EXPECT_EQ(error_of("", {}), "");
}

TEST(BestModel, OfEqualOnesTheFirst) {
  EXPECT_EQ(after({0.5, 0.5, 0.4}, true).best_step, 1);
  EXPECT_EQ(after({0.5, 0.5, 0.6}, false).best_step, 1);
}

}  // namespace
}  // namespace maxsimd::training
