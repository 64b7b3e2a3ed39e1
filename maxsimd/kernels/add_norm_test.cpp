#include <algorithm>

#include "maxsimd/kernels/test_support.h"

namespace maxsimd::kernels {
namespace {

constexpr size_t kRows = 5;
constexpr float kEps = 1e-12F;

/// One call forward and backward.
struct Sublayer {
  explicit Sublayer(size_t width, float rate) : cols(width), dropout{.rate = rate, .seed = 77} {
    RandomFloats random(static_cast<uint32_t>(cols));
    change = random.many(kRows * cols, 2.0F);
    residual = random.many(kRows * cols);
    gamma = random.many(cols);
    beta = random.many(cols);
    dy = random.many(kRows * cols);
  }

  void run(const KernelTable& table) {
    for (auto* out : {&sum, &y, &residual_gradient, &change_gradient}) {
      out->assign(kRows * cols + 1, kUntouched);
    }
    gamma_gradient.assign(cols, 0.5F);
    beta_gradient.assign(cols, 0.25F);
    moments.resize(kRows);
    const AddNormArgs forward = args();
    table.add_norm_f32(forward);
    table.add_norm_backward_f32({.forward = forward,
                                 .y_gradient = dy.data(),
                                 .residual_gradient = residual_gradient.data(),
                                 .change_gradient = change_gradient.data(),
                                 .gamma_gradient = gamma_gradient.data(),
                                 .beta_gradient = beta_gradient.data()});
    for (const auto* out : {&sum, &y, &residual_gradient, &change_gradient}) {
      ASSERT_EQ(out->back(), kUntouched);
    }
  }

  AddNormArgs args() {
    return {.change = change.data(),
            .residual = residual.data(),
            .rows = kRows,
            .cols = cols,
            .first_row = 3,
            .dropout = dropout,
            .gamma = gamma.data(),
            .beta = beta.data(),
            .eps = kEps,
            .sum = sum.data(),
            .y = y.data(),
            .moments = moments.data()};
  }

  static constexpr float kUntouched = 99.0F;
  size_t cols;
  AttentionDropout dropout;
  std::vector<float> change, residual, gamma, beta, dy;
  std::vector<float> sum, y, residual_gradient, change_gradient, gamma_gradient, beta_gradient;
  std::vector<RowMoments> moments;
};

/// What the gradients are of: the sum of dy * y, in double, for these kept values.
double objective(const Sublayer& of, const std::vector<double>& change,
                 const std::vector<double>& residual, const std::vector<float>& kept) {
  double total = 0.0;
  for (size_t r = 0; r < kRows; ++r) {
    std::vector<double> row(of.cols);
    double mean = 0.0, variance = 0.0;
    for (size_t i = 0; i < of.cols; ++i) {
      const size_t at = r * of.cols + i;
      row[i] = change[at] * kept[at] + residual[at];
      mean += row[i] / static_cast<double>(of.cols);
    }
    for (const double v : row) variance += (v - mean) * (v - mean) / static_cast<double>(of.cols);
    for (size_t i = 0; i < of.cols; ++i) {
      const double normal = (row[i] - mean) / std::sqrt(variance + kEps);
      total += of.dy[r * of.cols + i] * (normal * of.gamma[i] + of.beta[i]);
    }
  }
  return total;
}

TEST(AddNorm, GradientsAreThoseOfDifferences) {
  for (const float rate : {0.0F, 0.3F}) {
    Sublayer of(33, rate);
    of.run(scalar());
    std::vector<float> kept(of.change.size());
    for (size_t i = 0; i < kept.size(); ++i) {
      kept[i] = (of.sum[i] - of.residual[i]) / of.change[i];
      const float whole = 1.0F / (1.0F - rate);
      kept[i] = std::fabs(kept[i]) < 0.1F ? 0.0F : whole;
    }
    const std::vector<double> change(of.change.begin(), of.change.end());
    const std::vector<double> residual(of.residual.begin(), of.residual.end());
    for (const size_t at : {0UL, 20UL, 32UL, 33UL, 100UL, change.size() - 1}) {
      constexpr double kStep = 1e-6;
      const auto slope = [&](bool of_change) {
        std::vector<double> up = of_change ? change : residual, down = up;
        up[at] += kStep;
        down[at] -= kStep;
        const double high =
            of_change ? objective(of, up, residual, kept) : objective(of, change, up, kept);
        const double low =
            of_change ? objective(of, down, residual, kept) : objective(of, change, down, kept);
        return (high - low) / (2 * kStep);
      };
      EXPECT_NEAR(of.change_gradient[at], slope(true), 1e-4) << at;
      EXPECT_NEAR(of.residual_gradient[at], slope(false), 1e-4) << at;
    }
  }
}

void expect_near(const std::vector<float>& got, const std::vector<float>& wanted, float tolerance,
                 const char* what) {
  ASSERT_EQ(got.size(), wanted.size());
  for (size_t i = 0; i < got.size(); ++i) {
    ASSERT_NEAR(got[i], wanted[i], tolerance * std::max(1.0F, std::fabs(wanted[i])))
        << what << " " << i;
  }
}

TEST(AddNorm, EveryTableIsTheScalarOne) {
  for (const size_t cols : std::vector<size_t>{2, 7, 8, 9, 15, 16, 17, 33, 96, 97, 384, 1000}) {
    for (const float rate : {0.0F, 0.1F, 0.5F}) {
      SCOPED_TRACE(testing::Message() << cols << " " << rate);
      Sublayer wanted(cols, rate);
      wanted.run(scalar());
      for_each_table([&](const KernelTable& table) {
        Sublayer got(cols, rate);
        got.run(table);
        expect_near(got.sum, wanted.sum, 1e-6F, "sum");
        expect_near(got.y, wanted.y, 1e-5F, "y");
        expect_near(got.residual_gradient, wanted.residual_gradient, 2e-5F, "residual");
        expect_near(got.change_gradient, wanted.change_gradient, 2e-5F, "change");
        expect_near(got.gamma_gradient, wanted.gamma_gradient, 1e-5F, "gamma");
        expect_near(got.beta_gradient, wanted.beta_gradient, 1e-6F, "beta");
        for (size_t i = 0; i < kRows * cols; ++i) {  // the same mask, bit for bit
          ASSERT_EQ(got.sum[i] == got.residual[i], wanted.sum[i] == got.residual[i]) << i;
        }
      });
    }
  }
}

TEST(AddNorm, DropsAboutTheRate) {
  Sublayer of(1000, 0.1F);
  of.run(scalar());
  const auto dropped = std::count(of.change_gradient.begin(), of.change_gradient.end(), 0.0F);
  EXPECT_NEAR(static_cast<double>(dropped) / static_cast<double>(kRows * of.cols), 0.1, 0.02);
}

}  // namespace
}  // namespace maxsimd::kernels
