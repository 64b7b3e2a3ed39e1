// Attention forward with dropout and backward, on every table beside formulas in double precision.
#include <algorithm>
#include <limits>

#include "maxsimd/kernels/dropout.h"
#include "maxsimd/kernels/test_support.h"

namespace maxsimd::kernels {
namespace {

constexpr float kUntouched = -7.0F;

struct Shape {
  size_t length, attended, num_heads, head_dim;
  float rate = 0.0F;
  size_t window = kNoWindow;
};

/// What both passes of one table give.
struct Passes {
  std::vector<float> out;       // [length, out_stride]
  std::vector<float> gradient;  // [length, qkv_stride]
};

/// One sequence. Rows beyond `attended` hold NaN as keys and values, so that reading one is seen.
class Case {
 public:
  Case(const Shape& shape, uint32_t seed, float size = 1.0F)
      : shape_(shape), dropout_{shape.rate, seed + 99U, 5} {
    RandomFloats random(seed);
    qkv_ = random.many(shape.length * qkv_stride(), size);
    out_gradient_ = random.many(shape.length * out_stride());
    for (size_t t = shape.attended; t < shape.length; ++t) {
      std::fill_n(qkv_.begin() + static_cast<ptrdiff_t>(t * qkv_stride() + hidden()), 2 * hidden(),
                  std::numeric_limits<float>::quiet_NaN());
    }
  }

  const Shape& shape() const { return shape_; }
  size_t hidden() const { return shape_.num_heads * shape_.head_dim; }
  size_t qkv_stride() const { return 3 * hidden() + 2; }
  size_t out_stride() const { return hidden() + 4; }
  float scale() const { return 1.0F / std::sqrt(static_cast<float>(shape_.head_dim)); }

  Passes run(const KernelTable& table, size_t head_begin, size_t head_end) const {
    Passes result{std::vector<float>(shape_.length * out_stride(), kUntouched),
                  std::vector<float>(shape_.length * qkv_stride(), kUntouched)};
    std::vector<SoftmaxRow> rows(shape_.length * shape_.num_heads);
    // Scratch memory comes as the last call left it.
    AlignedBuffer<float> scratch(std::max(attention_scratch_floats(shape_.length, shape_.head_dim),
                                          attention_backward_scratch_floats(shape_.head_dim)));
    std::fill_n(scratch.data(), scratch.size(), std::numeric_limits<float>::quiet_NaN());
    const AttentionTrainArgs forward = {
        {qkv_.data(), qkv_stride(), shape_.length, shape_.attended, shape_.num_heads,
         shape_.head_dim, head_begin, head_end, scale(), result.out.data(), out_stride(),
         scratch.data(), shape_.window},
        dropout_,
        rows.data()};
    table.attention_train_f32(forward);
    std::fill_n(scratch.data(), scratch.size(), std::numeric_limits<float>::quiet_NaN());
    table.attention_backward_f32(
        {forward, out_gradient_.data(), out_stride(), result.gradient.data(), qkv_stride()});
    return result;
  }
  Passes run(const KernelTable& table) const { return run(table, 0, shape_.num_heads); }

  /// attention_f32 of the same.
  std::vector<float> inference(const KernelTable& table) const {
    std::vector<float> out(shape_.length * out_stride(), kUntouched);
    AlignedBuffer<float> scratch(attention_scratch_floats(shape_.length, shape_.head_dim));
    table.attention_f32({qkv_.data(), qkv_stride(), shape_.length, shape_.attended,
                         shape_.num_heads, shape_.head_dim, 0, shape_.num_heads, scale(),
                         out.data(), out_stride(), scratch.data(), shape_.window});
    return out;
  }

  double at(size_t row, size_t part, size_t head, size_t i) const {
    return qkv_[row * qkv_stride() + part * hidden() + head * shape_.head_dim + i];
  }
  double out_gradient(size_t row, size_t head, size_t i) const {
    return out_gradient_[row * out_stride() + head * shape_.head_dim + i];
  }
  double kept(size_t row, size_t head, size_t t) const {
    if (shape_.rate == 0.0F) return 1.0;
    const bool is_kept =
        dropout_bits(dropout_key(dropout_, head, row), t) >= dropout_limit(shape_.rate);
    return is_kept ? 1.0 / (1.0 - shape_.rate) : 0.0;
  }

 private:
  Shape shape_;
  AttentionDropout dropout_;
  std::vector<float> qkv_, out_gradient_;
};

/// The output and the gradients of one head, each [length, head_dim], by the chain rule spelled
/// out.
struct Exact {
  std::vector<double> out, query, key, value;

