// NEFTune beside the formula of transformers' hook; pylate_runs_test.cpp has the hook itself.
#include "maxsimd/training/embedding_noise.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "maxsimd/training/losses_testing.h"
#include "maxsimd/training/random_state.h"

namespace maxsimd::training {
namespace {

constexpr double kAlpha = 5;

at::Tensor embed(const SmallModel& small, const TokenizedBatch& batch,
                 const ForwardOptions& options) {
  return embed_batch(small.trained, batch, options).documents.values;
}

// dims = L * H; m = alpha / sqrt(dims); output + uniform(-m, m), with the L of the padded text.
TEST(EmbeddingNoise, IsTheHooksFormula) {
  const int64_t hidden = 48;
  PackedBatch batch;
  batch.sequences = {{.begin = 0, .length = 5, .attended = 5}, {.begin = 5, .length = 20}};
  batch.padded = {9, 180};
  const at::Tensor words = at::full({25, hidden}, 3.0);
  at::manual_seed(5);
  const at::Tensor noise = add_embedding_noise(words, batch, kAlpha) - words;
  at::manual_seed(5);
  for (size_t i = 0; i < 2; ++i) {
    const auto begin = static_cast<int64_t>(batch.sequences[i].begin);
    const auto length = static_cast<int64_t>(batch.sequences[i].length);
    const double m = kAlpha / std::sqrt(static_cast<double>(batch.padded[i] * hidden));
    const at::Tensor wanted = at::zeros({length, hidden}).uniform_(-m, m);
    const at::Tensor got = noise.slice(0, begin, begin + length);
    EXPECT_LT((got - wanted).abs().max().item<double>(), 1e-6);
    EXPECT_GT(got.abs().max().item<double>(), 0.95 * m);
  }
}

TEST(EmbeddingNoise, IsDrawnInTrainingAlone) {
  const SmallModel small;
  const TokenizedBatch batch = small.tokenize(five_triplets());
  const at::Tensor plain = embed(small, batch, {});
  const RandomState before = random_state();
  EXPECT_TRUE(at::equal(embed(small, batch, {.neftune_noise_alpha = kAlpha}), plain));
  EXPECT_TRUE(at::equal(random_state().cpu, before.cpu));
  EXPECT_TRUE(at::equal(embed(small, batch, {.training = true}), plain));
  const at::Tensor noisy = embed(small, batch, {.training = true, .neftune_noise_alpha = kAlpha});
  EXPECT_GT((noisy - plain).abs().max().item<double>(), 1e-3);
  set_random_state(before);
  EXPECT_TRUE(
      at::equal(embed(small, batch, {.training = true, .neftune_noise_alpha = kAlpha}), noisy));
}

// The layers that run again see the words with the noise they saw first.
TEST(EmbeddingNoise, GradientCheckpointingChangesNoGradient) {
  SmallModel small;
  const TokenizedBatch batch = small.tokenize(five_triplets());
  ForwardOptions forward = {.training = true, .neftune_noise_alpha = kAlpha};
  at::manual_seed(3);
  const double loss = add_gradients(small.trained, batch, forward, {}).item<double>();
  const double norm = small.trained.parameters().gradient_norm().item<double>();
  small.trained.parameters().clear_gradients();
  forward.recompute_layers = true;
  at::manual_seed(3);
  EXPECT_DOUBLE_EQ(add_gradients(small.trained, batch, forward, {}).item<double>(), loss);
  EXPECT_NEAR(small.trained.parameters().gradient_norm().item<double>(), norm, 1e-5 * norm);
}

}  // namespace
}  // namespace maxsimd::training
