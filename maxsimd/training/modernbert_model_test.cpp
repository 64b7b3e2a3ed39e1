// The parts of the differentiable ModernBERT beside LibTorch's operators. The whole of it is in
// differentiable_encoder_test.cpp, its gradients beside PyLate's in pylate_runs_test.cpp.
#include "maxsimd/training/modernbert_model.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace maxsimd::training {
namespace {

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

PackedBatch batch_of(const std::vector<size_t>& lengths) {
  PackedBatch batch;
  std::vector<at::Tensor> positions;
  size_t begin = 0;
  for (const size_t length : lengths) {
    batch.sequences.push_back({begin, length, length});
    positions.push_back(at::arange(static_cast<int64_t>(length)));
    begin += length;
  }
  batch.positions = at::cat(positions);
  return batch;
}

TEST(RotaryPositions, KernelsTurnAsOperatorsDoInBothPasses) {
  const PackedBatch batch = batch_of({40, 1, 7});
  const RotaryTensors rotary(RotaryTable(500.0F, 10, 64), 10, 64, at::kCPU);
  const at::Tensor qkv = at::randn({48, 90});
  const at::Tensor weights = at::randn({48, 90});
  const auto run = [&](auto turn, at::ScalarType type) {
    const at::Tensor leaf = qkv.to(type, false, true).requires_grad_();
    const at::Tensor out = turn(leaf, batch, 3, rotary);
    (out * weights.to(type)).sum().backward();
    return std::pair(out.detach(), leaf.grad());
  };
  const auto got = run(rotate, at::kFloat);
  const auto expected = run(plain_rotate, at::kDouble);
  EXPECT_LT(largest_difference(got.first, expected.first), 1e-6);
  EXPECT_LT(largest_difference(got.second, expected.second), 1e-6);
}

TEST(GatedFeedForward, GradientsAreThoseOfOperators) {
  at::manual_seed(5);
  const at::Tensor x = at::randn({33, 20});
  const std::vector<at::Tensor> values = {x, at::randn({28, 20}) * 0.3, at::randn({28}),
                                          at::randn({20, 14}) * 0.3, at::randn({20})};
  const auto run = [&](auto feed_forward, double dropout) {
    std::vector<at::Tensor> leaves;
    for (const at::Tensor& value : values) leaves.push_back(value.clone().requires_grad_());
    at::manual_seed(6);
    const at::Tensor y =
        feed_forward(leaves[0], LinearWeights{leaves[1], leaves[2]},
                     LinearWeights{leaves[3], leaves[4]}, GatedOptions{.dropout = dropout});
    y.square().sum().backward();
    std::vector<at::Tensor> out = {y.detach()};
    for (const at::Tensor& leaf : leaves) out.push_back(leaf.grad());
    return out;
  };
  const auto by_operators = [](const at::Tensor& in, const LinearWeights& inner,
                               const LinearWeights& outer, const GatedOptions&) {
    const std::vector<at::Tensor> halves = at::linear(in, inner.weight, inner.bias).chunk(2, 1);
    return at::linear(at::gelu(halves[0]) * halves[1], outer.weight, outer.bias);
  };
  const auto expected = run(by_operators, 0);
  for (const auto& got : {run(gated_feed_forward, 0), run(plain_gated_feed_forward, 0)}) {
    for (size_t i = 0; i < got.size(); ++i) {
      EXPECT_LT(largest_difference(got[i], expected[i]),
                1e-5 * std::max(1.0, expected[i].abs().max().item<double>()))
          << i;
    }
  }
  const auto dropped = run(gated_feed_forward, 0.4);
  EXPECT_GT(largest_difference(dropped[0], expected[0]), 0.1);
}

}  // namespace
}  // namespace maxsimd::training
