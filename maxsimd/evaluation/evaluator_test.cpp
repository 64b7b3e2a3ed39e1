// CSV files, the triplet, distillation and sequential evaluators, on an encoder computed by hand.
// tests/evaluators compares all of them with PyLate's on models/mini.
#include <gtest/gtest.h>

#include <cmath>

#include "maxsimd/base/errors.h"
#include "maxsimd/base/python_float.h"
#include "maxsimd/data/test_folder.h"
#include "maxsimd/evaluation/distillation_evaluator.h"
#include "maxsimd/evaluation/evaluator_csv.h"
#include "maxsimd/evaluation/evaluator_testing.h"
#include "maxsimd/evaluation/joint_metric_names.h"
#include "maxsimd/evaluation/retrieval_evaluator.h"
#include "maxsimd/evaluation/sequential_evaluator.h"
#include "maxsimd/evaluation/triplet_evaluator.h"

namespace maxsimd {
namespace {

TEST(EvaluatorCsv, ANewFileGetsTheHeaderAndEveryCallARow) {
  const TestFolder folder;
  const std::vector<std::string> headers = {"x", "y"};
  const std::vector<double> values = {0.5, 2.0};
  EvaluationContext context{.output_path = folder.path() / "a" / "eval"};
  append_csv(context, {"f.csv", headers, values});
  context.epoch = 1;
  context.steps = 40;
  append_csv(context, {"f.csv", headers, values});
  EXPECT_EQ(text_of(folder.path() / "a/eval/f.csv"),
            "epoch,steps,x,y\n-1,-1,0.5,2.0\n1.0,40,0.5,2.0\n");
}

TEST(EvaluatorCsv, RowsOfLaterStepsAreDropped) {
  const TestFolder folder;
  const std::string head = "epoch,steps,x\n", rows = "-1,-1,1\n0.5,10,1\n", crlf = "0.5,10,1\r\n";
  folder.write("a_results.csv", head + rows + "0.6,11,1\n1.0,100,1\n");
  folder.write("b_results.csv", head + rows + "0.5,10,1");  // cut off: of step 10 or 100
  folder.write("c_results.csv", head + crlf + "0.6,11,1\r\n");
  folder.write("d_results.csv", head + "0.6,11,1\n");
  folder.write("my_results.csv", "a,b\n1,11\n");
  folder.write("other.csv", head + "0.6,11,1\n");
  drop_csv_rows_after(10, folder.path());
  EXPECT_EQ(text_of(folder.path() / "a_results.csv"), head + rows);
  EXPECT_EQ(text_of(folder.path() / "b_results.csv"), head + rows);
  EXPECT_EQ(text_of(folder.path() / "c_results.csv"), head + crlf);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "d_results.csv"));
  EXPECT_EQ(text_of(folder.path() / "my_results.csv"), "a,b\n1,11\n");
  EXPECT_EQ(text_of(folder.path() / "other.csv"), head + "0.6,11,1\n");
  drop_csv_rows_after(10, folder.path() / "not there");
}

TEST(EvaluatorCsv, ALineThatACrashCutOffIsEndedFirst) {
  const TestFolder folder;
  folder.write("f.csv", "epoch,steps,x\n0.5,1");
  const std::vector<std::string> headers = {"x"};
  const std::vector<double> values = {0.5};
  append_csv({.output_path = folder.path()}, {"f.csv", headers, values});
  EXPECT_EQ(text_of(folder.path() / "f.csv"), "epoch,steps,x\n0.5,1\n-1,-1,0.5\n");
}

TEST(EvaluatorCsv, WhatCannotBeWrittenIsNamed) {
  const TestFolder folder;
  folder.write("file", "");
  const std::vector<std::string> headers;
  EXPECT_THROW(append_csv({.output_path = folder.path() / "file"}, {"f.csv", headers, {}}),
               IoError);
  EXPECT_THROW(file_name_part("a/b"), std::invalid_argument);
  EXPECT_THROW(file_name_part("a\n"), std::invalid_argument);
  EXPECT_EQ(file_name_part("dev"), "_dev");
}

const std::vector<Triplet> kTriplets = {
    {"a", "aa", {"a"}}, {"a", "a", {"aa"}}, {"b", "b", {"b", "a"}}, {"ab", "ab", {"a", "b"}}};

