// What a reader of loss.svg sees: lines, dots, names and labels.
#include "maxsimd/training/loss_curve.h"

#include <gtest/gtest.h>

#include <cmath>
#include <regex>
#include <set>
#include <vector>

namespace maxsimd::training {
namespace {

using Texts = std::vector<std::string>;

/// The first group of every match.
Texts all(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  Texts found;
  for (std::sregex_iterator at(text.begin(), text.end(), regex), end; at != end; ++at) {
    found.push_back((*at)[1]);
  }
  return found;
}

Texts lines_of(const std::string& svg) {
  return all(svg, "<polyline[^>]*points=\"([^\"]*)\"");
}
Texts dots_of(const std::string& svg) {
  return all(svg, "<circle[^>]*(cx=\"[^\"]*\" cy=\"[^\"]*\")");
}
Texts legend_of(const std::string& svg) {
  return all(svg, "<text x=\"90\" [^>]*>([^<]*)<");
}
Texts step_labels(const std::string& svg) {
  return all(svg, "<text x=\"[^\"]*\" y=\"328\" text-anchor=\"middle\">([^<]*)<");
}
Texts loss_labels(const std::string& svg) {
  return all(svg, "<text [^>]*text-anchor=\"end\">([^<]*)<");
}

/// One whose training losses are at steps 1, 2, ...
TrainingRecord record_of(const std::vector<double>& losses) {
  TrainingRecord record;
  for (size_t i = 0; i < losses.size(); ++i) {
    record.log.emplace_back(TrainLog{i + 1, 0.5, losses[i]});
  }
  return record;
}

EvalLossLog evaluation(uint64_t step, const std::string& dataset, double loss) {
  return {step, 0.5, dataset, loss};
}

TEST(LossCurve, PointsLieAtTheirStepsAndLosses) {
  TrainingRecord record;
  record.log = {TrainLog{10, 0.5, 2.5}, evaluation(10, "", 3.0), TrainLog{20, 1.0, 0.5},
                evaluation(20, "", 1.5)};
  const std::string svg = loss_curve(record);
  EXPECT_EQ(lines_of(svg), (Texts{"340.0,68.3 620.0,261.7 ", "340.0,20.0 620.0,165.0 "}));
  EXPECT_EQ(legend_of(svg), (Texts{"loss", "eval_loss"}));
  EXPECT_EQ(dots_of(svg), Texts{});
}

TEST(LossCurve, APointAloneIsADot) {
  TrainingRecord record = record_of({2.0, 1.0});
  record.log.emplace_back(evaluation(2, "", 1.0));
  const std::string svg = loss_curve(record);
  EXPECT_EQ(lines_of(svg).size(), 1U);
  EXPECT_EQ(dots_of(svg), (Texts{"cx=\"620.0\" cy=\"165.0\""}));
}

TEST(LossCurve, EachDataSetHasALineAColorAndAName) {
  TrainingRecord record = record_of({4.0, 2.0});
  for (const uint64_t step : {1U, 2U}) {
    record.log.emplace_back(evaluation(step, "first", 1.0));
    record.log.emplace_back(evaluation(step, "second", 3.0));
  }
  const std::string svg = loss_curve(record);
  EXPECT_EQ(legend_of(svg), (Texts{"loss", "eval_first_loss", "eval_second_loss"}));
  EXPECT_EQ(lines_of(svg), (Texts{"340.0,20.0 620.0,165.0 ", "340.0,237.5 620.0,237.5 ",
                                  "340.0,92.5 620.0,92.5 "}));
  const Texts colors = all(svg, "<polyline[^>]*stroke=\"(#[^\"]*)\"");
  EXPECT_EQ(colors.size(), 3U);
  EXPECT_EQ(std::set<std::string>(colors.begin(), colors.end()).size(), 3U);
  EXPECT_EQ(all(svg, "<line[^>]*stroke=\"(#[^\"]*)\""), colors);  // of the legend
}

TEST(LossCurve, NoTwoOfManyLinesLookAlike) {
  TrainingRecord record = record_of({4.0, 2.0});
  for (const uint64_t step : {1U, 2U}) {
    for (int i = 0; i < 20; ++i) record.log.emplace_back(evaluation(step, std::to_string(i), i));
  }
  const Texts looks = all(loss_curve(record), "<polyline[^>]*(stroke=.*) points=");
  EXPECT_EQ(std::set<std::string>(looks.begin(), looks.end()).size(), 21U);
}

TEST(LossCurve, StepsAreLabelledWithWholeNumbersThatAreTrue) {
  EXPECT_EQ(step_labels(loss_curve({})), (Texts{"0", "1"}));
  EXPECT_EQ(step_labels(loss_curve(record_of({1, 1, 1}))), (Texts{"0", "1", "2", "3"}));
  for (const size_t steps : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 9U, 10U, 11U, 99U, 628U, 1001U}) {
    const std::string svg = loss_curve(record_of(std::vector<double>(steps, 1.0)));
    const Texts labels = step_labels(svg);
    const Texts places = all(svg, "<text x=\"([^\"]*)\" y=\"328\"");
    ASSERT_EQ(labels.size(), places.size());
    EXPECT_GE(labels.size(), 2U) << steps;
    EXPECT_LE(labels.size(), 6U) << steps;
    for (size_t i = 0; i < labels.size(); ++i) {
      const double step = std::stod(labels[i]);
      EXPECT_NEAR(std::stod(places[i]), 60 + 560 * step / static_cast<double>(steps), 0.051);
    }
  }
}

TEST(LossCurve, LossesAreLabelledWithRoundNumbersThatAreTrue) {
  EXPECT_EQ(loss_labels(loss_curve(record_of({3.0, 1.0}))), (Texts{"0", "1", "2", "3"}));
  EXPECT_EQ(loss_labels(loss_curve(record_of({0.047}))),
            (Texts{"0", "0.01", "0.02", "0.03", "0.04"}));
  EXPECT_EQ(loss_labels(loss_curve(record_of({-1e-9, 1.9}))), (Texts{"0", "0.5", "1", "1.5"}));
  EXPECT_EQ(loss_labels(loss_curve(record_of({-2.0, 2.0}))), (Texts{"-2", "-1", "0", "1", "2"}));
}

TEST(LossCurve, ValuesThatAreNotFiniteAreGaps) {
  for (const double none : {static_cast<double>(NAN), static_cast<double>(INFINITY),
                            -static_cast<double>(INFINITY), 1.7e308}) {
    const std::string svg = loss_curve(record_of({none, 4, 2, none, none, 1, none, 3, 3, none}));
    EXPECT_EQ(lines_of(svg), (Texts{"172.0,20.0 228.0,165.0 ", "508.0,92.5 564.0,92.5 "}));
    EXPECT_EQ(dots_of(svg), (Texts{"cx=\"396.0\" cy=\"237.5\""}));
    const std::string nothing = loss_curve(record_of({none, none}));
    EXPECT_EQ(lines_of(nothing).size() + dots_of(nothing).size(), 0U);
    EXPECT_EQ(legend_of(nothing), Texts{"loss"});
    for (const std::string& text : {svg, nothing}) {
      EXPECT_TRUE(all(text, "(nan|inf)").empty()) << text;
      EXPECT_TRUE(text.ends_with("</svg>\n"));
    }
  }
  EXPECT_EQ(lines_of(loss_curve(record_of({0, 0}))), Texts{"340.0,310.0 620.0,310.0 "});
  EXPECT_EQ(dots_of(loss_curve(record_of({5e-324}))).size(), 1U);
}

TEST(LossCurve, ANameIsTextWhateverIsInIt) {
  TrainingRecord record;
  record.log = {evaluation(1, "a<b>&\x01\xFF\xC3\xA9", 1.0)};
  EXPECT_EQ(legend_of(loss_curve(record)).at(1), "eval_a&lt;b&gt;&amp; \xEF\xBF\xBD\xC3\xA9_loss");
}

}  // namespace
}  // namespace maxsimd::training
