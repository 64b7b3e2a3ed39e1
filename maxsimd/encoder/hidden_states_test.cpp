// Every architecture beside transformers' hidden states, in each precision.
#include <gtest/gtest.h>

#include "maxsimd/encoder/golden_testing.h"

namespace maxsimd {
namespace {

using namespace testing_support;

class HiddenStates : public testing::TestWithParam<const char*> {};

TEST_P(HiddenStates, AreThoseOfTransformersOnEveryInstructionSet) {
  const Golden golden(Golden::folder_of(GetParam()));
  for (const kernels::Isa isa : kernels::supported_isas()) {
    const auto encoder = golden.load(isa);
    ThreadPool pool(2);
    for (const auto& [name, batch] : golden.batches()) {
      if (isa == kernels::Isa::scalar && batch.stride > 1) continue;  // too slow
      EXPECT_LE(largest_difference(encode(*encoder, batch, pool), golden.states(name)), 1e-4F)
          << kernels::isa_name(isa) << " " << name;
    }
  }
}

// Known bug B19: vectors must not change with the neighbours, the order, or the threads.
TEST_P(HiddenStates, ATextIsTheSameToTheBitInAnyBatchAndOnAnyNumberOfThreads) {
  const Golden golden(Golden::folder_of(GetParam()));
  for (const kernels::Isa isa : kernels::supported_isas()) {
    for (const Precision precision : {Precision::f32, Precision::bf16, Precision::int8}) {
      SCOPED_TRACE(
          std::string(kernels::isa_name(isa)).append(" ").append(precision_name(precision)));
      const auto encoder = golden.load(isa, precision);
      ThreadPool one(1);
      Batch all;
      std::vector<float> alone;
      for (const auto& [name, batch] : golden.batches()) {
        if (batch.stride > 1) continue;  // too slow
        for (const Sequence& s : batch.sequences) {
          const auto begin = batch.ids.begin() + static_cast<ptrdiff_t>(s.begin);
          const std::vector<int32_t> ids(begin, begin + static_cast<ptrdiff_t>(s.length));
          Batch single;
          single.add(ids, s.attended);
          all.add(ids, s.attended);
          const std::vector<float> rows = encode(*encoder, single, one);
          alone.insert(alone.end(), rows.begin(), rows.end());
        }
      }
      for (const size_t threads : {1U, 2U, 7U}) {
        ThreadPool pool(threads);
        EXPECT_EQ(encode(*encoder, all, pool), alone) << threads;
      }
    }
  }
}

// These models' attention is sharp on purpose: a rounding moves more than in a trained model.
TEST_P(HiddenStates, NarrowFormatsStayNearFloatOnEveryInstructionSet) {
  const Golden golden(Golden::folder_of(GetParam()));
  ThreadPool pool(2);
  for (const kernels::Isa isa : kernels::supported_isas()) {
    for (const Precision precision : {Precision::bf16, Precision::int8}) {
      const auto encoder = golden.load(isa, precision);
      for (const auto& [name, batch] : golden.batches()) {
        if (isa == kernels::Isa::scalar && batch.stride > 1) continue;
        const std::vector<float> rows = encode(*encoder, batch, pool);
        EXPECT_GT(smallest_cosine(rows, golden.states(name), encoder->shape().hidden_size),
                  precision == Precision::int8 ? 0.95 : 0.998)
            << kernels::isa_name(isa) << " " << precision_name(precision) << " " << name;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Goldens, HiddenStates,
                         testing::Values("modernbert_old", "modernbert_new", "bert", "roberta",
                                         "xlm_roberta", "camembert", "distilbert"),
                         [](const auto& info) { return std::string(info.param); });

// Lengths 1 to 512, ModernBERT's to 8,192, of models of real width. MAXSIMD_LONG_GOLDENS names the
// folder that encoder_modernbert.py --long and encoder_bert_family.py --long filled; prints what
// docs/models.md has.
TEST(HiddenStatesOfEveryLength, AreThoseOfTransformersAloneAndInAMixedBatch) {
  const char* folder = std::getenv("MAXSIMD_LONG_GOLDENS");
  if (folder == nullptr) GTEST_SKIP() << "SKIPPED: MAXSIMD_LONG_GOLDENS names no folder of goldens";
  ThreadPool pool(2);
  for (const auto& model : std::filesystem::directory_iterator(folder)) {
    const Golden golden(model.path());
    for (const kernels::Isa isa : kernels::supported_isas()) {
      if (isa == kernels::Isa::scalar) continue;  // too slow
      const auto encoder = golden.load(isa);
      for (const auto& [name, batch] : golden.batches()) {
        const float difference =
            largest_difference(encode(*encoder, batch, pool), golden.states(name));
        EXPECT_LE(difference, 1e-4F) << model.path() << " " << name;
        std::printf("%s %s %s: %.1e\n", model.path().filename().c_str(),
                    std::string(kernels::isa_name(isa)).c_str(), name.c_str(), difference);
      }
    }
  }
}

}  // namespace
}  // namespace maxsimd
