// Losses beside numbers worked out by hand and beside PyLate's (scripts/goldens/losses_pylate.py).
#include "maxsimd/training/losses.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "maxsimd/base/json.h"
#include "maxsimd/training/adamw.h"
#include "maxsimd/training/objective.h"

namespace maxsimd::training {
namespace {

at::Tensor matrix(const std::vector<std::vector<float>>& rows) {
  std::vector<float> values;
  for (const auto& row : rows) values.insert(values.end(), row.begin(), row.end());
  return tensor_of(values,
                   {static_cast<int64_t>(rows.size()), static_cast<int64_t>(rows.front().size())});
}

double contrastive(const std::vector<std::vector<float>>& scores, double temperature) {
  return contrastive_loss(matrix(scores), {.temperature = temperature}).item<double>();
}

TEST(B44, ContrastiveLossesByHand) {
  EXPECT_NEAR(contrastive({{2, 1}, {0, 3}}, 1), 0.1809245, 1e-6);
  EXPECT_NEAR(contrastive({{30, 29.9F}, {28, 31}}, 0.02), 0.0033577, 1e-6);
  const at::Tensor sum = contrastive_loss(matrix({{2, 1}, {0, 3}}), {.size_average = false});
  EXPECT_NEAR(sum.item<double>(), 0.3132617 + 0.0485874, 1e-6);
}

TEST(B44, AColumnOfMinusInfinityHasNoGradient) {
  at::Tensor scores = matrix({{2, -INFINITY, 1}, {0, 3, 1}}).requires_grad_();
  const at::Tensor loss = contrastive_loss(scores, {});
  loss.backward();
  // -log(e^2 / (e^2 + e)) and -log(e^3 / (1 + e^3 + e))
  EXPECT_NEAR(loss.item<double>(), (0.3132617 + std::log(1 + std::exp(-3) + std::exp(-2))) / 2,
              1e-6);
  EXPECT_TRUE(scores.grad().isfinite().all().item<bool>());
  EXPECT_EQ(scores.grad()[0][1].item<float>(), 0.0F);
}

TEST(B44, ARowOfMinusInfinityIsAnError) {
  EXPECT_THROW(contrastive({{2, 1}, {-INFINITY, -INFINITY}}, 1), std::invalid_argument);
}

TEST(B44, AGradientThatIsNoNumberIsSeenBeforeClipping) {
  Parameters parameters;
  const at::Tensor weight = parameters.add("weight", at::ones({2}), true);
  weight.mutable_grad() = tensor_of({NAN, 1}, {2});
  EXPECT_TRUE(std::isnan(clip_gradients(parameters, 1.0).item<double>()));
}

TEST(Contrastive, LabelsOfLaterQueries) {
  const at::Tensor scores = matrix({{2, 1, 4}, {0, 3, 1}, {5, 1, 2}});
  const ContrastiveOptions sum = {.size_average = false};
  const at::Tensor parts = contrastive_loss(scores.slice(0, 0, 1), sum) +
                           contrastive_loss(scores.slice(0, 1, 3), sum, 1);
  EXPECT_NEAR(parts.item<double>(), contrastive_loss(scores, sum).item<double>(), 1e-6);
}

// Student (4, 2) is scaled to (1, 0), whose softmax is (0.731059, 0.268941); teacher ln(3), 0 has
// (0.75, 0.25): 0.75 ln(0.75 / 0.731059) + 0.25 ln(0.25 / 0.268941).
TEST(Distillation, ByHand) {
  const at::Tensor scores = matrix({{4, 2}});
  const at::Tensor teacher = matrix({{std::log(3.0F), 0}});
  EXPECT_NEAR(distillation_loss(scores, teacher, {}).item<double>(),
              0.75 * std::log(0.75 / 0.7310586) + 0.25 * std::log(0.25 / 0.2689414), 1e-6);
  // Not scaled, the student has e^2 / (1 + e^2) = 0.880797.
  EXPECT_NEAR(distillation_loss(scores, teacher, {.normalize_scores = false}).item<double>(),
              0.75 * std::log(0.75 / 0.8807971) + 0.25 * std::log(0.25 / 0.1192029), 1e-6);
}

TEST(Distillation, EqualScoresAreNoDivisionByZero) {
  at::Tensor scores = matrix({{4, 4}}).requires_grad_();
  const at::Tensor loss = distillation_loss(scores, matrix({{1, 1}}), {});
  loss.backward();
  EXPECT_NEAR(loss.item<double>(), 0, 1e-6);
  EXPECT_TRUE(scores.grad().isfinite().all().item<bool>());
}

TEST(Distillation, BadTeachersAreErrors) {
  EXPECT_THROW(distillation_loss(matrix({{4, 2}}), matrix({{1, NAN}}), {}), std::invalid_argument);
  EXPECT_THROW(distillation_loss(matrix({{4, 2}}), matrix({{1, 1, 1}}), {}), std::invalid_argument);
}

class PyLateLosses : public testing::Test {
 protected:
  using Floats = std::vector<float>;

  PyLateLosses()
      : golden_(read_json_file(MAXSIMD_SOURCE_DIR "/maxsimd/training/testdata/losses.json")) {
    mask_ = golden_.at("mask").get<std::vector<std::vector<int>>>();
    queries_ = leaf("queries");
    documents_ = leaf("documents");
  }

