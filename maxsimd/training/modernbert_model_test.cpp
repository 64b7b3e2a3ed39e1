// The differentiable ModernBERT beside the encoder room's, and its parts beside LibTorch's
// operators. Its gradients beside PyLate's are in pylate_runs_test.cpp.
#include "maxsimd/training/modernbert_model.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include "maxsimd/training/colbert_model.h"
#include "maxsimd/training/trained_weights.h"
#include "tests/support/temp_folder.h"

namespace maxsimd::training {
namespace {

ColBERT load(const std::filesystem::path& folder = MAXSIMD_SOURCE_DIR
             "/maxsimd/colbert/testdata/modernbert") {
  return ColBERT::load(folder, {.num_threads = 1});
}

const std::vector<std::string>& texts() {
  static const std::vector<std::string> all = {
      "Owls hunt mice and voles at night, mostly near fields and hedges.", "bread", "",
      "Air scatters blue light much more than it scatters red light from the sun."};
  return all;
}

std::vector<TokenizedText> tokenized(const ColBERT& model, TextKind kind) {
  std::vector<TokenizedText> out;
  for (const std::string& text : texts()) out.push_back(model.tokenize(text, kind));
  return out;
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

at::Tensor encoded(const ColBERT& model, TextKind kind) {
  const Embeddings rows = model.encode(texts(), kind);
  return tensor_of(rows.values,
                   {static_cast<int64_t>(rows.num_tokens()), static_cast<int64_t>(rows.dim)});
}

TEST(ModernBertModel, EmbedsAsTheEncoderDoes) {
  const ColBERT model = load();
  const ColbertModel trained(model);
  for (const TextKind kind : {TextKind::query, TextKind::document}) {
    const TokenRows rows = trained.embed(tokenized(model, kind), {});
    EXPECT_LT(largest_difference(rows.values.detach(), encoded(model, kind)), 1e-5);
  }
}

std::vector<at::Tensor> gradients_of(ColbertModel& model, std::span<const TokenizedText> texts,
                                     const ForwardOptions& options) {
  model.parameters().clear_gradients();
  model.embed(texts, options).values.cos().sum().backward();
  std::vector<at::Tensor> out;
  for (const at::Tensor& gradient : model.parameters().gradients()) out.push_back(gradient.clone());
  return out;
}

TEST(ModernBertModel, TheOperatorsOfGpusGiveTheGradientsOfTheKernels) {
  const ColBERT model = load();
  ColbertModel trained(model);
  for (const TextKind kind : {TextKind::query, TextKind::document}) {
    const std::vector<TokenizedText> some = tokenized(model, kind);
    const auto wanted = gradients_of(trained, some, {.training = true});
    const auto got = gradients_of(trained, some, {.training = true, .plain_operators = true});
    ASSERT_EQ(got.size(), wanted.size());
    for (size_t i = 0; i < got.size(); ++i) {
      EXPECT_LT(largest_difference(got[i], wanted[i]),
                1e-3 * (1 + wanted[i].abs().max().item<double>()));
    }
  }
}

TEST(ModernBertModel, LeavesNoTensorOnTheCpu) {
  const ColBERT model = load();
  ColbertModel trained(model, at::kMeta);
  trained.set_dropout(0.1);
  for (const Precision precision : {Precision::f32, Precision::bf16}) {
    for (const at::Tensor& gradient :
         gradients_of(trained, tokenized(model, TextKind::query),
                      {.training = true, .precision = precision, .neftune_noise_alpha = 5})) {
      EXPECT_TRUE(gradient.is_meta());
    }
  }
}

TEST(ModernBertModel, WhatIsSavedIsWhatWasTrained) {
  const ColBERT model = load();
  ColbertModel trained(model);
  for (const Parameter& parameter : trained.parameters().all()) {
    const c10::NoGradGuard no_grad;
    at::Tensor values = parameter.tensor;
    values.mul_(1.125);
  }
  const testing_support::TempFolder temp;
  save_model(model, trained.parameters(), "", temp.path() / "saved");
  const ColBERT saved = load(temp.path() / "saved");
  const TokenRows rows = trained.embed(tokenized(model, TextKind::document), {});
  EXPECT_LT(largest_difference(rows.values.detach(), encoded(saved, TextKind::document)), 1e-5);
  ColbertModel again(model);
  restore_weights(temp.path() / "saved", again.parameters());
  for (const Parameter& parameter : trained.parameters().all()) {
    EXPECT_TRUE(at::equal(again.parameters().get(parameter.name), parameter.tensor));
  }
}

// transformers' Trainer decays neither biases nor the weights of layer norms.
TEST(ModernBertModel, MatricesDecayAndVectorsDoNot) {
  const ColbertModel trained(load());
  EXPECT_EQ(trained.parameters().all().size(), 21U);
  for (const Parameter& parameter : trained.parameters().all()) {
    EXPECT_EQ(parameter.decays, parameter.tensor.dim() == 2) << parameter.name;
  }
}

TEST(ModernBertModel, RecomputedLayersGiveTheSameGradientsUnderDropout) {
  const ColBERT model = load();
  const auto gradients = [&](bool recompute) {
    ColbertModel trained(model);
    trained.set_dropout(0.2);
    at::manual_seed(3);
    trained
        .embed(tokenized(model, TextKind::document),
               {.training = true, .recompute_layers = recompute})
        .values.select(1, 0)
        .sum()
        .backward();
    std::vector<at::Tensor> out;
    for (const Parameter& parameter : trained.parameters().all()) {
      out.push_back(parameter.tensor.grad().clone());
    }
    return out;
  };
  const std::vector<at::Tensor> kept = gradients(false);
  const std::vector<at::Tensor> again = gradients(true);
  for (size_t i = 0; i < kept.size(); ++i) EXPECT_TRUE(at::equal(kept[i], again[i])) << i;
}

TEST(ModernBertModel, DropoutIsForTrainingOnly) {
  const ColBERT model = load();
  ColbertModel trained(model);
  trained.set_dropout(0.3);
  const auto texts = tokenized(model, TextKind::document);
  const at::Tensor plain = trained.embed(texts, {}).values.detach();
  EXPECT_TRUE(at::equal(trained.embed(texts, {}).values.detach(), plain));
  const at::Tensor dropped = trained.embed(texts, {.training = true}).values.detach();
  EXPECT_GT(largest_difference(dropped, plain), 0.05);
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
  const RotaryTensors rotary(RotaryTable(500.0F, 10, 64), 10, 64);
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
