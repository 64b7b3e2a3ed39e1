// Attention by kernels beside LibTorch's operators, gradients beside finite differences.
#include "maxsimd/training/packed_attention.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>

namespace maxsimd::training {
namespace {

struct Lengths {
  size_t length, attended;
};

std::vector<Sequence> sequences_of(const std::vector<Lengths>& lengths) {
  std::vector<Sequence> sequences;
  size_t begin = 0;
  for (const Lengths& l : lengths) {
    sequences.push_back({.begin = begin, .length = l.length, .attended = l.attended});
    begin += l.length;
  }
  return sequences;
}

int64_t rows_of(const std::vector<Sequence>& sequences) {
  return static_cast<int64_t>(sequences.back().begin + sequences.back().length);
}

/// One thread count for a while.
class Threads {
 public:
  explicit Threads(int count) : before_(at::get_num_threads()) { at::set_num_threads(count); }
  ~Threads() { at::set_num_threads(before_); }

 private:
  int before_;
};

struct Result {
  at::Tensor context, gradient;
};

using Attention = at::Tensor (*)(const at::Tensor&, std::span<const Sequence>,
                                 const AttentionOptions&);

/// The context, and the gradient of its product with `weights`.
Result differentiate(Attention attention, const at::Tensor& qkv, const at::Tensor& weights,
                     const std::vector<Sequence>& sequences, const AttentionOptions& options) {
  const at::Tensor leaf = qkv.detach().clone().requires_grad_();
  const at::Tensor context = attention(leaf, sequences, options);
  (context * weights).sum().backward();
  return {context.detach(), leaf.grad()};
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

TEST(PackedAttention, WithoutDropoutItIsPaddedAttention) {
  at::manual_seed(1);
  const auto sequences =
      sequences_of({{180, 180}, {32, 9}, {1, 1}, {64, 64}, {32, 32}, {7, 3}, {300, 280}, {33, 1}});
  for (const auto& [head_dim, window] :
       std::vector<std::pair<int64_t, size_t>>{{5, kernels::kNoWindow},
                                               {32, kernels::kNoWindow},
                                               {64, kernels::kNoWindow},
                                               {24, 10},
                                               {32, 64}}) {
    const AttentionOptions options = {.num_heads = 3, .window = window};
    const at::Tensor qkv = at::randn({rows_of(sequences), 9 * head_dim});
    const at::Tensor weights = at::randn({rows_of(sequences), 3 * head_dim});
    const Result got = differentiate(packed_attention, qkv, weights, sequences, options);
    // In double precision, from the same numbers.
    const Result expected = differentiate(padded_attention, qkv.to(at::kDouble),
                                          weights.to(at::kDouble), sequences, options);
    EXPECT_LT(largest_difference(got.context, expected.context), 5e-6) << head_dim;
    EXPECT_LT(largest_difference(got.gradient, expected.gradient), 3e-5) << head_dim;
  }
}

TEST(PackedAttention, OtherTypesGoThroughLibTorch) {
  const auto sequences = sequences_of({{5, 5}});
  const at::Tensor qkv = at::randn({5, 24}, at::kDouble);
  EXPECT_TRUE(at::equal(packed_attention(qkv, sequences, {.num_heads = 2}),
                        padded_attention(qkv, sequences, {.num_heads = 2})));
}

// Slices of other tensors, as the gradients of a sum are expanded ones.
TEST(PackedAttention, TensorsNeedNotBeContiguous) {
  const auto sequences = sequences_of({{40, 40}, {12, 5}});
  const at::Tensor wide = at::randn({52, 48}).requires_grad_();
  const at::Tensor same = wide.detach().clone().requires_grad_();
  packed_attention(wide.slice(1, 0, 24), sequences, {.num_heads = 2}).sum().backward();
  padded_attention(same.slice(1, 0, 24), sequences, {.num_heads = 2}).sum().backward();
  EXPECT_LT(largest_difference(wide.grad(), same.grad()), 1e-5);
}

TEST(PackedAttention, MaskedKeysGetNoGradientAndMaskedRowsAttend) {
  const auto sequences = sequences_of({{32, 9}});
  const at::Tensor qkv = at::randn({32, 192});
  const Result result =
      differentiate(packed_attention, qkv, at::randn({32, 64}), sequences, {.num_heads = 2});
  const at::Tensor masked = result.gradient.slice(0, 9);
  EXPECT_EQ(masked.slice(1, 64).abs().max().item<float>(), 0.0F);
  EXPECT_GT(masked.slice(1, 0, 64).abs().min().item<float>(), 0.0F);
}

// The same seed draws the same mask, so that the function of qkv is a smooth one.
TEST(PackedAttention, GradientsWithDropoutAreFiniteDifferences) {
  const auto sequences = sequences_of({{9, 9}, {14, 6}, {130, 130}});
  const int64_t rows = rows_of(sequences);
  const AttentionOptions options = {.num_heads = 2, .dropout = 0.3};
  at::manual_seed(2);
  const at::Tensor qkv = at::randn({rows, 48});
  const at::Tensor weights = at::randn({rows, 16});
  const auto value = [&](const at::Tensor& at_qkv) {
    at::manual_seed(77);
    return (packed_attention(at_qkv, sequences, options).to(at::kDouble) * weights)
        .sum()
        .item<double>();
  };
  at::manual_seed(77);
  const at::Tensor gradient =
      differentiate(packed_attention, qkv, weights, sequences, options).gradient;
  // Along random directions all elements count; floats leave errors of about 1e-4 here.
  for (int trial = 0; trial < 20; ++trial) {
    const at::Tensor direction = at::randn({rows, 48});
    constexpr double kStep = 1e-2;
    const double slope =
        (value(qkv + kStep * direction) - value(qkv - kStep * direction)) / (2 * kStep);
    const double expected = (gradient * direction).sum().item<double>();
    EXPECT_NEAR(slope, expected, 2e-3 * std::max(1.0, gradient.norm().item<double>())) << trial;
  }
  // And by themselves, those of the short sequences.
  for (int64_t i = 0; i < 23 * 48; i += 7) {
    at::Tensor change = at::zeros({rows, 48});
    change.view(-1)[i] = 1e-2;
    const double slope = (value(qkv + change) - value(qkv - change)) / 2e-2;
    EXPECT_NEAR(slope, gradient.view(-1)[i].item<double>(), 2e-3) << i;
  }
}

TEST(PackedAttention, DropoutKeepsItsShareAndTheMean) {
  // Equal scores and values of 1: a row's context is the kept probabilities' sum.
  const auto sequences = sequences_of({{500, 500}, {300, 300}});
  at::Tensor qkv = at::zeros({800, 3 * 64});
  qkv.slice(1, 128) = 1.0;
  at::manual_seed(3);
  const at::Tensor context = packed_attention(qkv, sequences, {.num_heads = 2, .dropout = 0.1});
  const double draws = 2.0 * (500.0 * 500 + 300.0 * 300);
  // Each kept probability counts 1 / (0.9 n) in its row.
  const at::Tensor kept = context.view({800, 2, 32}).select(2, 0).sum(1);
  const double rate = 1 - (kept.slice(0, 0, 500).sum().item<double>() * 500 +
                           kept.slice(0, 500).sum().item<double>() * 300) *
                              0.9 / draws;
  EXPECT_NEAR(rate, 0.1, 5 * std::sqrt(0.09 / draws));
  EXPECT_GT(context.std().item<double>(), 0.01);
}

TEST(PackedAttention, TheSeedDecidesAndThreadsDoNot) {
  std::vector<Lengths> lengths(40, {32, 20});
  lengths.push_back({180, 180});
  lengths.push_back({1, 1});
  const auto sequences = sequences_of(lengths);
  const AttentionOptions options = {.num_heads = 4, .dropout = 0.2};
  const at::Tensor qkv = at::randn({rows_of(sequences), 384});
  const at::Tensor weights = at::randn({rows_of(sequences), 128});
  const auto run = [&](int threads) {
    const Threads guard(threads);
    at::manual_seed(4);
    return differentiate(packed_attention, qkv, weights, sequences, options);
  };
  const Result one = run(1);
  for (const int threads : {1, 2, 5}) {
    const Result again = run(threads);
    EXPECT_TRUE(at::equal(again.context, one.context)) << threads;
    EXPECT_TRUE(at::equal(again.gradient, one.gradient)) << threads;
  }
  // The generator has moved on.
  const Result next = differentiate(packed_attention, qkv, weights, sequences, options);
  EXPECT_GT(largest_difference(next.context, one.context), 1e-2);
}

// Two passes through one layer before either is differentiated (micro-batches of GradCache).
TEST(PackedAttention, EachCallKeepsItsOwnMask) {
  const auto sequences = sequences_of({{50, 50}});
  const AttentionOptions options = {.num_heads = 1, .dropout = 0.5};
  const at::Tensor qkv = at::randn({50, 96});
  at::manual_seed(5);
  const Result first = differentiate(packed_attention, qkv, at::ones({50, 32}), sequences, options);
  const Result second =
      differentiate(packed_attention, qkv, at::ones({50, 32}), sequences, options);
  at::manual_seed(5);
  const at::Tensor leaf = qkv.clone().requires_grad_();
  const at::Tensor a = packed_attention(leaf, sequences, options).sum();
  const at::Tensor b = packed_attention(leaf, sequences, options).sum();
  b.backward();
  EXPECT_TRUE(at::equal(leaf.grad(), second.gradient));
  leaf.mutable_grad().zero_();
  a.backward();
  EXPECT_TRUE(at::equal(leaf.grad(), first.gradient));
}

TEST(PackedAttention, WithoutGradientsNoGraphIsMade) {
  const auto sequences = sequences_of({{4, 4}});
  EXPECT_FALSE(packed_attention(at::randn({4, 24}), sequences, {.num_heads = 2}).requires_grad());
}

TEST(PackedAttention, NothingAtAllIsNoCaseOfItsOwn) {
  const std::vector<Sequence> none;
  EXPECT_EQ(packed_attention(at::empty({0, 24}), none, {.num_heads = 2}).size(1), 8);
}

TEST(PackedAttention, RefusesWhatDoesNotFit) {
  const at::Tensor qkv = at::randn({4, 24});
  const auto expect_refused = [&](const std::vector<Sequence>& sequences,
                                  const AttentionOptions& options) {
    EXPECT_THROW(packed_attention(qkv, sequences, options), std::invalid_argument);
  };
  const AttentionOptions two = {.num_heads = 2};
  expect_refused({{0, 3, 3}}, two);
  expect_refused({{0, 3, 3}, {0, 1, 1}}, two);
  expect_refused({{0, 4, 0}}, two);
  expect_refused({{0, 4, 5}}, two);
  expect_refused({{0, 5, 4}}, two);
  expect_refused({{0, 4, 4}}, {.num_heads = 3});
  expect_refused({{0, 4, 4}}, {.num_heads = 2, .dropout = 1.0});
}

}  // namespace
}  // namespace maxsimd::training