TEST(TripletEvaluator, CountsAndWritesAsPyLate) {
  const TestFolder folder;
  ThreadPool pool(2);
  for (const size_t batch_size : {1U, 3U, 100U}) {
    const ColBERTTripletEvaluator evaluator(kTriplets, {.batch_size = batch_size});
    const EvaluationResult result = evaluator.evaluate(
        encode_counts, pool, {.epoch = 0.5, .steps = 10, .output_path = folder.path()});
    EXPECT_EQ(result.values, (MetricValues{{"accuracy", 4.0 / 6}}));
    EXPECT_EQ(names_of(result.values), evaluator.metric_names());
    EXPECT_EQ(evaluator.count(encode_counts, pool).num_ties, 1U);
  }
  const ColBERTTripletEvaluator named(kTriplets, {.name = "dev"});
  EXPECT_EQ(named.class_name(), "ColBERTTripletEvaluator");
  EXPECT_TRUE(named.greater_is_better());
  named.evaluate(encode_counts, pool, {.output_path = folder.path()});
  EXPECT_EQ(text_of(folder.path() / "triplet_evaluation_dev_results.csv"),
            "epoch,steps,accuracy\r\n-1,-1,0.6666666666666666\r\n");
  const std::string row = "0.5,10,0.6666666666666666\r\n";
  EXPECT_EQ(text_of(folder.path() / "triplet_evaluation_results.csv"),
            "epoch,steps,accuracy\r\n" + row + row + row);
}

TEST(TripletEvaluator, WhatMakesNoSenseIsRefused) {
  EXPECT_THROW(ColBERTTripletEvaluator({}), std::invalid_argument);
  EXPECT_THROW(ColBERTTripletEvaluator(kTriplets, {.batch_size = 0}), std::invalid_argument);
  EXPECT_THROW(ColBERTTripletEvaluator(kTriplets, {.name = "../x"}), std::invalid_argument);
  ThreadPool pool(1);
  const EncodeFn too_few = [](std::span<const std::string> texts, TextKind kind) {
    return encode_counts(texts.first(texts.size() - 1), kind);
  };
  EXPECT_THROW(ColBERTTripletEvaluator(kTriplets).evaluate(too_few, pool), std::invalid_argument);
}

TEST(Distillation, DivergenceIsThatOfTheDefinition) {
  // q = softmax(0, 1), p = softmax(0, ln 3) = (1/4, 3/4).
  const std::vector<float> scores = {2.0F, 5.0F};
  const std::vector<float> teacher = {0.0F, std::log(3.0F)};
  const double q = 1 / (1 + std::exp(1.0));
  const double expected = 0.25 * std::log(0.25 / q) + 0.75 * std::log(0.75 / (1 - q));
  EXPECT_NEAR(kl_divergence(scores, teacher, true), expected, 1e-7);
  const double raw = 1 / (1 + std::exp(3.0));
  EXPECT_NEAR(kl_divergence(scores, teacher, false),
              0.25 * std::log(0.25 / raw) + 0.75 * std::log(0.75 / (1 - raw)), 1e-7);
  EXPECT_NEAR(kl_divergence(std::vector<float>{3, 3}, std::vector<float>{1, 1}, true), 0, 1e-12);
  EXPECT_NEAR(kl_divergence(std::vector<float>{1000, 0}, std::vector<float>{1000, 0}, false), 0,
              1e-12);
}

const std::vector<DistillationRow> kRows = {
    {"a", {"a", "aa", "b"}, {1, 2, 0}}, {"b", {"b", "a"}, {0.5F, 0.25F}}, {"ab", {"aab"}, {7}}};

TEST(Distillation, AnyBatchAndDifferentNumbersOfDocuments) {
  const TestFolder folder;
  ThreadPool pool(2);
  const double expected = (kl_divergence(std::vector<float>{1, 2, 0}, kRows[0].scores, true) +
                           kl_divergence(std::vector<float>{1, 0}, kRows[1].scores, true)) /
                          3;
  for (const size_t batch_size : {1U, 2U, 16U}) {
    const ColBERTDistillationEvaluator evaluator(kRows, {.batch_size = batch_size});
    const EvaluationResult result =
        evaluator.evaluate(encode_counts, pool, {.output_path = folder.path()});
    EXPECT_NEAR(value_of(result, "kl_divergence"), expected, 1e-12);
    EXPECT_FALSE(evaluator.greater_is_better());
  }
  const ColBERTDistillationEvaluator named(kRows, {.name = "kd"});
  EXPECT_EQ(named.primary_metric(), "kd_kl_divergence");
  EXPECT_EQ(names_of(named.evaluate(encode_counts, pool).values), named.metric_names());
  EXPECT_TRUE(text_of(folder.path() / "distillation_evaluation_results.csv")
                  .starts_with("epoch,steps,kl_divergence\r\n-1,-1,"));
}

