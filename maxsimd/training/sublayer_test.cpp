#include "maxsimd/training/sublayer.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

namespace maxsimd::training {
namespace {

struct Results {
  at::Tensor y, change, residual, weight, bias;
};

using AddNorm = at::Tensor (*)(const at::Tensor&, const at::Tensor&, const LayerNormWeights&,
                               double);

Results run(AddNorm f, int64_t rows, double dropout) {
  at::manual_seed(3);
  const auto leaf = [](at::Tensor x) { return x.set_requires_grad(true); };
  const at::Tensor change = leaf(at::randn({rows, 48})), residual = leaf(at::randn({rows, 48}));
  const LayerNormWeights norm{leaf(at::randn({48})), leaf(at::randn({48})), 1e-12};
  const at::Tensor direction = at::randn({rows, 48});
  const at::Tensor y = f(change, residual, norm, dropout);
  (y * direction).sum().backward();
  return {y.detach(), change.grad(), residual.grad(), norm.weight.grad(), norm.bias.grad()};
}

TEST(AddNorm, EqualsLibTorchsOperators) {
  for (const int64_t rows : {1, 127, 128, 129, 300}) {
    const Results got = run(add_norm, rows, 0), wanted = run(plain_add_norm, rows, 0);
    const auto same = [](const at::Tensor& a, const at::Tensor& b) {
      return at::allclose(a, b, 1e-4, 1e-4);
    };
    EXPECT_TRUE(same(got.y, wanted.y)) << rows;
    EXPECT_TRUE(same(got.change, wanted.change)) << rows;
    EXPECT_TRUE(same(got.residual, wanted.residual)) << rows;
    EXPECT_TRUE(same(got.weight, wanted.weight)) << rows;
    EXPECT_TRUE(same(got.bias, wanted.bias)) << rows;
  }
}

TEST(AddNorm, GradientsOfWhatIsDroppedAreZeroAndTheOthersGrow) {
  const Results results = run(add_norm, 300, 0.25);
  const at::Tensor dropped = results.change == 0;
  EXPECT_NEAR(dropped.to(at::kDouble).mean().item<double>(), 0.25, 0.02);
  const at::Tensor kept = results.change.masked_select(dropped.logical_not());
  const at::Tensor wanted = results.residual.masked_select(dropped.logical_not()) / 0.75;
  EXPECT_TRUE(at::allclose(kept, wanted, 1e-6, 1e-6));
}

TEST(AddNorm, ResultsDoNotDependOnThreads) {
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const Results one = run(add_norm, 300, 0.1);
  at::set_num_threads(2);
  const Results two = run(add_norm, 300, 0.1);
  at::set_num_threads(threads);
  EXPECT_TRUE(at::equal(one.y, two.y));
  EXPECT_TRUE(at::equal(one.change, two.change));
  EXPECT_TRUE(at::equal(one.weight, two.weight));
}

}  // namespace
}  // namespace maxsimd::training
