#include "maxsimd/training/recompute.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace maxsimd::training {
namespace {

struct Gradients {
  at::Tensor x, weight;
  double value = 0;
  int runs = 0;
};

Gradients differentiate(bool again) {
  at::manual_seed(5);
  const at::Tensor x = at::randn({6, 4}).set_requires_grad(true);
  const at::Tensor weight = at::randn({4, 4}).set_requires_grad(true);
  Gradients out;
  const auto layer = [&](const at::Tensor& in) {
    ++out.runs;
    return at::dropout(at::tanh(at::matmul(in, weight)), 0.5, true);
  };
  at::Tensor y = x * 2;
  for (int i = 0; i < 3; ++i) y = again ? recomputed(y, layer) : layer(y);
  // What is drawn in between must not come from the same place again.
  const at::Tensor loss = (at::dropout(y, 0.5, true) * y).sum();
  loss.backward();
  out.x = x.grad();
  out.weight = weight.grad();
  out.value = loss.item<double>();
  return out;
}

TEST(Recompute, B45_GradientsAndDropoutAreThoseOfTheKeptActivations) {
  const Gradients wanted = differentiate(false), got = differentiate(true);
  EXPECT_EQ(wanted.runs, 3);
  EXPECT_EQ(got.runs, 6);
  EXPECT_EQ(got.value, wanted.value);
  EXPECT_TRUE(at::equal(got.x, wanted.x));
  EXPECT_TRUE(at::allclose(got.weight, wanted.weight, 1e-6, 1e-6));
}

TEST(Recompute, TheGeneratorIsWhereItWasAfterTheBackwardPass) {
  differentiate(false);
  const at::Tensor wanted = at::rand({3});
  differentiate(true);
  EXPECT_TRUE(at::equal(at::rand({3}), wanted));
}

}  // namespace
}  // namespace maxsimd::training
