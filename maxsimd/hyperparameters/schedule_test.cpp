#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "maxsimd/hyperparameters/golden_testing.h"
#include "maxsimd/hyperparameters/learning_rate_schedule.h"
#include "maxsimd/hyperparameters/plateau_schedule.h"
#include "maxsimd/hyperparameters/step_rules.h"

namespace maxsimd {
namespace {

using Value = HyperparameterValue;
using golden_testing::golden;
using golden_testing::value_of;

// cos and pow of two versions of the C library may differ in the last bit.
void expect_same_rate(double ours, double theirs, const std::string& what) {
  EXPECT_NEAR(ours, theirs, 4e-16 * std::max(theirs, 1e-5)) << what;
}

TEST(LearningRateSchedule, IsTransformers) {
  const auto cases = golden("learning_rates.json")["schedules"];
  ASSERT_EQ(cases.size(), 25U);
  for (const auto& each : cases) {
    const LearningRateSchedule schedule({.type = scheduler_type(each["type"].get<std::string>()),
                                         .learning_rate = each["learning_rate"],
                                         .num_warmup_steps = each["warmup"],
                                         .num_training_steps = each["total"],
                                         .kwargs = value_of(each["kwargs"])});
    for (size_t step = 0; step < each["rates"].size(); ++step) {
      expect_same_rate(schedule.at(static_cast<int64_t>(step)), each["rates"][step],
                       each["type"].dump() + each["kwargs"].dump() + " at " + std::to_string(step));
    }
  }
}

TEST(LearningRateSchedule, HasARateWhenAllStepsAreWarmup) {
  const LearningRateSchedule schedule({.type = SchedulerType::kPolynomial,
                                       .learning_rate = 1e-3,
                                       .num_warmup_steps = 5,
                                       .num_training_steps = 5});
  EXPECT_EQ(schedule.at(4), 8e-4);
  EXPECT_NEAR(schedule.at(5), 1e-7, 1e-20);
}

std::string error_of(std::string_view type, const Value& kwargs, double learning_rate = 5e-5) {
  try {
    LearningRateSchedule({.type = scheduler_type(type),
                          .learning_rate = learning_rate,
                          .num_training_steps = 10,
                          .kwargs = kwargs});
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no error";
}

Value map_of(const std::string& name, Value value) {
  return Value(Value::Map{{name, std::move(value)}});
}

TEST(LearningRateSchedule, RefusesParametersItDoesNotKnow) {
  EXPECT_EQ(error_of("linear", map_of("power", Value(1.0))),
            "lr_scheduler_kwargs of linear: no such parameter: 'power'; it has none");
  EXPECT_EQ(error_of("polynomial", map_of("powr", Value(1.0))),
            "lr_scheduler_kwargs of polynomial: no such parameter: 'powr'; it has lr_end, power");
  EXPECT_EQ(error_of("polynomial", map_of("power", Value("2"))),
            "lr_scheduler_kwargs of polynomial: power: expected a number of at least 0.0, got '2'");
  EXPECT_NE(error_of("polynomial", map_of("lr_end", Value(1e-3))).find("below learning_rate"),
            std::string::npos);
  EXPECT_NE(error_of("warmup_stable_decay", Value()).find("num_decay_steps"), std::string::npos);
  EXPECT_NE(error_of("cosine", Value("x")).find("expected a mapping"), std::string::npos);
  const Value both(Value::Map{{"min_lr", Value(0.1)}, {"min_lr_rate", Value(0.1)}});
  EXPECT_NE(error_of("cosine_with_min_lr", both).find("give one"), std::string::npos);
  EXPECT_NE(error_of("reduce_lr_on_plateau", Value()).find("PlateauSchedule"), std::string::npos);
  EXPECT_NE(error_of("linear", Value(), NAN).find("learning_rate"), std::string::npos);
  EXPECT_THROW(scheduler_type("linea"), std::invalid_argument);
}

TEST(PlateauSchedule, IsTorchs) {
  const auto cases = golden("learning_rates.json")["plateaus"];
  ASSERT_EQ(cases.size(), 7U);
  for (const auto& each : cases) {
    PlateauSchedule schedule(5e-5, value_of(each["kwargs"]));
    EXPECT_EQ(schedule.learning_rate(), 5e-5);
    for (size_t i = 0; i < each["metrics"].size(); ++i) {
      schedule.step(each["metrics"][i]);
      expect_same_rate(schedule.learning_rate(), each["rates"][i], each["kwargs"].dump());
    }
    // Or the case shows nothing; all but the one whose steps are below eps.
    EXPECT_EQ(schedule.learning_rate() < 5e-5, !each["kwargs"].contains("eps")) << each["kwargs"];
  }
}

TEST(PlateauSchedule, GoesOnFromItsState) {
  PlateauSchedule whole(1e-3, map_of("patience", Value(int64_t{1})));
  PlateauSchedule first = whole;
  for (const double metric : {1.0, 1.1, 0.9}) {
    whole.step(metric);
    first.step(metric);
  }
  PlateauSchedule second(1e-3, map_of("patience", Value(int64_t{1})));
  second.restore(first.state());
  for (const double metric : {1.0, 1.1, 1.2}) {
    whole.step(metric);
    second.step(metric);
  }
  EXPECT_EQ(whole.state(), second.state());
  EXPECT_LT(whole.learning_rate(), 1e-3);
  EXPECT_THROW(PlateauSchedule(1, map_of("mode", Value("best"))), std::invalid_argument);
  EXPECT_THROW(PlateauSchedule(1, map_of("factor", Value(1.0))), std::invalid_argument);
}

TEST(StepRules, ResolveAsTransformers) {
  const auto cases = golden("learning_rates.json")["steps"];
  ASSERT_EQ(cases.size(), 60U);
  for (const auto& each : cases) {
    const int64_t total = each["total"];
    EXPECT_EQ(resolve_steps(each["value"], total), each["steps"]) << each;
    EXPECT_EQ(resolve_warmup_steps(each["value"], 0, total), each["warmup"]) << each;
  }
}

// 4.48.2: warmup_steps overrules warmup_ratio, which is a part even when it is 1.
TEST(StepRules, ResolveTheOldWarmup) {
  EXPECT_EQ(resolve_warmup_steps(0, 0.1, 14797), 1480);
  EXPECT_EQ(resolve_warmup_steps(0, 1, 14797), 14797);
  EXPECT_EQ(resolve_warmup_steps(3, 0.1, 14797), 3);
  EXPECT_EQ(resolve_warmup_steps(0, 0, 14797), 0);
  EXPECT_THROW(resolve_warmup_steps(0, 1.5, 10), std::invalid_argument);
  EXPECT_THROW(resolve_steps(-1, 10), std::invalid_argument);
  EXPECT_THROW(resolve_steps(NAN, 10), std::invalid_argument);
}

TEST(StepRules, CountTheStepsOfARun) {
  // The target card: 1,893,947 triplets in batches of 128 for an epoch; its step 14600 is epoch
  // 0.9867.
  const int64_t total = total_steps({.num_train_epochs = 1}, 14797);
  EXPECT_EQ(total, 14797);
  EXPECT_EQ(std::round(14600.0 / static_cast<double>(total) * 1e4), 9867);
  EXPECT_EQ(total_steps({.num_train_epochs = 1.5}, 7), 11);
  EXPECT_EQ(total_steps({.num_train_epochs = 3, .gradient_accumulation_steps = 4}, 10), 9);
  EXPECT_EQ(total_steps({.num_train_epochs = 3, .gradient_accumulation_steps = 5}, 10), 6);
  EXPECT_EQ(total_steps({.num_train_epochs = 0.5, .gradient_accumulation_steps = 4}, 10), 2);
  EXPECT_EQ(total_steps({.num_train_epochs = 2, .gradient_accumulation_steps = 64}, 10), 2);
  EXPECT_EQ(total_steps({.num_train_epochs = 2, .max_steps = 5}, 10), 5);
  EXPECT_EQ(total_steps({.num_train_epochs = 0.001}, 10), 1);
  EXPECT_THROW(total_steps({}, 0), std::invalid_argument);
  EXPECT_THROW(total_steps({.num_train_epochs = 1e300}, 10), std::invalid_argument);
}

}  // namespace
}  // namespace maxsimd
