// Two steps of models/mini, and of a small model of each other architecture, beside PyLate's
// (scripts/goldens/training_runs_pylate.py): several negatives a query, by both contrastive losses,
// and NEFTune's noise by transformers' own hook.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "maxsimd/base/json.h"
#include "maxsimd/training/adamw.h"
#include "maxsimd/training/batch_loss.h"

namespace maxsimd::training {
namespace {

// Both sides compute in float32, in other orders.
constexpr double kTolerance = 1e-4;

TokenizedBatch batch_of(const ColBERT& model, const nlohmann::json& rows, size_t begin, size_t end,
                        size_t num_columns) {
  TokenizedBatch batch;
  batch.columns.resize(num_columns);
  for (size_t row = begin; row < end; ++row) {
    for (size_t column = 0; column < num_columns; ++column) {
      batch.columns[column].push_back(
          model.tokenize(rows.at(row).at(column).get<std::string>(),
                         column == 0 ? TextKind::query : TextKind::document));
    }
  }
  return batch;
}

ObjectiveOptions objective_of(const nlohmann::json& run) {
  ObjectiveOptions options{.document_length = run.at("document_length").get<size_t>()};
  options.contrastive.temperature = run.at("temperature").get<double>();
  if (run.at("loss") == "cached_contrastive") {
    options.loss = LossKind::kCachedContrastive;
    options.mini_batch_size = options.score_mini_batch_size =
        run.at("mini_batch_size").get<size_t>();
  }
  return options;
}

double along_direction(const at::Tensor& gradient) {
  const at::Tensor places = at::arange(gradient.numel(), at::kDouble);
  return gradient.flatten().to(at::kDouble).dot(places.remainder(7) - 3).item<double>();
}

/// `factor`: what PyLate's gradients are multiplied by.
void expect_gradients(const Parameters& parameters, const nlohmann::json& expected, double factor,
                      double total_norm) {
  for (const Parameter& parameter : parameters.all()) {
    const std::string name = parameter.name.starts_with("1_Dense.")
                                 ? "1." + parameter.name.substr(8)
                                 : "0.auto_model." + parameter.name;
    ASSERT_TRUE(expected.contains(name)) << name;
    const at::Tensor& gradient = parameter.tensor.grad();
    const double norm = expected.at(name).at(0).get<double>() / factor;
    // The gradient of a key's bias is 0 but for rounding: it moves all scores of a row alike.
    const double allowed = kTolerance * norm + 1e-6 * total_norm;
    EXPECT_NEAR(at::linalg_vector_norm(gradient).item<double>(), norm, allowed) << name;
    const double direction_norm = 2 * std::sqrt(static_cast<double>(gradient.numel()));
    EXPECT_NEAR(along_direction(gradient), expected.at(name).at(1).get<double>() / factor,
                allowed * direction_norm)
        << name;
  }
  EXPECT_EQ(parameters.all().size(), expected.size());
}

void expect_run(const std::string& folder, const nlohmann::json& golden,
                const nlohmann::json& run) {
  const ColBERT model =
      ColBERT::load(MAXSIMD_SOURCE_DIR "/" + folder,
                    {.checkpoint = {.query_length = golden.at("query_length").get<size_t>(),
                                    .document_length = run.at("document_length").get<size_t>()}});
  ColbertModel trained(model);
  trained.set_dropout(0);
  AdamW optimizer(trained.parameters(), {});
  const ForwardOptions forward{.training = true,
                               .neftune_noise_alpha = run.value("neftune_noise_alpha", 0.0)};
  const ObjectiveOptions objective = objective_of(run);
  const auto rows = golden.at("rows_a_step").get<size_t>();
  // PyLate's gradients of the cached loss (docs/decisions/020-gradients-of-the-cached-loss.md).
  const double factor =
      objective.loss == LossKind::kCachedContrastive ? static_cast<double>(rows) : 1;
  at::manual_seed(golden.at("seed").get<uint64_t>());
  for (size_t step = 0; step < run.at("losses").size(); ++step) {
    SCOPED_TRACE(testing::Message() << "step " << step);
    trained.parameters().clear_gradients();
    const TokenizedBatch batch = batch_of(model, golden.at("rows"), step * rows, (step + 1) * rows,
                                          run.at("negatives").get<size_t>() + 2);
    const double loss = add_gradients(trained, batch, forward, objective).item<double>();
    const double want = run.at("losses")[step].get<double>();
    EXPECT_NEAR(loss, want, kTolerance * want);
    const double norm = run.at("gradient_norms")[step].get<double>() / factor;
    EXPECT_NEAR(trained.parameters().gradient_norm().item<double>(), norm, 10 * kTolerance * norm);
    if (step == 0) expect_gradients(trained.parameters(), run.at("parameters"), factor, norm);
    optimizer.step(golden.at("learning_rate").get<double>());
  }
}

void expect_runs(const std::string& folder, const char* file) {
  const nlohmann::json golden =
      read_json_file(std::string(MAXSIMD_SOURCE_DIR "/maxsimd/training/testdata/") + file);
  ASSERT_EQ(golden.at("runs").size(), 5U);
  for (const nlohmann::json& run : golden.at("runs")) {
    SCOPED_TRACE(testing::Message() << run.at("loss") << ", " << run.at("negatives")
                                    << " negatives, noise " << run.value("neftune_noise_alpha", 0));
    expect_run(folder, golden, run);
  }
}

TEST(PyLateRuns, SeveralNegativesCachedGradientsAndNoise) {
  expect_runs("models/mini", "runs.json");
}

TEST(PyLateRuns, TheSameWithModernBert) {
  expect_runs("maxsimd/colbert/testdata/modernbert", "runs_modernbert.json");
}

// Two texts have padding tokens: they are not trained, and RoBERTa does not count them.
TEST(PyLateRuns, TheSameWithRoberta) {
  expect_runs("maxsimd/colbert/testdata/roberta", "runs_roberta.json");
}

TEST(PyLateRuns, TheSameWithXlmRoberta) {
  expect_runs("maxsimd/colbert/testdata/xlm_roberta", "runs_xlm_roberta.json");
}

TEST(PyLateRuns, TheSameWithDistilBert) {
  expect_runs("maxsimd/colbert/testdata/distilbert", "runs_distilbert.json");
}

}  // namespace
}  // namespace maxsimd::training
