// What a run computes on, and what GPUs run: each line of it, on a CPU beside its oracle, and on
// the device "meta", where a tensor that was left behind is an error.
#include "maxsimd/training/device.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "maxsimd/training/adamw.h"
#include "maxsimd/training/batched_maxsim.h"
#include "maxsimd/training/device_attention.h"
#include "maxsimd/training/device_operators_testing.h"
#include "maxsimd/training/losses_testing.h"

namespace maxsimd::training {
namespace {

std::string error_of(DeviceKind kind, const Gpus& gpus, int64_t local_rank = 0) {
  try {
    choose_device(kind, gpus, local_rank);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

TEST(Device, AutoTakesAGpuWhereOneAnswers) {
  EXPECT_EQ(choose_device(DeviceKind::kAuto, {false, 0}, 0), at::Device(at::kCPU));
  EXPECT_EQ(choose_device(DeviceKind::kAuto, {true, 0}, 3), at::Device(at::kCPU));
  EXPECT_EQ(choose_device(DeviceKind::kAuto, {true, 2}, 1), at::Device(at::kCUDA, 1));
  EXPECT_EQ(choose_device(DeviceKind::kCpu, {true, 2}, 1), at::Device(at::kCPU));
  EXPECT_EQ(choose_device(DeviceKind::kCuda, {true, 1}, 0), at::Device(at::kCUDA, 0));
}

TEST(Device, SaysWhatKeepsItFromAGpu) {
  EXPECT_NE(error_of(DeviceKind::kCuda, {false, 0}).find("built without CUDA"), std::string::npos);
  EXPECT_NE(error_of(DeviceKind::kCuda, {true, 0}).find("no NVIDIA GPU answers"),
            std::string::npos);
  for (const DeviceKind kind : {DeviceKind::kAuto, DeviceKind::kCuda}) {
    EXPECT_NE(error_of(kind, {true, 2}, 2).find("there are 2"), std::string::npos);
  }
}

TEST(Device, GpusTalkThroughNcclWhereItIsThere) {
  const at::Device gpu(at::kCUDA, 0), cpu(at::kCPU);
  EXPECT_EQ(choose_backend("", gpu, true), GpuBackend::kNccl);
  EXPECT_EQ(choose_backend("", gpu, false), GpuBackend::kGloo);
  EXPECT_EQ(choose_backend("", cpu, true), GpuBackend::kGloo);
  EXPECT_EQ(choose_backend("gloo", gpu, true), GpuBackend::kGloo);
  EXPECT_EQ(choose_backend("nccl", gpu, true), GpuBackend::kNccl);
  EXPECT_THROW(choose_backend("nccl", cpu, true), std::invalid_argument);
  EXPECT_THROW(choose_backend("nccl", gpu, false), std::invalid_argument);
}

struct Result {
  at::Tensor value, gradient;
};

// Heads of 32; all rows attended, and some not.
TEST(DeviceAttention, ItsKernelsAreCalledAsPaddedAttentionSays) {
  at::manual_seed(1);
  const std::vector<std::vector<Sequence>> batches = {{{0, 7, 7}, {7, 30, 30}, {37, 1, 1}},
                                                      {{0, 32, 9}, {32, 32, 32}, {64, 5, 2}}};
  for (const std::vector<Sequence>& sequences : batches) {
    PackedBatch batch;
    batch.sequences = sequences;
    batch.layout = lay_out(sequences, at::kCPU);
    const auto rows = static_cast<int64_t>(sequences.back().begin + sequences.back().length);
    const at::Tensor qkv = at::randn({rows, 3 * 64}), weights = at::randn({rows, 64});
    const auto run = [&](auto attention, at::ScalarType type) -> Result {
      const at::Tensor leaf = qkv.to(type).clone().requires_grad_();
      const at::Tensor out = attention(leaf);
      (out * weights.to(type)).sum().backward();
      return {out.detach().to(at::kDouble), leaf.grad().to(at::kDouble)};
    };
    const AttentionOptions options = {.num_heads = 2};
    const auto padded = [&](const at::Tensor& x) {
      return padded_attention(x, sequences, options);
    };
    const auto kernels = [&](const at::Tensor& x) { return device_attention(x, batch, options); };
    const Result wanted = run(padded, at::kDouble);
    const KernelCalls before = kernel_calls();
    const Result f32 = run(kernels, at::kFloat), bf16 = run(kernels, at::kBFloat16);
    EXPECT_EQ(kernel_calls().memory_efficient, before.memory_efficient + 1);
    EXPECT_EQ(kernel_calls().flash, before.flash + 1);
    EXPECT_TRUE(at::allclose(f32.value, wanted.value, 1e-5, 1e-6));
    EXPECT_TRUE(at::allclose(f32.gradient, wanted.gradient, 1e-4, 1e-5));
    EXPECT_TRUE(at::allclose(bf16.value, wanted.value, 5e-2, 5e-2));
    EXPECT_TRUE(at::allclose(bf16.gradient, wanted.gradient, 1e-1, 1e-1));
  }
}

TEST(DeviceAttention, OddHeadsGoThroughPaddedAttention) {
  PackedBatch batch;
  batch.sequences = {{0, 6, 4}};
  batch.layout = lay_out(batch.sequences, at::kCPU);
  const at::Tensor qkv = at::randn({6, 3 * 10});
  EXPECT_TRUE(at::equal(device_attention(qkv, batch, {.num_heads = 2}),
                        padded_attention(qkv, batch.sequences, {.num_heads = 2})));
}

TokenRows random_rows(const std::vector<int64_t>& lengths, int64_t dim) {
  TokenRows rows;
  for (const int64_t length : lengths) rows.offsets.push_back(rows.offsets.back() + length);
  rows.values = at::randn({rows.offsets.back(), dim});
  return rows;
}

using Scores = std::function<at::Tensor(const TokenRows&, const TokenRows&)>;

void expect_same_scores(const TokenRows& queries, const TokenRows& documents, const Scores& got,
                        const Scores& wanted) {
  at::manual_seed(9);
  const at::Tensor weights = at::randn({queries.size(), documents.size()});
  const auto run = [&](const Scores& scores) {
    TokenRows q = queries, d = documents;
    q.values = q.values.clone().requires_grad_();
    d.values = d.values.clone().requires_grad_();
    const at::Tensor out = scores(q, d);
    out.masked_fill(out.isinf(), 0).mul(weights).sum().backward();
    return std::vector<at::Tensor>{out.detach(), q.values.grad(), d.values.grad()};
  };
  const auto a = run(got), b = run(wanted);
  EXPECT_TRUE(at::allclose(a[0], b[0], 1e-5, 1e-5));
  EXPECT_TRUE(at::allclose(a[1], b[1], 1e-5, 1e-5));
  EXPECT_TRUE(at::allclose(a[2], b[2], 1e-5, 1e-5));
}

TEST(BatchedMaxSim, EqualsDocumentByDocument) {
  at::manual_seed(2);
  const std::vector<uint8_t> padded = {1, 0, 1, 1, 0, 1};
  for (const std::vector<int64_t>& lengths :
       std::vector<std::vector<int64_t>>{{4, 4, 4}, {3, 1, 7}, {2, 0, 5}}) {
    const TokenRows queries = random_rows(lengths, 6);
    for (const std::vector<int64_t>& of_documents :
         std::vector<std::vector<int64_t>>{{5, 9, 1, 3, 12, 4}, {0, 3, 0, 2, 0, 8}}) {
      const TokenRows documents = random_rows(of_documents, 6);
      for (const Masking masking : {Masking::exact, Masking::pylate}) {
        for (const int64_t most : {1, 100, 300, 1 << 20}) {
          expect_same_scores(
              queries, documents,
              [&](const TokenRows& q, const TokenRows& d) {
                return batched_maxsim_scores(q, d, masking, padded, most);
              },
              [&](const TokenRows& q, const TokenRows& d) {
                return maxsim_scores(q, d, masking, padded);
              });
        }
      }
    }
  }
}

TEST(BatchedMaxSim, DocumentsWithoutAnyRowScoreAsOneByOne) {
  const TokenRows queries = random_rows({2, 3}, 4), documents = random_rows({0, 0}, 4);
  const std::vector<uint8_t> padded = {1, 0};
  for (const Masking masking : {Masking::exact, Masking::pylate}) {
    EXPECT_TRUE(at::equal(batched_maxsim_scores(queries, documents, masking, padded),
                          maxsim_scores(queries, documents, masking, padded)));
  }
}

/// Losses of every kind, and a batch for each.
struct Case {
  const char* name;
  ObjectiveOptions objective;
  ForwardOptions forward;
};

std::vector<Case> cases() {
  ObjectiveOptions cached{
      .loss = LossKind::kCachedContrastive, .mini_batch_size = 2, .score_mini_batch_size = 3};
  ObjectiveOptions distillation{.loss = LossKind::kDistillation};
  return {{"contrastive", {}, {.training = true}},
          {"exact", {.masking = Masking::exact}, {.training = true}},
          {"cached", cached, {.training = true}},
          {"recomputed", {}, {.training = true, .recompute_layers = true}},
          {"distillation", distillation, {.training = true}}};
}

TokenizedBatch batch_of(const SmallModel& small, const ObjectiveOptions& objective) {
  if (objective.loss != LossKind::kDistillation) return small.tokenize(five_triplets());
  TokenizedBatch batch = small.tokenize(
      {{"a red cat", "blue"}, {"the dog runs", "a", "hello world .", "slow", "b c", "d"}});
  batch.teacher_scores = {1, 2, 3, 0.5, 0.25, 0};
  return batch;
}

// The operators of GPUs on a CPU beside the kernels room's: losses and gradients of all parameters.
void expect_same_training(const SmallModelOptions& shape) {
  SmallModel small(shape);
  for (const Case& c : cases()) {
    const TokenizedBatch batch = batch_of(small, c.objective);
    const auto run = [&](const ForwardOptions& forward, const ObjectiveOptions& objective) {
      small.trained.parameters().clear_gradients();
      const double loss = add_gradients(small.trained, batch, forward, objective).item<double>();
      std::vector<at::Tensor> gradients;
      for (const at::Tensor& g : small.trained.parameters().gradients())
        gradients.push_back(g.clone());
      return std::pair(loss, gradients);
    };
    for (const Precision precision : {Precision::f32, Precision::bf16}) {
      const double tolerance = precision == Precision::f32 ? 1e-4 : 5e-2;
      ForwardOptions plain = c.forward, own = c.forward;
      plain.precision = precision;  // the oracle's is float32 always
      plain.plain_operators = true;
      ObjectiveOptions batched = c.objective;
      batched.batched_scores = true;
      const auto [wanted, wanted_gradients] = run(own, c.objective);
      const auto [got, gradients] = run(plain, batched);
      EXPECT_NEAR(got, wanted, tolerance * std::abs(wanted)) << c.name;
      ASSERT_EQ(gradients.size(), wanted_gradients.size());
      double difference = 0, norm = 0;
      for (size_t i = 0; i < gradients.size(); ++i) {
        difference += (gradients[i] - wanted_gradients[i]).square().sum().item<double>();
        norm += wanted_gradients[i].square().sum().item<double>();
      }
      EXPECT_LT(std::sqrt(difference / norm), 4 * tolerance) << c.name;
    }
  }
}

// One head of 8 dimensions goes through the kernels, two of 4 through padded attention.
TEST(DeviceOperators, GiveTheLossesAndGradientsOfTheKernels) {
  const KernelCalls before = kernel_calls();
  expect_same_training({.heads = 1});
  EXPECT_GT(kernel_calls().flash, before.flash);
  EXPECT_GT(kernel_calls().memory_efficient, before.memory_efficient);
  expect_same_training({.heads = 2});
}

TEST(Meta, TheWatchSeesATensorThatWasLeftBehind) {
  const at::Tensor there = at::empty({3}, at::TensorOptions(at::kMeta)), here = at::ones({3});
  const DeviceWatch watch;
  there.mul(2).add(at::scalar_tensor(1.0F));
  there.to(at::kFloat).copy_(here);
  EXPECT_EQ(watch.mixtures(), std::vector<std::string>{});
  EXPECT_THROW(there.mul(here), c10::Error);  // LibTorch's own look, by element
  at::mv(at::empty({3, 3}, there.options()), here);
  ASSERT_GE(watch.mixtures().size(), 2U);  // and what mv() is made of
  EXPECT_EQ(watch.mixtures()[0], "aten::mul");
  EXPECT_EQ(watch.mixtures()[1], "aten::mv");
}

// A whole step: nothing of it reads a value, and nothing of it lies on another device.
TEST(Meta, AStepLeavesNoTensorOnTheCpu) {
  SmallModel small({.heads = 1});
  for (const Case& c : cases()) {
    const TokenizedBatch batch = batch_of(small, c.objective);
    for (const Precision precision : {Precision::f32, Precision::bf16}) {
      SCOPED_TRACE(c.name);
      ColbertModel model(small.model, at::kMeta);
      model.set_dropout(0.1);
      AdamW optimizer(model.parameters(), {.weight_decay = 0.01});
      ForwardOptions forward = c.forward;
      forward.precision = precision;
      forward.neftune_noise_alpha = 5;
      const int64_t steps_before = kernel_calls().adamw;
      const DeviceWatch watch;
      for (int part = 0; part < 2; ++part) {
        const at::Tensor loss = add_gradients(model, batch, forward, c.objective, 2);
        EXPECT_TRUE(loss.is_meta());
      }
      const at::Tensor norm = clip_gradients(model.parameters(), 1.0);
      optimizer.step(1e-3);
      EXPECT_TRUE(norm.is_meta());
      EXPECT_EQ(watch.mixtures(), std::vector<std::string>{});
      EXPECT_GT(watch.num_operators(), 500);
      EXPECT_GT(kernel_calls().adamw, steps_before);
      EXPECT_EQ(model.parameters().gradients().size(), model.parameters().all().size());
      for (const AdamW::State& state : optimizer.state()) {
        EXPECT_TRUE(state.average.is_meta() && state.square.is_meta() && state.steps.is_meta());
      }
    }
  }
}

}  // namespace
}  // namespace maxsimd::training
