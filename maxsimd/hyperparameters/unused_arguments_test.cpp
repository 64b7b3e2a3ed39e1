#include "maxsimd/hyperparameters/unused_arguments.h"

#include <gtest/gtest.h>

#include "maxsimd/hyperparameters/config_file.h"

namespace maxsimd {
namespace {

std::vector<std::string> names_of(std::string_view yaml) {
  HyperparameterSet set;
  parse_hyperparameters(yaml, ConfigFormat::kYaml, "run.yaml", set);
  std::vector<std::string> names;
  for (const std::string& note : unused_arguments(set, training_arguments(set))) {
    EXPECT_NE(note.find(" has no effect: "), std::string::npos) << note;
    names.push_back(note.substr(0, note.find(':')));
  }
  return names;
}

using Names = std::vector<std::string>;

TEST(UnusedArguments, OfTheOtherLossAreNamed) {
  const std::string contrastive =
      "columns: [a, b]\npylate_columns: true\ntemperature: 0.5\ngather_across_devices: true\n"
      "score_mini_batch_size: 4\n";
  const std::string teacher =
      "queries: q\ndocuments: d\nn_ways: 5\nallow_missing_documents: true\n"
      "normalize_scores: false\n";
  EXPECT_EQ(names_of(contrastive), Names{});
  EXPECT_EQ(names_of("loss: distillation\n" + teacher), Names{});
  EXPECT_EQ(names_of("loss: distillation\n" + contrastive),
            (Names{"columns", "pylate_columns", "temperature", "gather_across_devices",
                   "score_mini_batch_size"}));
  EXPECT_EQ(names_of(teacher), (Names{"queries", "documents", "n_ways", "allow_missing_documents",
                                      "normalize_scores"}));
  EXPECT_EQ(names_of(teacher + "eval_distillation: kd.jsonl\n"), Names{});
}

TEST(UnusedArguments, WithoutWhatTheyBelongToAreNamed) {
  EXPECT_EQ(names_of("mini_batch_size: 4"), Names{"mini_batch_size"});
  EXPECT_EQ(names_of("mini_batch_size: 4\nloss: cached_contrastive"), Names{});
  EXPECT_EQ(names_of("early_stopping_threshold: 0.5"), Names{"early_stopping_threshold"});
}

TEST(UnusedArguments, ADefaultIsNoNews) {
  EXPECT_EQ(names_of("n_ways: 32\nmini_batch_size: 32\nloss: distillation\ntemperature: 1.0"),
            Names{});
}

}  // namespace
}  // namespace maxsimd