  at::Tensor leaf(const char* name) const {
    const Floats values = golden_.at(name).get<Floats>();
    const int64_t dim = golden_.at("dim").get<int64_t>();
    const auto rows = static_cast<int64_t>(values.size()) / dim;
    return tensor_of(values, {rows, dim}).requires_grad_();
  }

  static at::Tensor normalize(const at::Tensor& x) {
    return x / at::linalg_vector_norm(x, 2, {-1}, true);
  }

  TokenRows queries() const {
    TokenRows out{normalize(queries_)};
    const auto rows = golden_.at("query_rows").get<int64_t>();
    while (out.offsets.back() < queries_.size(0)) out.offsets.push_back(out.offsets.back() + rows);
    return out;
  }

  /// Rows of these documents that are not masked.
  TokenRows documents(const std::vector<size_t>& numbers) const {
    TokenRows out;
    std::vector<int64_t> rows;
    for (const size_t d : numbers) {
      for (size_t row = 0; row < mask_[d].size(); ++row) {
        if (mask_[d][row] != 0) rows.push_back(static_cast<int64_t>(d * mask_[d].size() + row));
      }
      out.offsets.push_back(static_cast<int64_t>(rows.size()));
    }
    out.values = normalize(documents_).index_select(0, at::tensor(rows));
    return out;
  }

  ObjectiveOptions options() const {
    return {.document_length = golden_.at("document_rows").get<size_t>()};
  }

  static void expect_near(const at::Tensor& got, const Floats& expected) {
    ASSERT_EQ(got.numel(), static_cast<int64_t>(expected.size()));
    const at::Tensor want = tensor_of(expected, got.sizes().vec());
    const double scale = std::max(1.0, want.abs().max().item<double>());
    EXPECT_LT((got - want).abs().max().item<double>(), 2e-5 * scale);
  }

  nlohmann::json golden_;
  std::vector<std::vector<int>> mask_;
  at::Tensor queries_, documents_;
};

TEST_F(PyLateLosses, Distillation) {
  std::vector<size_t> all(mask_.size());
  for (size_t d = 0; d < all.size(); ++d) all[d] = d;
  const auto ways = golden_.at("ways").get<int64_t>();
  for (const auto& expected : golden_.at("distillation")) {
    queries_.mutable_grad() = at::Tensor();
    documents_.mutable_grad() = at::Tensor();
    ObjectiveOptions objective = options();
    objective.loss = LossKind::kDistillation;
    objective.distillation = {.normalize_scores = expected.at("normalize_scores").get<bool>(),
                              .size_average = expected.at("size_average").get<bool>()};
    const BatchEmbeddings batch{queries(), documents(all),
                                leaf("teacher").detach().reshape({-1, ways})};
    const at::Tensor loss = loss_of(batch, objective);
    loss.backward();
    EXPECT_NEAR(loss.item<double>(), expected.at("loss").get<double>(), 1e-5);
    expect_near(queries_.grad(), expected.at("query_gradient").get<Floats>());
    expect_near(documents_.grad(), expected.at("document_gradient").get<Floats>());
  }
}

TEST_F(PyLateLosses, ContrastiveWithEveryScoreMiniBatchSize) {
  const auto ways = golden_.at("ways").get<size_t>();
  const size_t count = mask_.size() / ways;
  for (const auto& expected : golden_.at("contrastive")) {
    const size_t columns = 1 + expected.at("negatives").get<size_t>();
    SCOPED_TRACE(testing::Message() << columns << " columns of documents");
    std::vector<size_t> chosen;  // the positives, then each column of negatives
    for (size_t column = 0; column < columns; ++column) {
      for (size_t i = 0; i < count; ++i) chosen.push_back(i * ways + column);
    }
    for (const size_t score_mini_batch_size : {0, 1, 2, 3, 9}) {
      queries_.mutable_grad() = at::Tensor();
      documents_.mutable_grad() = at::Tensor();
      ObjectiveOptions objective = options();
      objective.contrastive = {.temperature = expected.at("temperature").get<double>(),
                               .size_average = expected.at("size_average").get<bool>()};
      objective.score_mini_batch_size = score_mini_batch_size;
      const at::Tensor loss = loss_of({queries(), documents(chosen), {}}, objective);
      loss.backward();
      const double want = expected.at("loss").get<double>();
      EXPECT_NEAR(loss.item<double>(), want, 1e-5 * want);
      EXPECT_NEAR(loss.item<double>(), expected.at("cached_loss").get<double>(), 1e-5 * want);
      expect_near(queries_.grad(), expected.at("query_gradient").get<Floats>());
      const auto stride = static_cast<int64_t>(ways);
      const at::Tensor by_document =
          documents_.grad().reshape({static_cast<int64_t>(count), stride, -1});
      for (size_t column = 0; column < columns; ++column) {
        expect_near(by_document.select(1, static_cast<int64_t>(column)).contiguous(),
                    expected.at("column_gradients").at(column).get<Floats>());
      }
    }
  }
}

}  // namespace
}  // namespace maxsimd::training
