// Every differentiable architecture beside the encoder room's, on the small ColBERTs of
// maxsimd/colbert/testdata. Their gradients beside PyLate's are in pylate_runs_test.cpp.
#include "maxsimd/training/differentiable_encoder.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include "maxsimd/training/colbert_model.h"
#include "maxsimd/training/trained_weights.h"
#include "tests/support/temp_folder.h"

namespace maxsimd::training {
namespace {

struct Architecture {
  const char* folder;
  size_t num_parameters;
};

ColBERT load(const std::filesystem::path& folder) {
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

class DifferentiableEncoders : public testing::TestWithParam<Architecture> {
 protected:
  static ColBERT load() {
    return training::load(std::filesystem::path(MAXSIMD_SOURCE_DIR "/maxsimd/colbert/testdata") /
                          GetParam().folder);
  }
};

TEST_P(DifferentiableEncoders, EmbedsAsTheEncoderDoes) {
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

TEST_P(DifferentiableEncoders, TheOperatorsOfGpusGiveTheGradientsOfTheKernels) {
  const ColBERT model = load();
  ColbertModel trained(model);
  for (const TextKind kind : {TextKind::query, TextKind::document}) {
    const std::vector<TokenizedText> some = tokenized(model, kind);
    trained.set_dropout(0);
    const auto wanted = gradients_of(trained, some, {.training = true});
    const auto got = gradients_of(trained, some, {.training = true, .plain_operators = true});
    ASSERT_EQ(got.size(), wanted.size());
    for (size_t i = 0; i < got.size(); ++i) {
      const double largest = wanted[i].abs().max().item<double>();
      EXPECT_LT(largest_difference(got[i], wanted[i]), 1e-3 * (1 + largest));
    }
  }
}

TEST_P(DifferentiableEncoders, LeaveNoTensorOnTheCpu) {
  const ColBERT model = load();
  ColbertModel trained(model, at::kMeta);
  trained.set_dropout(0.1);
  for (const Precision precision : {Precision::f32, Precision::bf16}) {
    const ForwardOptions options = {
        .training = true, .precision = precision, .neftune_noise_alpha = 5};
    for (const at::Tensor& gradient :
         gradients_of(trained, tokenized(model, TextKind::query), options)) {
      EXPECT_TRUE(gradient.is_meta());
    }
  }
}

TEST_P(DifferentiableEncoders, WhatIsSavedIsWhatWasTrained) {
  const ColBERT model = load();
  ColbertModel trained(model);
  for (const Parameter& parameter : trained.parameters().all()) {
    const c10::NoGradGuard no_grad;
    at::Tensor values = parameter.tensor;
    values.mul_(1.125);
  }
  const testing_support::TempFolder temp;
  save_model(model, trained.parameters(), "", temp.path() / "saved");
  const ColBERT saved = training::load(temp.path() / "saved");
  const TokenRows rows = trained.embed(tokenized(model, TextKind::document), {});
  EXPECT_LT(largest_difference(rows.values.detach(), encoded(saved, TextKind::document)), 1e-5);
  ColbertModel again(model);
  restore_weights(temp.path() / "saved", again.parameters());
  for (const Parameter& parameter : trained.parameters().all()) {
    EXPECT_TRUE(at::equal(again.parameters().get(parameter.name), parameter.tensor));
  }
}

// transformers' Trainer decays neither biases nor the weights of layer norms.
TEST_P(DifferentiableEncoders, MatricesDecayAndVectorsDoNot) {
  const ColbertModel trained(load());
  EXPECT_EQ(trained.parameters().all().size(), GetParam().num_parameters);
  for (const Parameter& parameter : trained.parameters().all()) {
    EXPECT_EQ(parameter.decays, parameter.tensor.dim() == 2) << parameter.name;
  }
}

TEST_P(DifferentiableEncoders, RecomputedLayersGiveTheSameGradientsUnderDropout) {
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

TEST_P(DifferentiableEncoders, DropoutIsForTrainingOnly) {
  const ColBERT model = load();
  ColbertModel trained(model);
  trained.set_dropout(0.3);
  const auto texts = tokenized(model, TextKind::document);
  const at::Tensor plain = trained.embed(texts, {}).values.detach();
  EXPECT_TRUE(at::equal(trained.embed(texts, {}).values.detach(), plain));
  const at::Tensor dropped = trained.embed(texts, {.training = true}).values.detach();
  EXPECT_GT(largest_difference(dropped, plain), 0.05);
}

// BERT's kin: sixteen tensors a layer, embedding tables (two in DistilBERT), their norm, one Dense.
INSTANTIATE_TEST_SUITE_P(Goldens, DifferentiableEncoders,
                         testing::Values(Architecture{"modernbert", 21},
                                         Architecture{"roberta", 38},
                                         Architecture{"xlm_roberta", 38},
                                         Architecture{"camembert", 38},
                                         Architecture{"distilbert", 37}),
                         [](const auto& info) { return std::string(info.param.folder); });

}  // namespace
}  // namespace maxsimd::training
