// Losses and gradients of a whole model: gradient caching beside the plain loss.
#include "maxsimd/training/batch_loss.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "maxsimd/training/adamw.h"
#include "maxsimd/training/losses_testing.h"
#include "maxsimd/training/random_state.h"

namespace maxsimd::training {
namespace {

struct Result {
  double loss = 0;
  std::vector<at::Tensor> gradients;
};

Result collect(ColbertModel& model, double loss) {
  Result result{loss, {}};
  for (const Parameter& parameter : model.parameters().all()) {
    const at::Tensor& gradient = parameter.tensor.grad();
    result.gradients.push_back(gradient.defined() ? gradient.clone()
                                                  : at::zeros_like(parameter.tensor));
  }
  return result;
}

Result differentiate(ColbertModel& model, const TokenizedBatch& batch,
                     const ForwardOptions& forward, const ObjectiveOptions& options) {
  model.parameters().clear_gradients();
  return collect(model, add_gradients(model, batch, forward, options).item<double>());
}

/// The plain loss over texts embedded by chunks, with all of their graph held.
Result differentiate_chunks(ColbertModel& model, const TokenizedBatch& batch,
                            const ForwardOptions& forward, size_t mini_batch_size) {
  model.parameters().clear_gradients();
  std::vector<TokenRows> parts;
  for (const auto& column : batch.columns) {
    for (size_t begin = 0; begin < column.size(); begin += mini_batch_size) {
      const size_t count = std::min(mini_batch_size, column.size() - begin);
      parts.push_back(model.embed(std::span(column).subspan(begin, count), forward));
    }
  }
  const at::Tensor loss = loss_of(split_batch(concatenate_texts(parts), batch), {});
  loss.backward();
  return collect(model, loss.item<double>());
}

double norm_of(const std::vector<at::Tensor>& tensors) {
  double sum = 0;
  for (const at::Tensor& t : tensors) sum += std::pow(at::linalg_vector_norm(t).item<double>(), 2);
  return std::sqrt(sum);
}

void expect_same(const ColbertModel& model, const Result& got, const Result& expected) {
  EXPECT_NEAR(got.loss, expected.loss, 1e-5 * expected.loss);
  // The gradient of a key's bias is 0 but for rounding: it moves all scores of a row alike.
  const double floor = 1e-7 * norm_of(expected.gradients);
  ASSERT_GT(floor, 0);
  for (size_t i = 0; i < expected.gradients.size(); ++i) {
    const double difference =
        at::linalg_vector_norm(got.gradients[i] - expected.gradients[i]).item<double>();
    const double norm = at::linalg_vector_norm(expected.gradients[i]).item<double>();
    EXPECT_LE(difference, 1e-5 * norm + floor) << model.parameters().all()[i].name;
  }
}

ObjectiveOptions cached(size_t mini_batch_size, size_t score_mini_batch_size) {
  return {.loss = LossKind::kCachedContrastive,
          .mini_batch_size = mini_batch_size,
          .score_mini_batch_size = score_mini_batch_size};
}

TEST(B45, CachedGradientsAreThoseOfThePlainLoss) {
  SmallModel small;
  const TokenizedBatch batch = small.tokenize(five_triplets());
  const ForwardOptions forward = {.training = true};
  for (const bool size_average : {true, false}) {
    ObjectiveOptions plain;
    plain.contrastive.size_average = size_average;
    const Result expected = differentiate(small.trained, batch, forward, plain);
    for (const size_t mini_batch_size : {1, 2, 3, 5, 32}) {
      for (const size_t score_mini_batch_size : {0, 1, 2, 5}) {
        ObjectiveOptions options = cached(mini_batch_size, score_mini_batch_size);
        options.contrastive.size_average = size_average;
        SCOPED_TRACE(testing::Message() << mini_batch_size << " " << score_mini_batch_size);
        expect_same(small.trained, differentiate(small.trained, batch, forward, options), expected);
        EXPECT_NEAR(batch_loss(small.trained, batch, {}, options), expected.loss,
                    1e-5 * expected.loss);
      }
    }
  }
}

TEST(B45, CachedGradientsWithDropoutAreThoseOfTheSameMasks) {
  SmallModel small;
  const TokenizedBatch batch = small.tokenize(five_triplets());
  const ForwardOptions forward = {.training = true};
  const double without = batch_loss(small.trained, batch, forward, {});
  small.trained.set_dropout(0.1);
  for (const size_t mini_batch_size : {1, 2, 3, 5}) {
    SCOPED_TRACE(mini_batch_size);
    at::manual_seed(11);
    const Result expected = differentiate_chunks(small.trained, batch, forward, mini_batch_size);
    const at::Tensor after = random_state().cpu;
    at::manual_seed(11);
    const Result got = differentiate(small.trained, batch, forward, cached(mini_batch_size, 2));
    expect_same(small.trained, got, expected);
    EXPECT_TRUE(at::equal(random_state().cpu, after));
    EXPECT_GT(std::abs(got.loss - without), 1e-4 * without);  // there was dropout
  }
}

TEST(B45, GradientCheckpointingChangesNoGradient) {
  SmallModel small;
  const TokenizedBatch batch = small.tokenize(five_triplets());
  small.trained.set_dropout(0.1);
  const ForwardOptions kept = {.training = true};
  ForwardOptions again = kept;
  again.recompute_layers = true;
  for (const ObjectiveOptions& options : {ObjectiveOptions{}, cached(2, 0)}) {
    at::manual_seed(11);
    const Result expected = differentiate(small.trained, batch, kept, options);
    const at::Tensor after = random_state().cpu;
    at::manual_seed(11);
    expect_same(small.trained, differentiate(small.trained, batch, again, options), expected);
    EXPECT_TRUE(at::equal(random_state().cpu, after));
  }
}

TEST(B45, PlainLossByScoreMiniBatches) {
  SmallModel small;
  const TokenizedBatch batch = small.tokenize(five_triplets());
  const Result expected = differentiate(small.trained, batch, {}, {});
  for (const size_t score_mini_batch_size : {1, 2, 3, 5}) {
    const ObjectiveOptions options = {.score_mini_batch_size = score_mini_batch_size};
    expect_same(small.trained, differentiate(small.trained, batch, {}, options), expected);
  }
}

TEST(B45, AccumulationIsAnotherLoss) {
  SmallModel small;
  const TokenizedBatch batch = small.tokenize(five_triplets());
  const Result whole = differentiate(small.trained, batch, {}, {});
  small.trained.parameters().clear_gradients();
  double sum = 0;
  for (size_t row = 0; row < batch.rows(); ++row) {
    TokenizedBatch one;
    for (const auto& column : batch.columns) one.columns.push_back({column[row]});
    sum += add_gradients(small.trained, one, {}, {}, 5).item<double>();
  }
  EXPECT_LT(sum, 0.9 * whole.loss);  // each query has two documents instead of ten
}

// Gradients of a sum are the sum of gradients: what accumulation of equal batches must be.
TEST(GradientAccumulation, AddsTheGradientsOfItsParts) {
  SmallModel small;
  const TokenizedBatch batch = small.tokenize(five_triplets());
  for (const LossKind loss : {LossKind::kContrastive, LossKind::kCachedContrastive}) {
    ObjectiveOptions options = cached(2, 2);
    options.loss = loss;
    const Result once = differentiate(small.trained, batch, {}, options);
    small.trained.parameters().clear_gradients();
    double sum = 0;
    for (int part = 0; part < 4; ++part) {
      sum += add_gradients(small.trained, batch, {}, options, 4).item<double>();
    }
    expect_same(small.trained, collect(small.trained, sum), once);
  }
}

TEST(B44, ShortAndSkippedDocumentsInBf16StayFinite) {
  SmallModel small({.positions = 128, .document_length = 64});
  std::string sixty = "a";
  for (int i = 0; i < 56; ++i) sixty += i % 3 == 0 ? " cat" : i % 3 == 1 ? " runs" : " red";
  const TokenizedBatch batch =
      small.tokenize({{"cat", "the red dog"}, {sixty, "..."}, {"...", "a dog"}});
  ASSERT_EQ(batch.columns[1][0].ids.size(), 60U);
  ASSERT_EQ(std::count(batch.columns[2][0].keep.begin(), batch.columns[2][0].keep.end(), 1), 3);
  small.trained.set_dropout(0.1);
  at::manual_seed(3);
  AdamW optimizer(small.trained.parameters(), {});
  ObjectiveOptions options;
  options.contrastive.temperature = 0.02;
  for (int step = 0; step < 200; ++step) {
    options.masking = step % 2 == 0 ? Masking::pylate : Masking::exact;
    small.trained.parameters().clear_gradients();
    const double loss = add_gradients(small.trained, batch,
                                      {.training = true, .precision = Precision::bf16}, options)
                            .item<double>();
    ASSERT_TRUE(std::isfinite(loss)) << step;
    ASSERT_TRUE(std::isfinite(clip_gradients(small.trained.parameters(), 1.0).item<double>()))
        << step;
    optimizer.step(3e-6);
  }
  for (const Parameter& parameter : small.trained.parameters().all()) {
    EXPECT_TRUE(parameter.tensor.isfinite().all().item<bool>()) << parameter.name;
  }
}

}  // namespace
}  // namespace maxsimd::training
