// The learning rate of a step, and what a checkpoint keeps of it.
#include "maxsimd/training/learning_rates.h"

#include <gtest/gtest.h>

#include <cmath>

namespace maxsimd::training {
namespace {

TrainingArguments plateau_arguments() {
  TrainingArguments arguments;
  arguments.optimizer.learning_rate = 0.01;
  arguments.schedule.lr_scheduler_type = SchedulerType::kReduceLrOnPlateau;
  return arguments;
}

// A checkpoint holds the infinity that the best starts from as null: read, it is no number.
TEST(LearningRates, APlateauWithoutANumberSoFarGoesOnFromACheckpoint) {
  LearningRates rates(plateau_arguments(), 10);
  rates.after_evaluation(NAN);
  auto kept = rates.state();
  ASSERT_TRUE(kept.has_value());
  EXPECT_EQ(kept->best, INFINITY);
  EXPECT_EQ(kept->num_bad_evaluations, 1);
  kept->best = NAN;
  LearningRates resumed(plateau_arguments(), 10);
  resumed.restore(kept);
  EXPECT_EQ(resumed.state()->best, INFINITY);
  EXPECT_EQ(resumed.state()->num_bad_evaluations, 1);
  resumed.after_evaluation(0.5);
  EXPECT_EQ(resumed.state()->best, 0.5);
}

TEST(LearningRates, TheFactorIsThePartOfTheHighestRate) {
  TrainingArguments linear;
  linear.optimizer.learning_rate = 0;
  const LearningRates from_zero(linear, 10);
  EXPECT_EQ(from_zero.at(5), 0);
  EXPECT_DOUBLE_EQ(from_zero.factor(5), 0.5);
  LearningRates plateau(plateau_arguments(), 10);
  plateau.restore(PlateauSchedule::State{.learning_rate = 0.001, .best = 1});
  EXPECT_DOUBLE_EQ(plateau.factor(5), 0.1);
}

}  // namespace
}  // namespace maxsimd::training
