// Scores beside the values in PyLate's docstrings (pylate/scores), for both maskings.
#include "maxsimd/training/maxsim_scores.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>

#include "maxsimd/base/process_memory.h"

namespace maxsimd::training {
namespace {

/// Texts of one-dimensional rows.
TokenRows texts_of(const std::vector<std::vector<float>>& texts) {
  TokenRows out;
  std::vector<float> values;
  for (const std::vector<float>& text : texts) {
    values.insert(values.end(), text.begin(), text.end());
    out.offsets.push_back(static_cast<int64_t>(values.size()));
  }
  out.values = at::tensor(values).reshape({static_cast<int64_t>(values.size()), 1});
  return out;
}

std::vector<float> values_of(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.contiguous().flatten();
  return {flat.const_data_ptr<float>(), flat.const_data_ptr<float>() + flat.numel()};
}

std::vector<float> score(const TokenRows& queries, const TokenRows& documents, Masking masking,
                         const std::vector<uint8_t>& padded) {
  return values_of(maxsim_scores(queries, documents, masking, padded));
}

const std::vector<std::vector<float>> kQueries = {{1, 0, 0, 0}, {0, 2, 0, 0}, {0, 0, 3, 0}};
// The third query without the row that its mask hides.
const std::vector<std::vector<float>> kMaskedQueries = {{1, 0, 0, 0}, {0, 2, 0, 0}, {0, 0, 0}};

TEST(MaxSimScores, ColbertScoresOfTheDocstring) {
  const TokenRows documents = texts_of({{10, 0, 1}, {0, 100, 1}, {1, 0, 1000}});
  for (const Masking masking : {Masking::exact, Masking::pylate}) {
    EXPECT_EQ(score(texts_of(kQueries), documents, masking, {0, 0, 0}),
              (std::vector<float>{10, 100, 1000, 20, 200, 2000, 30, 300, 3000}));
  }
}

TEST(MaxSimScores, MaskedColbertScoresOfTheDocstring) {
  const TokenRows documents = texts_of({{10, 0, 1}, {0, 10}, {1, 0, 1000}});  // 100 is masked
  for (const Masking masking : {Masking::exact, Masking::pylate}) {
    EXPECT_EQ(score(texts_of(kMaskedQueries), documents, masking, {0, 1, 0}),
              (std::vector<float>{10, 10, 1000, 20, 20, 2000, 0, 0, 0}));
  }
}

TEST(MaxSimScores, KnowledgeDistillationScoresOfTheDocstring) {
  const std::vector<std::vector<std::vector<float>>> documents = {
      {{0, 1}, {20, 0, 1}, {30, 0, 1}},  // 10 is masked
      {{0, 100, 1}, {0, 200, 1}, {0, 300, 1}},
      {{1, 0, 1000}, {1, 0, 2000}, {10, 0, 3000}}};
  const std::vector<std::vector<float>> expected = {{1, 20, 30}, {200, 400, 600}, {0, 0, 0}};
  for (const Masking masking : {Masking::exact, Masking::pylate}) {
    for (size_t i = 0; i < documents.size(); ++i) {
      const std::vector<uint8_t> padded = {static_cast<uint8_t>(i == 0), 0, 0};
      EXPECT_EQ(score(texts_of({kMaskedQueries[i]}), texts_of(documents[i]), masking, padded),
                expected[i]);
    }
  }
}

// A similarity below 0 shows the difference between the maskings.
TEST(MaxSimScores, MaskedRowsAreZeroOrAbsent) {
  const TokenRows queries = texts_of({{1, -2}});
  const TokenRows documents = texts_of({{3}, {-3}});
  EXPECT_EQ(score(queries, documents, Masking::exact, {1, 1}), (std::vector<float>{-3, 3}));
  EXPECT_EQ(score(queries, documents, Masking::pylate, {1, 1}), (std::vector<float>{3, 6}));
  EXPECT_EQ(score(queries, documents, Masking::pylate, {0, 0}), (std::vector<float>{-3, 3}));
}

TEST(MaxSimScores, TheGradientOfAMaskedMaximumIsZero) {
  TokenRows queries = texts_of({{1, -2}});
  TokenRows documents = texts_of({{3, 2}, {-3, -4}});
  queries.values.set_requires_grad(true);
  documents.values.set_requires_grad(true);
  maxsim_scores(queries, documents, Masking::pylate, std::vector<uint8_t>{1, 0}).sum().backward();
  // Row 1: 3 of document 0, -3 of document 1. Row -2: a masked 0, then -4.
  EXPECT_EQ(values_of(queries.values.grad()), (std::vector<float>{0, -4}));
  EXPECT_EQ(values_of(documents.values.grad()), (std::vector<float>{1, 0, 1, -2}));
}

TEST(MaxSimScores, ADocumentWithoutRowsIsZeroOrMinusInfinity) {
  TokenRows queries = texts_of({{1, -2}});
  TokenRows documents = texts_of({{3}, {}});
  documents.values.set_requires_grad(true);
  const std::vector<uint8_t> padded = {1, 1};
  EXPECT_EQ(score(queries, documents, Masking::pylate, padded), (std::vector<float>{3, 0}));
  EXPECT_EQ(score(queries, documents, Masking::exact, padded), (std::vector<float>{-3, -INFINITY}));
  maxsim_scores(queries, documents, Masking::exact, padded).select(1, 0).sum().backward();
  EXPECT_EQ(values_of(documents.values.grad()), (std::vector<float>{-1}));
}

/// Texts of `rows` unit-sized random rows of 16 dimensions.
TokenRows random_texts(int64_t texts, int64_t rows) {
  TokenRows out;
  out.values = at::randn({texts * rows, 16}).set_requires_grad(true);
  for (int64_t text = 1; text <= texts; ++text) out.offsets.push_back(text * rows);
  return out;
}

/// Bytes that the process has more, at most, while `work` runs.
template <typename Work>
uint64_t memory_of(Work work) {
  std::ofstream("/proc/self/clear_refs") << "5";  // VmHWM begins anew (proc(5))
  const uint64_t before = process_memory_bytes("VmRSS");
  work();
  return process_memory_bytes("VmHWM") - std::min(before, process_memory_bytes("VmHWM"));
}

// All similarities together would take 64 x 32 x 256 x 180 floats.
TEST(MaxSimScores, NeitherPassHoldsAllSimilarities) {
#ifdef MAXSIMD_ADDRESS_SANITIZER
  GTEST_SKIP() << "the address sanitizer keeps memory that was given back";
#endif
  constexpr uint64_t kAll = 64ULL * 32 * 256 * 180 * sizeof(float);
  const TokenRows queries = random_texts(64, 32);
  const TokenRows documents = random_texts(256, 180);
  const std::vector<uint8_t> padded(256, 1);
  const uint64_t whole = memory_of([] { at::ones({static_cast<int64_t>(kAll / sizeof(float))}); });
  ASSERT_GT(whole, kAll / 2) << "the measure does not work here";
  const uint64_t bytes = memory_of(
      [&] { maxsim_scores(queries, documents, Masking::pylate, padded).sum().backward(); });
  EXPECT_LT(bytes, kAll / 8);
}

}  // namespace
}  // namespace maxsimd::training
