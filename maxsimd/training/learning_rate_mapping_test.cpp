// Learning rates of single parameters.
#include <cmath>

#include "maxsimd/training/run_testing.h"

namespace maxsimd::training {
namespace {

class LearningRateMapping : public RunTest {
 protected:
  std::map<std::string, std::string> trained(const std::string& output, const std::string& more) {
    Witness witness;
    return weights_of(run(arguments(output, more), witness).model_folder);
  }
};

const std::string kEncoder = "model.safetensors";
const std::string kProjection = "1_Dense/model.safetensors";

TEST_F(LearningRateMapping, ARateOfItsOwnDoesNotNeedALearningRateAboveZero) {
  auto still = trained("a", "learning_rate: 0\n");
  auto mapped = trained("b", "learning_rate: 0\nlearning_rate_mapping: {Dense: 0.001}\n");
  EXPECT_EQ(mapped.at(kEncoder), still.at(kEncoder));
  EXPECT_NE(mapped.at(kProjection), still.at(kProjection));
  for (const auto& log : logs_of(path("b"))) {
    if (!log.contains("loss")) continue;
    EXPECT_TRUE(std::isfinite(log.at("loss").get<double>()));
  }
}

TEST_F(LearningRateMapping, ItIsTheRateThatAllWouldHave) {
  const auto plain = trained("a", "");
  const auto mapped = trained("b", "learning_rate: 0.5\nlearning_rate_mapping: {'.': 0.01}\n");
  const auto from_zero = trained("c", "learning_rate: 0\nlearning_rate_mapping: {'.': 0.01}\n");
  EXPECT_EQ(mapped, plain);
  EXPECT_EQ(from_zero, plain);
}

TEST_F(LearningRateMapping, APlateauScheduleThatStartsAtZeroIsRefused) {
  const std::string error = error_of(
      arguments("a",
                "learning_rate: 0\nlearning_rate_mapping: {Dense: 0.001}\neval_strategy: steps\n"
                "eval_steps: 5\nlr_scheduler_type: reduce_lr_on_plateau\neval_dataset: " +
                    path("more.jsonl").string() + "\n"));
  EXPECT_NE(error.find("learning_rate_mapping: with lr_scheduler_type"), std::string::npos)
      << error;
}

TEST_F(LearningRateMapping, APatternThatIsFoundInNoNameIsRefused) {
  const std::string error =
      error_of(arguments("a", "learning_rate_mapping: {Dense: 0.001, nosuch: 0.001}\n"));
  EXPECT_NE(error.find("learning_rate_mapping: 'nosuch' is found in no parameter's name; they are "
                       "called 'embeddings."),
            std::string::npos)
      << error;
}

}  // namespace
}  // namespace maxsimd::training