TEST(Distillation, WhatMakesNoSenseIsRefused) {
  const auto refused = [](std::vector<DistillationRow> rows) {
    EXPECT_THROW(ColBERTDistillationEvaluator(std::move(rows)), std::invalid_argument);
  };
  refused({});
  EXPECT_THROW(ColBERTDistillationEvaluator(kRows, {.batch_size = 0}), std::invalid_argument);
  refused({{"a", {"b"}, {1, 2}}});
  refused({{"a", {}, {}}});
  refused({{"a", {"b"}, {std::nanf("")}}});
  ThreadPool pool(1);
  const EncodeFn no_rows = [](std::span<const std::string> texts, TextKind kind) {
    Embeddings embeddings = encode_counts(texts, kind);
    if (kind == TextKind::document) {
      embeddings.values.clear();
      embeddings.offsets.assign(texts.size() + 1, 0);
    }
    return embeddings;
  };
  EXPECT_THROW(ColBERTDistillationEvaluator(kRows).evaluate(no_rows, pool), std::invalid_argument);
}

std::unique_ptr<Evaluator> triplets(const std::string& name) {
  return std::make_unique<ColBERTTripletEvaluator>(kTriplets,
                                                   TripletEvaluatorOptions{.name = name});
}

std::unique_ptr<Evaluator> distillation() {
  return std::make_unique<ColBERTDistillationEvaluator>(kRows);
}

template <class... Parts>
std::vector<std::unique_ptr<Evaluator>> list_of(Parts... parts) {
  std::vector<std::unique_ptr<Evaluator>> list;
  (list.push_back(std::move(parts)), ...);
  return list;
}

TEST(SequentialEvaluator, TheLastCountsUnlessAnotherIsNamed) {
  ThreadPool pool(1);
  const SequentialEvaluator last(list_of(triplets("dev"), distillation()));
  EXPECT_FALSE(last.greater_is_better());
  const EvaluationResult result = last.evaluate(encode_counts, pool);
  EXPECT_EQ(names_of(result.values),
            (std::vector<std::string>{"accuracy", "kl_divergence", "sequential_score"}));
  EXPECT_EQ(names_of(result.values), last.metric_names());
  EXPECT_EQ(value_of(result, "sequential_score"), value_of(result, "kl_divergence"));
  ASSERT_EQ(result.reports.size(), 2U);
  EXPECT_EQ(result.reports[0].evaluator->class_name(), "ColBERTTripletEvaluator");
  EXPECT_EQ(names_of(result.reports[1].values), (std::vector<std::string>{"kl_divergence"}));

  const SequentialEvaluator first(list_of(triplets("dev"), distillation()), 0);
  EXPECT_TRUE(first.greater_is_better());
  EXPECT_EQ(value_of(first.evaluate(encode_counts, pool), "sequential_score"), 4.0 / 6);
}

TEST(SequentialEvaluator, MetricsOfOneNameAreToldApart) {
  ThreadPool pool(1);
  const SequentialEvaluator two(list_of(triplets("dev"), triplets("test")));
  const EvaluationResult result = two.evaluate(encode_counts, pool);
  EXPECT_EQ(names_of(result.values),
            (std::vector<std::string>{"dev_accuracy", "test_accuracy", "sequential_score"}));
  EXPECT_EQ(names_of(result.values), two.metric_names());
  EXPECT_EQ(names_of(result.reports[1].values), (std::vector<std::string>{"accuracy"}));
  EXPECT_THROW(SequentialEvaluator(list_of(triplets(""), triplets(""))), std::invalid_argument);
  EXPECT_THROW(SequentialEvaluator(list_of(std::make_unique<SequentialEvaluator>(
                   list_of(triplets("dev"), distillation())))),
               std::invalid_argument);
  EXPECT_THROW(SequentialEvaluator({}), std::invalid_argument);
  EXPECT_THROW(SequentialEvaluator(list_of(distillation()), 1), std::invalid_argument);
}

TEST(JointMetricNames, AreTheMetricsOwnWhereNoTwoAreAlike) {
  using Names = std::vector<std::vector<std::string>>;
  EXPECT_EQ(joint_metric_names(list_of(triplets("dev"), distillation())),
            (Names{{"accuracy"}, {"kl_divergence"}}));
  EXPECT_EQ(joint_metric_names(list_of(triplets(""), triplets("test"))),
            (Names{{"accuracy"}, {"test_accuracy"}}));
  EXPECT_EQ(joint_metric_names({}), Names{});
  EXPECT_THROW(joint_metric_names(list_of(triplets("dev"), triplets("dev"))),
               std::invalid_argument);
}

}  // namespace
}  // namespace maxsimd
