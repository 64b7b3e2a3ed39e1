// Attention and its gradients in plain C++: the scalar table's part, the oracle of simd/attention.h
// and simd/attention_backward.h.
#include <algorithm>
#include <cmath>
#include <limits>

#include "maxsimd/kernels/scalar_rows.h"
#include "maxsimd/kernels/tables.h"

namespace maxsimd::kernels {
namespace {

float dot(const float* x, const float* y, size_t count) {
  float sum = 0.0F;
  for (size_t i = 0; i < count; ++i) sum += x[i] * y[i];
  return sum;
}

void add_scaled(const float* x, size_t count, float scale, float* out) {
  for (size_t i = 0; i < count; ++i) out[i] += scale * x[i];
}

SoftmaxRow attend_one_row(const AttentionArgs& args, size_t row, size_t head, const Kept& kept) {
  const size_t hidden = args.num_heads * args.head_dim;
  const float* query = args.qkv + row * args.qkv_stride + head * args.head_dim;
  const float* keys = args.qkv + hidden + head * args.head_dim;
  const float* values = args.qkv + 2 * hidden + head * args.head_dim;
  float* weights = args.scratch;
  float* out = args.out + row * args.out_stride + head * args.head_dim;
  std::fill_n(out, args.head_dim, 0.0F);
  const auto [begin, end] = keys_of_rows(args, row, row);
  if (begin == end) return {std::numeric_limits<float>::infinity(), 0.0F};

  float highest = -std::numeric_limits<float>::infinity();
  for (size_t t = begin; t < end; ++t) {
    weights[t] = dot(query, keys + t * args.qkv_stride, args.head_dim);
    highest = std::max(highest, weights[t]);
  }
  float sum = 0.0F;
  for (size_t t = begin; t < end; ++t) {
    weights[t] = std::exp(args.scale * (weights[t] - highest));
    sum += weights[t];
  }
  for (size_t t = begin; t < end; ++t) {
    add_scaled(values + t * args.qkv_stride, args.head_dim, weights[t] * kept(t), out);
  }
  for (size_t i = 0; i < args.head_dim; ++i) out[i] /= sum;
  return {highest, 1.0F / sum};
}

/// Adds to all gradients what one row of one head gives.
void differentiate_one_row(const AttentionBackwardArgs& args, size_t row, size_t head) {
  const AttentionArgs& attention = args.forward.attention;
  const size_t dim = attention.head_dim;
  const size_t hidden = attention.num_heads * dim;
  const float* query = attention.qkv + row * attention.qkv_stride + head * dim;
  const float* out_gradient = args.out_gradient + row * args.out_gradient_stride + head * dim;
  float* gradient = args.qkv_gradient + head * dim;
  const SoftmaxRow& softmax = args.forward.rows[row * attention.num_heads + head];
  const Kept kept(args.forward.dropout, head, row);
  const float offset =
      dot(attention.out + row * attention.out_stride + head * dim, out_gradient, dim);
  const auto [begin, end] = keys_of_rows(attention, row, row);
  for (size_t t = begin; t < end; ++t) {
    const float* key = attention.qkv + t * attention.qkv_stride + head * dim + hidden;
    float* key_gradient = gradient + t * args.qkv_gradient_stride + hidden;
    const float probability =
        std::exp(attention.scale * (dot(query, key, dim) - softmax.highest)) * softmax.inverse_sum;
    const float score_gradient =
        attention.scale * probability * (kept(t) * dot(out_gradient, key + hidden, dim) - offset);
    add_scaled(key, dim, score_gradient, gradient + row * args.qkv_gradient_stride);
    add_scaled(query, dim, score_gradient, key_gradient);
    add_scaled(out_gradient, dim, kept(t) * probability, key_gradient + hidden);
  }
}

}  // namespace

void scalar_attention_train_f32(const AttentionTrainArgs& args) noexcept {
  const AttentionArgs& attention = args.attention;
  for (size_t head = attention.head_begin; head < attention.head_end; ++head) {
    for (size_t row = 0; row < attention.length; ++row) {
      args.rows[row * attention.num_heads + head] =
          attend_one_row(attention, row, head, Kept(args.dropout, head, row));
    }
  }
}

void scalar_attention_f32(const AttentionArgs& args) noexcept {
  for (size_t head = args.head_begin; head < args.head_end; ++head) {
    for (size_t row = 0; row < args.length; ++row) {
      attend_one_row(args, row, head, Kept({}, head, row));
    }
  }
}

void scalar_attention_backward_f32(const AttentionBackwardArgs& args) noexcept {
  const AttentionArgs& attention = args.forward.attention;
  const size_t hidden = attention.num_heads * attention.head_dim;
  for (size_t head = attention.head_begin; head < attention.head_end; ++head) {
    for (size_t row = 0; row < attention.length; ++row) {
      float* gradient =
          args.qkv_gradient + row * args.qkv_gradient_stride + head * attention.head_dim;
      for (size_t part = 0; part < 3; ++part) {
        std::fill_n(gradient + part * hidden, attention.head_dim, 0.0F);
      }
    }
    for (size_t row = 0; row < attention.length; ++row) differentiate_one_row(args, row, head);
  }
}

}  // namespace maxsimd::kernels