  Exact(const Case& c, size_t head)
      : out(c.shape().length * c.shape().head_dim), query(out), key(out), value(out) {
    for (size_t r = 0; r < c.shape().length; ++r) add_row(c, head, r);
  }

 private:
  void add_row(const Case& c, size_t head, size_t r) {
    const size_t attended = c.shape().attended;
    const size_t dim = c.shape().head_dim;
    std::vector<double> p(attended);
    std::vector<double> gradient(attended);  // of p after softmax, before dropout
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    for (size_t t = 0; t < attended; ++t) {
      for (size_t i = 0; i < dim; ++i) p[t] += c.at(r, 0, head, i) * c.at(t, 1, head, i);
      p[t] *= c.scale();
      if (std::max(r, t) - std::min(r, t) > c.shape().window) p[t] = -kInfinity;
    }
    const double highest = *std::max_element(p.begin(), p.end());
    if (highest == -kInfinity) return;
    double sum = 0.0;
    for (double& x : p) sum += x = std::exp(x - highest);
    double mean = 0.0;  // of the gradient, weighted by p
    for (size_t t = 0; t < attended; ++t) {
      p[t] /= sum;
      for (size_t i = 0; i < dim; ++i) {
        out[r * dim + i] += c.kept(r, head, t) * p[t] * c.at(t, 2, head, i);
        value[t * dim + i] += c.kept(r, head, t) * p[t] * c.out_gradient(r, head, i);
        gradient[t] += c.kept(r, head, t) * c.out_gradient(r, head, i) * c.at(t, 2, head, i);
      }
      mean += p[t] * gradient[t];
    }
    for (size_t t = 0; t < attended; ++t) {
      const double score = c.scale() * p[t] * (gradient[t] - mean);
      for (size_t i = 0; i < dim; ++i) {
        query[r * dim + i] += score * c.at(t, 1, head, i);
        key[t * dim + i] += score * c.at(r, 0, head, i);
      }
    }
  }
};

void expect_near(const Case& c, const Passes& got, const std::vector<Exact>& exact,
                 double tolerance) {
  const size_t dim = c.shape().head_dim;
  for (size_t r = 0; r < c.shape().length; ++r) {
    for (size_t h = 0; h < c.shape().num_heads; ++h) {
      for (size_t i = 0; i < dim; ++i) {
        const size_t place = r * dim + i;
        const float* gradient = got.gradient.data() + r * c.qkv_stride() + h * dim + i;
        ASSERT_NEAR(got.out[r * c.out_stride() + h * dim + i], exact[h].out[place], tolerance)
            << "out " << r << " " << h << " " << i;
        ASSERT_NEAR(gradient[0], exact[h].query[place], tolerance) << "query " << r << " " << i;
        ASSERT_NEAR(gradient[c.hidden()], exact[h].key[place], tolerance)
            << "key " << r << " " << i;
        ASSERT_NEAR(gradient[2 * c.hidden()], exact[h].value[place], tolerance)
            << "value " << r << " " << i;
        if (r < c.shape().attended) continue;
        ASSERT_EQ(gradient[c.hidden()], 0.0F);
        ASSERT_EQ(gradient[2 * c.hidden()], 0.0F);
      }
    }
    for (size_t i = c.hidden(); i < c.out_stride(); ++i) {
      ASSERT_EQ(got.out[r * c.out_stride() + i], kUntouched) << "written beyond the row";
    }
    for (size_t i = 3 * c.hidden(); i < c.qkv_stride(); ++i) {
      ASSERT_EQ(got.gradient[r * c.qkv_stride() + i], kUntouched) << "written beyond the row";
    }
  }
}

/// Gradients of keys are sums over all rows: the tolerance is of their size.
void expect_exact(const Case& c, double tolerance = 3e-6) {
  const Shape& s = c.shape();
  SCOPED_TRACE(testing::Message() << "length " << s.length << ", attended " << s.attended
                                  << ", head_dim " << s.head_dim << ", rate " << s.rate
                                  << ", window " << s.window);
  std::vector<Exact> exact;
  for (size_t h = 0; h < s.num_heads; ++h) exact.emplace_back(c, h);
  for_each_table([&](const KernelTable& table) { expect_near(c, c.run(table), exact, tolerance); });
}

TEST(AttentionTrain, OutputAndGradientsEqualDoublePrecision) {
  for (const size_t length : std::vector<size_t>{1, 2, 11, 12, 13, 32, 33, 64, 95, 96, 97, 180}) {
    for (const size_t attended : {size_t{1}, (length + 1) / 2, length}) {
      for (const float rate : {0.0F, 0.1F, 0.7F}) {
        expect_exact(Case({length, attended, 2, 32, rate}, static_cast<uint32_t>(length)), 1e-5);
      }
    }
  }
}

TEST(AttentionTrain, AWindowHidesKeysThatAreTooFarAway) {
  for (const size_t length : std::vector<size_t>{1, 2, 13, 33, 64, 97, 180, 400}) {
    for (const size_t attended : {size_t{1}, (length + 1) / 2, length}) {
      for (const size_t window : std::vector<size_t>{0, 1, 7, 32, 64, 500}) {
        const float rate = window % 2 == 0 ? 0.1F : 0.0F;
        expect_exact(Case({length, attended, 2, 24, rate, window}, static_cast<uint32_t>(length)),
                     5e-5);
      }
    }
  }
  const Case c({97, 80, 3, 32, 0.0F, 20}, 9);
  for_each_table(
      [&](const KernelTable& table) { EXPECT_EQ(c.run(table).out, c.inference(table)); });
}

TEST(AttentionTrain, AnyHeadDimensionIsRight) {
  for (const size_t head_dim : std::vector<size_t>{1, 3, 8, 15, 16, 17, 24, 40, 64, 80, 96, 128}) {
    expect_exact(Case({37, 29, 2, head_dim, 0.2F}, static_cast<uint32_t>(head_dim)), 1e-5);
  }
}

// More keys and rows than a block holds.
TEST(AttentionTrain, LongSequencesAreExact) {
  expect_exact(Case({300, 257, 1, 32, 0.1F}, 1), 2e-5);
  expect_exact(Case({700, 700, 1, 16, 0.1F}, 2), 2e-5);
  expect_exact(Case({513, 40, 1, 64, 0.0F}, 3), 1e-4);
}

TEST(AttentionTrain, WithoutDropoutTheOutputIsThatOfInferenceToTheBit) {
  const Case c({61, 50, 3, 32}, 4);
  for_each_table(
      [&](const KernelTable& table) { EXPECT_EQ(c.run(table).out, c.inference(table)); });
}

TEST(AttentionTrain, SharpScoresGiveNoNaN) {
  expect_exact(Case({45, 45, 2, 32, 0.1F}, 5, 30.0F), 2e-2);  // scores up to +-2000: nearly one-hot
}

TEST(AttentionTrain, HeadRangesWriteTheirColumnsOnlyAndTheSameBits) {
  const Case c({50, 41, 4, 24, 0.3F}, 6);
  for_each_table([&](const KernelTable& table) {
    const Passes whole = c.run(table);
    const Passes part = c.run(table, 1, 3);
    const auto expect = [&](const std::vector<float>& got, const std::vector<float>& all,
                            size_t stride) {
      for (size_t i = 0; i < all.size(); ++i) {
        const size_t column = i % stride % c.hidden();
        const bool inside = i % stride < stride / c.hidden() * c.hidden();
        ASSERT_EQ(got[i], inside && column >= 24 && column < 72 ? all[i] : kUntouched) << i;
      }
    };
    expect(part.out, whole.out, c.out_stride());
    expect(part.gradient, whole.gradient, c.qkv_stride());
  });
}

// With queries of 0 all weights are the same, and values that make up a unit matrix show which ones
// are there.
TEST(AttentionTrain, EveryTableDropsTheSameProbabilities) {
  constexpr size_t kLength = 96;
  const float rate = 0.4F;
  std::vector<float> qkv(kLength * 3 * kLength, 0.0F);
  for (size_t t = 0; t < kLength; ++t) qkv[t * 3 * kLength + 2 * kLength + t] = 1.0F;
  for_each_table([&](const KernelTable& table) {
    std::vector<float> out(kLength * kLength);
    std::vector<SoftmaxRow> rows(kLength);
    AlignedBuffer<float> scratch(attention_scratch_floats(kLength, kLength));
    const AttentionDropout dropout = {rate, 0x123456789abcdef, 17};
    table.attention_train_f32({{qkv.data(), 3 * kLength, kLength, kLength, 1, kLength, 0, 1, 1.0F,
                                out.data(), kLength, scratch.data()},
                               dropout,
                               rows.data()});
    for (size_t r = 0; r < kLength; ++r) {
      const DropoutKey key = dropout_key(dropout, 0, r);
      for (size_t t = 0; t < kLength; ++t) {
        const bool kept = dropout_bits(key, t) >= dropout_limit(rate);
        const float weight = 1.0F / kLength / (1.0F - rate);
        ASSERT_NEAR(out[r * kLength + t], kept ? weight : 0.0F, 1e-7F) << r << " " << t;
      }
    }
  });
}

}  // namespace
}  // namespace maxsimd::kernels
